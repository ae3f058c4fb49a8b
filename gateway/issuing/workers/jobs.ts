/** What is computed beside the main thread, or in it where there are no workers: questions and answers that can be posted from thread to thread. */
import type { CertificateType, Instant, RowFinding } from '@yinxin/core';
import type { IssuerKey, SealedRecords } from '../../vault/sealing.ts';
import type { BatchProof, LinePage } from '../lines.ts';
import type { AskedReissue, Reissue } from '../reissues.ts';
import type { Tree } from '../tree.ts';

/** Bodies up to so long are a counter's: they go ahead of a bulk run's. */
export const smallBytes = 32_768;

/** A draft is what a worker holds of one request under a number: its rows, then their secrets and commitments, until it is released. */
export interface Jobs {
  /** The body of a request. @throws YinxinError as `parseBatchRequest` */
  read: {
    readonly input: { readonly draft: number; readonly bytes: Uint8Array };
    readonly output: {
      readonly issuer: string;
      readonly type: string;
      readonly stock: boolean;
      readonly rows: number;
    };
  };
  /** Checks every row and, where all are good, draws secrets and commits to the fields. */
  check: {
    readonly input: { readonly draft: number; readonly type: CertificateType; readonly issuedAt: Instant };
    readonly output: {
      readonly findings: readonly RowFinding[];
      readonly warnings: readonly RowFinding[];
      readonly reissues: readonly AskedReissue[];
    };
  };
  /** Makes certificates of a draft from entry `first` on; again where the entries were taken. */
  number: { readonly input: NumberInput; readonly output: Numbered };
  tree: { readonly input: { readonly leaves: Uint8Array }; readonly output: Tree };
  lines: { readonly input: { readonly page: LinePage; readonly proof: BatchProof }; readonly output: Uint8Array };
  release: { readonly input: { readonly draft: number }; readonly output: null };
}

export interface NumberInput {
  readonly draft: number;
  readonly first: number;
  readonly issuedAt: Instant;
  readonly reissues: readonly Reissue[];
  readonly key: IssuerKey;
  /** Whether files are wanted at once. */
  readonly wantsLines: boolean;
}

export interface Numbered {
  /** Of rows that are good on one day and not on the next: then the rest is empty. */
  readonly findings: readonly RowFinding[];
  /** 32 bytes each. */
  readonly leaves: Uint8Array;
  readonly sealed: readonly SealedRecords[];
  /** The random parts of the holder tokens, 24 bytes each. */
  readonly tokens: Uint8Array;
  readonly pages: readonly LinePage[];
}

export type JobKind = keyof Jobs;
export type Input<Kind extends JobKind> = Jobs[Kind]['input'];
export type Output<Kind extends JobKind> = Jobs[Kind]['output'];

/** Where jobs are done. */
export interface Lane {
  /** The job's bytes belong to the lane from here on. @throws YinxinError as the job, WORKER_LOST */
  run<Kind extends JobKind>(kind: Kind, input: Input<Kind>): Promise<Output<Kind>>;
}
