/** From checks to one verdict: a pure fold. */
import type { ErrorCode, ErrorDetails } from './errors.ts';
import { type Check, type CheckName, checkNames } from './finding.ts';

export interface Verdict {
  readonly verdict: 'valid' | 'invalid' | 'indeterminate';
  /** `VALID`, or the code of the one check that decided. */
  readonly reason: ErrorCode | 'VALID';
  /** The check that decided; absent when valid. */
  readonly check?: CheckName;
  readonly details?: ErrorDetails;
  /** Whether it is what its issuer made: no matter whether it still counts. */
  readonly genuine: 'yes' | 'no' | 'unknown';
}

/** Which checks must pass. One that is not required may be skipped or inconclusive, but never fail. */
export interface Policy {
  readonly required: readonly CheckName[];
}

/**
 * The policy for what was presented. A number alone presents nothing whose content or signature could be checked; a code of a type with
 * `offlineCode` may do without the ledger; recognition is required where a domain was named.
 */
export function choosePolicy(asked: {
  readonly kind: 'file' | 'code' | 'number';
  readonly offlineCode?: boolean;
  readonly domainNamed?: boolean;
}): Policy {
  const document: readonly CheckName[] = asked.kind === 'number' ? [] : ['integrity', 'signature'];
  const anchor: readonly CheckName[] = asked.kind === 'code' && asked.offlineCode ? [] : ['anchor'];
  const recognition: readonly CheckName[] = asked.domainNamed ? ['recognition'] : [];
  return { required: ['format', ...document, 'issuer', ...anchor, 'status', 'validity', ...recognition] };
}

/** The checks that make a certificate genuine. */
const origin: readonly CheckName[] = ['integrity', 'signature', 'issuer', 'anchor'];

function judgeOrigin(checks: readonly Check[]): Verdict['genuine'] {
  const outcomes = origin.map((name) => checks.find((check) => check.check === name)?.outcome ?? 'skipped');
  if (outcomes.includes('failed')) return 'no';
  return outcomes.every((outcome) => outcome === 'passed') ? 'yes' : 'unknown';
}

/**
 * The verdict of all checks: invalid when any failed, else indeterminate when a required one did not pass, else valid.
 * The reason is that of the first such check in the order of `checkNames`. A check that is missing counts as skipped.
 */
export function conclude(checks: readonly Check[], policy: Policy): Verdict {
  const genuine = judgeOrigin(checks);
  const ordered = checkNames.map(
    (name) => checks.find((check) => check.check === name) ?? { check: name, outcome: 'skipped' as const },
  );
  const decide = (verdict: 'invalid' | 'indeterminate', check: Check): Verdict => {
    const found = check.outcome === 'failed' || check.outcome === 'inconclusive' ? check : undefined;
    return {
      verdict,
      reason: found?.code ?? 'NOT_CHECKED',
      check: check.check,
      ...(found?.details ? { details: found.details } : {}),
      genuine,
    };
  };
  const failed = ordered.find((check) => check.outcome === 'failed');
  if (failed) return decide('invalid', failed);
  const open = ordered.find((check) => check.outcome !== 'passed' && policy.required.includes(check.check));
  if (open) return decide('indeterminate', open);
  return { verdict: 'valid', reason: 'VALID', genuine };
}
