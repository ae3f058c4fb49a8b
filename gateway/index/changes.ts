/** What a block changes in the index: a pure function of the block and the ledger time before it. */
import {
  type AnchorInput,
  type BatchRow,
  type ChangeStatusInput,
  type Instant,
  parseAnchorStatement,
  parseRow,
  type Row,
} from '@yinxin/core';
import type { Block, Transaction } from '../ledger/port.ts';
import type { StoreOperation } from '../store.ts';
import { putBatch, putLeaves, putRow, putSupersedes, putTransaction } from './entries.ts';

export interface BlockChanges {
  readonly operations: readonly StoreOperation[];
  /** Rows of the registry and heads of registers, which are kept in memory too. */
  readonly rows: readonly Row[];
  /** Ledger time after the block. */
  readonly time: Instant;
}

/** The contract accepted the input of a valid transaction, so its shape is known. */
const anchorInputOf = ({ input }: Transaction) => input as unknown as AnchorInput;
const signedInputOf = ({ input }: Transaction) => input as unknown as AnchorInput | ChangeStatusInput;

/** The contract deletes nothing. */
function toRows({ writes }: Transaction): readonly Row[] {
  return writes.flatMap(({ value }) => (value === null ? [] : [parseRow(value)]));
}

function toAnchorOperations(
  transaction: Transaction,
  row: BatchRow,
  block: number,
  time: Instant,
): readonly StoreOperation[] {
  const { leaves, supersessions, statement } = anchorInputOf(transaction);
  const { issuer, type, first } = parseAnchorStatement(statement);
  return [
    putBatch({ row, block, time }),
    putLeaves(issuer, type, first, Buffer.from(leaves, 'base64')),
    ...supersessions.map(({ entry, supersedes }) => putSupersedes({ issuer, type, entry }, supersedes)),
  ];
}

function toSignedOperation(transaction: Transaction, block: number, time: Instant): StoreOperation {
  const { txId, creator } = transaction;
  const { statement, signature } = signedInputOf(transaction);
  return putTransaction({ txId, block, time, caller: creator, statement, signature });
}

/** Status changes rewrite their batch rows only to take part in version control: nothing of that is kept. */
function toOperations(transaction: Transaction, rows: readonly Row[], block: number, time: Instant): StoreOperation[] {
  const operations: StoreOperation[] = [];
  for (const row of rows) {
    if (row.kind !== 'batch') operations.push(putRow(row));
    else if (transaction.transaction === 'anchor')
      operations.push(...toAnchorOperations(transaction, row, block, time));
  }
  if (transaction.transaction === 'anchor' || transaction.transaction === 'changeStatus') {
    operations.push(toSignedOperation(transaction, block, time));
  }
  return operations;
}

/**
 * Ledger time goes on with the timestamps of valid transactions and never goes back; one that was ordered and found invalid says
 * nothing, its time neither.
 */
export function toBlockChanges(block: Block, before: Instant): BlockChanges {
  let time = before;
  const operations: StoreOperation[] = [];
  const kept: Row[] = [];
  for (const transaction of block.transactions) {
    if (!transaction.valid) continue;
    if (transaction.time > time) time = transaction.time;
    const rows = toRows(transaction);
    operations.push(...toOperations(transaction, rows, block.number, time));
    kept.push(...rows.filter(({ kind }) => kind !== 'batch' && kind !== 'status'));
  }
  return { operations, rows: kept, time };
}
