/**
 * Blocks that were taken from another city's peer. What they hold is signed by the orderers, but which of their transactions are valid is that peer's
 * word alone. So it is noted durably which blocks they were and what codes they had, until a peer of one's own organisation says the same of each.
 */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, memberReader, parseJson, YinxinError } from '@yinxin/core';
import { writeDurably } from '../../../durable-file.ts';
import { diverged, type FabricBlock } from './fabric-block.ts';
import type { Fetch } from './fetch.ts';
import type { BlockSource } from './source.ts';

const format = 'yinxin-fabric-unchecked/1';

/** Blocks one after the other, from `first` to before `next`. */
interface Run {
  readonly first: number;
  readonly next: number;
  /** Hex. SHA-256 over the run before and the block's hash and codes. */
  readonly digest: string;
}

const noRun = '';

function extend({ first, digest }: Pick<Run, 'first' | 'digest'>, block: FabricBlock): Run {
  const text = `${digest} ${block.hash} ${block.metadata.codes.toString('hex')}`;
  return { first, next: block.number + 1, digest: hash('sha256', text, 'hex') };
}

function parseRun(json: Json): Run {
  const read = memberReader(json, 'unchecked.run', 'LEDGER_DAMAGED', ['first', 'next', 'digest']);
  return {
    first: read.natural('first'),
    next: read.natural('next'),
    digest: read.matching('digest', /^[0-9a-f]{64}$/),
  };
}

function parseRuns(bytes: Buffer): readonly Run[] {
  try {
    const read = memberReader(parseJson(bytes), 'unchecked', 'LEDGER_DAMAGED', ['format', 'runs']);
    if (read.text('format') === format) return read.array('runs').map(parseRun);
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
  }
  throw new YinxinError('LEDGER_DAMAGED', { file: 'unchecked.json' });
}

async function readRuns(path: string): Promise<readonly Run[]> {
  try {
    return parseRuns(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

export class UncheckedBlocks {
  readonly #path: string;
  #runs: readonly Run[];
  #working: Promise<void> = Promise.resolve();

  private constructor(path: string, runs: readonly Run[]) {
    this.#path = path;
    this.#runs = runs;
  }

  /** @throws YinxinError LEDGER_DAMAGED when what was noted cannot be read */
  static async open(folder: string): Promise<UncheckedBlocks> {
    const path = join(folder, 'unchecked.json');
    return new UncheckedBlocks(path, await readRuns(path));
  }

  /** Number of the first; undefined when there is none. */
  get first(): number | undefined {
    return this.#runs.length === 0 ? undefined : Math.min(...this.#runs.map(({ first }) => first));
  }

  /** Durable when it settles. */
  add(block: FabricBlock): Promise<void> {
    return this.#inTurn(async () => {
      const at = this.#runs.findIndex(({ next }) => next === block.number);
      const before = this.#runs[at] ?? { first: block.number, digest: noRun };
      await this.#write([...this.#runs.filter((_, index) => index !== at), extend(before, block)]);
    });
  }

  /** Asks `own` for all of them. @throws YinxinError LEDGER_DIVERGED `{block}`, the first of a run in which it differs; LEDGER_UNREACHABLE: they stay */
  check(own: BlockSource, fetch: Fetch): Promise<void> {
    return this.#inTurn(async () => {
      for (const run of this.#runs) {
        await checkRun(own, run, fetch);
        await this.#write(this.#runs.filter((one) => one !== run));
      }
    });
  }

  async #write(runs: readonly Run[]): Promise<void> {
    await writeDurably(this.#path, Buffer.from(`${JSON.stringify({ format, runs })}\n`));
    this.#runs = runs;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#working.catch(() => undefined).then(work);
    this.#working = turn;
    return turn;
  }
}

async function checkRun(
  own: BlockSource,
  { first, next, digest }: Run,
  { signal, milliseconds }: Fetch,
): Promise<void> {
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), milliseconds);
  let seen: Run = { first, next: first, digest: noRun };
  try {
    const range = { from: first, to: next - 1, headersOnly: true };
    for await (const block of own.read(range, AbortSignal.any([signal, quiet.signal]))) {
      if (block.number !== seen.next)
        throw new YinxinError('LEDGER_UNREACHABLE', { peer: own.name, why: 'out of order' });
      seen = extend(seen, block);
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
  }
  if (seen.next !== next) throw new YinxinError('LEDGER_UNREACHABLE', { peer: own.name, why: 'no answer' });
  if (seen.digest !== digest) throw diverged(first);
}
