/** What a block changes in the index: a pure function of the transactions that count, and of ledger time and rows before them. */
import {
  type AnchorInput,
  type BatchRow,
  type ChangeStatusInput,
  fileRow,
  formatRowKey,
  type Instant,
  type Ordered,
  type Row,
  rowKeyOf,
} from '@yinxin/core';
import type { Transaction } from '../ledger/port.ts';
import type { StoreOperation } from '../store.ts';
import { putAnchor, putLeaves, putSupersedes, putTime, putTransaction, putVersion } from './entries.ts';
import { type KeptRow, record } from './kept-row.ts';
import type { SignedTransaction } from './read-model.ts';
import { registryKinds } from './registry.ts';
import type { ChangedRow, CountedTransaction } from './replay.ts';
import { compareRows, fullNameOf } from './versions.ts';

/** How far ahead of this clock, in seconds, a timestamp may be and still move ledger time: far more than the contract's ten minutes, so that a clock that is a little off loses nothing. */
export const timeTolerance = 3_600;

export interface BlockChanges {
  /** All but the state's. */
  readonly operations: readonly StoreOperation[];
  /** By the keys of status rows: what is recorded with them from now on. */
  readonly recorded: ReadonlyMap<string, KeptRow['recorded']>;
  /** Rows of the registry as they are filed, and heads of registers, which are kept in memory too; by name, as they will be read again. */
  readonly rows: readonly Row[];
  /** Ledger time after the block. */
  readonly time: Instant;
}

/** What the blocks before say. */
export interface Past {
  /** Ledger time. */
  readonly time: Instant;
  /** A timestamp after this proves nothing: nobody has lived to see it. */
  readonly latest: Instant;
  /** The newest version of the same row of the registry, as it is filed. */
  version(row: Row): Row | undefined;
}

/** Where and when a transaction stands: its block's number, and ledger time. */
interface Standing {
  readonly block: number;
  readonly time: Instant;
}

/** The rules accepted the input of a transaction that counts, so its shape is known. */
const anchorInputOf = ({ input }: Transaction) => input as unknown as AnchorInput;
const signedInputOf = ({ input }: Transaction) => input as unknown as AnchorInput | ChangeStatusInput;

function toSigned(transaction: Transaction, standing: Standing): SignedTransaction {
  const { txId, creator } = transaction;
  const { statement, signature } = signedInputOf(transaction);
  return { txId, ...standing, caller: creator, statement, signature };
}

function toAnchorOperations(
  { transaction, pages }: CountedTransaction,
  row: BatchRow,
  standing: Standing,
): readonly StoreOperation[] {
  const { supersessions } = anchorInputOf(transaction);
  const { issuer, type } = row;
  const record = { row, signed: toSigned(transaction, standing) };
  return [
    ...putAnchor(record),
    ...(pages ? putLeaves(record, pages) : []),
    ...supersessions.map(({ entry, supersedes }) => putSupersedes({ issuer, type, entry }, supersedes)),
  ];
}

/** Files rows by ledger time, each after its last version, be that of the same block. */
function createFiling(past: Past): (changed: ChangedRow, ordered: Ordered) => Row {
  const newest = new Map<string, Row>();
  return ({ row, before }, ordered) => {
    const name = fullNameOf(row);
    const filedBefore = newest.get(name) ?? past.version(row);
    const filed = fileRow(row, before && filedBefore && { raw: before, filed: filedBefore }, ordered);
    newest.set(name, filed);
    return filed;
  };
}

/** Rows that are kept in memory with their past. */
export const isOfRegistry = ({ kind }: Row) => registryKinds.includes(kind);

/** Status changes rewrite their batch rows only to take part in version control. */
function toOperations(counted: CountedTransaction, rows: readonly Row[], standing: Standing): StoreOperation[] {
  const { transaction } = counted;
  const versions = rows.filter(isOfRegistry).map((row) => putVersion(row, standing.block));
  if (transaction.transaction === 'changeStatus') return [...versions, putTransaction(toSigned(transaction, standing))];
  if (transaction.transaction !== 'anchor') return versions;
  const anchored = rows.flatMap((row) => (row.kind === 'batch' ? toAnchorOperations(counted, row, standing) : []));
  return [...versions, ...anchored];
}

/** Of the status rows that a transaction changed, where the changes stand that it signed for. */
class Recordings {
  readonly kept = new Map<string, KeptRow['recorded']>();

  add({ row, recorded = [] }: ChangedRow, txId: string, { block, time }: Standing): void {
    if (row.kind !== 'status') return;
    const key = formatRowKey(rowKeyOf(row));
    this.kept.set(key, record(row, txId, this.kept.get(key) ?? recorded, [block, time]));
  }
}

/**
 * Ledger time goes on with the timestamps of transactions that count and never goes back. Who could date ahead (two organisations that collude: their
 * peers' clocks cannot be replayed) would otherwise end every window of everybody's for good.
 */
export function toBlockChanges(block: number, counted: readonly CountedTransaction[], past: Past): BlockChanges {
  let { time } = past;
  const file = createFiling(past);
  const operations: StoreOperation[] = [];
  const kept: Row[] = [];
  const recordings = new Recordings();
  for (const one of counted) {
    const { transaction, rows } = one;
    const before = time;
    if (transaction.time > time && transaction.time <= past.latest) time = transaction.time;
    const ordered = { transaction: transaction.transaction, time, before };
    const filed = rows.map((row) => file(row, ordered));
    operations.push(...toOperations(one, filed, { block, time }));
    for (const row of rows) recordings.add(row, transaction.txId, { block, time });
    kept.push(...filed.filter((row) => isOfRegistry(row) || row.kind === 'register'));
  }
  kept.sort(compareRows);
  return { operations: [...operations, putTime(block, time)], recorded: recordings.kept, rows: kept, time };
}
