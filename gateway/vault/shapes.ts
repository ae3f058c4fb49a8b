/** What the records of one version of a type have in common, kept once: they can be read without the registry. */
import { fromUtf8, type Json, YinxinError } from '@yinxin/core';
import type { Store, StoreOperation } from '../store.ts';
import { shapePlace, upTo } from './layout.ts';
import type { RecordShape } from './record-text.ts';

export class Shapes {
  readonly #store: Store;
  readonly #seal: (place: string, value: Json) => Uint8Array;
  readonly #shapes = new Map<string, RecordShape>();
  readonly #kept = new Set<string>();

  constructor(store: Store, seal: (place: string, value: Json) => Uint8Array) {
    this.#store = store;
    this.#seal = seal;
  }

  /** @throws YinxinError VAULT_DAMAGED */
  async open(unseal: (place: string, sealed: Uint8Array) => Uint8Array): Promise<void> {
    for await (const { key, value } of this.#store.entries('shape/', upTo('shape/'))) {
      this.#shapes.set(key, JSON.parse(fromUtf8(unseal(key, value))) as RecordShape); // by its tag, `toKeep` sealed it
      this.#kept.add(key);
    }
  }

  find(type: string, typeVersion: number): RecordShape | undefined {
    return this.#shapes.get(shapePlace(type, typeVersion));
  }

  /** What keeps a shape; nothing once it is kept. A version of a type never changes. */
  toKeep(shape: RecordShape): readonly StoreOperation[] {
    const key = shapePlace(shape.type, shape.typeVersion);
    if (this.#kept.has(key)) {
      if (JSON.stringify(this.#shapes.get(key)) !== JSON.stringify(shape))
        throw new YinxinError('VAULT_DAMAGED', { key });
      return [];
    }
    return [{ type: 'put', key, value: this.#seal(key, { ...shape }) }];
  }

  /** What keeps them is on disk. */
  settle(shape: RecordShape): void {
    const key = shapePlace(shape.type, shape.typeVersion);
    if (!this.#kept.has(key)) this.#shapes.set(key, shape);
    this.#kept.add(key);
  }
}
