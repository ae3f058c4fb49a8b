/** A new key before it is registered: made or taken up; that of an issuing body also proven to be held, and vouched for. */
import {
  epochSeconds,
  formatStatement,
  type Instant,
  type KeyId,
  type KeyRequest,
  type KeyUse,
  type PossessionStatement,
  type RegisterKeyInput,
  type RegisterListKeyInput,
  type Trust,
  toBase64,
  toInstant,
  YinxinError,
} from '@yinxin/core';
import { findKey } from '../issuing/signing-keys.ts';
import type { Signer } from '../keys/signer.ts';
import type { KeyStore } from '../keys/store.ts';
import type { Clock } from '../platform.ts';

/** What a key is made and proven with. */
export interface KeyMaking {
  readonly keys: Pick<KeyStore, 'sm2Keys' | 'createSm2Key' | 'listKeys' | 'createListKey'>;
  readonly signer: Pick<Signer, 'signPossession' | 'signVouch'>;
  readonly clock: Clock;
}

/** The day that the contract asks for, and a minute for the time until the transaction has its timestamp. */
const recoveryWaitSeconds = 86_400 + 60;

/** In the order in which they are asked to vouch. */
const uses: readonly KeyUse[] = ['status', 'anchor', 'code'];

/** One held here that the ledger does not know is of a registration that failed or was cut off. */
async function takeKey({ keys }: KeyMaking, trust: Trust, issuer: string, use: KeyUse) {
  const left = keys.sm2Keys().find((held) => held.issuer === issuer && held.use === use && !trust.key(held.key));
  return left ?? (await keys.createSm2Key(issuer, use));
}

/**
 * A key in force, of another use if there is one: a new key falls with its voucher, and what it takes the place of may turn out to have been in
 * other hands. @throws YinxinError SIGNING_KEY_MISSING
 */
function chooseVoucher({ keys }: KeyMaking, trust: Trust, { issuer, use }: KeyRequest, at: Instant): KeyId {
  const order = [...uses.filter((candidate) => candidate !== use), use];
  const found = order.map((candidate) => findKey(keys, trust, issuer, candidate, at)).find((key) => key);
  if (!found) throw new YinxinError('SIGNING_KEY_MISSING', { issuer, use });
  return found;
}

/** The voucher is looked for first: where there is none, no key is made. @throws YinxinError SIGNING_KEY_MISSING */
export async function toKeyRegistration(
  deps: KeyMaking,
  trust: Trust,
  request: KeyRequest,
): Promise<{ readonly key: KeyId; readonly input: RegisterKeyInput }> {
  const { issuer, use, recovery = false } = request;
  const time = deps.clock();
  const voucher = recovery ? undefined : chooseVoucher(deps, trust, request, time);
  const { key, publicKey } = await takeKey(deps, trust, issuer, use);
  const statement: PossessionStatement = {
    format: 'yinxin-key/1',
    channel: trust.channel,
    issuer,
    use,
    publicKey: toBase64(publicKey),
    time,
  };
  const vouch = (by: KeyId) => ({ key: by, signature: toBase64(deps.signer.signVouch(statement, by)) });
  const soonest = recovery ? toInstant(epochSeconds(time) + recoveryWaitSeconds) : time;
  const input: RegisterKeyInput = {
    possession: formatStatement(statement),
    signature: toBase64(deps.signer.signPossession(statement)),
    from: request.from ?? soonest,
    until: request.until ?? null,
    vouchedBy: voucher === undefined ? null : vouch(voucher),
  };
  return { key, input };
}

/** A key for the lists of a domain, in force from now on. One held here that the ledger does not know is taken up. */
export async function toListKeyRegistration(
  { keys, clock }: KeyMaking,
  trust: Trust,
  domain: string,
): Promise<RegisterListKeyInput> {
  const left = keys.listKeys().find((held) => held.domain === domain && !trust.listKey(held.kid));
  const { kid, jwk } = left ?? (await keys.createListKey(domain));
  return { domain, kid, jwk, from: clock(), until: null };
}
