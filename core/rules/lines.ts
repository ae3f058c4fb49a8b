/**
 * Lines of reissues, in each of which a certificate took the place of the one before. One of a line at most is in force at any time, however its
 * changes are read: so what ended one of them, or put another in its place, is taken back only while all the others rest.
 */
import { YinxinError } from '../errors.ts';
import type { StatusRow } from '../ledger-model.ts';
import type { Instant, RecordedChange, StatusChange } from '../model.ts';
import { decidingChange, isEnded, isSupersedable, latestStatus } from '../status.ts';
import { changeKeyKeys, type Reading, readingsOf } from './readings.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { View } from './rule.ts';

/** Entries of a line that are followed, each way. */
const maxLine = 16;

/** A certificate. */
export interface Place {
  readonly issuer: string;
  readonly type: string;
  readonly entry: number;
}

const rowAt = (view: View, { issuer, type, entry }: Place) => view.get(rowKeys.status(issuer, type, entry));

/** An entry is superseded once only. */
const laterThan = (row: StatusRow | undefined) => row?.changes.find(({ act }) => act === 'supersede')?.by ?? undefined;
/** Only where it is on record: what was superseded and never taken up again rests for good. */
const earlierThan = (row: StatusRow | undefined) => row?.superseded;

/** One entry more than a line may have, at most. */
function follow(view: View, place: Place, next: typeof laterThan): readonly Place[] {
  const places: Place[] = [];
  for (let entry = next(rowAt(view, place)); entry !== undefined && places.length <= maxLine; ) {
    const found = { ...place, entry };
    places.push(found);
    entry = next(rowAt(view, found));
  }
  return places;
}

/** What a change takes back, where that had ended the certificate or put another in its place. */
function takenBack(changes: Reading, { corrects }: StatusChange): RecordedChange | undefined {
  return changes.find(({ sequence, to }) => sequence === corrects && !isSupersedable(to));
}

/** The rows that decide whether a change may take back what it does: those of the line, and the keys of their changes. */
export function lineKeys(place: Place, change: StatusChange, fetched: View): readonly RowKey[] {
  if (!takenBack(rowAt(fetched, place)?.changes ?? [], change)) return [];
  const others = [...follow(fetched, place, laterThan), ...follow(fetched, place, earlierThan)];
  return others.flatMap((other) => [
    rowKeys.status(other.issuer, other.type, other.entry),
    ...changeKeyKeys(rowAt(fetched, other)?.changes ?? []),
  ]);
}

/** @throws YinxinError STATUS_STEP_ILLEGAL unless the other one has such a status; EFFECTIVE_ILLEGAL unless from when the change takes effect */
function requireStatus(
  view: View,
  other: Place,
  { type, entry, act, from, effective }: StatusChange,
  isLawful: (status: RecordedChange['to']) => boolean,
): StatusRow {
  const row = rowAt(view, other);
  const illegal = new YinxinError('STATUS_STEP_ILLEGAL', { type, entry, from, act, unlessEnded: other.entry });
  if (!row) throw illegal;
  for (const reading of readingsOf(view, row.changes)) {
    const last = decidingChange(reading);
    if (!last || !isLawful(latestStatus(reading))) throw illegal;
    if (effective < last.effective)
      throw new YinxinError('EFFECTIVE_ILLEGAL', { type, entry, earliest: last.effective });
  }
  return row;
}

const rests = (status: RecordedChange['to']) => !isSupersedable(status);

/**
 * That the others of its line rest when a change takes back the end of a certificate, and its reissue has ended when it takes back the supersession.
 * @returns the rows of the later ones, each with what it superseded on record: nobody changes them in the same transaction
 * @throws YinxinError STATUS_STEP_ILLEGAL, EFFECTIVE_ILLEGAL, LIMIT_REACHED
 */
export function decideLine(view: View, place: Place, change: StatusChange): readonly StatusRow[] {
  const mistaken = takenBack(rowAt(view, place)?.changes ?? [], change);
  if (!mistaken) return [];
  const [later, earlier] = [follow(view, place, laterThan), follow(view, place, earlierThan)];
  if (later.length > maxLine || earlier.length > maxLine) {
    throw new YinxinError('LIMIT_REACHED', { member: 'supersessions', max: maxLine });
  }
  for (const other of earlier) requireStatus(view, other, change, rests);
  return later.map((other, at) => {
    const isLawful = mistaken.act === 'supersede' && at === 0 ? isEnded : rests;
    const row = requireStatus(view, other, change, isLawful);
    return { ...row, superseded: (later[at - 1] ?? place).entry };
  });
}

/** From when on a certificate that had ended was taken up again, by the earliest of its corrections; the last such time. Undefined where it never was. */
export function takenUpFrom(changes: Reading): Instant | undefined {
  const corrections = new Map<number, Instant>();
  for (const { corrects, effective } of changes) {
    if (corrects === undefined) continue;
    const other = corrections.get(corrects);
    if (other === undefined || effective < other) corrections.set(corrects, effective);
  }
  const times = changes.flatMap(({ sequence, to }) => (isSupersedable(to) ? [] : (corrections.get(sequence) ?? [])));
  return times.reduce<Instant | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined);
}
