/** A register as the read model tells it, held in memory: what the suites about lists change and ask. */
import { type Instant, type KnownChange, parseInstant, type Trust, toTrust } from '@yinxin/core';
import type { ListSource } from '../../../gateway/lists/status-list.ts';
import { change } from '../../core/verify/judge.ts';
import { issuer, loadType, makeTrustClaims, now, statusKey } from '../../fixtures/certificates.ts';

export const publicType = loadType('business-licence');
export const partnerType = loadType('driving-licence');
export const claims = makeTrustClaims([publicType, partnerType]);

export interface TestRegister extends ListSource {
  readyToSign(): Promise<void>;
  /** What a reader of the ledger knows; change it at will. */
  readonly state: {
    height: number;
    asOf: Instant;
    trust: Trust;
    last: number;
    readonly changes: Map<number, readonly KnownChange[]>;
  };
  /** How often its statuses were read. */
  reads(): number;
}

/** Both types of one body have ten entries, and the same changes. */
export function makeRegister(last = 10): TestRegister {
  const state = {
    height: 10,
    asOf: now,
    trust: toTrust(claims),
    last,
    changes: new Map<number, readonly KnownChange[]>(),
  };
  let reads = 0;
  return {
    state,
    reads: () => reads,
    readyToSign: async () => undefined,
    confirmedHeight: () => state.height,
    asOf: () => state.asOf,
    trust: () => state.trust,
    async lastEntry(body, type) {
      const isKnown = body === issuer && (type === publicType.type || type === partnerType.type);
      return isKnown ? state.last : undefined;
    },
    async *statuses(_issuer, _type, height = state.height) {
      reads += 1;
      for (const [entry, changes] of [...state.changes].sort(([a], [b]) => a - b)) {
        const known = changes.filter(({ block }) => block < height);
        if (known.length > 0) yield { entry, changes: known };
      }
    },
  };
}

export const revoked = (more: Partial<KnownChange> = {}): KnownChange => change('REVOKED', 'revoke', more);
export const suspended = (more: Partial<KnownChange> = {}): KnownChange => change('SUSPENDED', 'suspend', more);
export const resumed = (more: Partial<KnownChange> = {}): KnownChange =>
  change('ACTIVE', 'resume', { sequence: 2, from: 'SUSPENDED', ...more });

/** The status key in other hands from this time on. */
export const taintedTrust = (from: string): Trust => {
  const keys = claims.keys.map((row) =>
    row.key === statusKey.row.key ? { ...row, compromisedFrom: parseInstant(from) } : row,
  );
  return toTrust({ ...claims, keys });
};
