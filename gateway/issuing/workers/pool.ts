/** The lanes of a gateway: the main thread for what a counter needs now, worker threads for the rest, started at first need and replaced when they die. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { YinxinError } from '@yinxin/core';
import type { Random } from '../../platform.ts';
import { type Input, type JobKind, type Lane, type Output, smallBytes } from './jobs.ts';
import { type Reply, transferInput } from './messages.ts';
import { Workbench } from './workbench.ts';

/** Left to itself, V8 lets what is young grow to many times this, for some percent of speed. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 } as const;

interface Running {
  readonly resolve: (output: Output<JobKind>) => void;
  readonly reject: (error: unknown) => void;
}

const lost = () => new YinxinError('WORKER_LOST');

function toError(reply: Exclude<Reply, { readonly output: unknown }>): Error {
  if ('refused' in reply) return new YinxinError(reply.refused.code, reply.refused.details);
  const error = new Error('a bug in a worker');
  error.stack = `Error: a bug in a worker\n${reply.bug}`;
  return error;
}

/** One worker thread. It does not keep the process alive. */
class ThreadLane implements Lane {
  readonly #worker: Worker;
  readonly #running = new Map<number, Running>();
  #jobs = 0;
  #isLost = false;

  constructor() {
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), { resourceLimits });
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', () => this.#lose());
    this.#worker.on('exit', () => this.#lose());
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Jobs that wait or run. */
  get load(): number {
    return this.#running.size;
  }

  run<Kind extends JobKind>(kind: Kind, input: Input<Kind>): Promise<Output<Kind>> {
    if (this.#isLost) return Promise.reject(lost());
    this.#jobs += 1;
    const id = this.#jobs;
    return new Promise<Output<Kind>>((resolve, reject) => {
      // the reply to this id is of this kind
      this.#running.set(id, { resolve: resolve as Running['resolve'], reject });
      this.#worker.postMessage({ id, kind, input }, transferInput(input));
    });
  }

  async close(): Promise<void> {
    this.#lose();
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const running = this.#running.get(reply.id);
    this.#running.delete(reply.id);
    if ('output' in reply) running?.resolve(reply.output);
    else running?.reject(toError(reply));
  }

  #lose(): void {
    this.#isLost = true;
    for (const { reject } of this.#running.values()) reject(lost());
    this.#running.clear();
  }
}

/** Large requests that are parsed and not yet answered, for each worker: enough that none waits for work, few enough for the memory. */
const maxDrafts = 4;

/** A request's lane, until it leaves. */
interface Entered {
  readonly lane: Lane;
  readonly leave: () => void;
}

export interface Pool {
  /** Where a request of so many bytes is worked on; a large one waits until there is room. */
  enter(bytes: number): Promise<Entered>;
  /** Where another piece of work of so many bytes is done. */
  lane(bytes: number): Lane;
  close(): Promise<void>;
}

/** `workers`: how many threads at most; 0 does everything in this one. */
export function createPool(workers: number, random: Random): Pool {
  const own = new Workbench(random, () => nextTurn());
  let threads: readonly ThreadLane[] = [];
  let isClosed = false;
  let room = maxDrafts * Math.max(1, workers);
  const waiting: (() => void)[] = [];

  function lane(bytes: number): Lane {
    if (workers === 0 || isClosed || bytes <= smallBytes) return own;
    threads = threads.filter(({ isLost }) => !isLost);
    const [idlest] = threads.toSorted((a, b) => a.load - b.load);
    if (idlest && (idlest.load === 0 || threads.length >= workers)) return idlest;
    const added = new ThreadLane();
    threads = [...threads, added];
    return added;
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else room += 1;
  }

  return {
    lane,
    async enter(bytes) {
      if (bytes <= smallBytes) return { lane: own, leave: () => undefined };
      if (room > 0) room -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return { lane: lane(bytes), leave };
    },
    async close() {
      isClosed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
