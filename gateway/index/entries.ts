/** How the index lies in its store: one entry per row of the state, version of a row as it is filed, anchored batch, page of leaves, batch's page roots, supersession, transaction, void transaction and block's time; the checkpoint, and what was heard. */
import { formatRow, fromUtf8, type Instant, parseInstant, parseRow, type Row, type RowKind, utf8 } from '@yinxin/core';
import type { StoreOperation } from '../store.ts';
import { type AnchorRecord, packAnchor } from './batch-records.ts';
import { formatKept, type KeptRow } from './kept-row.ts';
import { hashBytes, type LeafPages, pageBytes, pageLeaves } from './leaf-pages.ts';
import type { EntryRef, SignedTransaction, VoidTransaction } from './read-model.ts';
import { fullNameOf } from './versions.ts';

/** Raised whenever what is written here changes: an index of another format is rebuilt from the ledger. */
export const indexFormat = 6;

const numberDigits = 12;
const pad = (number: number) => String(number).padStart(numberDigits, '0');
const hexHash = /^[0-9a-f]{64}$/;
/** Names a transaction in fewer bytes than its id; no other id is written so. */
const shorten = (txId: string) => (hexHash.test(txId) ? Buffer.from(txId, 'hex').toString('base64url') : `/${txId}`);

/** No part of a row's key holds a slash or U+0000. Batches lie under their last entry: the batch of an entry is the first key from that entry on. They are in the order of their rows in the state. */
export const places = {
  checkpoint: 'checkpoint',
  version: (row: Row, block: number) => `version/${fullNameOf(row)}/${pad(block)}`,
  versions: (kind: RowKind) => `version/${kind}/`,
  state: (key: string) => `state/${key}`,
  heard: 'heard',
  voids: 'void/',
  voidsOf: (block: number) => `void/${pad(block)}/`,
  void: ({ block, txId }: VoidTransaction) => `${places.voidsOf(block)}${txId}`,
  allBatches: 'batch/',
  batches: (issuer: string, type: string) => `batch/${issuer}\u0000${type}\u0000`,
  batch: (issuer: string, type: string, last: number) => `${places.batches(issuer, type)}${pad(last)}`,
  /** By the first entry of the page. */
  leaves: (issuer: string, type: string, first: number) => `leaves/${issuer}/${type}/${pad(first)}`,
  /** By the first entry of the batch. */
  roots: (issuer: string, type: string, first: number) => `roots/${issuer}/${type}/${pad(first)}`,
  supersedes: ({ issuer, type, entry }: EntryRef) => `supersedes/${issuer}/${type}/${pad(entry)}`,
  transaction: (txId: string) => `transaction/${shorten(txId)}`,
  time: (block: number) => `time/${pad(block)}`,
} as const;

/** The block of a version, the last part of its key. */
export const blockIn = (key: string) => Number(key.slice(-numberDigits));
/** The composite key of a row of the state. */
export const stateKeyIn = (key: string) => key.slice(places.state('').length);
/** Issuer and type of a batch's key. */
export function registerIn(key: string): readonly [issuer: string, type: string] {
  const [issuer = '', type = ''] = key.slice(places.allBatches.length).split('\u0000');
  return [issuer, type];
}

/** The last block that the index holds, written with what it changed. */
export interface Checkpoint {
  readonly format: typeof indexFormat;
  readonly block: number;
  readonly hash: string;
  /** Ledger time. */
  readonly time: Instant;
}

/** What the ledger said of itself when it was last asked. */
export interface Heard {
  /** When all was known that it held. */
  readonly asOf: Instant;
  /** How many blocks another organisation was seen to hold too. */
  readonly confirmed: number;
}

/** Where a transaction that anchored is kept: with its batch. */
interface AnchorPlace {
  readonly batch: readonly [issuer: string, type: string, last: number];
}

type Record_ = Checkpoint | Heard | SignedTransaction | AnchorPlace | VoidTransaction;

const put = (key: string, value: Uint8Array): StoreOperation => ({ type: 'put', key, value });
const putRecord = (key: string, record: Record_) => put(key, utf8(JSON.stringify(record)));

export const putVersion = (row: Row, block: number) => put(places.version(row, block), utf8(formatRow(row)));
export const putState = (key: string, kept: KeptRow) => put(places.state(key), formatKept(kept));
export const putHeard = (heard: Heard) => putRecord(places.heard, heard);
export const putVoid = (transaction: VoidTransaction) => putRecord(places.void(transaction), transaction);
export const putCheckpoint = (checkpoint: Checkpoint) => putRecord(places.checkpoint, checkpoint);
export const putTransaction = (transaction: SignedTransaction) =>
  putRecord(places.transaction(transaction.txId), transaction);
export const putSupersedes = (ref: EntryRef, superseded: number) =>
  put(places.supersedes(ref), utf8(String(superseded)));
export const putTime = (block: number, time: Instant) => put(places.time(block), utf8(time));

/** The batch, and where to find its transaction. */
export function putAnchor(record: AnchorRecord): readonly StoreOperation[] {
  const { issuer, type, last } = record.row;
  const place = places.transaction(record.row.txId);
  return [put(places.batch(issuer, type, last), packAnchor(record)), putRecord(place, { batch: [issuer, type, last] })];
}

/** A batch of one is its leaf, a batch of one page its own root: neither is written again. */
export function putLeaves(record: AnchorRecord, pages: LeafPages): readonly StoreOperation[] {
  const { issuer, type, first, root } = record.row;
  if (pages.bytes.length === hashBytes && pages.root === root) return [];
  const operations: StoreOperation[] = [];
  for (let at = 0; at < pages.bytes.length; at += pageBytes) {
    const key = places.leaves(issuer, type, first + at / hashBytes);
    operations.push(put(key, pages.bytes.subarray(at, at + pageBytes)));
  }
  if (operations.length > 1) operations.push(put(places.roots(issuer, type, first), pages.roots));
  return operations;
}

/** The first entry of the page that holds an entry of a batch. */
export const pageOf = (first: number, entry: number) => entry - ((entry - first) % pageLeaves);

/** Each reads what its `put` above wrote; nothing else writes there. */
function readRecord<R extends Record_>(value: Uint8Array): R {
  return JSON.parse(fromUtf8(value)) as R;
}
export const readHeard = (value: Uint8Array | undefined) => value && readRecord<Heard>(value);
export const readVoid = readRecord<VoidTransaction>;
export const readTransaction = readRecord<SignedTransaction | AnchorPlace>;
export const readSupersedes = (value: Uint8Array | undefined) => (value ? Number(fromUtf8(value)) : null);
export const readTime = (value: Uint8Array | undefined) => value && parseInstant(fromUtf8(value));
export const readRow = (value: Uint8Array) => parseRow(fromUtf8(value));

/** The checkpoint of an index of this format, or of one of another format that `format` alone is known of. */
export function readCheckpoint(value: Uint8Array | undefined): Checkpoint | 'other-format' | undefined {
  if (!value) return undefined;
  const checkpoint = readRecord<Checkpoint>(value);
  return checkpoint.format === indexFormat ? checkpoint : 'other-format';
}
