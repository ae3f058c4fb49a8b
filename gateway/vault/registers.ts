/** The sealed records of registers and the pages with their keys. Changes of one register take turns, which the caller sees to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { equal, YinxinError } from '@yinxin/core';
import type { Store, StoreOperation } from '../store.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import {
  certificateKeyBytes,
  digestBytes,
  entryOfDigits,
  newestPlace,
  pageEntries,
  pagePlace,
  recordPlace,
  registerOf,
  slotBytes,
  upTo,
} from './layout.ts';
import { type Page, PageCache } from './page-cache.ts';
import type { VaultRecord } from './record-text.ts';
import { decodeRecord } from './record-text.ts';
import { pageGeneration, recordOpener, type SealedRecords } from './sealing.ts';
import type { Shapes } from './shapes.ts';

/** What is left of a certificate that was given up for good. */
const erased = new Uint8Array(slotBytes);

const damaged = (place: string) => new YinxinError('VAULT_DAMAGED', { place });

export interface Register {
  readonly issuer: string;
  readonly type: string;
}

const nameOf = ({ issuer, type }: Register) => registerOf(issuer, type);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const toValue = (entry: number) => Buffer.from(String(entry));
const fromValue = (value: Uint8Array) => Number(Buffer.from(value).toString());

function slotIn(page: Page, entry: number): Uint8Array {
  const at = (entry - page.first) * slotBytes;
  return page.slots.subarray(at, at + slotBytes);
}

const isIn = (page: Page, entry: number) => page.first <= entry && entry <= page.last;

export class Registers {
  readonly #store: Store;
  readonly #keys: IssuerKeys;
  readonly #shapes: Shapes;
  readonly #cache = new PageCache();
  readonly #openers = new Map<string, ReturnType<typeof recordOpener>>();

  constructor(store: Store, keys: IssuerKeys, shapes: Shapes) {
    this.#store = store;
    this.#keys = keys;
    this.#shapes = shapes;
  }

  /** What puts sealed records in their place, where nothing is or will be (`toRemove`). */
  toPut(sealed: SealedRecords): StoreOperation[] {
    const { first, records, ends, digests } = sealed;
    const name = nameOf(sealed);
    const operations: StoreOperation[] = [...this.#shapes.toKeep(sealed.shape), ...this.#toPutPages(sealed)];
    let from = 0;
    for (let at = 0; at < ends.length; at += 1) {
      const end = ends[at] ?? from;
      const digest = digests.subarray(at * digestBytes, (at + 1) * digestBytes);
      operations.push({ type: 'put', key: recordPlace(name, first + at), value: records.subarray(from, end) });
      operations.push({ type: 'put', key: newestPlace(digest), value: toValue(first + at) });
      from = end;
    }
    return operations;
  }

  /** Under the newest of the issuer's keys, also where a worker sealed them under the one before. */
  #toPutPages({ issuer, type, generation, first, last, pages, pageEnds }: SealedRecords): StoreOperation[] {
    const newest = this.#keys.newest(issuer);
    return Array.from(pageEnds, (end, at) => {
      const key = pagePlace(registerOf(issuer, type), Math.min(last, first + (at + 1) * pageEntries - 1));
      const page = pages.subarray(pageEnds[at - 1] ?? 0, end);
      if (newest.generation === generation) return { type: 'put', key, value: page };
      const slots = this.#keys.box(issuer, generation).open(key, page);
      if (!slots) throw damaged(key);
      return { type: 'put', key, value: newest.box.seal(key, slots) };
    });
  }

  /** What removes the certificates of these entries with their keys. Who had the same claims before, `findSame` finds out when it is asked. */
  async toRemove(register: Register, first: number, last: number): Promise<StoreOperation[]> {
    const operations: StoreOperation[] = [];
    for await (const page of this.#pages(register, first)) {
      if (page.first > last) break;
      operations.push(...this.#toCarve(register, page, first, last));
    }
    return operations;
  }

  /** A page without some of its entries: none, one or two are left of it. */
  #toCarve(register: Register, page: Page, first: number, last: number): StoreOperation[] {
    const name = nameOf(register);
    const operations: StoreOperation[] = [{ type: 'del', key: pagePlace(name, page.last) }];
    const keep = (from: number, to: number) => {
      if (from > to) return;
      const key = pagePlace(name, to);
      const slots = page.slots.subarray((from - page.first) * slotBytes, (to - page.first + 1) * slotBytes);
      operations.push({ type: 'put', key, value: this.#keys.newest(register.issuer).box.seal(key, slots) });
    };
    keep(page.first, first - 1);
    keep(last + 1, page.last);
    for (let entry = Math.max(first, page.first); entry <= Math.min(last, page.last); entry += 1) {
      operations.push({ type: 'del', key: recordPlace(name, entry) });
    }
    return operations;
  }

  async *#pages(register: Register, from: number): AsyncIterable<Page> {
    const name = nameOf(register);
    for await (const { key, value } of this.#store.entries(pagePlace(name, from), upTo(`key/${name}`))) {
      yield this.#open(register, key, value);
    }
  }

  #open({ issuer }: Register, place: string, sealed: Uint8Array): Page {
    const slots = this.#keys.box(issuer, pageGeneration(sealed)).open(place, sealed);
    const last = entryOfDigits(place);
    const first = last + 1 - (slots?.length ?? 0) / slotBytes;
    if (!slots || first < 1) throw damaged(place);
    return { first, last, slots };
  }

  /** `isFresh`: not from memory. */
  async #findPage(register: Register, entry: number, isFresh: boolean): Promise<Page | undefined> {
    const name = nameOf(register);
    const cached = isFresh ? undefined : this.#cache.find(name, entry);
    if (cached) return cached;
    const epoch = this.#cache.epoch;
    const found = await this.#store.first(pagePlace(name, entry), upTo(`key/${name}`));
    if (!found) return undefined;
    const page = this.#open(register, found.key, found.value);
    this.#cache.keep(name, page, epoch);
    return isIn(page, entry) ? page : undefined;
  }

  /** Pages were changed: what is kept of them in memory is not believed any more. */
  forgetPages(): void {
    this.#cache.clear();
  }

  /** @throws YinxinError VAULT_DAMAGED, also where a change came between key and record: then read again in the register's turn, `isFresh` */
  async read(register: Register, entry: number, isFresh: boolean): Promise<VaultRecord | undefined> {
    const place = recordPlace(nameOf(register), entry);
    const [page, sealed] = await Promise.all([this.#findPage(register, entry, isFresh), this.#store.get(place)]);
    return this.#toRecord(register, page, entry, sealed);
  }

  #toRecord(register: Register, page: Page | undefined, entry: number, sealed: Uint8Array | undefined) {
    if (!page && !sealed) return undefined;
    const isErased = page !== undefined && equal(slotIn(page, entry), erased);
    if (isErased && !sealed) return undefined;
    const key = page && slotIn(page, entry).subarray(0, certificateKeyBytes);
    const plain = key && sealed && !isErased && this.#openerOf(register)(key, entry, sealed);
    if (!plain) throw damaged(recordPlace(nameOf(register), entry));
    return decodeRecord(plain, { ...register, entry }, (type, version) => this.#shapes.find(type, version));
  }

  #openerOf(register: Register) {
    const name = nameOf(register);
    const opener = this.#openers.get(name) ?? recordOpener(register.issuer, register.type);
    this.#openers.set(name, opener);
    return opener;
  }

  /** Of these entries, those that are kept; gives way to others between pages. */
  async readRange(register: Register, first: number, last: number, isFresh: boolean): Promise<VaultRecord[]> {
    const name = nameOf(register);
    const found: VaultRecord[] = [];
    for (let from = first; from <= last; from += pageEntries) {
      const count = Math.min(last - from + 1, pageEntries);
      const sealed = await this.#store.getAll(Array.from({ length: count }, (_, at) => recordPlace(name, from + at)));
      for (const [at, value] of sealed.entries()) {
        const cached = isFresh ? undefined : this.#cache.find(name, from + at);
        const page = cached ?? (await this.#findPage(register, from + at, isFresh));
        const record = this.#toRecord(register, page, from + at, value);
        if (record) found.push(record);
      }
      await nextTurn();
    }
    return found;
  }

  /** Entries after `after` that are kept, ascending. */
  async entriesAfter(register: Register, after: number, limit: number): Promise<number[]> {
    const name = nameOf(register);
    const entries: number[] = [];
    for await (const { key } of this.#store.entries(recordPlace(name, after + 1), upTo(`record/${name}`))) {
      if (entries.push(entryOfDigits(key)) >= limit) break;
    }
    return entries;
  }

  /** For each digest the entry that is named as the newest with these claims, and whether it is. */
  async namedNewest(register: Register, digests: readonly Uint8Array[]) {
    const values = await this.#store.getAll(digests.map((digest) => newestPlace(digest)));
    const found: { readonly entry: number | undefined; readonly isTrue: boolean }[] = [];
    for (const [at, digest] of digests.entries()) {
      const value = values[at];
      const entry = value && fromValue(value);
      const page = entry === undefined ? undefined : await this.#findPage(register, entry, false);
      const claims = page && entry !== undefined ? slotIn(page, entry).subarray(certificateKeyBytes) : undefined;
      found.push({ entry, isTrue: entry === undefined || (claims !== undefined && equal(claims, digest)) });
    }
    return found;
  }

  /** What names the newest certificates with these claims rightly, but for one that is being erased; from all pages of the register. */
  async toNameNewest(register: Register, digests: readonly Uint8Array[], without?: number) {
    const wanted = new Map<string, number | undefined>(digests.map((digest) => [hex(digest), undefined]));
    for await (const page of this.#pages(register, 0)) {
      for (let entry = page.first; entry <= page.last; entry += 1) {
        const digest = hex(slotIn(page, entry).subarray(certificateKeyBytes));
        if (wanted.has(digest) && entry !== without) wanted.set(digest, entry);
      }
      await nextTurn();
    }
    return digests.map((digest): { readonly newest: number | undefined; readonly operation: StoreOperation } => {
      const key = newestPlace(digest);
      const newest = wanted.get(hex(digest));
      const operation =
        newest === undefined
          ? ({ type: 'del', key } as const)
          : ({ type: 'put', key, value: toValue(newest) } as const);
      return { newest, operation };
    });
  }

  /** What erases a certificate. Undefined where none is kept. */
  async toErase(register: Register, entry: number): Promise<readonly StoreOperation[] | undefined> {
    const name = nameOf(register);
    const page = await this.#findPage(register, entry, true);
    if (!page || equal(slotIn(page, entry), erased)) return undefined;
    const digest = slotIn(page, entry).slice(certificateKeyBytes);
    const slots = Uint8Array.from(page.slots);
    slots.set(erased, (entry - page.first) * slotBytes);
    const key = pagePlace(name, page.last);
    const named = await this.#store.get(newestPlace(digest));
    const isNewest = named !== undefined && fromValue(named) === entry;
    const others = isNewest ? await this.toNameNewest(register, [digest], entry) : [];
    return [
      { type: 'put', key, value: this.#keys.newest(register.issuer).box.seal(key, slots) },
      { type: 'del', key: recordPlace(name, entry) },
      ...others.map(({ operation }) => operation),
    ];
  }

  /** Of so many pages from a place on, those under an older key, sealed under the newest. */
  async toRewrap(register: Register, from: string, limit: number) {
    const newest = this.#keys.newest(register.issuer);
    const operations: StoreOperation[] = [];
    let certificates = 0;
    let seen = 0;
    for await (const { key, value } of this.#store.entries(from, upTo(`key/${nameOf(register)}`))) {
      if (seen === limit) return { operations, certificates, next: key };
      seen += 1;
      if (pageGeneration(value) === newest.generation) continue;
      const { slots } = this.#open(register, key, value);
      operations.push({ type: 'put', key, value: newest.box.seal(key, slots) });
      certificates += slots.length / slotBytes;
    }
    return { operations, certificates, next: undefined };
  }
}
