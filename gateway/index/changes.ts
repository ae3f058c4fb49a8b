/** What a block changes in the index: a pure function of the block, and of ledger time and rows before it. */
import {
  type AnchorInput,
  type BatchRow,
  type ChangeStatusInput,
  type Filed,
  fileRow,
  formatRow,
  type Instant,
  type Ordered,
  parseAnchorStatement,
  parseRow,
  type Row,
  type RowKind,
} from '@yinxin/core';
import type { Block, Transaction } from '../ledger/port.ts';
import type { StoreOperation } from '../store.ts';
import {
  dropRaw,
  putBatch,
  putChange,
  putLeaves,
  putRaw,
  putRegister,
  putSupersedes,
  putTime,
  putTransaction,
  putVersion,
} from './entries.ts';
import { compareRows, fullNameOf } from './versions.ts';

export interface BlockChanges {
  readonly operations: readonly StoreOperation[];
  /** Rows of the registry and heads of registers, which are kept in memory too; by name, as they will be read again. */
  readonly rows: readonly Filed<Row>[];
  /** Ledger time after the block. */
  readonly time: Instant;
}

/** What the blocks before say. */
export interface Past {
  /** Ledger time. */
  readonly time: Instant;
  /** The newest version of the same row of the registry. */
  version(row: Row): Filed<Row> | undefined;
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

/** Files rows by ledger time, each after its last version, be that of the same block. One that stays as it was written is the same object twice. */
function createFiling(past: Past): (raw: Row, ordered: Ordered) => Filing {
  const newest = new Map<string, Filed<Row>>();
  return (raw, ordered) => {
    const name = fullNameOf(raw);
    const before = newest.get(name) ?? past.version(raw);
    const filed = fileRow(raw, before, ordered);
    const isSame = filed === raw || formatRow(filed) === formatRow(raw);
    const row = { raw, filed: isSame ? raw : filed };
    newest.set(name, row);
    return { ...row, wasOther: before !== undefined && before.raw !== before.filed };
  };
}

interface Filing extends Filed<Row> {
  /** Of the version before something else was filed than written. */
  readonly wasOther: boolean;
}

/** The version, and beside it what was written where that is something else: the next one is compared with it. */
function toVersionOperations({ raw, filed, wasOther }: Filing, block: number): readonly StoreOperation[] {
  const version = putVersion(filed, block);
  if (raw !== filed) return [version, putRaw(raw)];
  return wasOther ? [version, dropRaw(raw)] : [version];
}

/**
 * Status changes rewrite their batch rows only to take part in version control: nothing of that is kept. Of a status row only what is new is. What
 * an organisation may still propose is the contract's own matter.
 */
function toRowOperations(transaction: Transaction, row: Filing, standing: Standing): readonly StoreOperation[] {
  const { raw } = row;
  switch (raw.kind) {
    case 'batch':
      return transaction.transaction === 'anchor' ? toAnchorOperations(transaction, raw, standing) : [];
    case 'status':
      return raw.changes
        .filter(({ txId }) => txId === transaction.txId)
        .map((change) => putChange(raw, { ...change, block: standing.block, recorded: standing.time }));
    case 'register':
      return [putRegister(raw)];
    case 'organisation':
      return [];
    default:
      return toVersionOperations(row, standing.block);
  }
}

function toOperations(transaction: Transaction, rows: readonly Filing[], standing: Standing): StoreOperation[] {
  const operations = rows.flatMap((row) => toRowOperations(transaction, row, standing));
  const isSigned = transaction.transaction === 'anchor' || transaction.transaction === 'changeStatus';
  return isSigned ? [...operations, toSignedOperation(transaction, standing)] : operations;
}

/**
 * Ledger time goes on with the timestamps of valid transactions and never goes back; one that was ordered and found invalid says
 * nothing, its time neither.
 */
export function toBlockChanges(block: Block, past: Past): BlockChanges {
  let { time } = past;
  const file = createFiling(past);
  const operations: StoreOperation[] = [];
  const kept: Filed<Row>[] = [];
  for (const transaction of block.transactions) {
    if (!transaction.valid) continue;
    const before = time;
    if (transaction.time > time) time = transaction.time;
    const ordered = { transaction: transaction.transaction, time, before };
    const rows = toRows(transaction).map((row) => file(row, ordered));
    operations.push(...toOperations(transaction, rows, { block: block.number, time }));
    kept.push(...rows.filter(({ raw }) => !keptElsewhere.includes(raw.kind)).map(withoutPast));
  }
  kept.sort((a, b) => compareRows(a.raw, b.raw));
  return { operations: [...operations, putTime(block.number, time)], rows: kept, time };
}

/** In the store alone, or nowhere. */
const keptElsewhere: readonly RowKind[] = ['batch', 'status', 'organisation'];
const withoutPast = ({ raw, filed }: Filing): Filed<Row> => ({ raw, filed });
