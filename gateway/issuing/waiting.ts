/** A request on its way: while it waits in its register's queue, and once it is issued. */
import type { BatchSummary, RowFinding } from '@yinxin/core';
import type { LinePage } from './lines.ts';
import type { RequestMark } from './once.ts';
import type { Queued } from './queue.ts';
import type { AskedReissue } from './reissues.ts';
import type { Tree } from './tree.ts';
import type { Lane } from './workers/jobs.ts';

/** What issuing still holds of a request's files: all but their proofs, and the tree of the batch. */
export interface HeldFiles {
  readonly pages: readonly LinePage[];
  readonly tree: Tree;
}

/** A request that is issued, and what is still held of its files: its place among those that wait is kept until they are let go. */
export interface Issued {
  readonly summary: BatchSummary;
  readonly held?: HeldFiles & { readonly letGo: () => void };
}

/** What came of a request. What is held of its files is given once, where they were wanted and are still to be had. */
export interface Outcome {
  readonly summary: BatchSummary;
  takeFiles(): HeldFiles | undefined;
}

/** A request in its register's queue. */
export interface Waiting extends Queued {
  readonly mark: RequestMark;
  readonly lane: Lane;
  readonly draft: number;
  readonly stock: boolean;
  readonly reissues: readonly AskedReissue[];
  readonly warnings: readonly RowFinding[];
  readonly wantsLines: boolean;
  /** When it was first numbered in vain, in milliseconds of `performance.now()`. */
  since?: number;
  isAlone: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}
