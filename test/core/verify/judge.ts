/** One good certificate and how it is judged: what the suites of verification share. */
import {
  type CertificateFile,
  type Check,
  choosePolicy,
  conclude,
  formatCertificateFile,
  type KnownChange,
  type LedgerKnowledge,
  type Lookups,
  type Presented,
  parseInstant,
  presentFile,
  type Status,
  toTrust,
  type Verdict,
  type VerifyOptions,
  verify,
} from '@yinxin/core';
import { issueOne, loadType, makeTrustClaims, now, statusKey } from '../../fixtures/certificates.ts';

export const type = loadType('business-licence');
export const trust = toTrust(makeTrustClaims([type]));
export const good = issueOne(type);

export function judge(
  presented: Presented,
  lookups: Lookups,
  options: VerifyOptions = {},
  by = trust,
  at = now,
): { checks: Check[]; verdict: Verdict } {
  const checks = verify(presented, by, at, lookups, options);
  const kind = presented.kind === 'unreadable' ? presented.as : presented.kind;
  const policy = choosePolicy({ kind, domainNamed: options.domain !== undefined, offlineCode: type.offlineCode });
  return { checks, verdict: conclude(checks, policy) };
}

export const fromFile = (file: CertificateFile) => presentFile(formatCertificateFile(file));
export const reasonOf = (file: CertificateFile, knowledge: LedgerKnowledge = good.knowledge) =>
  judge(fromFile(file), { ledger: knowledge }).verdict.reason;

export function change(to: Status, act: KnownChange['act'], more: Partial<KnownChange> = {}): KnownChange {
  return {
    sequence: 1,
    from: 'ACTIVE',
    to,
    act,
    basis: 'licence-law-69',
    document: '示范〔2026〕1号',
    effective: parseInstant('2026-11-20T09:30:00Z'),
    by: null,
    time: parseInstant('2026-11-20T09:30:00Z'),
    key: statusKey.row.key,
    txId: 'cd'.repeat(32),
    block: 8,
    recorded: parseInstant('2026-11-20T09:30:00Z'),
    ...more,
  };
}
