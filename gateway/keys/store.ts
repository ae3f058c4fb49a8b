/** The key store: every private key in an encrypted file of its own, opened with one passphrase. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isPrivateKey, type KeyId, type KeyUse, publicKeyOf, signSm2, toKeyId, YinxinError } from '@yinxin/core';
import { unfinishedSuffix, writeDurably } from '../durable-file.ts';
import { drawEs256Secret, es256PublicJwk, importJwsSigner, type JwsSigner, toThumbprint } from '../jose.ts';
import type { Random } from '../platform.ts';
import { type SealedBox, sealedBox } from '../seal.ts';
import {
  encodeKeyFile,
  keyName,
  keySecretBytes,
  type ListKey,
  openKeyFile,
  type PublicPart,
  type Sm2Key,
} from './key-file.ts';
import { createPassphraseKey, openPassphraseKey, type ScryptCost, strongCost } from './passphrase-key.ts';

export type { ListKey, Sm2Key } from './key-file.ts';

/** Public parts only; what is created is on disk when the promise settles. */
export interface KeyStore {
  /** Another key each time: an issuer may hold several for one use. */
  createSm2Key(issuer: string, use: KeyUse): Promise<{ readonly key: KeyId; readonly publicKey: Uint8Array }>;
  /** Another ES256 key each time: a domain has two while one takes over from the other. */
  createListKey(domain: string): Promise<Omit<ListKey, 'domain'>>;
  sm2Keys(): readonly Sm2Key[];
  listKeys(): readonly ListKey[];
}

/** What keys/signer.ts alone may use: the keys as functions, never as bytes. */
export interface SigningKeys {
  sm2(key: KeyId): { readonly held: Sm2Key; readonly sign: (message: Uint8Array) => Uint8Array } | undefined;
  list(kid: string): { readonly held: ListKey; readonly sign: JwsSigner } | undefined;
}

/** What main.ts hands to the vault. */
export interface VaultKeyHolder {
  /** 32 bytes, made at the first call. */
  vaultKey(): Promise<Uint8Array>;
}

export interface KeyStoreOptions {
  /** Made (mode 0700) when it is not there. */
  readonly folder: string;
  readonly passphrase: string;
  readonly random: Random;
  /** Of a new store; tests take a cheap one. */
  readonly cost?: ScryptCost;
}

const extension = '.json';
const storeFile = 'store';
const damaged = (keys: readonly string[]) => new YinxinError('KEY_STORE_DAMAGED', { keys });

/** Names without `.json`, sorted; files that were never finished are removed. */
async function listNames(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await readdir(folder);
  for (const file of files) if (file.endsWith(unfinishedSuffix)) await rm(join(folder, file));
  return files
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .sort();
}

async function openBox({ folder, passphrase, random, cost }: KeyStoreOptions, names: readonly string[]) {
  const path = join(folder, storeFile + extension);
  if (names.includes(storeFile)) return sealedBox(await openPassphraseKey(await readFile(path), passphrase), random);
  if (names.length > 0) throw damaged([storeFile]);
  const created = await createPassphraseKey(passphrase, random, cost ?? strongCost);
  await writeDurably(path, created.file);
  return sealedBox(created.sealKey, random);
}

type OpenedKey = { readonly part: PublicPart; readonly secret: Uint8Array };

async function readKeys(folder: string, names: readonly string[], box: SealedBox): Promise<readonly OpenedKey[]> {
  const bad: string[] = [];
  const keys: OpenedKey[] = [];
  for (const name of names) {
    if (name === storeFile) continue;
    const opened = openKeyFile(name, await readFile(join(folder, name + extension)), box);
    if (opened) keys.push(opened);
    else bad.push(name);
  }
  if (bad.length > 0) throw damaged(bad);
  return keys;
}

function drawSm2Secret(random: Random): Uint8Array {
  for (;;) {
    const secret = random(keySecretBytes);
    if (isPrivateKey(secret)) return secret;
  }
}

class OpenKeyStore implements KeyStore, SigningKeys, VaultKeyHolder {
  readonly #folder: string;
  readonly #box: SealedBox;
  readonly #random: Random;
  readonly #sm2 = new Map<KeyId, NonNullable<ReturnType<SigningKeys['sm2']>>>();
  readonly #list = new Map<string, NonNullable<ReturnType<SigningKeys['list']>>>();
  #vaultKey: Uint8Array | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, box: SealedBox, random: Random) {
    this.#folder = folder;
    this.#box = box;
    this.#random = random;
  }

  /** Takes up a key that is on disk. */
  async hold({ part, secret }: OpenedKey): Promise<void> {
    switch (part.kind) {
      case 'sm2': {
        const { key, issuer, use, publicKey } = part;
        const sign = (message: Uint8Array) => signSm2(message, secret, publicKey);
        this.#sm2.set(key, { held: { key, issuer, use, publicKey }, sign });
        return;
      }
      case 'list': {
        const { kid, domain, jwk } = part;
        this.#list.set(kid, { held: { kid, domain, jwk }, sign: await importJwsSigner(secret, kid) });
        return;
      }
      case 'vault':
        this.#vaultKey = secret;
    }
  }

  async #keep(part: PublicPart, secret: Uint8Array): Promise<void> {
    await writeDurably(join(this.#folder, keyName(part) + extension), encodeKeyFile(part, secret, this.#box));
    await this.hold({ part, secret });
  }

  /** One after the other, so that two callers of "made at the first call" get one key. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async createSm2Key(issuer: string, use: KeyUse) {
    const secret = drawSm2Secret(this.#random);
    const publicKey = publicKeyOf(secret);
    const key = toKeyId(publicKey);
    await this.#keep({ kind: 'sm2', key, issuer, use, publicKey }, secret);
    return { key, publicKey };
  }

  async createListKey(domain: string) {
    const secret = drawEs256Secret(this.#random);
    const jwk = es256PublicJwk(secret);
    const kid = await toThumbprint(jwk);
    await this.#keep({ kind: 'list', kid, domain, jwk }, secret);
    return { kid, jwk };
  }

  vaultKey(): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      if (this.#vaultKey) return this.#vaultKey;
      const secret = this.#random(keySecretBytes);
      await this.#keep({ kind: 'vault' }, secret);
      return secret;
    });
  }

  sm2Keys(): readonly Sm2Key[] {
    return [...this.#sm2.values()].map(({ held }) => held);
  }

  listKeys(): readonly ListKey[] {
    return [...this.#list.values()].map(({ held }) => held);
  }

  sm2(key: KeyId) {
    return this.#sm2.get(key);
  }

  list(kid: string) {
    return this.#list.get(kid);
  }
}

/**
 * Opens the store of a folder, or founds one under this passphrase where the folder is empty. Every file is opened and
 * checked now, so a damaged one is found before anything is signed. One process per folder (the caller holds the data lock).
 * @throws YinxinError PASSPHRASE_WRONG; KEY_STORE_DAMAGED with `keys`, the ids of all damaged files (`store`: the one with the salt, also when it is missing)
 */
export async function openKeyStore(options: KeyStoreOptions): Promise<KeyStore & SigningKeys & VaultKeyHolder> {
  const names = await listNames(options.folder);
  const box = await openBox(options, names);
  const store = new OpenKeyStore(options.folder, box, options.random);
  for (const key of await readKeys(options.folder, names, box)) await store.hold(key);
  return store;
}
