/** How the index lies in its store: one entry per row of the state, version of a row as it is filed, batch, batch's leaves, supersession, change, signed transaction, void transaction and block's time; the checkpoint, and what was heard. */
import {
  formatRow,
  fromUtf8,
  type Instant,
  type KnownChange,
  parseInstant,
  parseRow,
  type Row,
  type RowKind,
  utf8,
} from '@yinxin/core';
import type { StoreOperation } from '../store.ts';
import type { AnchoredBatch, EntryRef, SignedTransaction, VoidTransaction } from './read-model.ts';
import { fullNameOf } from './versions.ts';

/** Raised whenever what is written here changes: an index of another format is rebuilt from the ledger. */
export const indexFormat = 5;

const numberDigits = 12;
const pad = (number: number) => String(number).padStart(numberDigits, '0');

/** No part of a row's key holds a slash. Batches lie under their last entry: the batch of an entry is the first key from that entry on. */
export const places = {
  checkpoint: 'checkpoint',
  version: (row: Row, block: number) => `version/${fullNameOf(row)}/${pad(block)}`,
  versions: (kind: RowKind) => `version/${kind}/`,
  /** Of which block the state is: before all rows of the state, so that one reading gives both. */
  stateHead: 'state',
  state: (key: string) => `state/${key}`,
  heard: 'heard',
  voids: 'void/',
  voidsOf: (block: number) => `void/${pad(block)}/`,
  void: ({ block, txId }: VoidTransaction) => `${places.voidsOf(block)}${txId}`,
  change: (ref: EntryRef, sequence: number) => `${places.changes(ref)}${pad(sequence)}`,
  changes: ({ issuer, type, entry }: EntryRef) => `change/${issuer}/${type}/${pad(entry)}/`,
  allChanges: (issuer: string, type: string) => `change/${issuer}/${type}/`,
  batches: (issuer: string, type: string) => `batch/${issuer}/${type}/`,
  batch: (issuer: string, type: string, last: number) => `batch/${issuer}/${type}/${pad(last)}`,
  leaves: (issuer: string, type: string, first: number) => `leaves/${issuer}/${type}/${pad(first)}`,
  supersedes: ({ issuer, type, entry }: EntryRef) => `supersedes/${issuer}/${type}/${pad(entry)}`,
  transaction: (txId: string) => `transaction/${txId}`,
  time: (block: number) => `time/${pad(block)}`,
} as const;

/** The block of a version, the last part of its key. */
export const blockIn = (key: string) => Number(key.slice(-numberDigits));
/** The composite key of a row of the state. */
export const stateKeyIn = (key: string) => key.slice(places.state('').length);
/** The entry of a change, the part before its sequence number. */
export const entryIn = (key: string) => Number(key.slice(-2 * numberDigits - 1, -numberDigits - 1));

export const hashBytes = 32;

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

/** Of the state: the number of blocks in it, and the newest one's hash. */
export interface StateHead {
  readonly height: number;
  readonly hash: string;
}

type Record_ = Checkpoint | Heard | StateHead | AnchoredBatch | SignedTransaction | VoidTransaction | KnownChange;

const put = (key: string, value: Uint8Array): StoreOperation => ({ type: 'put', key, value });
const putRecord = (key: string, record: Record_) => put(key, utf8(JSON.stringify(record)));

export const putVersion = (row: Row, block: number) => put(places.version(row, block), utf8(formatRow(row)));
export const putState = (key: string, value: string) => put(places.state(key), utf8(value));
export const putStateHead = (head: StateHead) => putRecord(places.stateHead, head);
export const putHeard = (heard: Heard) => putRecord(places.heard, heard);
export const putVoid = (transaction: VoidTransaction) => putRecord(places.void(transaction), transaction);
export const putCheckpoint = (checkpoint: Checkpoint) => putRecord(places.checkpoint, checkpoint);
export const putTransaction = (transaction: SignedTransaction) =>
  putRecord(places.transaction(transaction.txId), transaction);
export const putChange = (ref: EntryRef, change: KnownChange) => putRecord(places.change(ref, change.sequence), change);
export const putSupersedes = (ref: EntryRef, superseded: number) =>
  put(places.supersedes(ref), utf8(String(superseded)));
export const putLeaves = (issuer: string, type: string, first: number, leaves: Uint8Array) =>
  put(places.leaves(issuer, type, first), leaves);
export const putBatch = (batch: AnchoredBatch) =>
  putRecord(places.batch(batch.row.issuer, batch.row.type, batch.row.last), batch);
export const putTime = (block: number, time: Instant) => put(places.time(block), utf8(time));

/** Each reads what its `put` above wrote; nothing else writes there. */
function readRecord<R extends Record_>(value: Uint8Array): R {
  return JSON.parse(fromUtf8(value)) as R;
}
export const readStateHead = readRecord<StateHead>;
export const readHeard = (value: Uint8Array | undefined) => value && readRecord<Heard>(value);
export const readVoid = readRecord<VoidTransaction>;
export const readBatch = readRecord<AnchoredBatch>;
export const readChange = readRecord<KnownChange>;
export const readTransaction = (value: Uint8Array | undefined) => value && readRecord<SignedTransaction>(value);
export const readSupersedes = (value: Uint8Array | undefined) => (value ? Number(fromUtf8(value)) : null);
export const readTime = (value: Uint8Array | undefined) => value && parseInstant(fromUtf8(value));
export const readRow = (value: Uint8Array) => parseRow(fromUtf8(value));

/** The checkpoint of an index of this format, or of one of another format that `format` alone is known of. */
export function readCheckpoint(value: Uint8Array | undefined): Checkpoint | 'other-format' | undefined {
  if (!value) return undefined;
  const checkpoint = readRecord<Checkpoint>(value);
  return checkpoint.format === indexFormat ? checkpoint : 'other-format';
}
