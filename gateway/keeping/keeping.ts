/** What a body may ask about what this gateway keeps of its certificates: whether there are such already, all of them, to forget one, to seal them anew. */
import type {
  DuplicatesAnswer,
  DuplicatesRequest,
  ErasureAnswer,
  ErasureRequest,
  VaultRotationAnswer,
} from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import type { Operator } from '../issuing/issuing.ts';
import type { Clock } from '../platform.ts';
import type { Vault } from '../vault/vault.ts';

/** Whoever acts for a domain, as authenticated. */
export interface DomainAdministrator {
  readonly domain: string;
}

/** Operators act for the body that manages: the issuing one, or its successor once it is closed (its own then gets ISSUER_CLOSED). */
export interface Keeping {
  /** @throws YinxinError CALLER_NOT_PERMITTED, ISSUER_CLOSED, TYPE_UNKNOWN, INPUT_INVALID (a value that is no claim field) */
  duplicates(operator: Operator, request: DuplicatesRequest): Promise<DuplicatesAnswer>;
  /**
   * Personal data gone for good, once this settles: from the folder's files too. Asked again it gives the same answer.
   * @throws YinxinError MALFORMED_IDENTIFIER, CERTIFICATE_UNKNOWN (also: another body's, or one that is being issued), ISSUER_CLOSED
   */
  erase(operator: Operator, request: ErasureRequest): Promise<ErasureAnswer>;
  /** A new key of the body's in the vault, and everything under it. @throws YinxinError ISSUER_UNKNOWN, CALLER_NOT_PERMITTED (another domain's) */
  rotate(administrator: DomainAdministrator, issuer: string): Promise<VaultRotationAnswer>;
}

/** For `createKeeping` of create.ts. */
export interface KeepingDeps {
  readonly readModel: ReadModel;
  readonly vault: Vault;
  readonly clock: Clock;
}
