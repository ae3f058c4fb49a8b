/** What a block changes in the index: a pure function of the transactions that count, and of ledger time and rows before them. */
import {
  type AnchorInput,
  type BatchRow,
  type ChangeStatusInput,
  fileRow,
  type Instant,
  type Ordered,
  parseAnchorStatement,
  type Row,
} from '@yinxin/core';
import type { Transaction } from '../ledger/port.ts';
import type { StoreOperation } from '../store.ts';
import { putBatch, putChange, putLeaves, putSupersedes, putTime, putTransaction, putVersion } from './entries.ts';
import { registryKinds } from './registry.ts';
import type { ChangedRow, CountedTransaction } from './replay.ts';
import { compareRows, fullNameOf } from './versions.ts';

export interface BlockChanges {
  readonly operations: readonly StoreOperation[];
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

function toAnchorOperations(transaction: Transaction, row: BatchRow, standing: Standing): readonly StoreOperation[] {
  const { leaves, supersessions, statement } = anchorInputOf(transaction);
  const { issuer, type, first } = parseAnchorStatement(statement);
  return [
    putBatch({ row, ...standing }),
    putLeaves(issuer, type, first, Buffer.from(leaves, 'base64')),
    ...supersessions.map(({ entry, supersedes }) => putSupersedes({ issuer, type, entry }, supersedes)),
  ];
}

function toSignedOperation(transaction: Transaction, standing: Standing): StoreOperation {
  const { txId, creator } = transaction;
  const { statement, signature } = signedInputOf(transaction);
  return putTransaction({ txId, ...standing, caller: creator, statement, signature });
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

const isOfRegistry = ({ kind }: Row) => registryKinds.includes(kind);

/**
 * Status changes rewrite their batch rows only to take part in version control: nothing of that is kept. Of a status row only what is new is. What
 * an organisation may still propose is the contract's own matter.
 */
function toRowOperations(transaction: Transaction, row: Row, standing: Standing): readonly StoreOperation[] {
  if (isOfRegistry(row)) return [putVersion(row, standing.block)];
  if (row.kind === 'batch') {
    return transaction.transaction === 'anchor' ? toAnchorOperations(transaction, row, standing) : [];
  }
  if (row.kind !== 'status') return [];
  return row.changes
    .filter(({ txId }) => txId === transaction.txId)
    .map((change) => putChange(row, { ...change, block: standing.block, recorded: standing.time }));
}

function toOperations(transaction: Transaction, rows: readonly Row[], standing: Standing): StoreOperation[] {
  const operations = rows.flatMap((row) => toRowOperations(transaction, row, standing));
  const isSigned = transaction.transaction === 'anchor' || transaction.transaction === 'changeStatus';
  return isSigned ? [...operations, toSignedOperation(transaction, standing)] : operations;
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
  for (const { transaction, rows } of counted) {
    const before = time;
    if (transaction.time > time && transaction.time <= past.latest) time = transaction.time;
    const ordered = { transaction: transaction.transaction, time, before };
    const filed = rows.map((row) => file(row, ordered));
    operations.push(...toOperations(transaction, filed, { block, time }));
    kept.push(...filed.filter((row) => isOfRegistry(row) || row.kind === 'register'));
  }
  kept.sort(compareRows);
  return { operations: [...operations, putTime(block, time)], rows: kept, time };
}
