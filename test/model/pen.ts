/** What random transactions are written with: chance, and choices that are apt more often than not. */
import type { ContractCaller, Instant, KeyUse } from '@yinxin/core';
import type { TestKey } from '../fixtures/certificates.ts';
import type { TestIssuer } from '../fixtures/network.ts';
import { bodies, keys, plus } from './cast.ts';
import { all, day, type History } from './facts.ts';
import { compromiseOf, issuerFact, maySign } from './questions.ts';
import type { Random } from './random.ts';
import type { Signatures } from './signatures.ts';

export interface Draft {
  readonly input: unknown;
  /** The domain for which an honest sender speaks. */
  readonly domain?: string | undefined;
  readonly role?: ContractCaller['role'];
}

export class Pen {
  readonly random: Random;
  readonly signatures: Signatures;

  constructor(random: Random, signatures: Signatures) {
    this.random = random;
    this.signatures = signatures;
  }

  /** A time of any kind: now, near, or far. */
  when(now: Instant): Instant {
    const random = this.random;
    const apart = [
      0,
      0,
      1,
      random.below(day),
      day + 700,
      random.below(30 * day),
      30 * day,
      -1,
      -random.below(29 * day),
      -30 * day,
      -31 * day,
      -random.below(200 * day),
      366 * day,
      370 * day,
    ];
    return plus(now, random.pick(apart));
  }

  soon(now: Instant): Instant {
    return this.random.chance(0.7) ? plus(now, this.random.pick([0, 0, 60, 5 * day])) : this.when(now);
  }

  body(history: History): TestIssuer {
    const random = this.random;
    const known = bodies.filter(({ issuer }) => issuerFact(history, issuer) !== undefined);
    return random.pick(random.chance(0.9) && known.length > 0 ? known : bodies);
  }

  domainOf(history: History, issuer: string): string | undefined {
    return issuerFact(history, issuer)?.domain;
  }

  type(history: History): string {
    return this.random.pick(all(history, 'type')).definition.type;
  }

  /** A key of a body, one that may sign where there is one. */
  key(history: History, issuer: string | undefined, use: KeyUse, time: Instant): TestKey {
    const random = this.random;
    const able = keys.filter(({ row }) => issuer !== undefined && maySign(history, row.key, issuer, use, time));
    const lost = keys.filter(({ row }) => row.issuer === issuer && row.use === use && compromiseOf(history, row.key));
    if (random.chance(0.08) && lost.length > 0) return random.pick(lost);
    return random.chance(0.94) && able.length > 0 ? random.pick(able) : random.pick(keys);
  }
}
