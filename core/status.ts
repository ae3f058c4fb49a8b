/** The status machine: which act leads where, what a correction leaves, and what a certificate's status was at a time. */
import { YinxinError } from './errors.ts';
import { memberReader } from './members.ts';
import type { Act, Instant, Json, RecordedChange, Status, StatusChange } from './model.ts';
import { parseInstant } from './time.ts';

const steps: { readonly [act in Exclude<Act, 'correct'>]: { readonly from: readonly Status[]; readonly to: Status } } =
  {
    suspend: { from: ['ACTIVE'], to: 'SUSPENDED' },
    resume: { from: ['SUSPENDED'], to: 'ACTIVE' },
    cancel: { from: ['ACTIVE', 'SUSPENDED'], to: 'CANCELLED' },
    revoke: { from: ['ACTIVE', 'SUSPENDED'], to: 'REVOKED' },
    withdraw: { from: ['ACTIVE', 'SUSPENDED'], to: 'WITHDRAWN' },
    forfeit: { from: ['ACTIVE', 'SUSPENDED'], to: 'FORFEITED' },
  };

export const acts = [...Object.keys(steps), 'correct'] as readonly Act[];

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
  return typeof text === 'string' && acts.some((act) => act === text);
}

export function isStatus(text: unknown): text is Status {
  return typeof text === 'string' && statuses.some((status) => status === text);
}

/** Where an act other than a correction leads. @throws YinxinError STATUS_STEP_ILLEGAL */
function stepStatus(from: Status, act: Exclude<Act, 'correct'>): Status {
  const step = steps[act];
  if (!step.from.includes(from)) throw new YinxinError('STATUS_STEP_ILLEGAL', { from, act });
  return step.to;
}

/** Whether a certificate of this status may be superseded by a reissue. */
export function isSupersedable(status: Status): boolean {
  return status === 'ACTIVE' || status === 'SUSPENDED';
}

/** Whether a status ends a certificate by an act of its issuer. */
export function isEnded(status: Status): boolean {
  return status !== 'SUPERSEDED' && !isSupersedable(status);
}

type Change = Pick<RecordedChange, 'sequence' | 'act' | 'to' | 'corrects'>;

/** Of these changes the one that decides: the newest that is neither a correction nor taken back by one. None: ACTIVE. */
export function decidingChange<C extends Change>(changes: readonly C[]): C | undefined {
  const corrected = new Set(changes.map(({ corrects }) => corrects));
  for (let at = changes.length - 1; at >= 0; at -= 1) {
    const change = changes[at];
    if (change && change.act !== 'correct' && !corrected.has(change.sequence)) return change;
  }
  return undefined;
}

/** The status after the newest change, whatever its effective time. */
export function latestStatus(changes: readonly Change[]): Status {
  return decidingChange(changes)?.to ?? 'ACTIVE';
}

/** The change that decides at a legal time: of those effective by then. */
export function changeAt<C extends Change & Pick<RecordedChange, 'effective'>>(
  changes: readonly C[],
  at: Instant,
): C | undefined {
  return decidingChange(changes.filter((change) => change.effective <= at));
}

/**
 * Where the next change leads. A correction takes back an earlier change that is no correction and not taken back yet, and leaves what
 * the others say. @throws YinxinError STATUS_STEP_ILLEGAL
 */
export function stepChange(
  changes: readonly Change[],
  { act, corrects }: { readonly act: Act; readonly corrects?: number | undefined },
): Status {
  const from = latestStatus(changes);
  if (act !== 'correct') return stepStatus(from, act);
  const mistaken = changes.find(({ sequence }) => sequence === corrects);
  const isTakenBack = changes.some((change) => change.corrects === corrects);
  if (corrects === undefined || !mistaken || mistaken.act === 'correct' || isTakenBack) {
    throw new YinxinError('STATUS_STEP_ILLEGAL', { from, act });
  }
  return latestStatus([...changes, { sequence: changes.length + 1, act, to: from, corrects }]);
}

const ranks: { readonly [status in Status]: number } = {
  ACTIVE: 0,
  SUSPENDED: 1,
  SUPERSEDED: 2,
  CANCELLED: 2,
  REVOKED: 2,
  WITHDRAWN: 2,
  FORFEITED: 2,
};

/** Whether a change makes a certificate good for more than those before it left: what a key in other hands must not do. */
function raisesTrust(before: readonly Change[], { act, to, corrects }: Change): boolean {
  if (act !== 'correct') return act === 'resume' || ranks[to] < ranks[latestStatus(before)];
  const mistaken = before.find(({ sequence }) => sequence === corrects);
  return mistaken !== undefined && mistaken.act !== 'resume';
}

/** The changes that count when those that are distrusted may only make a certificate good for less. */
export function withoutRaising<C extends Change>(
  changes: readonly C[],
  isDistrusted: (change: C) => boolean,
): readonly C[] {
  const standing: C[] = [];
  for (const change of changes) {
    if (!isDistrusted(change) || !raisesTrust(standing, change)) standing.push(change);
  }
  return standing;
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
    'corrects',
  ]);
  const from = read.text('from');
  const to = read.text('to');
  const act = read.text('act');
  if (!isStatus(from)) throw new YinxinError('INPUT_INVALID', { member: 'change.from' });
  if (!isStatus(to)) throw new YinxinError('INPUT_INVALID', { member: 'change.to' });
  if (!isAct(act)) throw new YinxinError('INPUT_INVALID', { member: 'change.act' });
  if ((act === 'correct') !== read.has('corrects'))
    throw new YinxinError('INPUT_INVALID', { member: 'change.corrects' });
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
    ...(read.has('corrects') && { corrects: read.positive('corrects') }),
  };
}
