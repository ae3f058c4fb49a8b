/** What came of simulating a transaction: what it read, what it would write. */

/** A range as far as it was read: keys with versions, and whether its end was reached. */
export interface RangeRead {
  readonly start: string;
  readonly end: string;
  readonly found: readonly (readonly [key: string, version: string])[];
  readonly isExhausted: boolean;
}

export interface Simulated {
  /** Version of each key read; undefined where there was none. */
  readonly reads: ReadonlyMap<string, string | undefined>;
  readonly ranges: readonly RangeRead[];
  /** In the order of first writing; null deletes. */
  readonly writes: ReadonlyMap<string, string | null>;
  /** The payload is JSON. */
  readonly event?: { readonly name: string; readonly payload: string };
}
