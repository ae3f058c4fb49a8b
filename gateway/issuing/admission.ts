/** What may wait to be issued: bounded in bytes and rows, of everybody together and of each client, so that a gateway that is behind says so instead of growing. */
import { YinxinError } from '@yinxin/core';
import { smallBytes } from './workers/jobs.ts';

export interface Bounds {
  readonly bytes: number;
  readonly rows: number;
  readonly clientBytes: number;
  readonly clientRows: number;
  /** Kept free of bulk runs, for the requests of counters. */
  readonly smallBytes: number;
}

/** Eight full requests of one client are a third of it; what is parsed takes about three times the bytes. */
export const usualBounds: Bounds = {
  bytes: 64 * 1_048_576,
  rows: 131_072,
  clientBytes: 40 * 1_048_576,
  clientRows: 65_536,
  smallBytes: 8 * 1_048_576,
};

/** A request's place among those that wait. */
export interface Place {
  /** Known once it was read. @throws YinxinError QUEUE_FULL */
  addRows(rows: number): void;
  leave(): void;
}

interface Sums {
  bytes: number;
  rows: number;
}

const retryAfterSeconds = 1;
const full = () => new YinxinError('QUEUE_FULL', { retryAfterSeconds });

export class Admission {
  readonly #bounds: Bounds;
  readonly #all: Sums = { bytes: 0, rows: 0 };
  readonly #clients = new Map<string, Sums>();
  #smallBytes = 0;

  constructor(bounds: Bounds = usualBounds) {
    this.#bounds = bounds;
  }

  /** A client alone is always given a place for one request. @throws YinxinError QUEUE_FULL */
  enter(clientId: string, bytes: number): Place {
    return bytes <= smallBytes ? this.#enterSmall(bytes) : this.#enterBulk(clientId, bytes);
  }

  #enterSmall(bytes: number): Place {
    if (this.#smallBytes + bytes > this.#bounds.smallBytes) throw full();
    this.#smallBytes += bytes;
    return {
      addRows: () => undefined,
      leave: once(() => {
        this.#smallBytes -= bytes;
      }),
    };
  }

  #enterBulk(clientId: string, bytes: number): Place {
    const { bytes: most, clientBytes, rows: mostRows, clientRows } = this.#bounds;
    const own = this.#clients.get(clientId) ?? { bytes: 0, rows: 0 };
    const isFull = this.#all.bytes + bytes > most || own.bytes + bytes > clientBytes;
    if (isFull && own.bytes + this.#all.bytes > 0) throw full();
    this.#clients.set(clientId, own);
    let counted = 0;
    const add = (sums: Sums, sign: 1 | -1, ofBytes: number, ofRows: number) => {
      sums.bytes += sign * ofBytes;
      sums.rows += sign * ofRows;
    };
    for (const sums of [own, this.#all]) add(sums, 1, bytes, 0);
    return {
      addRows: (rows) => {
        const isTooMany = this.#all.rows + rows > mostRows || own.rows + rows > clientRows;
        if (isTooMany && this.#all.rows > 0) throw full();
        counted += rows;
        for (const sums of [own, this.#all]) add(sums, 1, 0, rows);
      },
      leave: once(() => {
        for (const sums of [own, this.#all]) add(sums, -1, bytes, counted);
        if (own.bytes === 0) this.#clients.delete(clientId);
      }),
    };
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
