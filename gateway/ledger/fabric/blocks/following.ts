/** Follows the chain through whichever peers answer: blocks in order, each once, verified and decoded. One's own peer is preferred, and returned to. */
import { setTimeout as delay } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import type { Block } from '../../port.ts';
import type { Configuration } from './configuration.ts';
import { decodeBlock } from './decode.ts';
import { diverged, type FabricBlock } from './fabric-block.ts';
import { type Fetch, fetchBlock, fetchNewest } from './fetch.ts';
import type { ConfigurationHistory } from './history.ts';
import type { Pace } from './pace.ts';
import type { BlockSource } from './source.ts';
import type { UncheckedBlocks } from './unchecked.ts';
import { isLinked, verifyContent, verifyGenesis } from './verify.ts';

export interface Chain {
  /** In the order in which they are wanted. */
  readonly sources: readonly BlockSource[];
  readonly genesis: string;
  readonly chaincode: string;
  readonly history: ConfigurationHistory;
  readonly unchecked: UncheckedBlocks;
  readonly pace: Pace;
}

/** Whether two peers' blocks of one number are the same, with the same codes there and (by the commit hash) before. */
export function isSame(a: Mark, b: Mark): boolean {
  const { codes, commitHash } = a.metadata;
  return a.hash === b.hash && codes.equals(b.metadata.codes) && commitHash === b.metadata.commitHash;
}

/** What is remembered of a block. */
export type Mark = Pick<FabricBlock, 'number' | 'hash' | 'metadata'>;

/** Blocks that were not asked for, in one window, until its peer is given up: it could send such for ever. */
const maxUseless = 64;

const unreachable = (peer: string, why: string) => new YinxinError('LEDGER_UNREACHABLE', { peer, why });

export class Following {
  readonly #chain: Chain;
  readonly #signal: AbortSignal;
  #next: number;
  /** Until a block was accepted on them they are the word of the peer that is followed. */
  #last: Mark | undefined;
  #configuration: Configuration | undefined;
  #hasAccepted = false;
  /** Of the present round. */
  #hasAnswered = false;
  #askAgainAt = 0;
  /** A better peer than the one that is followed. */
  #isBack = false;

  constructor(chain: Chain, from: number, signal: AbortSignal) {
    this.#chain = chain;
    this.#next = from;
    this.#signal = signal;
  }

  /**
   * Without an end until the signal aborts. A block of another city's peer that does not hold is passed over as long as any other peer answers.
   * @throws YinxinError LEDGER_UNREACHABLE, also when peers answer and yet do not give the next block; LEDGER_DIVERGED `{block}`
   */
  async *blocks(): AsyncGenerator<Block> {
    const { firstPause, longestPause } = this.#chain.pace;
    let pause = firstPause;
    while (!this.#signal.aborted) {
      const before = this.#next;
      const fault = yield* this.#round();
      if (this.#next > before || fault === undefined) {
        pause = firstPause;
      } else {
        if (!this.#hasAnswered || fault.code !== 'LEDGER_UNREACHABLE' || pause > longestPause) throw fault;
        await this.#sleep(pause);
        pause *= 2;
      }
    }
  }

  /** One peer after the other, until one of them has moved something or gave way to a better one. @returns what was wrong with them otherwise */
  async *#round(): AsyncGenerator<Block, YinxinError | undefined> {
    const before = this.#next;
    let fault = new YinxinError('LEDGER_UNREACHABLE', { why: 'peer away' });
    this.#hasAnswered = false;
    for (const source of this.#chain.sources) {
      try {
        yield* this.#follow(source);
        return undefined;
      } catch (error) {
        if (!(error instanceof YinxinError)) throw error;
        const isAway = error.code === 'LEDGER_UNREACHABLE';
        if (!isAway && source.isOwn) throw error;
        if (!isAway) fault = error;
      }
      if (this.#signal.aborted || this.#next > before) return undefined;
    }
    return fault;
  }

  get #fetch(): Fetch {
    return { signal: this.#signal, milliseconds: this.#chain.pace.answer };
  }

  async #sleep(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#signal, ref: false }).catch(() => undefined);
  }

  /** Returns when a better peer is back. @throws YinxinError LEDGER_UNREACHABLE, LEDGER_DIVERGED: of this peer */
  async *#follow(source: BlockSource): AsyncGenerator<Block> {
    await this.#attach(source);
    this.#isBack = false;
    this.#askAgainAt = performance.now() + this.#chain.pace.comeback;
    while (!this.#signal.aborted) {
      const before = this.#next;
      const isBetterBack = yield* this.#readWindow(source);
      if (isBetterBack) return;
      if (this.#next === before && !this.#signal.aborted) throw unreachable(source.name, 'out of order');
    }
  }

  /** Begins with the block before the next one: it must be the same as the one that was given out. */
  async #attach(source: BlockSource): Promise<void> {
    const { history, unchecked } = this.#chain;
    if (!this.#hasAccepted) {
      this.#last = undefined;
      this.#configuration = undefined;
    }
    if (this.#next > 0) {
      const mark = await fetchBlock(source, this.#next - 1, 'header', this.#fetch);
      this.#hasAnswered = true;
      if (this.#last && !isSame(this.#last, mark)) throw diverged(mark.number);
      this.#last ??= toMark(mark);
      this.#configuration ??= await history.inForce(source, this.#next, this.#fetch);
    }
    if (source.isOwn) await unchecked.check(source, this.#fetch);
  }

  /** Puts right the order of blocks that lie within the window, and leaves out those that came before. */
  async *#readWindow(source: BlockSource): AsyncGenerator<Block, boolean> {
    const stop = new AbortController();
    const to = this.#next + this.#chain.pace.window - 1;
    const blocks = source.read({ from: this.#next, to }, AbortSignal.any([this.#signal, stop.signal]));
    const reader = new Reader(blocks[Symbol.asyncIterator]());
    const { comeback, quiet } = this.#chain.pace;
    const wait = source === this.#chain.sources[0] ? quiet : Math.min(quiet, comeback);
    const held = new Map<number, FabricBlock>();
    let useless = 0;
    try {
      for (;;) {
        const block = await reader.next(wait);
        if (block === 'end') return false;
        if (block === 'quiet') {
          await this.#checkAlive(source, reader);
        } else if (block.number >= this.#next && block.number <= to) {
          this.#hasAnswered = true;
          held.set(block.number, block);
        } else if (++useless > maxUseless) {
          throw unreachable(source.name, 'out of order');
        }
        yield* this.#takeHeld(held, source);
        if (this.#isBetterBack(source)) return true;
      }
    } finally {
      stop.abort();
    }
  }

  async *#takeHeld(held: Map<number, FabricBlock>, source: BlockSource): AsyncGenerator<Block> {
    for (let block = held.get(this.#next); block; block = held.get(this.#next)) {
      held.delete(this.#next);
      yield await this.#accept(block, source);
    }
  }

  /** What must be durable is so when it settles. */
  async #accept(block: FabricBlock, source: BlockSource): Promise<Block> {
    const { chaincode, history, unchecked } = this.#chain;
    const configuration = this.#verify(block);
    const decoded = decodeBlock(block, chaincode);
    if (configuration !== this.#configuration) await history.adopt(configuration);
    if (!source.isOwn) await unchecked.add(block);
    this.#configuration = configuration;
    this.#last = toMark(block);
    this.#hasAccepted = true;
    this.#next = block.number + 1;
    return decoded;
  }

  #verify(block: FabricBlock): Configuration {
    if (block.number === 0) return verifyGenesis(block, this.#chain.genesis);
    if (!this.#configuration || !this.#last || !isLinked(block, this.#last)) throw diverged(block.number);
    return verifyContent(block, this.#configuration);
  }

  /** A peer may be silent because nothing happens, because it hangs, or because the stream does or has left out a block. */
  async #checkAlive(source: BlockSource, reader: Reader): Promise<void> {
    const newest = await fetchNewest(source, this.#fetch);
    if (newest.number < this.#next || this.#signal.aborted) return;
    if (!(await reader.hasMore(this.#chain.pace.quiet))) throw unreachable(source.name, 'stream hangs');
  }

  /** Asks beside the reading, since a peer that lags answers late. */
  #isBetterBack(source: BlockSource): boolean {
    const { sources } = this.#chain;
    const better = sources.slice(0, sources.indexOf(source));
    if (better.length > 0 && performance.now() >= this.#askAgainAt) {
      this.#askAgainAt = Number.POSITIVE_INFINITY;
      void this.#askWhetherBack(better);
    }
    return better.length > 0 && this.#isBack;
  }

  async #askWhetherBack(better: readonly BlockSource[]): Promise<void> {
    const known = Math.max(0, this.#next - 1);
    const asked = better.map((one) => fetchBlock(one, known, 'header', this.#fetch));
    this.#isBack = await Promise.any(asked).then(
      () => true,
      () => false,
    );
    this.#askAgainAt = performance.now() + this.#chain.pace.comeback;
  }
}

const toMark = ({ number, hash, metadata }: FabricBlock): Mark => ({ number, hash, metadata });

/** An iterator that can be waited for with a limit, and again. */
class Reader {
  readonly #blocks: AsyncIterator<FabricBlock>;
  #pending: Promise<IteratorResult<FabricBlock>> | undefined;

  constructor(blocks: AsyncIterator<FabricBlock>) {
    this.#blocks = blocks;
  }

  async next(milliseconds: number): Promise<FabricBlock | 'end' | 'quiet'> {
    if (!(await this.hasMore(milliseconds))) return 'quiet';
    const result = await this.#pending;
    this.#pending = undefined;
    return !result || result.done ? 'end' : result.value;
  }

  /** Whether there is something to read, be it the end. */
  async hasMore(milliseconds: number): Promise<boolean> {
    this.#pending ??= this.#blocks.next();
    const limit = new AbortController();
    const isRead = this.#pending.then(
      () => true,
      () => true, // heard by `next`
    );
    const isLate = delay(milliseconds, false, { signal: limit.signal, ref: false }).catch(() => false);
    const outcome = await Promise.race([isRead, isLate]);
    limit.abort();
    return outcome;
  }
}
