/** Blocks that were replayed and are not in the store yet: several are one synced write, and readers see them once it is done, all at once. */
import type { Store, StoreOperation } from '../store.ts';

/** So much is written together, while more is to come. */
const maxBlocks = 256;
const maxBytes = 4 * 1_048_576;

export class Staging {
  readonly #store: Pick<Store, 'write'>;
  #operations = new Map<string, StoreOperation>();
  #blocks = 0;
  #bytes = 0;
  #shows: (() => void)[] = [];
  #group = 0;

  constructor(store: Pick<Store, 'write'>) {
    this.#store = store;
  }

  /** The group to which the next block belongs. */
  get group(): number {
    return this.#group;
  }

  /** Operations of the next block, of which a later one for the same key replaces an earlier one; `show` makes it seen. */
  add(operations: readonly StoreOperation[], show: () => void): void {
    for (const operation of operations) {
      this.#operations.set(operation.key, operation);
      if (operation.type === 'put') this.#bytes += operation.key.length + operation.value.length;
    }
    this.#blocks += 1;
    this.#shows.push(show);
  }

  get isFull(): boolean {
    return this.#blocks >= maxBlocks || this.#bytes >= maxBytes;
  }

  /** Begins with what is staged now, and ends once readers see it. What is added meanwhile is of the next group. @returns the group */
  async write(last: readonly StoreOperation[]): Promise<number> {
    const [operations, shows, group] = [this.#operations, this.#shows, this.#group];
    this.#operations = new Map();
    this.#shows = [];
    this.#blocks = 0;
    this.#bytes = 0;
    this.#group += 1;
    await this.#store.write([...operations.values(), ...last]);
    for (const show of shows) show();
    return group;
  }
}
