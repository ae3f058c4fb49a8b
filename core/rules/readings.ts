/**
 * How the changes of a certificate may be read. A change that makes it good for more counts for nothing to readers when its key was in other
 * hands by ledger time, which the contract cannot know: where a key has a record of compromise it looks at both.
 */
import type { RecordedChange } from '../model.ts';
import { withoutRaising } from '../status.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { View } from './rule.ts';

export type Reading = readonly RecordedChange[];

/** The keys that signed them. */
export function changeKeyKeys(changes: Reading): readonly RowKey[] {
  return [...new Set(changes.map(({ key }) => key))].map(rowKeys.key);
}

/** All changes; and if that is not the same, those that count when nothing good came of a key with a record of compromise. */
export function readingsOf(view: View, changes: Reading): readonly Reading[] {
  const isTainted = ({ key }: RecordedChange) => (view.get(rowKeys.key(key))?.compromisedFrom ?? null) !== null;
  const cautious = withoutRaising(changes, isTainted);
  return cautious.length === changes.length ? [changes] : [changes, cautious];
}
