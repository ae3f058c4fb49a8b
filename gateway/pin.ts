/** The pin, by which verifiers of this gateway's domain begin to believe: kept in step with the ledger, in the data folder and in the page. */
import type { Instant, TrustClaims, TrustPin } from '@yinxin/core';
import type { DataFiles } from './data-files.ts';
import type { Governing } from './governing/governing.ts';
import type { ReadModel } from './index/read-model.ts';
import { Turns } from './issuing/turns.ts';
import type { Clock } from './platform.ts';

export interface PinKeeper {
  /** Brings the pin up to the newest block. When it settles, `pin.json` and the page have it. @throws YinxinError SETTING_INVALID for a damaged file */
  refresh(): Promise<void>;
}

export interface PinKeeperDeps {
  readonly readModel: Pick<ReadModel, 'trustClaims'>;
  readonly domain: string;
  readonly files: Pick<DataFiles, 'readPin' | 'writePin'>;
  readonly clock: Clock;
  /** Hears of the first pin and of every other one. */
  readonly pinned: (pin: TrustPin) => Promise<void>;
}

/** The domain's list keys that sign now or later. A pinned key is believed without any list that says otherwise, so none that has ended or was compromised. */
export function toPin({ iss, channel, listKeys }: TrustClaims, at: Instant): TrustPin {
  const keys = listKeys
    .filter(({ domain, compromisedFrom }) => domain === iss && compromisedFrom === null)
    .filter(({ until }) => until === null || at < until)
    .sort((a, b) => (a.kid < b.kid ? -1 : 1))
    .map(({ jwk: { kty, crv, x, y } }) => ({ kty, crv, x, y }));
  return { channel, domain: iss, keys };
}

const isSame = (a: TrustPin, b: TrustPin | undefined) => JSON.stringify(a) === JSON.stringify(b);

export function createPinKeeper({ readModel, domain, files, clock, pinned }: PinKeeperDeps): PinKeeper {
  const turns = new Turns();
  let present: TrustPin | undefined;
  async function refresh(): Promise<void> {
    const pin = toPin(readModel.trustClaims(domain), clock());
    if (isSame(pin, present)) return;
    if (!isSame(pin, await files.readPin())) await files.writePin(pin);
    await pinned(pin);
    present = pin;
  }
  return { refresh: () => turns.take('pin', refresh) };
}

/** The same governing; what it did to list keys is in the pin when it answers. */
export function keepPin(governing: Governing, pin: PinKeeper): Governing {
  const refreshed = async <T>(answer: T) => {
    await pin.refresh();
    return answer;
  };
  return {
    ...governing,
    submit: async (...call) => refreshed(await governing.submit(...call)),
    makeListKey: async (...call) => refreshed(await governing.makeListKey(...call)),
  };
}
