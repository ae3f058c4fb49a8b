/** How the index lies in its store: one entry per row, batch, batch's leaves, supersession and signed transaction, and the checkpoint. */
import { formatRow, fromUtf8, type Instant, parseRow, type Row, type RowKind, rowKeyOf, utf8 } from '@yinxin/core';
import type { StoreOperation } from '../store.ts';
import type { AnchoredBatch, EntryRef, SignedTransaction } from './read-model.ts';

const entryDigits = 12;
const pad = (entry: number) => String(entry).padStart(entryDigits, '0');

/** No part of a row's key holds a slash. Batches lie under their last entry: the batch of an entry is the first key from that entry on. */
export const places = {
  checkpoint: 'checkpoint',
  row: (row: Row) => `row/${row.kind}/${rowKeyOf(row).parts.join('/')}`,
  rows: (kind: RowKind) => `row/${kind}/`,
  status: ({ issuer, type, entry }: EntryRef) => `row/status/${issuer}/${type}/${pad(entry)}`,
  batches: (issuer: string, type: string) => `batch/${issuer}/${type}/`,
  batch: (issuer: string, type: string, last: number) => `batch/${issuer}/${type}/${pad(last)}`,
  leaves: (issuer: string, type: string, first: number) => `leaves/${issuer}/${type}/${pad(first)}`,
  supersedes: ({ issuer, type, entry }: EntryRef) => `supersedes/${issuer}/${type}/${pad(entry)}`,
  transaction: (txId: string) => `transaction/${txId}`,
} as const;

export const hashBytes = 32;

/** The last block that the index holds, written with what it changed. */
export interface Checkpoint {
  readonly block: number;
  readonly hash: string;
  /** Ledger time. */
  readonly time: Instant;
  readonly asOf: Instant;
}

type Record_ = Checkpoint | AnchoredBatch | SignedTransaction;

const put = (key: string, value: Uint8Array): StoreOperation => ({ type: 'put', key, value });
const putRecord = (key: string, record: Record_) => put(key, utf8(JSON.stringify(record)));

export const putRow = (row: Row) => put(places.row(row), utf8(formatRow(row)));
export const putCheckpoint = (checkpoint: Checkpoint) => putRecord(places.checkpoint, checkpoint);
export const putTransaction = (transaction: SignedTransaction) =>
  putRecord(places.transaction(transaction.txId), transaction);
export const putSupersedes = (ref: EntryRef, superseded: number) =>
  put(places.supersedes(ref), utf8(String(superseded)));
export const putLeaves = (issuer: string, type: string, first: number, leaves: Uint8Array) =>
  put(places.leaves(issuer, type, first), leaves);
export const putBatch = (batch: AnchoredBatch) =>
  putRecord(places.batch(batch.row.issuer, batch.row.type, batch.row.last), batch);

/** Each reads what its `put` above wrote; nothing else writes there. */
function readRecord<R extends Record_>(value: Uint8Array | undefined): R | undefined {
  return value && (JSON.parse(fromUtf8(value)) as R);
}
export const readCheckpoint = readRecord<Checkpoint>;
export const readBatch = readRecord<AnchoredBatch>;
export const readTransaction = readRecord<SignedTransaction>;
export const readSupersedes = (value: Uint8Array | undefined) => (value ? Number(fromUtf8(value)) : null);
export const readRow = (value: Uint8Array | undefined) => value && parseRow(fromUtf8(value));
