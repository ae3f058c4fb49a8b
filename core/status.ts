/** The status machine: which act leads where, and what a certificate's status was at a time. */
import { YinxinError } from './errors.ts';
import { memberReader } from './members.ts';
import type { Act, Instant, Json, RecordedChange, Status, StatusChange } from './model.ts';
import { parseInstant } from './time.ts';

const steps: { readonly [act in Act]: { readonly from: readonly Status[]; readonly to: Status } } = {
  suspend: { from: ['ACTIVE'], to: 'SUSPENDED' },
  resume: { from: ['SUSPENDED'], to: 'ACTIVE' },
  cancel: { from: ['ACTIVE', 'SUSPENDED'], to: 'CANCELLED' },
  revoke: { from: ['ACTIVE', 'SUSPENDED'], to: 'REVOKED' },
  withdraw: { from: ['ACTIVE', 'SUSPENDED'], to: 'WITHDRAWN' },
  forfeit: { from: ['ACTIVE', 'SUSPENDED'], to: 'FORFEITED' },
};

export const acts = Object.keys(steps) as readonly Act[];

const statuses: readonly Status[] = [
  'ACTIVE',
  'SUSPENDED',
  'SUPERSEDED',
  'CANCELLED',
  'REVOKED',
  'WITHDRAWN',
  'FORFEITED',
];

export function isAct(text: unknown): text is Act {
  return typeof text === 'string' && Object.prototype.hasOwnProperty.call(steps, text);
}

export function isStatus(text: unknown): text is Status {
  return typeof text === 'string' && statuses.some((status) => status === text);
}

/** Where an act leads. @throws YinxinError STATUS_STEP_ILLEGAL */
export function stepStatus(from: Status, act: Act): Status {
  const step = steps[act];
  if (!step.from.includes(from)) throw new YinxinError('STATUS_STEP_ILLEGAL', { from, act });
  return step.to;
}

/** Whether a certificate of this status may be superseded by a reissue. */
export function isSupersedable(status: Status): boolean {
  return status === 'ACTIVE' || status === 'SUSPENDED';
}

/** The status after the newest change, whatever its effective time. */
export function latestStatus(changes: readonly RecordedChange[]): Status {
  return changes[changes.length - 1]?.to ?? 'ACTIVE';
}

/** The change in effect at a legal time: of those effective by then, the one with the highest sequence number; undefined for none. */
export function changeAt(changes: readonly RecordedChange[], at: Instant): RecordedChange | undefined {
  const effective = changes.filter((change) => change.effective <= at);
  return effective[effective.length - 1];
}

/** A code such as `licence-law-69`: words and short numbers. No number is long enough to be anybody's. */
export const basisPattern = /^(?=.{2,64}$)[a-z]+(?:-(?:[a-z]+|[0-9]{1,4}))*$/;
/** An official document number: issuing words, a year in brackets, a number: `示范〔2026〕1号`. */
export const documentPattern = /^[\u3400-\u9fff\u{20000}-\u{323af}A-Za-z]{1,20}〔(?:19|20)\d{2}〕(?:第)?\d{1,6}号$/u;

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseStatusChange(json: Json): StatusChange {
  const read = memberReader(json, 'change', 'INPUT_INVALID', [
    'type',
    'entry',
    'sequence',
    'from',
    'to',
    'act',
    'basis',
    'document',
    'effective',
  ]);
  const from = read.text('from');
  const to = read.text('to');
  const act = read.text('act');
  if (!isStatus(from)) throw new YinxinError('INPUT_INVALID', { member: 'change.from' });
  if (!isStatus(to)) throw new YinxinError('INPUT_INVALID', { member: 'change.to' });
  if (!isAct(act)) throw new YinxinError('INPUT_INVALID', { member: 'change.act' });
  return {
    type: read.text('type'),
    entry: read.positive('entry'),
    sequence: read.positive('sequence'),
    from,
    to,
    act,
    basis: read.matching('basis', basisPattern),
    document: read.matching('document', documentPattern),
    effective: parseInstant(read.text('effective')),
  };
}
