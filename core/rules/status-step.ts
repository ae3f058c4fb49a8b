/** One change of one certificate: lawful from its present status, in time, and a reissue and what it superseded never both in force. */
import { YinxinError } from '../errors.ts';
import type { StatusRow } from '../ledger-model.ts';
import type { Instant, StatusChange } from '../model.ts';
import { decidingChange, isEnded, latestStatus, stepChange } from '../status.ts';
import { epochSeconds } from '../time.ts';
import { changeKeyKeys, type Reading, readingsOf } from './readings.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** How far ahead a change may take effect. */
const maxAheadSeconds = 366 * 86_400;

/** The certificate that is changed. */
interface Place {
  readonly issuer: string;
  readonly type: string;
  readonly entry: number;
}

const illegal = ({ type, entry, act }: StatusChange, changes: Reading) =>
  new YinxinError('STATUS_STEP_ILLEGAL', { type, entry, from: latestStatus(changes), act });

/** The entry that took over, where a change takes back a supersession. */
function reissueOf(changes: Reading, { corrects }: StatusChange): number | null {
  return changes.find(({ sequence }) => sequence === corrects)?.by ?? null;
}

/** The rows that a change is judged by: its own, a reissue's, and the keys of what was changed before. */
export function stepKeys(issuer: string, change: StatusChange, fetched: View): readonly RowKey[] {
  const { type, entry } = change;
  const own = rowKeys.status(issuer, type, entry);
  const changes = fetched.get(own)?.changes ?? [];
  const by = reissueOf(changes, change);
  const reissue = by === null ? undefined : rowKeys.status(issuer, type, by);
  const later = reissue ? (fetched.get(reissue)?.changes ?? []) : [];
  return [own, ...(reissue ? [reissue] : []), ...changeKeyKeys([...changes, ...later])];
}

function isStep(reading: Reading, change: StatusChange): boolean {
  if (latestStatus(reading) !== change.from) return false;
  try {
    return stepChange(reading, change) === change.to;
  } catch (error) {
    if (error instanceof YinxinError) return false;
    throw error;
  }
}

/** When what a change lifts or takes back took effect; undefined where it does neither. */
function earliestOf(reading: Reading, { act, corrects }: StatusChange): Instant | undefined {
  if (act === 'resume') return decidingChange(reading)?.effective;
  return reading.find(({ sequence }) => sequence === corrects)?.effective;
}

/** @throws YinxinError EFFECTIVE_ILLEGAL */
function requireNotEarlier({ type, entry, effective }: StatusChange, earliest: Instant | undefined): void {
  if (earliest !== undefined && effective < earliest) {
    throw new YinxinError('EFFECTIVE_ILLEGAL', { type, entry, earliest });
  }
}

/** The row of the reissue, closed for good. @throws YinxinError STATUS_STEP_ILLEGAL unless it has ended by then; EFFECTIVE_ILLEGAL */
function endReissue(
  view: View,
  { issuer, type }: Place,
  by: number,
  change: StatusChange,
  changes: Reading,
): StatusRow {
  const row = view.get(rowKeys.status(issuer, type, by));
  const readings = readingsOf(view, row?.changes ?? []);
  if (!row || !readings.every((reading) => isEnded(latestStatus(reading)))) throw illegal(change, changes);
  for (const reading of readings) requireNotEarlier(change, decidingChange(reading)?.effective);
  return { ...row, final: true };
}

/**
 * That a change may follow those before it.
 * @returns rows of other entries that it closes for good
 * @throws YinxinError SEQUENCE_STALE, STATUS_STEP_ILLEGAL, EFFECTIVE_ILLEGAL
 */
export function decideStep(
  view: View,
  place: Place,
  change: StatusChange,
  { time }: RuleContext,
): readonly StatusRow[] {
  const { issuer, type, entry } = place;
  const row = view.get(rowKeys.status(issuer, type, entry));
  const changes = row?.changes ?? [];
  const expected = changes.length + 1;
  if (change.sequence !== expected) throw new YinxinError('SEQUENCE_STALE', { type, entry, expected });
  const lawful = readingsOf(view, changes).filter((reading) => isStep(reading, change));
  if (row?.final || lawful.length === 0) throw illegal(change, changes);
  if (epochSeconds(change.effective) - epochSeconds(time) > maxAheadSeconds) {
    throw new YinxinError('EFFECTIVE_ILLEGAL', { type, entry, days: maxAheadSeconds / 86_400 });
  }
  for (const reading of lawful) requireNotEarlier(change, earliestOf(reading, change));
  const by = reissueOf(changes, change);
  return by === null ? [] : [endReissue(view, place, by, change, changes)];
}
