/** Opens a vault: named records here, certificates in registers.ts, issuers' keys and their rotation beside it. */
import { fromUtf8, hmacSm3Key, type Json, utf8, YinxinError } from '@yinxin/core';
import type { Freezable, FrozenStore } from '../frozen-store.ts';
import { poolRandom, type Random } from '../platform.ts';
import { deriveKey, type SealedBox, sealedBox } from '../seal.ts';
import { openStore, prefixBounds, type Store, type StoreOperation } from '../store.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { checkPlace, namedPlace, registerOf, scrubPlace } from './layout.ts';
import type { VaultRecord } from './record-text.ts';
import { Registers } from './registers.ts';
import { Rotations } from './rotations.ts';
import type { SealedRecords } from './sealing.ts';
import { Shapes } from './shapes.ts';
import { Turns } from './turns.ts';
import type { Rotated, SealedOperation, Vault } from './vault.ts';

/** What `check` says inside; the first layout said `vault`. */
const layout = 'vault/2';
const wrappingLabel = 'yinxin-vault/1 wrapping';
const namedLabel = 'yinxin-vault/1 named records';
const digestLabel = 'yinxin-vault/1 digests';
const claimsLabel = 'yinxin-vault/2 claims';

/** Nobody but this file reads these bytes again, so they need not be canonical (which takes several times as long). */
const toBytes = (value: Json) => Buffer.from(JSON.stringify(value));

/** Every value is sealed to the place where it lies, so none can be moved to another. */
function openAt(box: SealedBox, sealed: Uint8Array | undefined, place: string): Uint8Array {
  const plain = sealed && box.open(sealed, utf8(place));
  if (!plain) throw new YinxinError('VAULT_DAMAGED', { place });
  return plain;
}

type Range = Pick<SealedRecords, 'issuer' | 'type' | 'first' | 'last'>;

/** Ranges that follow one another as one. */
function joinRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const { issuer, type, first, last } of ranges) {
    const before = joined.at(-1);
    const isNext = before?.issuer === issuer && before.type === type && before.last === first - 1;
    if (isNext) joined[joined.length - 1] = { ...before, last };
    else joined.push({ issuer, type, first, last });
  }
  return joined;
}

class OpenVault implements Vault, Freezable {
  readonly #store: Store;
  readonly #named: SealedBox;
  readonly #claimsKey: Uint8Array;
  readonly #keys: IssuerKeys;
  readonly #shapes: Shapes;
  readonly #registers: Registers;
  readonly #rotations: Rotations;
  readonly #turns = new Turns();
  /** What is read by backups under way. */
  readonly #frozen = new Set<Promise<void>>();
  #scrubbing: Promise<void> = Promise.resolve();
  #beginClosing = () => {};
  readonly #closing = new Promise<void>((resolve) => {
    this.#beginClosing = resolve;
  });
  readonly keyedDigest: (bytes: Uint8Array) => Uint8Array;

  constructor(store: Store, key: Uint8Array, random: Random) {
    const drawn = poolRandom(random);
    this.#store = store;
    this.#named = sealedBox(deriveKey(key, namedLabel), drawn);
    this.keyedDigest = hmacSm3Key(deriveKey(key, digestLabel));
    this.#claimsKey = deriveKey(key, claimsLabel);
    this.#keys = new IssuerKeys(store, sealedBox(deriveKey(key, wrappingLabel), drawn), this.#claimsKey, drawn);
    this.#shapes = new Shapes(store, (place, value) => this.#sealAt(place, value));
    this.#registers = new Registers(store, this.#keys, this.#shapes);
    const scrub = (place: string, operations: readonly StoreOperation[]) =>
      this.#writeAndScrub(place, operations, [place]);
    this.#rotations = new Rotations({ store, keys: this.#keys, registers: this.#registers, turns: this.#turns, scrub });
  }

  /** Refuses what was sealed under another key or in an older layout, before anything is added to it; then goes on with what was cut off. */
  async open(): Promise<void> {
    const sealed = await this.#store.get(checkPlace);
    if (sealed || !(await this.#isEmpty())) {
      const found = JSON.parse(fromUtf8(openAt(this.#named, sealed, checkPlace))) as Json;
      if (found !== layout) throw new YinxinError('VAULT_OUTDATED');
    } else await this.#store.write([{ type: 'put', key: checkPlace, value: this.#sealAt(checkPlace, layout) }]);
    await this.#shapes.open((place, value) => openAt(this.#named, value, place));
    this.#rotations.resume(await this.#keys.open());
    await this.#resumeScrubs();
  }

  async #isEmpty(): Promise<boolean> {
    return (await this.#store.first(...prefixBounds(''))) === undefined;
  }

  #sealAt(place: string, value: Json): Uint8Array {
    return this.#named.seal(toBytes(value), utf8(place));
  }

  #sealNamed(operation: SealedOperation): StoreOperation {
    const key = namedPlace(operation.name);
    return operation.type === 'del'
      ? { type: 'del', key }
      : { type: 'put', key, value: this.#sealAt(key, operation.value) };
  }

  issuerKey(issuer: string) {
    return this.#keys.current(issuer);
  }

  digestKey(): Uint8Array {
    return this.#claimsKey;
  }

  async put(sealed: readonly SealedRecords[], extra: readonly SealedOperation[] = []): Promise<void> {
    const named = extra.map((operation) => this.#sealNamed(operation));
    if (sealed.length === 0) return this.#store.write(named);
    const names = sealed.map(({ issuer, type }) => registerOf(issuer, type));
    await this.#turns.take([...new Set(names)], async () => {
      const operations: StoreOperation[] = [];
      for (const range of joinRanges(sealed)) {
        operations.push(...(await this.#registers.toRemove(range, range.first, range.last)));
      }
      for (const records of sealed) for (const operation of this.#registers.toPut(records)) operations.push(operation);
      await this.#store.write([...operations, ...named]);
      for (const { shape } of sealed) this.#shapes.settle(shape);
      this.#registers.forgetPages();
    });
  }

  /** What a change came between is read again in the register's turn. */
  async #read<T>(register: { issuer: string; type: string }, read: (isFresh: boolean) => Promise<T>): Promise<T> {
    try {
      return await read(false);
    } catch (error) {
      if (!(error instanceof YinxinError)) throw error;
      return await this.#turns.take([registerOf(register.issuer, register.type)], () => read(true));
    }
  }

  get(issuer: string, type: string, entry: number): Promise<VaultRecord | undefined> {
    const register = { issuer, type };
    return this.#read(register, (isFresh) => this.#registers.read(register, entry, isFresh));
  }

  getRange(issuer: string, type: string, first: number, last: number): Promise<readonly VaultRecord[]> {
    const register = { issuer, type };
    return this.#read(register, (isFresh) => this.#registers.readRange(register, first, last, isFresh));
  }

  entriesAfter(issuer: string, type: string, after: number, limit: number): Promise<readonly number[]> {
    return this.#registers.entriesAfter({ issuer, type }, after, limit);
  }

  async findSame(
    issuer: string,
    type: string,
    digests: readonly Uint8Array[],
  ): Promise<readonly (number | undefined)[]> {
    const register = { issuer, type };
    const named = await this.#registers.namedNewest(register, digests);
    const doubtful = digests.filter((_, at) => named[at]?.isTrue === false);
    if (doubtful.length === 0) return named.map(({ entry }) => entry);
    // what was removed left its name behind
    return this.#turns.take([registerOf(issuer, type)], async () => {
      const found = await this.#registers.toNameNewest(register, doubtful);
      await this.#store.write(found.map(({ operation }) => operation));
      return (await this.#registers.namedNewest(register, digests)).map(({ entry }) => entry);
    });
  }

  async remove(
    issuer: string,
    type: string,
    first: number,
    last: number,
    extra: readonly SealedOperation[] = [],
  ): Promise<void> {
    const named = extra.map((operation) => this.#sealNamed(operation));
    await this.#turns.take([registerOf(issuer, type)], async () => {
      await this.#store.write([...(await this.#registers.toRemove({ issuer, type }, first, last)), ...named]);
      this.#registers.forgetPages();
    });
  }

  async erase(issuer: string, type: string, entry: number, extra: readonly SealedOperation[] = []): Promise<boolean> {
    const named = extra.map((operation) => this.#sealNamed(operation));
    const scrubbed = await this.#turns.take([registerOf(issuer, type)], async () => {
      const found = await this.#registers.toErase({ issuer, type }, entry);
      if (!found) return undefined;
      const operations = [...found, ...named];
      const places = operations.map(({ key }) => key);
      const done = this.#writeAndScrub(`${registerOf(issuer, type)}${entry}`, operations, places);
      await done.written;
      this.#registers.forgetPages();
      return done;
    });
    if (!scrubbed) return false;
    if (this.#frozen.size === 0) await scrubbed.scrubbed;
    return true;
  }

  /** Writes, and then rewrites the disk around these places; cut off in between, after the next opening. */
  #writeAndScrub(name: string, operations: readonly StoreOperation[], places: readonly string[]) {
    const key = scrubPlace(name);
    const value = this.#sealAt(key, places);
    const written = this.#store.write([...operations, { type: 'put', key, value }]);
    return { written, scrubbed: written.then(() => this.#scrub(key, places)) };
  }

  #scrub(marker: string, places: readonly string[]): Promise<void> {
    this.#scrubbing = this.#scrubbing
      .catch(() => undefined)
      .then(async () => {
        await Promise.race([Promise.all(this.#frozen), this.#closing]);
        if (this.#frozen.size > 0) return; // it closes, and the marker stays
        await this.#store.scrub(places);
        await this.#store.write([{ type: 'del', key: marker }]);
        await this.#store.scrub([marker]);
      });
    return this.#scrubbing;
  }

  async #resumeScrubs(): Promise<void> {
    const markers: { readonly key: string; readonly value: Uint8Array }[] = [];
    for await (const marker of this.#store.entries(...prefixBounds(scrubPlace('')))) markers.push(marker);
    for (const { key, value } of markers) {
      const places = JSON.parse(fromUtf8(openAt(this.#named, value, key))) as readonly string[]; // sealed above
      this.#scrub(key, places).catch(() => undefined); // its marker stays
    }
  }

  rotate(issuer: string): Promise<Rotated> {
    return this.#rotations.rotate(issuer);
  }

  putSealed(name: string, value: Json): Promise<void> {
    return this.put([], [{ type: 'put', name, value }]);
  }

  #openNamed(sealed: Uint8Array, place: string): Json {
    return JSON.parse(fromUtf8(openAt(this.#named, sealed, place))) as Json; // JSON by its tag
  }

  async getSealed(name: string): Promise<Json | undefined> {
    const place = namedPlace(name);
    const sealed = await this.#store.get(place);
    return sealed && this.#openNamed(sealed, place);
  }

  deleteSealed(name: string): Promise<void> {
    return this.put([], [{ type: 'del', name }]);
  }

  async listSealed(
    prefix: string,
    before?: string,
  ): Promise<readonly { readonly name: string; readonly value: Json }[]> {
    const found: { name: string; value: Json }[] = [];
    const [from, end] = prefixBounds(namedPlace(prefix));
    const to = before === undefined ? end : namedPlace(before);
    for await (const { key, value } of this.#store.entries(from, to)) {
      found.push({ name: key.slice(namedPlace('').length), value: this.#openNamed(value, key) });
    }
    return found;
  }

  freeze(): FrozenStore {
    const frozen = this.#store.freeze();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#frozen.add(ended);
    return {
      blocks: () => frozen.blocks(),
      close: async () => {
        await frozen.close();
        this.#frozen.delete(ended);
        end();
      },
    };
  }

  async close(): Promise<void> {
    this.#beginClosing();
    await this.#rotations.close();
    await this.#turns.settled();
    await this.#scrubbing.catch(() => undefined);
    await this.#store.close();
  }
}

export interface VaultOptions {
  readonly folder: string;
  /** 32 bytes, from the key store. */
  readonly key: Uint8Array;
  readonly random: Random;
}

/** @throws YinxinError DATA_IN_USE; VAULT_DAMAGED when the vault was sealed under another key; VAULT_OUTDATED when an older version wrote it */
export async function openVault({ folder, key, random }: VaultOptions): Promise<Vault & Freezable> {
  const store = await openStore(folder, { compression: false });
  try {
    const vault = new OpenVault(store, key, random);
    await vault.open();
    return vault;
  } catch (error) {
    await store.close();
    throw error;
  }
}
