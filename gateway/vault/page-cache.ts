/** Pages of keys that were read lately, opened. */

export interface Page {
  readonly first: number;
  readonly last: number;
  /** 48 bytes for each entry. */
  readonly slots: Uint8Array;
}

/** Half a megabyte of keys. */
const maxPages = 64;

export class PageCache {
  readonly #pages = new Map<string, Page>();
  /** Readers go through a page entry by entry. */
  #newest: { readonly register: string; readonly page: Page } | undefined;
  #epoch = 0;

  /** Changes with every change of a page. */
  get epoch(): number {
    return this.#epoch;
  }

  clear(): void {
    this.#epoch += 1;
    this.#pages.clear();
    this.#newest = undefined;
  }

  find(register: string, entry: number): Page | undefined {
    const newest = this.#newest;
    if (newest?.register === register && newest.page.first <= entry && entry <= newest.page.last) return newest.page;
    for (const [name, page] of this.#pages) {
      if (page.first <= entry && entry <= page.last && name.startsWith(register)) return this.#use(register, page);
    }
    return undefined;
  }

  #use(register: string, page: Page): Page {
    this.#newest = { register, page };
    return page;
  }

  /** Unless something was changed since that epoch. */
  keep(register: string, page: Page, epoch: number): void {
    if (epoch !== this.#epoch) return;
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= maxPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(`${register}${page.last}`, page);
    this.#use(register, page);
  }
}
