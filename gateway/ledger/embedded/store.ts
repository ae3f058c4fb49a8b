/** The embedded ledger's data in `level`: blocks, world state, history and transaction ids, each block one synced atomic write. */
import { mkdir } from 'node:fs/promises';
import { type Instant, YinxinError } from '@yinxin/core';
import { Level } from 'level';
import { type FrozenStore, freezeLevel } from '../../frozen-store.ts';
import { formatBlock, formatTransaction, type Proposal } from './block.ts';

export type Snapshot = ReturnType<Level['snapshot']>;

/** A value of the world state and the place that wrote it, `<block>.<position>`. */
export interface StateEntry {
  readonly version: string;
  readonly value: string;
}

export interface HistoryEntry {
  readonly txId: string;
  readonly time: Instant;
  readonly value: string | null;
}

/** Prefixes of keys; `0` follows `/` and so ends each range. */
const blockKey = (number: number) => `b/${String(number).padStart(12, '0')}`;
const stateKey = (key: string) => `s/${key}`;
/** With the length in front, no key's history lies inside another's. */
const historyPrefix = (key: string) => `h/${key.length}/${key}/`;
const transactionKey = (txId: string) => `t/${txId}`;
const pad = (number: number) => String(number).padStart(12, '0');

function parseState(text: string): StateEntry {
  const space = text.indexOf(' ');
  return { version: text.slice(0, space), value: text.slice(space + 1) };
}

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer; readonly valueEncoding: 'buffer' }
  | { readonly type: 'del'; readonly key: string };

/** What a valid transaction leaves in state and history. */
function applyWrites({ txId, time, simulated }: Proposal, block: number, at: number): readonly Operation[] {
  return [...simulated.writes].flatMap(([key, value]): readonly Operation[] => {
    const entry: HistoryEntry = { txId, time, value };
    const history = {
      type: 'put',
      key: `${historyPrefix(key)}${pad(block)}.${pad(at)}`,
      value: JSON.stringify(entry),
    } as const;
    if (value === null) return [history, { type: 'del', key: stateKey(key) }];
    return [history, { type: 'put', key: stateKey(key), value: `${block}.${at} ${value}` }];
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (('code' in error && error.code === code) || hasCode(error.cause, code));
}

export class LedgerStore {
  readonly #level: Level;

  private constructor(level: Level) {
    this.#level = level;
  }

  /** @throws YinxinError DATA_IN_USE, LEDGER_DAMAGED */
  static async open(folder: string): Promise<LedgerStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const level = new Level(folder);
    try {
      await level.open();
    } catch (error) {
      if (hasCode(error, 'LEVEL_LOCKED')) throw new YinxinError('DATA_IN_USE');
      if (hasCode(error, 'LEVEL_CORRUPTION')) throw new YinxinError('LEDGER_DAMAGED');
      throw error;
    }
    return new LedgerStore(level);
  }

  freeze(): FrozenStore {
    return freezeLevel(this.#level);
  }

  snapshot(): Snapshot {
    return this.#level.snapshot();
  }

  async getState(key: string, snapshot: Snapshot): Promise<StateEntry | undefined> {
    const text: string | undefined = await this.#level.get(stateKey(key), { snapshot });
    return text === undefined ? undefined : parseState(text);
  }

  /** Versions of the keys as they are now, in order; undefined where there is none. */
  async getVersions(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const texts: readonly (string | undefined)[] = await this.#level.getMany(keys.map(stateKey));
    return texts.map((text) => (text === undefined ? undefined : parseState(text).version));
  }

  /** From `start` to before `end` (empty: no bound), in the order of UTF-8 bytes. */
  async *iterateState(
    start: string,
    end: string,
    snapshot?: Snapshot,
  ): AsyncGenerator<readonly [key: string, entry: StateEntry]> {
    const range = { gte: stateKey(start), lt: end === '' ? 's0' : stateKey(end) };
    const iterator = this.#level.iterator(snapshot === undefined ? range : { ...range, snapshot });
    for await (const [key, text] of iterator) yield [key.slice(2), parseState(text)];
  }

  /** Newest first. */
  async *iterateHistory(key: string, snapshot: Snapshot): AsyncGenerator<HistoryEntry> {
    const prefix = historyPrefix(key);
    const range = { gt: prefix, lt: `${prefix}:`, reverse: true, snapshot };
    for await (const text of this.#level.values(range)) yield JSON.parse(text) as HistoryEntry; // applyWrites wrote it
  }

  async getBlock(number: number): Promise<Uint8Array | undefined> {
    return this.#level.get<string, Uint8Array>(blockKey(number), { valueEncoding: 'view' });
  }

  /** Number of blocks. */
  async getHeight(): Promise<number> {
    for await (const key of this.#level.keys({ gt: 'b/', lt: 'b0', reverse: true, limit: 1 }))
      return Number(key.slice(2)) + 1;
    return 0;
  }

  async getTransaction(txId: string): Promise<{ readonly block: number; readonly code: string } | undefined> {
    const text: string | undefined = await this.#level.get(transactionKey(txId));
    if (text === undefined) return undefined;
    const [block, code] = text.split(' ');
    return { block: Number(block), code: code ?? '' };
  }

  /** Writes the block and all it changes: after return it outlasts a power cut; before, all of it or nothing does. @returns its hash */
  async commit(
    number: number,
    previousHash: string,
    proposals: readonly Proposal[],
    codes: readonly string[],
  ): Promise<string> {
    const codeAt = (at: number) => codes[at] ?? 'INVALID_OTHER_REASON';
    const texts = proposals.map((proposal, at) => formatTransaction(proposal, codeAt(at)));
    const { bytes, hash } = formatBlock(number, previousHash, texts);
    const operations: Operation[] = [{ type: 'put', key: blockKey(number), value: bytes, valueEncoding: 'buffer' }];
    for (const [at, proposal] of proposals.entries()) {
      operations.push({ type: 'put', key: transactionKey(proposal.txId), value: `${number} ${codeAt(at)}` });
      if (codeAt(at) === 'VALID') operations.push(...applyWrites(proposal, number, at));
    }
    await this.#level.batch<string, string | Buffer>(operations, { sync: true });
    return hash;
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}
