/** What is done with a roster: each row becomes a part of a request, and each request comes to something. */
import type { CertificateType, ErrorCode, Field, Identifier, Instant } from '@yinxin/core';
import type { Change, SourceRow } from '../rosters/roster.ts';
import type { DoneChunk } from './run-file.ts';

/** What is wrong with one place of a row. Never a value. */
export interface RowProblem {
  readonly code: ErrorCode;
  /** Of the type. */
  readonly field?: Field;
  /** Heading of the column, where it is of no field. */
  readonly heading?: string;
}

/** A row that can be sent. */
export interface ReadyRow {
  readonly line: number;
  /** JSON: the values of a certificate in canonical form, or a change of status. */
  readonly body: string;
  /** The certificate that it acts on; absent where one is issued for the first time. */
  readonly certificate?: Identifier;
}

export type Reading =
  | {
      readonly ready: ReadyRow;
      /** Canonical JSON of what tells whom it is about (the type’s claim fields): rows of the same are told. Absent where that does not count. */
      readonly holder?: string;
      readonly changes: readonly Change[];
    }
  | { readonly problems: readonly RowProblem[] };

/** Rows of one request. */
export interface Part {
  readonly chunk: number;
  /** Position of the chunk's first row among all good rows, and how many good rows it had. */
  readonly start: number;
  readonly rows: number;
  readonly ready: readonly ReadyRow[];
}

export interface Sending {
  readonly key: string;
  readonly signal: AbortSignal;
  /** So many rows of the part have come to their end. */
  readonly onRows: (done: number) => void;
}

/** How a roster's rows are read and sent. */
export interface Job {
  readonly kind: string;
  readonly issuer: string;
  /** Undefined for changes of status. */
  readonly type: CertificateType | undefined;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Requests at a time. */
  readonly inFlight: number;
  /** What `read` needs to know of these rows beforehand, such as pictures. */
  readonly prepare: (rows: readonly SourceRow[]) => Promise<void>;
  /** `now` is when the run began, so that a row is good tomorrow if it was today. */
  readonly read: (row: SourceRow, now: Instant) => Reading;
  /** @throws YinxinError ROWS_INVALID with `rows`; and as `Gateway.postJson` */
  readonly send: (part: Part, sending: Sending) => Promise<Omit<DoneChunk, 'chunk' | 'at'>>;
  /** Whether what came of a chunk is still there. */
  readonly isKept: (part: Part, done: DoneChunk) => boolean;
  /** Headings and cells behind a roster's own in the list of what was done; `at`: the row's position among the chunk's rows that were done. */
  readonly doneHeadings: readonly string[];
  readonly doneCells: (row: ReadyRow, at: number, done: DoneChunk, part: Part) => readonly string[];
}
