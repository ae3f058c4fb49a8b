/** Replays a block: a transaction counts when the rules, on the state before it, decide exactly what it wrote and said. Any other is void. */
import {
  canonicalize,
  type Decision,
  type ErrorCode,
  formatRow,
  formatRowKey,
  type Outcome,
  parseRole,
  parseRow,
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
import type { VoidReason, VoidTransaction } from './read-model.ts';
import type { Rules } from './rules.ts';

/** The ledger's state before a block: canonical texts by composite key. */
export interface State {
  get(key: string): Promise<string | undefined>;
  /** Those whose keys begin so, ascending by the UTF-8 bytes of the key. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: string]>;
}

/** A row that a transaction changed, and what it was; undefined where there was none. */
export interface ChangedRow {
  readonly row: Row;
  readonly before: Row | undefined;
}

/** A transaction that counts. A row that it rewrote as it was, to take part in version control or endorsement, is none of its rows. */
export interface CountedTransaction {
  readonly transaction: Transaction;
  readonly rows: readonly ChangedRow[];
}

export interface ReplayedBlock {
  readonly counted: readonly CountedTransaction[];
  readonly voids: readonly VoidTransaction[];
  /** What the block changed in the state. */
  readonly state: ReadonlyMap<string, string>;
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
  readonly written = new Map<string, string>();
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  text(key: string): Promise<string | undefined> {
    return reading(async () => this.written.get(key) ?? this.#state.get(key));
  }

  async get(key: RowKey): Promise<Row | undefined> {
    const text = await this.text(formatRowKey(key));
    return text === undefined ? undefined : parseRow(text);
  }

  async all(kind: RowKind): Promise<readonly Row[]> {
    const prefix = formatRowKey({ kind, parts: [] });
    const texts = new Map<string, string>();
    await reading(async () => {
      for await (const [key, text] of this.#state.entries(prefix)) texts.set(key, text);
    });
    for (const [key, text] of this.written) if (key.startsWith(prefix)) texts.set(key, text);
    const keys = [...texts.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return keys.map((key) => parseRow(texts.get(key) ?? ''));
  }
}

type Texts = ReadonlyMap<string, { readonly row: Row; readonly text: string }>;

interface Refused {
  readonly why: VoidReason;
  readonly code?: ErrorCode;
}

type Decided = Outcome & { readonly texts: Texts };

/** What the rules decide; a refusal, or a failure of theirs, for which no honest peer endorses either. */
async function decide(transaction: Transaction, rows: Rows, options: ReplayOptions): Promise<Decided | Refused> {
  const rule = options.rules.get(transaction.transaction);
  if (!rule) return { why: 'unknown' };
  const { input, txId, time, creator } = transaction;
  const caller = { msp: creator.msp, role: parseRole(creator.id) };
  try {
    const outcome = await runRule(rule, input, rows, { channel: options.channel, txId, time, caller });
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

async function judge(transaction: Transaction, rows: Rows, options: ReplayOptions): Promise<Texts | Refused> {
  const decided = await decide(transaction, rows, options);
  if ('why' in decided) return decided;
  const { texts } = decided;
  if (!areSame(transaction.writes, texts)) return { why: 'writes' };
  if (!isEvent(transaction, decided.event)) return { why: 'event' };
  return areOwners(transaction.policies, decided.owned) ? texts : { why: 'policies' };
}

/** Takes the texts into the state. @returns the rows that were otherwise before */
async function take(texts: Texts, rows: Rows): Promise<readonly ChangedRow[]> {
  const changed = [...texts].map(async ([key, { row, text }]): Promise<readonly ChangedRow[]> => {
    const before = await rows.text(key);
    if (before === text) return [];
    rows.written.set(key, text);
    return [{ row, before: before === undefined ? undefined : parseRow(before) }];
  });
  return (await Promise.all(changed)).flat();
}

const isQuestion = ({ writes, policies = [] }: Transaction) => writes.length === 0 && policies.length === 0;

/** A transaction that writes nothing (a question that was ordered) is neither counted nor void: nobody bounded its time. */
export async function replayBlock(block: Block, options: ReplayOptions): Promise<ReplayedBlock> {
  const rows = new Rows(options.state);
  const counted: CountedTransaction[] = [];
  const voids: VoidTransaction[] = [];
  for (const transaction of block.transactions) {
    if (!transaction.valid || isQuestion(transaction)) continue;
    const judged = await judge(transaction, rows, options);
    if ('why' in judged) {
      const { txId, creator } = transaction;
      voids.push({ block: block.number, txId, transaction: transaction.transaction, msp: creator.msp, ...judged });
    } else counted.push({ transaction, rows: await take(judged, rows) });
  }
  return { counted, voids, state: rows.written };
}
