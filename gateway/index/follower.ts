/** The follower: takes blocks from the ledger in order, each once, checks how they are linked, and says how far it has come. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Instant, YinxinError } from '@yinxin/core';
import type { Block, Ledger } from '../ledger/port.ts';
import type { Clock } from '../platform.ts';

export interface Position {
  /** Number of blocks taken in. */
  readonly height: number;
  /** Hash of the newest; undefined before the first. */
  readonly hash: string | undefined;
}

export interface FollowerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly heartbeatMilliseconds: number;
  readonly start: Position;
  readonly asOf: Instant;
  /** Durable when it settles; a block is not given twice. */
  readonly apply: (block: Block) => Promise<void>;
}

interface Waiter {
  readonly height: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const isUnreachable = (error: unknown) => error instanceof YinxinError && error.code === 'LEDGER_UNREACHABLE';

export class Follower {
  readonly #options: FollowerOptions;
  readonly #abort = new AbortController();
  readonly #running: Promise<unknown>;
  #position: Position;
  #asOf: Instant;
  /** Height that the ledger last named; undefined until it was heard. */
  #heard: number | undefined;
  #fault: unknown;
  /** Of the last time that the ledger was asked. */
  #away: unknown;
  #waiters: Waiter[] = [];
  readonly #ready = Promise.withResolvers<void>();

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#position = options.start;
    this.#asOf = options.asOf;
    this.#ready.promise.catch(() => undefined); // who did not wait need not hear
    this.#running = Promise.all([this.#follow(), this.#beat()]);
  }

  get height(): number {
    return this.#position.height;
  }

  get asOf(): Instant {
    return this.#asOf;
  }

  /** What ended the following, or why the ledger does not answer now. */
  get fault(): unknown {
    return this.#fault ?? this.#away;
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  caughtUpTo(block: number): Promise<void> {
    if (this.#position.height > block) return Promise.resolve();
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return new Promise((resolve, reject) => this.#waiters.push({ height: block + 1, resolve, reject }));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#fail(new YinxinError('LEDGER_UNREACHABLE'));
    await this.#running;
  }

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#ready.reject(this.#fault);
    for (const { reject } of this.#waiters) reject(this.#fault);
    this.#waiters = [];
    this.#abort.abort();
  }

  async #follow(): Promise<void> {
    const { ledger } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        for await (const block of ledger.blocks(this.#position.height, signal)) await this.#take(block);
      } catch (error) {
        if (!isUnreachable(error)) this.#fail(error);
      }
      await this.#pause();
    }
  }

  async #take(block: Block): Promise<void> {
    const { height, hash } = this.#position;
    if (block.number !== height || (hash !== undefined && block.previousHash !== hash)) {
      throw new YinxinError('LEDGER_DAMAGED', { block: block.number, expected: height });
    }
    await this.#options.apply(block);
    this.#position = { height: height + 1, hash: block.hash };
    const isDone = (waiter: Waiter) => waiter.height <= this.#position.height;
    for (const waiter of this.#waiters.filter(isDone)) waiter.resolve();
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    if (this.#heard !== undefined && this.#position.height >= this.#heard) await this.#hear();
  }

  /** Asks at once, then at every beat. */
  async #beat(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#hear();
      await this.#pause();
    }
  }

  /** What was known when the ledger said that there is no more is as old as the asking. */
  async #hear(): Promise<void> {
    const { ledger, clock } = this.#options;
    const asked = clock();
    try {
      const { height, newestHash } = await ledger.info();
      this.#check(height, newestHash);
      this.#heard = height;
      this.#away = undefined;
      if (this.#position.height < height) return;
      this.#ready.resolve();
      if (asked > this.#asOf && this.#position.height === height) this.#asOf = asked;
    } catch (error) {
      if (isUnreachable(error)) this.#away = error;
      else this.#fail(error);
    }
  }

  /** A ledger that at first sight is shorter than the index, or has another block at its top, is another ledger. Later, a peer may lag. */
  #check(height: number, newestHash: string): void {
    const { height: own, hash } = this.#position;
    const isShorter = this.#heard === undefined && height < this.#options.start.height;
    const isOther = height === own && hash !== undefined && hash !== newestHash;
    if (isShorter || isOther) throw new YinxinError('LEDGER_DAMAGED', { height, expected: own });
  }

  async #pause(): Promise<void> {
    const { signal } = this.#abort;
    await delay(this.#options.heartbeatMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
