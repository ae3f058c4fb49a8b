/** Replays a block: a transaction counts when the rules, on the state before it, decide exactly what it wrote and said. Any other is void. */
import { setImmediate } from 'node:timers/promises';
import {
  canonicalize,
  type Decision,
  type ErrorCode,
  formatRow,
  formatRowKey,
  type Json,
  type Outcome,
  parseRole,
  peerPolicy,
  type Row,
  type RowKey,
  type RowKind,
  type RowSource,
  rowKeyOf,
  runRule,
  toHex,
  YinxinError,
} from '@yinxin/core';
import type { Block, Transaction } from '../ledger/port.ts';
import { KeptRow } from './kept-row.ts';
import { hashBytes, type LeafPages, readLeafPages } from './leaf-pages.ts';
import type { VoidReason, VoidTransaction } from './read-model.ts';
import type { Rules } from './rules.ts';

/** The ledger's state before a block, by composite key. */
export interface State {
  get(key: string): Promise<KeptRow | undefined>;
  /** Those whose keys begin so. */
  entries(prefix: string): AsyncIterable<readonly [key: string, kept: KeptRow]>;
}

/** A row that a transaction changed, and what it was; undefined where there was none. */
export interface ChangedRow {
  readonly row: Row;
  readonly before: Row | undefined;
  /** What was recorded with the row before. */
  readonly recorded?: KeptRow['recorded'];
}

/** A transaction that counts. A row that it rewrote as it was, to take part in version control or endorsement, is none of its rows. */
export interface CountedTransaction {
  readonly transaction: Transaction;
  readonly rows: readonly ChangedRow[];
  /** Of an anchoring. */
  readonly pages?: LeafPages;
}

export interface ReplayedBlock {
  readonly counted: readonly CountedTransaction[];
  readonly voids: readonly VoidTransaction[];
  /** What the block changed in the state; recorded with it is what was before. */
  readonly state: ReadonlyMap<string, KeptRow>;
}

export interface ReplayOptions {
  readonly channel: string;
  readonly rules: Rules;
  readonly state: State;
}

/** A failure of our own disk says nothing about a transaction. */
class StateUnreadable extends Error {}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new StateUnreadable('the state cannot be read', { cause });
  }
}

/** The state with what earlier transactions of the block wrote. */
class Rows implements RowSource {
  readonly written = new Map<string, KeptRow>();
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  kept(key: string): Promise<KeptRow | undefined> {
    return reading(async () => this.written.get(key) ?? this.#state.get(key));
  }

  async get(key: RowKey): Promise<Row | undefined> {
    return (await this.kept(formatRowKey(key)))?.row;
  }

  async all(kind: RowKind): Promise<readonly Row[]> {
    const prefix = formatRowKey({ kind, parts: [] });
    const found = new Map<string, KeptRow>();
    await reading(async () => {
      for await (const [key, kept] of this.#state.entries(prefix)) found.set(key, kept);
    });
    for (const [key, kept] of this.written) if (key.startsWith(prefix)) found.set(key, kept);
    const ascending = [...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return ascending.map(([, { row }]) => row);
  }
}

type Texts = ReadonlyMap<string, { readonly row: Row; readonly text: string }>;

interface Refused {
  readonly why: VoidReason;
  readonly code?: ErrorCode;
}

type Decided = Outcome & { readonly texts: Texts };

/** A transaction and its leaves, read once. */
interface Judging {
  readonly transaction: Transaction;
  readonly pages: LeafPages | undefined;
}

/** What the rules decide; a refusal, or a failure of theirs, for which no honest peer endorses either. */
async function decide({ transaction, pages }: Judging, rows: Rows, options: ReplayOptions): Promise<Decided | Refused> {
  const rule = options.rules.get(transaction.transaction);
  if (!rule) return { why: 'unknown' };
  const { input, txId, time, creator } = transaction;
  const caller = { msp: creator.msp, role: parseRole(creator.id) };
  try {
    const rootOf = (leaves: string, count: number) =>
      leaves === anchorLeaves(transaction) && pages?.bytes.length === count * hashBytes ? pages.root : undefined;
    const outcome = await runRule(rule, input, rows, { channel: options.channel, txId, time, caller, rootOf });
    if (isLong(transaction)) await setImmediate();
    return { ...outcome, texts: toTexts(outcome.writes) };
  } catch (error) {
    if (error instanceof StateUnreadable) throw error;
    return { why: 'refused', code: error instanceof YinxinError ? error.code : 'INTERNAL' };
  }
}

const toTexts = (rows: readonly Row[]): Texts =>
  new Map(rows.map((row) => [formatRowKey(rowKeyOf(row)), { row, text: formatRow(row) }]));

function areSame(writes: Transaction['writes'], texts: Texts): boolean {
  const keys = new Set(writes.map(({ key }) => key));
  if (writes.length !== texts.size || keys.size !== texts.size) return false;
  return writes.every(({ key, value }) => value !== null && texts.get(key)?.text === value);
}

function isEvent({ transaction, event }: Transaction, decided: Decision['event']): boolean {
  if (event?.name !== transaction) return false;
  try {
    return canonicalize(event.payload) === canonicalize(decided);
  } catch {
    return false; // JSON that no rule of ours ever says
  }
}

/**
 * Whether every policy that it gives is the owner's, of a row that came to have one. Peers may give fewer, where something forged was in the place of a new
 * row; and a ledger without endorsers gives none.
 */
function areOwners(policies: Transaction['policies'] = [], owned: Outcome['owned']): boolean {
  const owners = new Map(owned.map(({ key, msps }) => [formatRowKey(key), toHex(peerPolicy(...msps))]));
  return policies.every(({ key, policy }) => owners.get(key) === policy);
}

async function judge(judging: Judging, rows: Rows, options: ReplayOptions): Promise<Texts | Refused> {
  const { transaction } = judging;
  const decided = await decide(judging, rows, options);
  if ('why' in decided) return decided;
  const { texts } = decided;
  if (!areSame(transaction.writes, texts)) return { why: 'writes' };
  if (!isEvent(transaction, decided.event)) return { why: 'event' };
  return areOwners(transaction.policies, decided.owned) ? texts : { why: 'policies' };
}

/** Takes the texts into the state. @returns the rows that were otherwise before */
async function take(texts: Texts, rows: Rows): Promise<readonly ChangedRow[]> {
  const changed = [...texts].map(async ([key, { row, text }]): Promise<readonly ChangedRow[]> => {
    const before = await rows.kept(key);
    if (before?.text === text) return [];
    const recorded = before?.recorded ?? [];
    rows.written.set(key, new KeptRow(text, recorded, row));
    return [{ row, before: before?.row, recorded }];
  });
  return (await Promise.all(changed)).flat();
}

/** The leaves of an anchoring, as it sends them. */
export function anchorLeaves({ transaction, input }: Transaction): string | undefined {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  const leaves =
    transaction === 'anchor' && isObject ? (input as { readonly [key: string]: Json })['leaves'] : undefined;
  return typeof leaves === 'string' ? leaves : undefined;
}

/** Others get their turn between the steps of one that writes so many rows: a thousand status changes are 50 ms of work. */
const isLong = ({ writes }: Transaction) => writes.length > 100;

/** A transaction that writes nothing. */
export const isQuestion = ({ writes, policies = [] }: Transaction) => writes.length === 0 && policies.length === 0;

/** A transaction that writes nothing (a question that was ordered) is neither counted nor void: nobody bounded its time. */
export async function replayBlock(block: Block, options: ReplayOptions): Promise<ReplayedBlock> {
  const rows = new Rows(options.state);
  const counted: CountedTransaction[] = [];
  const voids: VoidTransaction[] = [];
  for (const transaction of block.transactions) {
    if (!transaction.valid || isQuestion(transaction)) continue;
    const leaves = anchorLeaves(transaction);
    const pages = leaves === undefined ? undefined : await readLeafPages(leaves);
    const judged = await judge({ transaction, pages }, rows, options);
    if (isLong(transaction)) await setImmediate();
    if ('why' in judged) {
      const { txId, creator } = transaction;
      voids.push({ block: block.number, txId, transaction: transaction.transaction, msp: creator.msp, ...judged });
    } else counted.push({ transaction, rows: await take(judged, rows), ...(pages && { pages }) });
  }
  return { counted, voids, state: rows.written };
}
