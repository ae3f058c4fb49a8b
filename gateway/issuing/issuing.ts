/** What an issuing body's operators may ask: certificates, status changes, codes. */
import type {
  BatchAnswer,
  BatchRequest,
  BatchSummary,
  CertificateFile,
  CodeAnswer,
  Instant,
  StatusChangeAnswer,
  StatusChangeRequest,
} from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import type { Signer } from '../keys/signer.ts';
import type { KeyStore } from '../keys/store.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Clock, Random } from '../platform.ts';
import type { Vault } from '../vault/vault.ts';
import type { Bounds } from './admission.ts';
import type { PartnerWords } from './partner-words.ts';

/** Who asks, as authenticated. Scopes were checked before. */
export interface Operator {
  readonly clientId: string;
  readonly issuer: string;
}

/** An operator of the body that manages the certificate, or whoever holds the holder token (base64 of 32 bytes). */
export type CodeAccess = { readonly issuer: string } | { readonly holderToken: string };

export interface CodeOptions {
  readonly face: 'open' | 'closed';
  readonly purpose?: string;
  readonly addressee?: string;
  readonly expires?: Instant;
}

/** The body of a request: JSON as `BatchRequest` says, of so many bytes, as far as is known before it is read. */
export interface RequestBody {
  readonly bytes: number;
  /** Called when there is room for it. */
  read(): Promise<Uint8Array>;
}

/** Files as they go over the wire. */
export interface FileLines {
  /** What stands before them. */
  readonly head: BatchSummary | Omit<BatchAnswer, 'certificates'>;
  /** Some files at a time, each exactly its canonical bytes and LF; read no faster than it is asked for. */
  readonly lines: AsyncIterable<Uint8Array>;
}

/**
 * Nothing acknowledged is ever lost and nothing is issued twice: what a request will sign is on disk before it is signed, and a
 * request that was cut off is finished, not forgotten, at the next start or the next request for its register. The same
 * idempotency key with the same request gives the same answer, also while the first is still under way; a request that was refused leaves no trace.
 * What a closed body issued is managed by its successor alone: its operator may do everything with it but issue; the closed body's own gets
 * ISSUER_CLOSED. Everything also throws LEDGER_UNREACHABLE, COMMIT_UNKNOWN (both: ask again with the same key) and LEDGER_DAMAGED.
 */
export interface Issuing {
  /** Finishes what an earlier process left under way. One that cannot be finished now stays; the others are still tried. */
  settle(): Promise<void>;
  /**
   * All rows or none, entries without gap; what is anchored may hold several requests of the register, of which none harms another. The same
   * request is one of the same bytes. @throws YinxinError ROWS_INVALID `{rows: RowFinding[]}` with every bad row, TOO_MANY_ROWS, INPUT_INVALID,
   * CALLER_NOT_PERMITTED (another body's operator), TYPE_UNKNOWN, TYPE_LEGACY, ISSUER_UNKNOWN, ISSUER_CLOSED, NOT_ENTITLED,
   * SIGNING_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, CONFLICT (other gateways took the entries for a minute), QUEUE_FULL (before the body is read,
   * where its length is known), WORKER_LOST (both: nothing is stored, ask again with the same key)
   */
  issue(operator: Operator, request: BatchRequest | RequestBody, idempotencyKey: string): Promise<BatchSummary>;
  /** Issues, and gives the files at once, with the holders' tokens. `head` is the summary. @throws YinxinError as issue */
  issueLines(operator: Operator, request: BatchRequest | RequestBody, idempotencyKey: string): Promise<FileLines>;
  /**
   * Files of a request's certificates, entries after `after`, at most `limit`. For 24 hours after issuing they carry the holder's token. Where no other
   * domain's word on the batch has come yet it is waited for, a second at most; without it `anchored` is null.
   * @throws YinxinError NOT_FOUND, also for another body's batch
   */
  batch(operator: Operator, id: string, after: number, limit: number): Promise<BatchAnswer>;
  /** The same as lines. @throws YinxinError as batch */
  batchLines(operator: Operator, id: string, after: number, limit: number): Promise<FileLines>;
  /**
   * All or none. Changes of the answer are in the order of the request. Of several changes every bad one is named; one alone has its own code.
   * @throws YinxinError ROWS_INVALID `{rows: RowFinding[]}`, INPUT_INVALID, CERTIFICATE_UNKNOWN `{index}`,
   * CALLER_NOT_PERMITTED, ISSUER_CLOSED, STATUS_STEP_ILLEGAL `{index, from, act}`, BASIS_UNKNOWN `{index, basis, act}`, EFFECTIVE_ILLEGAL,
   * SIGNING_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, CONFLICT
   */
  changeStatuses(operator: Operator, request: StatusChangeRequest, idempotencyKey: string): Promise<StatusChangeAnswer>;
  /** A static code, signed now. @throws YinxinError CERTIFICATE_UNKNOWN (also: a wrong token, another body's certificate), CERTIFICATE_ERASED, MALFORMED_IDENTIFIER, INPUT_INVALID, SIGNING_KEY_MISSING */
  code(access: CodeAccess, identifier: string, options: CodeOptions): Promise<CodeAnswer>;
  /**
   * Files of a body's certificates of one type that this gateway keeps, entries after `after`, at most `limit`, without holder tokens; erased ones are left
   * out. For its own operators and its successor's. @throws YinxinError CALLER_NOT_PERMITTED, ISSUER_CLOSED
   */
  ownLines(
    operator: Operator,
    register: { readonly issuer: string; readonly type: string },
    after: number,
    limit: number,
  ): AsyncIterable<Uint8Array>;
  /** The whole file, without holder token. @throws YinxinError CERTIFICATE_UNKNOWN, CERTIFICATE_ERASED, MALFORMED_IDENTIFIER */
  certificate(operator: Operator, identifier: string): Promise<CertificateFile>;
  /** Asks nobody for anything any more, and ends the threads. */
  close(): Promise<void>;
}

/** For `createIssuing` of create.ts. */
export interface IssuingDeps {
  readonly ledger: Ledger;
  readonly readModel: ReadModel;
  readonly vault: Vault;
  readonly keys: Pick<KeyStore, 'sm2Keys' | 'listKeys'>;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  /** Where a phone that scans a code finds the verifier page. */
  readonly publicUrl: () => string;
  /** Waits between attempts. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Who is asked to say that a batch is anchored, where no key of another domain is held here. Default: nobody. */
  readonly words?: PartnerWords;
  /** Threads that may compute for bulk runs. Default 0: all of it in this one. */
  readonly workers?: number;
  /** Of what may wait. */
  readonly bounds?: Bounds;
}
