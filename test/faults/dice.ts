/** Chance that is the same in every run of one seed. */
import { seededRandom } from '../fixtures/network.ts';

export class Dice {
  readonly #bytes: (count: number) => Uint8Array;

  constructor(seed: string) {
    this.#bytes = seededRandom(seed);
  }

  /** 0 … bound − 1. */
  below(bound: number): number {
    return Buffer.from(this.#bytes(4)).readUInt32BE() % bound;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    const picked = items[this.below(items.length)];
    if (picked === undefined) throw new Error('nothing to choose from');
    return picked;
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map((item) => ({ item, place: this.below(1_000_000) }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }
}
