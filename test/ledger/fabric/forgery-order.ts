/** What a dishonest client has dishonest contracts write: an order in a proposal's transient data. */
import { formatRow, formatRowKey, type Json, type Row, type RowKey, type RowKind, rowKeyOf } from '@yinxin/core';
import type { Caller } from '../../../gateway/ledger/port.ts';

/** Of the transient data that hold the order. */
export const orderName = 'order';
/** Stands for the transaction's own id, which is not known while the order is written. */
export const txIdMark = `${'0'.repeat(63)}f`;

export interface Order {
  /** First all that the honest contract decides, as if this caller had sent the transaction. */
  readonly as?: Caller;
  /** Of this, rows of these kinds are left alone. */
  readonly without?: readonly RowKind[];
  readonly writes?: readonly { readonly key: string; readonly value: string | null }[];
  readonly policies?: readonly { readonly key: string; readonly msp: string }[];
  readonly event?: { readonly name: string; readonly payload: Json };
}

export const putting = (...rows: readonly Row[]): Order => ({
  writes: rows.map((row) => ({ key: formatRowKey(rowKeyOf(row)), value: formatRow(row) })),
});
export const deleting = (key: RowKey): Order => ({ writes: [{ key: formatRowKey(key), value: null }] });
export const handingOver = (key: RowKey, msp: string): Order => ({ policies: [{ key: formatRowKey(key), msp }] });
