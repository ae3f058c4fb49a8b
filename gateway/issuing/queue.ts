/** What waits for one register: a committer takes together what came while the batch before was under way; a counter's requests go first, but not for ever. */

/** Requests of up to so many rows are a counter's. */
const smallRows = 16;
/** Of one batch: what is written for each of them takes its time too. */
const maxRequests = 128;
/** A bulk request that so many batches have passed over goes first: with a counter's there may never be room for it. */
const maxPassed = 8;

export interface Queued {
  readonly rows: number;
  /** Of the type: one batch has one. */
  readonly typeVersion: number;
  /** To be anchored by itself: together with others it was refused. */
  readonly isAlone: boolean;
}

export class RegisterQueue<Request extends Queued> {
  readonly #maxRows: number;
  readonly #small: Request[] = [];
  readonly #bulk: Request[] = [];
  #expected = 0;
  /** Batches without a bulk request, since one waits. */
  #passed = 0;

  /** `maxRows`: of one batch; a single request may have more. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  get length(): number {
    return this.#small.length + this.#bulk.length;
  }

  /** Whether others are on their way here. */
  get isExpecting(): boolean {
    return this.#expected > 0;
  }

  /** Says that a request is on its way, until what it returns is called. */
  expect(): () => void {
    this.#expected += 1;
    let isExpected = true;
    return () => {
      if (isExpected) this.#expected -= 1;
      isExpected = false;
    };
  }

  add(request: Request): void {
    this.#linesOf(request).push(request);
  }

  /** Those that were taken and must go again, before all others, in their order. */
  putBack(requests: readonly Request[]): void {
    for (const request of requests.toReversed()) this.#linesOf(request).unshift(request);
  }

  /** At least one, where any waits; each kind in the order in which it came. */
  take(): readonly Request[] {
    const taken: Request[] = [];
    let rows = 0;
    const waiting = this.#bulk.length;
    for (const line of this.#passed < maxPassed ? [this.#small, this.#bulk] : [this.#bulk, this.#small]) {
      for (let next = line[0]; next && taken.length < maxRequests && this.#fits(next, taken, rows); next = line[0]) {
        taken.push(next);
        rows += next.rows;
        line.shift();
      }
    }
    this.#passed = waiting > 0 && waiting === this.#bulk.length ? this.#passed + 1 : 0;
    return taken;
  }

  #fits({ rows, typeVersion, isAlone }: Request, [first]: readonly Request[], taken: number): boolean {
    if (!first) return true;
    return !isAlone && !first.isAlone && typeVersion === first.typeVersion && taken + rows <= this.#maxRows;
  }

  #linesOf({ rows }: Request): Request[] {
    return rows <= smallRows ? this.#small : this.#bulk;
  }
}
