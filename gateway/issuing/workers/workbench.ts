/** Does the jobs, in a worker or in the main thread: a counter's at once, those of bulk runs one at a time, what is nearest to its end first. */
import { type BatchRequest, YinxinError } from '@yinxin/core';
import type { Random } from '../../platform.ts';
import { type Draft, draftRequest, type Turn } from '../draft.ts';
import { formatPage } from '../lines.ts';
import { parseBatchRequest } from '../request.ts';
import { growTree } from '../tree.ts';
import { type Input, type JobKind, type Jobs, type Lane, type Output, smallBytes } from './jobs.ts';

interface Held {
  readonly isSmall: boolean;
  readonly request: BatchRequest;
  readonly draft?: Draft;
}

/** What is nearer to its end goes first. */
const ranks = { number: 0, tree: 0, lines: 1, check: 2, read: 2, release: 0 } as const satisfies Record<
  JobKind,
  number
>;

interface Waiting {
  readonly rank: number;
  readonly start: () => void;
}

type Doing = { readonly [Kind in JobKind]: (input: Input<Kind>) => Promise<Output<Kind>> };

export class Workbench implements Lane {
  readonly #random: Random;
  readonly #turn: Turn;
  readonly #held = new Map<number, Held>();
  readonly #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(random: Random, turn: Turn) {
    this.#random = random;
    this.#turn = turn;
  }

  async run<Kind extends JobKind>(kind: Kind, input: Input<Kind>): Promise<Output<Kind>> {
    const act = () => this.#doing[kind](input);
    if (kind === 'release' || this.#isSmall(input)) return act();
    await this.#place(ranks[kind]);
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.start();
      else this.#isBusy = false;
    }
  }

  readonly #doing: Doing = {
    read: async ({ draft, bytes }) => {
      const request = parseBatchRequest(bytes);
      this.#held.set(draft, { isSmall: bytes.length <= smallBytes, request });
      const { issuer, type, stock = false, rows } = request;
      return { issuer, type, stock, rows: rows.length };
    },
    check: async ({ draft, type, issuedAt }) => {
      const { isSmall, request } = this.#get(draft);
      const { draft: made, ...checked } = await draftRequest(request, type, issuedAt, this.#random, this.#turn);
      // the values of good rows are the draft's now
      const held = { isSmall, request: { ...request, rows: [] }, ...(made && { draft: made }) };
      if (this.#held.has(draft)) this.#held.set(draft, held);
      return checked;
    },
    number: async ({ draft, ...input }) => {
      const { draft: made } = this.#get(draft);
      if (!made) throw new YinxinError('WORKER_LOST');
      return made.number(input, this.#random, this.#turn);
    },
    tree: ({ leaves }) => growTree(leaves, this.#turn),
    lines: async ({ page, proof }) => formatPage(page, proof),
    release: async ({ draft }) => {
      this.#held.delete(draft);
      return null;
    },
  };

  #get(draft: number): Held {
    const held = this.#held.get(draft);
    if (!held) throw new YinxinError('WORKER_LOST');
    return held;
  }

  #isSmall(input: Jobs[JobKind]['input']): boolean {
    if ('bytes' in input) return input.bytes.length <= smallBytes;
    if ('draft' in input) return this.#held.get(input.draft)?.isSmall ?? true;
    return ('leaves' in input ? input.leaves : input.page.bytes).length <= smallBytes;
  }

  /** Until no other bulk job runs. */
  async #place(rank: number): Promise<void> {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    await new Promise<void>((start) => {
      const at = this.#waiting.findIndex((other) => other.rank > rank);
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, { rank, start });
    });
  }
}
