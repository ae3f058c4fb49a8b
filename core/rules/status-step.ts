/** One change of one certificate: lawful from its present status, in time, and never such that two of a line of reissues are in force. */
import { YinxinError } from '../errors.ts';
import type { StatusRow } from '../ledger-model.ts';
import type { Instant, StatusChange } from '../model.ts';
import { decidingChange, latestStatus, stepChange } from '../status.ts';
import { epochSeconds } from '../time.ts';
import { decideLine, lineKeys, type Place, takenUpFrom } from './lines.ts';
import { changeKeyKeys, type Reading, readingsOf } from './readings.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** How far ahead a change may take effect. */
const maxAheadSeconds = 366 * 86_400;

const illegal = ({ type, entry, act }: StatusChange, changes: Reading) =>
  new YinxinError('STATUS_STEP_ILLEGAL', { type, entry, from: latestStatus(changes), act });

/** The rows that a change is judged by: its own, those of its line, and the keys of what was changed before. */
export function stepKeys(place: Place, change: StatusChange, fetched: View): readonly RowKey[] {
  const own = rowKeys.status(place.issuer, place.type, place.entry);
  return [own, ...changeKeyKeys(fetched.get(own)?.changes ?? []), ...lineKeys(place, change, fetched)];
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

/**
 * That a change may follow those before it.
 * @returns rows of later entries of its line, where it takes back what had ended it
 * @throws YinxinError SEQUENCE_STALE, STATUS_STEP_ILLEGAL, EFFECTIVE_ILLEGAL, LIMIT_REACHED
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
  if (lawful.length === 0) throw illegal(change, changes);
  if (epochSeconds(change.effective) - epochSeconds(time) > maxAheadSeconds) {
    throw new YinxinError('EFFECTIVE_ILLEGAL', { type, entry, days: maxAheadSeconds / 86_400 });
  }
  for (const reading of lawful) requireNotEarlier(change, earliestOf(reading, change));
  // else it could be good again from before it was taken up
  if (change.act === 'suspend' || change.act === 'resume') requireNotEarlier(change, takenUpFrom(changes));
  return decideLine(view, place, change);
}
