/** The vault: what the gateway keeps of certificates and of its own work in flight, sealed at rest (SM4-CTR and HMAC-SM3). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Body,
  type FieldValues,
  fromUtf8,
  hmacSm3Key,
  type Json,
  type Proof,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { poolRandom, type Random } from '../platform.ts';
import { deriveKey, type SealedBox, sealedBox, sealKeyBytes } from '../seal.ts';
import { openStore, prefixBounds, type Store, type StoreOperation } from '../store.ts';

/** A certificate as its issuing gateway keeps it. */
export interface VaultRecord {
  readonly body: Body;
  readonly fields: FieldValues;
  /** base64 of 16 bytes. */
  readonly secret: string;
  /** Null until anchored. */
  readonly proof: Proof | null;
  /** base64 of SM3 over the holder token. */
  readonly holderTokenHash: string;
}

/** A change of a named record. Names are readable on disk: nothing personal belongs in them. */
export type SealedOperation =
  | { readonly type: 'put'; readonly name: string; readonly value: Json }
  | { readonly type: 'del'; readonly name: string };

/**
 * Every promise that settles has its writes on disk (fsync), all of one call or none. What fails its tag is refused with
 * VAULT_DAMAGED before anything of it is used. An older version of a record put back by hand is not noticed.
 */
export interface Vault {
  /** Writes records (over those of the same entries) together with named records. */
  put(records: readonly VaultRecord[], extra?: readonly SealedOperation[]): Promise<void>;
  get(issuer: string, type: string, entry: number): Promise<VaultRecord | undefined>;
  /** Forgets certificates together with their keys. */
  remove(issuer: string, type: string, entries: readonly number[], extra?: readonly SealedOperation[]): Promise<void>;
  putSealed(name: string, value: Json): Promise<void>;
  getSealed(name: string): Promise<Json | undefined>;
  deleteSealed(name: string): Promise<void>;
  /** All named records whose name begins so, by name; those before `before` alone, where it is given. */
  listSealed(prefix: string, before?: string): Promise<readonly { readonly name: string; readonly value: Json }[]>;
  /** HMAC-SM3 under a key of the vault: the only digest of personal data that may be compared or kept. 32 bytes. */
  keyedDigest(bytes: Uint8Array): Uint8Array;
  close(): Promise<void>;
}

const entryDigits = 12;
/** Records sealed between two turns of the event loop: some ten milliseconds. */
const chunk = 256;
const checkPlace = 'check';
const wrappingLabel = 'yinxin-vault/1 wrapping';
const namedLabel = 'yinxin-vault/1 named records';
const digestLabel = 'yinxin-vault/1 digests';

const position = (issuer: string, type: string, entry: number) =>
  `${issuer}/${type}/${String(entry).padStart(entryDigits, '0')}`;
const keyPlace = (at: string) => `key/${at}`;
const recordPlace = (at: string) => `record/${at}`;
const namedPlace = (name: string) => `named/${name}`;

/** Nobody but this file reads these bytes again, so they need not be canonical (which takes several times as long). */
const toBytes = (value: VaultRecord | Json) => Buffer.from(JSON.stringify(value));

/** Every value is sealed to the place where it lies, so none can be moved to another. */
function openAt(box: SealedBox, sealed: Uint8Array | undefined, place: string): Uint8Array {
  const plain = sealed && box.open(sealed, utf8(place));
  if (!plain) throw new YinxinError('VAULT_DAMAGED', { place });
  return plain;
}

class OpenVault implements Vault {
  readonly #store: Store;
  readonly #random: Random;
  readonly #wrapping: SealedBox;
  readonly #named: SealedBox;
  readonly keyedDigest: (bytes: Uint8Array) => Uint8Array;

  constructor(store: Store, key: Uint8Array, random: Random) {
    this.#store = store;
    this.#random = poolRandom(random);
    this.#wrapping = sealedBox(deriveKey(key, wrappingLabel), this.#random);
    this.#named = sealedBox(deriveKey(key, namedLabel), this.#random);
    this.keyedDigest = hmacSm3Key(deriveKey(key, digestLabel));
  }

  /** Refuses a vault that was sealed under another key, before anything is added to it. */
  async checkKey(): Promise<void> {
    const sealed = await this.#store.get(checkPlace);
    if (sealed || !(await this.#isEmpty())) openAt(this.#named, sealed, checkPlace);
    else await this.#store.write([{ type: 'put', key: checkPlace, value: this.#sealAt(checkPlace, 'vault') }]);
  }

  async #isEmpty(): Promise<boolean> {
    for await (const _ of this.#store.entries(...prefixBounds(''))) return false;
    return true;
  }

  /** The certificate's own key, wrapped, and its record sealed under that key. */
  #sealRecord(record: VaultRecord): readonly StoreOperation[] {
    const at = position(record.body.issuer, record.body.type, record.body.entry);
    const key = this.#random(sealKeyBytes);
    const plain = toBytes(record);
    return [
      { type: 'put', key: keyPlace(at), value: this.#wrapping.seal(key, utf8(keyPlace(at))) },
      { type: 'put', key: recordPlace(at), value: sealedBox(key, this.#random).seal(plain, utf8(recordPlace(at))) },
    ];
  }

  #sealNamed(operation: SealedOperation): StoreOperation {
    const key = namedPlace(operation.name);
    return operation.type === 'del'
      ? { type: 'del', key }
      : { type: 'put', key, value: this.#sealAt(key, operation.value) };
  }

  #sealAt(place: string, value: Json): Uint8Array {
    return this.#named.seal(toBytes(value), utf8(place));
  }

  async put(records: readonly VaultRecord[], extra: readonly SealedOperation[] = []): Promise<void> {
    const operations = extra.map((operation) => this.#sealNamed(operation));
    for (const [at, record] of records.entries()) {
      if (at > 0 && at % chunk === 0) await nextTurn();
      operations.push(...this.#sealRecord(record));
    }
    await this.#store.write(operations);
  }

  async get(issuer: string, type: string, entry: number): Promise<VaultRecord | undefined> {
    const at = position(issuer, type, entry);
    const [wrapped, sealed] = await this.#store.getAll([keyPlace(at), recordPlace(at)]);
    if (!wrapped && !sealed) return undefined;
    const key = openAt(this.#wrapping, wrapped, keyPlace(at));
    const plain = openAt(sealedBox(key, this.#random), sealed, recordPlace(at));
    return JSON.parse(fromUtf8(plain)) as VaultRecord; // the tag says that `put` sealed it, for this entry
  }

  async remove(
    issuer: string,
    type: string,
    entries: readonly number[],
    extra: readonly SealedOperation[] = [],
  ): Promise<void> {
    const places = entries.flatMap((entry) => {
      const at = position(issuer, type, entry);
      return [keyPlace(at), recordPlace(at)];
    });
    const operations = extra.map((operation) => this.#sealNamed(operation));
    await this.#store.write([...operations, ...places.map((key): StoreOperation => ({ type: 'del', key }))]);
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

  close(): Promise<void> {
    return this.#store.close();
  }
}

export interface VaultOptions {
  readonly folder: string;
  /** 32 bytes, from the key store. */
  readonly key: Uint8Array;
  readonly random: Random;
}

/** @throws YinxinError DATA_IN_USE; VAULT_DAMAGED when the vault was sealed under another key */
export async function openVault({ folder, key, random }: VaultOptions): Promise<Vault> {
  const store = await openStore(folder, { compression: false });
  try {
    const vault = new OpenVault(store, key, random);
    await vault.checkKey();
    return vault;
  } catch (error) {
    await store.close();
    throw error;
  }
}
