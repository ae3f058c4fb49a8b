/** Rotation of an issuer's key: everything sealed anew in small steps, so that issuing goes on and a process that ends loses none of it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import type { Store, StoreOperation } from '../store.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { issuerKeyPlace, issuerKeyPrefix, pagePlace, registerOf, upTo } from './layout.ts';
import type { Register, Registers } from './registers.ts';
import type { Turns } from './turns.ts';
import type { Rotated } from './vault.ts';

/** Pages in one write: some milliseconds, in which nothing of that register is issued. */
const pagesPerStep = 32;

export interface RotationDeps {
  readonly store: Store;
  readonly keys: IssuerKeys;
  readonly registers: Registers;
  readonly turns: Turns;
  /** Writes, and rewrites the disk around a place. */
  readonly scrub: (
    place: string,
    operations: readonly StoreOperation[],
  ) => { readonly written: Promise<void>; readonly scrubbed: Promise<void> };
}

export class Rotations {
  readonly #deps: RotationDeps;
  readonly #running = new Map<string, Promise<Rotated>>();
  #isClosing = false;

  constructor(deps: RotationDeps) {
    this.#deps = deps;
  }

  /** Goes on with what an earlier process began; what fails is tried again after the next opening. */
  resume(issuers: readonly string[]): void {
    for (const issuer of issuers) this.#run(issuer, () => this.#finish(issuer)).catch(() => undefined);
  }

  rotate(issuer: string): Promise<Rotated> {
    return this.#run(issuer, async () => {
      await this.#deps.keys.next(issuer);
      return this.#finish(issuer);
    });
  }

  #run(issuer: string, task: () => Promise<Rotated>): Promise<Rotated> {
    const running = this.#running.get(issuer);
    if (running) return running;
    const done = task().finally(() => this.#running.delete(issuer));
    this.#running.set(issuer, done);
    return done;
  }

  async #finish(issuer: string): Promise<Rotated> {
    const { keys, turns } = this.#deps;
    const { generation } = await keys.current(issuer);
    // what is being written under the key before is on disk before the pages are gone through
    await turns.settled();
    let pages = 0;
    let certificates = 0;
    for (const register of await this.#registersOf(issuer)) {
      const done = await this.#rewrap(register);
      pages += done.pages;
      certificates += done.certificates;
    }
    await this.#dropOlder(issuer, generation);
    return { issuer, generation, pages, certificates };
  }

  /** One jump for each register, not one step for each of its pages. */
  async #registersOf(issuer: string): Promise<readonly Register[]> {
    const end = upTo(`key/${issuer}/`);
    const found: Register[] = [];
    let from = `key/${issuer}/`;
    for (;;) {
      const next = await this.#deps.store.first(from, end);
      const type = next?.key.split('/')[2];
      if (type === undefined) return found;
      found.push({ issuer, type });
      from = upTo(`key/${registerOf(issuer, type)}`);
    }
  }

  async #rewrap(register: Register): Promise<{ readonly pages: number; readonly certificates: number }> {
    const { store, registers, turns } = this.#deps;
    const name = registerOf(register.issuer, register.type);
    let from: string | undefined = pagePlace(name, 0);
    let pages = 0;
    let certificates = 0;
    while (from !== undefined) {
      if (this.#isClosing) throw new YinxinError('NOT_READY');
      const start: string = from;
      const step = await turns.take([name], async () => {
        const found = await registers.toRewrap(register, start, pagesPerStep);
        if (found.operations.length > 0) await store.write(found.operations);
        return found;
      });
      pages += step.operations.length;
      certificates += step.certificates;
      from = step.next;
      await nextTurn();
    }
    return { pages, certificates };
  }

  /** Every page is under the newest key: nothing on disk opens with an older one. */
  async #dropOlder(issuer: string, generation: number): Promise<void> {
    const { store, scrub } = this.#deps;
    const prefix = issuerKeyPrefix(issuer);
    const older: string[] = [];
    // the reading ends before the disk is rewritten, which spares what a reading may still see
    for await (const { key } of store.entries(prefix, issuerKeyPlace(issuer, generation))) older.push(key);
    for (const place of older) {
      const done = scrub(place, [{ type: 'del', key: place }]);
      await done.written;
      await done.scrubbed;
    }
  }

  /** Those under way stop after their step. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled(this.#running.values());
  }
}
