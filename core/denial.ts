/** What follows for a file or code when a reader of the ledger answers that it has no such certificate. */
import { type Check, doubt, fail } from './finding.ts';
import type { AnchoredOutcome } from './verify-common.ts';

/**
 * The checks as that answer leaves them: not anchored; but where another domain's proof that it is anchored holds, that reader is behind,
 * and only the status is in doubt.
 */
export function applyDenial(checks: readonly Check[], anchored: AnchoredOutcome | undefined): readonly Check[] {
  const isProven = anchored?.outcome === 'verified';
  return checks.map((check) => {
    if (isProven) return check.check === 'status' ? doubt('status', 'LEDGER_BEHIND') : check;
    return check.check === 'anchor' ? fail('anchor', 'NOT_ANCHORED') : check;
  });
}
