/** Status lists as they are served: of what is confirmed; made and signed when asked for, and anew once more is confirmed, the list has aged or its end has come. */
import { epochSeconds, type Instant, type StatusListClaims, toInstant, utf8 } from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import { buildStatusList, type ListSource } from '../lists/status-list.ts';
import type { Clock } from '../platform.ts';
import { type Document, toDocument } from './answer.ts';

export interface ServedStatusList {
  /** `application/statuslist+jwt`. */
  readonly document: Document;
  /** How long it may be kept from now, at most until its end. */
  readonly maxAgeSeconds: number;
}

export interface StatusListSource {
  /**
   * Undefined for a register that does not exist. Once the ledger does not hold together, or other organisations hold another, what was signed before.
   * @throws YinxinError SIGNING_KEY_MISSING, NOT_READY; LEDGER_DAMAGED, LEDGER_DIVERGED where nothing was
   */
  current(issuer: string, type: string): Promise<ServedStatusList | undefined>;
}

export interface StatusListOptions {
  readonly readModel: ListSource & Pick<ReadModel, 'readyToSign'>;
  /** That signs. */
  readonly domain: string;
  readonly sign: (claims: StatusListClaims) => Promise<string>;
  readonly clock: Clock;
}

/** Of so many registers the lists asked for last are kept. */
const maxKept = 256;
const maxAgeSeconds = 600;

interface Signed {
  readonly document: Document;
  readonly ttl: number;
  readonly expires: Instant;
}

interface Made {
  readonly height: number;
  readonly at: Instant;
  /** Undefined where there is no such register. */
  readonly signed: Promise<Signed | undefined>;
  /** Known once it is signed. */
  expires?: Instant;
}

/** A list that had ended when it was made (the ledger is away) is not made again for every asker. */
function isCurrent({ height, at, expires }: Made, now: { readonly height: number; readonly time: Instant }): boolean {
  const hasEnded = expires !== undefined && at < expires && expires <= now.time;
  return height === now.height && !hasEnded && epochSeconds(now.time) - epochSeconds(at) < maxAgeSeconds;
}

export function createStatusListSource({ readModel, domain, sign, clock }: StatusListOptions): StatusListSource {
  const kept = new Map<string, Made>();

  async function make(issuer: string, type: string, now: Instant): Promise<Signed | undefined> {
    const claims = await buildStatusList(readModel, { issuer, type }, { domain, now });
    if (!claims) return undefined;
    const document = await toDocument('application/statuslist+jwt', utf8(await sign(claims)));
    return { document, ttl: claims.ttl, expires: toInstant(claims.exp) };
  }

  function keep(name: string, made: Made): void {
    kept.delete(name);
    kept.set(name, made);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) return;
      kept.delete(oldest);
    }
  }

  function begin(issuer: string, type: string, now: Instant): Made {
    const name = `${issuer}/${type}`;
    const made: Made = { height: readModel.confirmedHeight(), at: now, signed: make(issuer, type, now) };
    const forget = () => {
      if (kept.get(name) === made) kept.delete(name);
    };
    made.signed.then((signed) => {
      if (signed) made.expires = signed.expires;
      else forget();
    }, forget);
    return made;
  }

  /** What there is, where nothing may be signed. */
  async function choose(issuer: string, type: string, now: Instant): Promise<Made> {
    const name = `${issuer}/${type}`;
    let isSignable = true;
    try {
      await readModel.readyToSign();
    } catch (error) {
      if (!kept.has(name)) throw error;
      isSignable = false;
    }
    const found = kept.get(name);
    const isGood = found && (!isSignable || isCurrent(found, { height: readModel.confirmedHeight(), time: now }));
    const made = isGood ? found : begin(issuer, type, now);
    keep(name, made);
    return made;
  }

  return {
    async current(issuer, type) {
      const now = clock();
      const { signed } = await choose(issuer, type, now);
      const list = await signed;
      if (!list) return undefined;
      const { document, ttl, expires } = list;
      return { document, maxAgeSeconds: Math.max(0, Math.min(ttl, epochSeconds(expires) - epochSeconds(now))) };
    },
  };
}
