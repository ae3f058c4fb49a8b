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
import {
  putBatch,
  putChange,
  putLeaves,
  putRegister,
  putSupersedes,
  putTime,
  putTransaction,
  putVersion,
} from './entries.ts';
import { compareRows } from './versions.ts';

export interface BlockChanges {
  readonly operations: readonly StoreOperation[];
  /** Rows of the registry and heads of registers, which are kept in memory too; by name, as they will be read again. */
  readonly rows: readonly Row[];
  /** Ledger time after the block. */
  readonly time: Instant;
}

/** Where and when a transaction stands: its block's number, and ledger time. */
interface Standing {
  readonly block: number;
  readonly time: Instant;
}

/** The contract accepted the input of a valid transaction, so its shape is known. */
const anchorInputOf = ({ input }: Transaction) => input as unknown as AnchorInput;
const signedInputOf = ({ input }: Transaction) => input as unknown as AnchorInput | ChangeStatusInput;

/** The contract deletes nothing. */
function toRows({ writes }: Transaction): readonly Row[] {
  return writes.flatMap(({ value }) => (value === null ? [] : [parseRow(value)]));
}

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

/** Status changes rewrite their batch rows only to take part in version control: nothing of that is kept. Of a status row only what is new is. */
function toRowOperations(transaction: Transaction, row: Row, standing: Standing): readonly StoreOperation[] {
  switch (row.kind) {
    case 'batch':
      return transaction.transaction === 'anchor' ? toAnchorOperations(transaction, row, standing) : [];
    case 'status':
      return row.changes
        .filter(({ txId }) => txId === transaction.txId)
        .map((change) => putChange(row, { ...change, block: standing.block, recorded: standing.time }));
    case 'register':
      return [putRegister(row)];
    default:
      return [putVersion(row, standing.block)];
  }
}

function toOperations(transaction: Transaction, rows: readonly Row[], standing: Standing): StoreOperation[] {
  const operations = rows.flatMap((row) => toRowOperations(transaction, row, standing));
  const isSigned = transaction.transaction === 'anchor' || transaction.transaction === 'changeStatus';
  return isSigned ? [...operations, toSignedOperation(transaction, standing)] : operations;
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
    operations.push(...toOperations(transaction, rows, { block: block.number, time }));
    kept.push(...rows.filter(({ kind }) => kind !== 'batch' && kind !== 'status'));
  }
  return { operations: [...operations, putTime(block.number, time)], rows: kept.sort(compareRows), time };
}
