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
   * All rows or none. @throws YinxinError ROWS_INVALID `{rows: RowFinding[]}` with every bad row, TOO_MANY_ROWS, INPUT_INVALID,
   * CALLER_NOT_PERMITTED (another body's operator), TYPE_UNKNOWN, TYPE_LEGACY, ISSUER_UNKNOWN, ISSUER_CLOSED, NOT_ENTITLED,
   * SIGNING_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, CONFLICT
   */
  issue(operator: Operator, request: BatchRequest, idempotencyKey: string): Promise<BatchSummary>;
  /**
   * Files of a batch, entries after `after`, at most `limit` (1–500). For 24 hours after issuing they carry the holder's token.
   * @throws YinxinError NOT_FOUND, also for another body's batch
   */
  batch(operator: Operator, id: string, after: number, limit: number): Promise<BatchAnswer>;
  /**
   * All or none. Changes of the answer are in the order of the request. @throws YinxinError INPUT_INVALID, CERTIFICATE_UNKNOWN `{index}`,
   * CALLER_NOT_PERMITTED, ISSUER_CLOSED, STATUS_STEP_ILLEGAL `{index, from, act}`, BASIS_UNKNOWN `{index, basis, act}`, EFFECTIVE_ILLEGAL,
   * SIGNING_KEY_MISSING, IDEMPOTENCY_KEY_REUSED, CONFLICT
   */
  changeStatuses(operator: Operator, request: StatusChangeRequest, idempotencyKey: string): Promise<StatusChangeAnswer>;
  /** A static code, signed now. @throws YinxinError CERTIFICATE_UNKNOWN (also: a wrong token, another body's certificate), MALFORMED_IDENTIFIER, INPUT_INVALID, SIGNING_KEY_MISSING */
  code(access: CodeAccess, identifier: string, options: CodeOptions): Promise<CodeAnswer>;
  /** The whole file, without holder token. @throws YinxinError CERTIFICATE_UNKNOWN, MALFORMED_IDENTIFIER */
  certificate(operator: Operator, identifier: string): Promise<CertificateFile>;
  /** Asks nobody for anything any more. */
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
}
