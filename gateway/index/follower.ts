/** The follower: takes blocks from the ledger in order, each once, checks how they are linked, and says how far it has come and how far others agree. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Instant, YinxinError } from '@yinxin/core';
import type { Block, Ledger } from '../ledger/port.ts';
import type { Clock } from '../platform.ts';
import type { Heard } from './entries.ts';
import { Waits } from './waits.ts';

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
  readonly heard: Heard;
  /** Takes the next block in, not seen by anyone yet; a block is not given twice. @returns whether what is staged should be written now */
  readonly stage: (block: Block) => Promise<boolean>;
  /** Begins to write what is staged; it is durable and seen when this settles. */
  readonly write: () => Promise<void>;
  /** Keeps what was heard, where no block does it in time. */
  readonly keep: (heard: Heard) => Promise<void>;
}

/** While more blocks are said to be there, what is staged waits so long for the next one. */
const companyMilliseconds = 20;

/** The first pause between two questions to other organisations while someone waits for the answer; doubled up to the heartbeat. */
const shortestPauseMilliseconds = 25;

export const isUnreachable = (error: unknown) => error instanceof YinxinError && error.code === 'LEDGER_UNREACHABLE';

export class Follower {
  readonly #options: FollowerOptions;
  readonly #abort = new AbortController();
  readonly #running: Promise<unknown>;
  /** What is seen. */
  #position: Position;
  /** What is staged besides. */
  #staged: Position;
  #writing: Promise<void> = Promise.resolve();
  #asOf: Instant;
  /** Number of blocks that another organisation holds too, perhaps more than were taken in. */
  #confirmed: number;
  #kept: number;
  /** Height that the ledger last named; undefined until it was heard. */
  #heard: number | undefined;
  #fault: unknown;
  /** Of the last time that the ledger was asked. */
  #away: unknown;
  /** Whether the last question to other organisations went unanswered. */
  #isAlone = false;
  readonly #taken = new Waits();
  readonly #confirmations = new Waits();
  readonly #ready = Promise.withResolvers<void>();
  /** Ends a pause between two questions. */
  #waking = new AbortController();
  #pauseMilliseconds = shortestPauseMilliseconds;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#position = options.start;
    this.#staged = options.start;
    this.#asOf = options.heard.asOf;
    this.#confirmed = options.heard.confirmed;
    this.#kept = options.heard.confirmed;
    this.#ready.promise.catch(() => undefined); // who did not wait need not hear
    this.#running = Promise.all([this.#follow(), this.#beat()]);
  }

  get heard(): Heard {
    return { asOf: this.#asOf, confirmed: this.confirmedHeight };
  }

  get asOf(): Instant {
    return this.#asOf;
  }

  get confirmedHeight(): number {
    return Math.min(this.#confirmed, this.#position.height);
  }

  /** What ended the following, or why the ledger does not answer now. */
  get fault(): unknown {
    return this.#fault ?? this.#away;
  }

  /** Whether own ledger and others answered when last asked. */
  get isInTouch(): boolean {
    return this.fault === undefined && !this.#isAlone;
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  caughtUpTo(block: number, timeoutMilliseconds?: number): Promise<void> {
    if (this.#position.height > block) return Promise.resolve();
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return this.#taken.until(block + 1, timeoutMilliseconds);
  }

  confirmedUpTo(block: number, timeoutMilliseconds?: number): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    if (this.confirmedHeight > block) return Promise.resolve();
    const confirmed = this.#confirmations.until(block + 1, timeoutMilliseconds);
    this.#wake();
    return confirmed;
  }

  /** Writes what is staged. */
  async flush(): Promise<void> {
    await this.#write();
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#fail(new YinxinError('LEDGER_UNREACHABLE'));
    await this.#running;
  }

  #fail(fault: unknown): void {
    this.#fault ??= fault;
    this.#ready.reject(this.#fault);
    this.#taken.fail(this.#fault);
    this.#confirmations.fail(this.#fault);
    this.#abort.abort();
    this.#waking.abort();
  }

  async #follow(): Promise<void> {
    const { heartbeatMilliseconds } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#read();
      } catch (error) {
        if (!isUnreachable(error)) this.#fail(error);
      }
      await delay(heartbeatMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Asks for the next block before it takes this one in, so that reading and judging go on side by side. */
  async #read(): Promise<void> {
    const blocks = this.#options.ledger.blocks(this.#staged.height, this.#abort.signal)[Symbol.asyncIterator]();
    const ask = () => {
      const asked = blocks.next();
      asked.catch(() => undefined); // thrown where it is waited for
      return asked;
    };
    let coming = ask();
    try {
      for (;;) {
        const next = (await this.#hasCompany(coming)) ? await coming : await this.#write().then(() => coming);
        if (next.done) return;
        coming = ask();
        await this.#take(next.value);
      }
    } finally {
      await this.flush();
      blocks.return?.().catch(() => undefined); // it ends when it is aborted
    }
  }

  /** Whether nothing is staged that need be written before the next block is there. */
  async #hasCompany(coming: Promise<unknown>): Promise<boolean> {
    if (this.#staged.height === this.#position.height) return true;
    if (this.#heard === undefined || this.#heard <= this.#staged.height) return false;
    const arrived = coming.then(
      () => true,
      () => true,
    );
    const tired = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => tired.resolve(false), companyMilliseconds);
    const hasArrived = await Promise.race([arrived, tired.promise]);
    clearTimeout(timer);
    return hasArrived;
  }

  async #take(block: Block): Promise<void> {
    const { height, hash } = this.#staged;
    if (block.number !== height || (hash !== undefined && block.previousHash !== hash)) {
      throw new YinxinError('LEDGER_DAMAGED', { block: block.number, expected: height });
    }
    const isFull = await this.#options.stage(block);
    this.#staged = { height: height + 1, hash: block.hash };
    if (isFull) await this.#write();
  }

  /** Begins to write what is staged once what was staged before is written. A store that fails ends the following. */
  async #write(): Promise<void> {
    await this.#writing;
    const staged = this.#staged;
    if (staged.height === this.#position.height || this.#fault !== undefined) return;
    this.#writing = this.#options.write().then(
      () => this.#show(staged),
      (error: unknown) => this.#fail(error),
    );
  }

  #show(position: Position): void {
    this.#position = position;
    this.#taken.reached(position.height);
    this.#confirmations.reached(this.confirmedHeight);
    if (this.#heard !== undefined && position.height >= this.#heard) this.#wake();
  }

  /** Asks at once, at every beat, after each block at the tip, and soon again for those who wait. Following never waits for an answer. */
  async #beat(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#hear();
      const isQuiet = await this.#rest();
      if (isQuiet) await this.#keep();
    }
  }

  #wake(): void {
    this.#pauseMilliseconds = shortestPauseMilliseconds;
    this.#waking.abort();
  }

  /** Whether nothing ended the pause before its time. */
  async #rest(): Promise<boolean> {
    const { heartbeatMilliseconds } = this.#options;
    const isAwaited = this.#confirmations.isFor(this.#position.height);
    const pause = isAwaited ? Math.min(this.#pauseMilliseconds, heartbeatMilliseconds) : heartbeatMilliseconds;
    this.#pauseMilliseconds = 2 * pause;
    const { signal } = this.#waking;
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    if (!this.#abort.signal.aborted) this.#waking = new AbortController();
    return !signal.aborted;
  }

  /** What was known when own ledger said that there is no more, and another organisation that it holds the same, is as old as the asking. */
  async #hear(): Promise<void> {
    const { ledger, clock } = this.#options;
    const asked = clock();
    try {
      const { height, newestHash } = await ledger.info();
      this.#check(height, newestHash);
      this.#heard = height;
      this.#away = undefined;
      const own = this.#position.height;
      const confirmed = await this.#confirm();
      if (own === height && confirmed >= height && asked > this.#asOf) this.#asOf = asked;
      if (own >= height) this.#ready.resolve();
    } catch (error) {
      if (isUnreachable(error)) this.#away = error;
      else this.#fail(error);
    }
  }

  /** How far another organisation holds the same by what was said just now; what it was once seen to hold says nothing of there being no more. */
  async #confirm(): Promise<number> {
    try {
      const confirmed = await this.#options.ledger.confirmed();
      this.#confirmed = Math.max(this.#confirmed, confirmed);
      this.#isAlone = false;
      this.#confirmations.reached(this.confirmedHeight);
      return confirmed;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      this.#isAlone = true;
      return 0;
    }
  }

  /** Each block is written with what was heard before it; what was heard of the newest is written once nothing follows. */
  async #keep(): Promise<void> {
    const { heard } = this;
    if (heard.confirmed === this.#kept) return;
    this.#kept = heard.confirmed;
    await this.#options.keep(heard).catch((error: unknown) => this.#fail(error));
  }

  /** A ledger that at first sight is shorter than the index, or has another block at its top, is another ledger. Later, a peer may lag. */
  #check(height: number, newestHash: string): void {
    const { height: own, hash } = this.#position;
    const isShorter = this.#heard === undefined && height < this.#options.start.height;
    const isOther = height === own && hash !== undefined && hash !== newestHash;
    if (isShorter || isOther) throw new YinxinError('LEDGER_DAMAGED', { height, expected: own });
  }
}
