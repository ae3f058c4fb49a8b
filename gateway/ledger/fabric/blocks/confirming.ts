/** How far another organisation's peer was seen to hold the same blocks, with the same codes. Costs two or three headers over the wire. */
import { YinxinError } from '@yinxin/core';
import { diverged } from './fabric-block.ts';
import { type Fetch, fetchBlock, fetchNewest } from './fetch.ts';
import { isSame, type Mark } from './following.ts';
import type { Pace } from './pace.ts';
import type { BlockSource } from './source.ts';
import type { UncheckedBlocks } from './unchecked.ts';

export interface ConfirmingOptions {
  readonly sources: readonly BlockSource[];
  readonly unchecked: UncheckedBlocks;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

export class Confirming {
  readonly #options: ConfirmingOptions;
  #height = 0;
  #fault: YinxinError | undefined;

  constructor(options: ConfirmingOptions) {
    this.#options = options;
  }

  /**
   * A number of blocks; those whose codes only another city's peer has told are not in it.
   * Two organisations that agree are enough: one that holds something else stops nobody as long as another holds the same.
   * @throws YinxinError LEDGER_DIVERGED `{block}` when others answer and none agrees, from then on always; LEDGER_UNREACHABLE when no other organisation's peer
   * answers, or none of one's own that has caught up: another's word that there is no more would be its word alone
   */
  async height(): Promise<number> {
    if (this.#fault) throw this.#fault;
    const { sources, unchecked } = this.#options;
    const own = await this.#newestOf(sources.filter(({ isOwn }) => isOwn));
    if (!own || own.mark.number + 1 < this.#height)
      throw new YinxinError('LEDGER_UNREACHABLE', { why: 'own peer away' });
    let hasAnswered = false;
    let hasAgreed = false;
    let disputed: number | undefined;
    for (const other of sources.filter(({ isOwn }) => !isOwn)) {
      const newest = await this.#newestOf([other]);
      if (!newest) continue;
      hasAnswered = true;
      const number = Math.min(own.mark.number, newest.mark.number);
      const agrees = number < this.#height || (await this.#isSameAt(number, own, newest));
      if (agrees === false) disputed ??= number;
      if (agrees !== true) continue;
      hasAgreed = true;
      this.#height = Math.max(this.#height, number + 1);
      if (this.#height > own.mark.number) break;
    }
    if (disputed !== undefined && !hasAgreed) {
      this.#fault = diverged(disputed);
      throw this.#fault;
    }
    if (!hasAnswered) throw new YinxinError('LEDGER_UNREACHABLE', { why: 'no other organisation' });
    return Math.min(this.#height, unchecked.first ?? this.#height);
  }

  get #fetch(): Fetch {
    return { signal: this.#options.signal, milliseconds: this.#options.pace.answer };
  }

  async #newestOf(sources: readonly BlockSource[]): Promise<Held | undefined> {
    for (const source of sources) {
      const mark = await this.#unlessAway(fetchNewest(source, this.#fetch));
      if (mark) return { source, mark };
    }
    return undefined;
  }

  async #unlessAway(fetching: Promise<Mark>): Promise<Mark | undefined> {
    try {
      return await fetching;
    } catch (error) {
      if (error instanceof YinxinError) return undefined; // away, or not understood: no witness
      throw error;
    }
  }

  /** Undefined: one of them went away. */
  async #isSameAt(number: number, own: Held, other: Held): Promise<boolean | undefined> {
    const [mine, theirs] = await Promise.all([this.#at(own, number), this.#at(other, number)]);
    return mine && theirs && isSame(mine, theirs);
  }

  async #at({ source, mark }: Held, number: number): Promise<Mark | undefined> {
    if (mark.number === number) return mark;
    return this.#unlessAway(fetchBlock(source, number, 'header', this.#fetch));
  }
}

interface Held {
  readonly source: BlockSource;
  readonly mark: Mark;
}
