/** Status lists as they are served: made and signed when asked for, and anew once the ledger has grown, the list has aged or its end has come. */
import { epochSeconds, type Instant, type RegisterRow, type StatusListClaims, toInstant, utf8 } from '@yinxin/core';
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
  /** Undefined for a register that does not exist. @throws YinxinError SIGNING_KEY_MISSING, NOT_READY */
  current(issuer: string, type: string): Promise<ServedStatusList | undefined>;
}

export interface StatusListOptions {
  readonly readModel: ListSource;
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
  readonly signed: Promise<Signed>;
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

  async function make(register: RegisterRow, now: Instant): Promise<Signed> {
    const claims = await buildStatusList(readModel, register, { domain, now });
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

  function begin(name: string, register: RegisterRow, now: Instant): Made {
    const made: Made = { height: readModel.height(), at: now, signed: make(register, now) };
    made.signed.then(
      ({ expires }) => {
        made.expires = expires;
      },
      () => {
        if (kept.get(name) === made) kept.delete(name);
      },
    );
    return made;
  }

  return {
    async current(issuer, type) {
      const register = readModel.register(issuer, type);
      if (!register) return undefined;
      const name = `${issuer}/${type}`;
      const now = clock();
      const found = kept.get(name);
      const height = readModel.height();
      const made = found && isCurrent(found, { height, time: now }) ? found : begin(name, register, now);
      keep(name, made);
      const { document, ttl, expires } = await made.signed;
      return { document, maxAgeSeconds: Math.max(0, Math.min(ttl, epochSeconds(expires) - epochSeconds(now))) };
    },
  };
}
