/** Checks and what they may find: the vocabulary of verification. */
import type { ErrorCode, ErrorDetails } from './errors.ts';

export const checkNames = [
  'format',
  'integrity',
  'signature',
  'issuer',
  'anchor',
  'status',
  'validity',
  'recognition',
] as const;

export type CheckName = (typeof checkNames)[number];

/** One check. `failed` and `inconclusive` say why by a code of the table; details are facts such as a key, a time, a document number. */
export type Check =
  | { readonly check: CheckName; readonly outcome: 'passed'; readonly details?: ErrorDetails }
  | { readonly check: CheckName; readonly outcome: 'skipped' }
  | {
      readonly check: CheckName;
      readonly outcome: 'failed' | 'inconclusive';
      readonly code: ErrorCode;
      readonly details?: ErrorDetails;
    };

export function pass(check: CheckName, details?: ErrorDetails): Check {
  return details ? { check, outcome: 'passed', details } : { check, outcome: 'passed' };
}

export function fail(check: CheckName, code: ErrorCode, details?: ErrorDetails): Check {
  return { check, outcome: 'failed', code, ...(details ? { details } : {}) };
}

export function doubt(check: CheckName, code: ErrorCode, details?: ErrorDetails): Check {
  return { check, outcome: 'inconclusive', code, ...(details ? { details } : {}) };
}

export function skip(check: CheckName): Check {
  return { check, outcome: 'skipped' };
}
