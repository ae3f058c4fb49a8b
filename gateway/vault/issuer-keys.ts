/** Issuers' keys by generation, each sealed under the vault's: the newest seals, older ones open until all is wrapped anew. */
import { utf8, YinxinError } from '@yinxin/core';
import type { Random } from '../platform.ts';
import { type SealedBox, sealKeyBytes } from '../seal.ts';
import type { Store } from '../store.ts';
import { entryOfDigits, issuerKeyPlace, issuerKeyPrefix, upTo } from './layout.ts';
import { type IssuerKey, PageBox } from './sealing.ts';

type HeldKey = { readonly key: IssuerKey; readonly generation: number; readonly box: PageBox };

export class IssuerKeys {
  readonly #store: Store;
  readonly #wrapping: SealedBox;
  readonly #digestKey: Uint8Array;
  readonly #random: Random;
  /** By issuer and generation. One that was given up on disk stays here for what a worker sealed under it shortly before. */
  readonly #keys = new Map<string, Map<number, HeldKey>>();
  readonly #making = new Map<string, Promise<IssuerKey>>();

  constructor(store: Store, wrapping: SealedBox, digestKey: Uint8Array, random: Random) {
    this.#store = store;
    this.#wrapping = wrapping;
    this.#digestKey = digestKey;
    this.#random = random;
  }

  /** Reads all there are. @returns issuers with more than one key: a rotation of theirs was cut off @throws YinxinError VAULT_DAMAGED */
  async open(): Promise<readonly string[]> {
    const prefix = issuerKeyPrefix('').slice(0, -1);
    for await (const { key: place, value } of this.#store.entries(prefix, upTo(prefix))) {
      const key = this.#wrapping.open(value, utf8(place));
      const [, issuer = ''] = place.split('/');
      if (!key) throw new YinxinError('VAULT_DAMAGED', { place });
      this.#hold({ issuer, generation: entryOfDigits(place), key, digestKey: this.#digestKey });
    }
    return [...this.#keys].filter(([, generations]) => generations.size > 1).map(([issuer]) => issuer);
  }

  #hold(key: IssuerKey): void {
    const generations = this.#keys.get(key.issuer) ?? new Map<number, HeldKey>();
    const held = { key, generation: key.generation, box: new PageBox(key, this.#random) };
    this.#keys.set(key.issuer, generations.set(key.generation, held));
  }

  #find(issuer: string): HeldKey | undefined {
    const generations = this.#keys.get(issuer);
    return generations?.get(Math.max(...generations.keys()));
  }

  /** @throws YinxinError VAULT_DAMAGED where there is none */
  newest(issuer: string): HeldKey {
    const held = this.#find(issuer);
    if (!held) throw new YinxinError('VAULT_DAMAGED', { issuer });
    return held;
  }

  /** @throws YinxinError VAULT_DAMAGED for a generation that there is not */
  box(issuer: string, generation: number): PageBox {
    const held = this.#keys.get(issuer)?.get(generation);
    if (!held) throw new YinxinError('VAULT_DAMAGED', { issuer, generation });
    return held.box;
  }

  /** The newest, made at the first call and on disk when it is given. */
  async current(issuer: string): Promise<IssuerKey> {
    const making = this.#making.get(issuer);
    return making ?? this.#find(issuer)?.key ?? this.next(issuer);
  }

  /** Another generation, after the one that is being made. From the moment this settles it is the newest. */
  next(issuer: string): Promise<IssuerKey> {
    const before = this.#making.get(issuer) ?? Promise.resolve();
    const make = () => this.#make(issuer, (this.#find(issuer)?.generation ?? 0) + 1);
    const made = before.then(make, make);
    this.#making.set(issuer, made);
    const done = () => {
      if (this.#making.get(issuer) === made) this.#making.delete(issuer);
    };
    made.then(done, done);
    return made;
  }

  async #make(issuer: string, generation: number): Promise<IssuerKey> {
    const place = issuerKeyPlace(issuer, generation);
    const key = Uint8Array.from(this.#random(sealKeyBytes));
    await this.#store.write([{ type: 'put', key: place, value: this.#wrapping.seal(key, utf8(place)) }]);
    const made = { issuer, generation, key, digestKey: this.#digestKey };
    this.#hold(made);
    return made;
  }
}
