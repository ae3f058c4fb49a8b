/** What anyone may ask about a certificate, and who sees how much. */
import type { BodyAnswer, HistoryAnswer, Language, VerificationAnswer, VerificationRequest } from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import type { Partners } from '../partners.ts';
import type { Clock } from '../platform.ts';
import type { Vault } from '../vault/vault.ts';

/** Who asks: nobody known, or a system with its scopes (`issue`, `verify`, `audit`, …) and, for an issuing body's operator, its issuer. */
export type Access = 'anonymous' | { readonly scopes: readonly string[]; readonly issuer?: string };

/** What every question may say besides; `purpose` is mandatory unless anonymous. */
export type AskOptions = Pick<VerificationRequest, 'at' | 'height' | 'domain' | 'matter' | 'purpose' | 'explain'>;

/**
 * A finding about what was presented is an answer; what is thrown means that nothing was looked at. Fields come masked: for anyone by the
 * public rule, for an authenticated reader by the rule for a stated purpose, in full for the operator of the body that manages it. A
 * document that is not genuine lends no content to the answer. `language` is that of explanations, by default Chinese.
 */
export interface Verifying {
  /**
   * By number alone. No field of a certificate that a person may hold, except to its issuer.
   * @throws YinxinError MALFORMED_IDENTIFIER, CLAIMS_REQUIRED (types not open to everyone), CERTIFICATE_UNKNOWN (at that height),
   * INPUT_INVALID (no purpose), HEIGHT_UNKNOWN
   */
  byNumber(identifier: string, access: Access, options?: AskOptions, language?: Language): Promise<VerificationAnswer>;
  /**
   * A file, a code, a number, a number with values to compare, or with the leaf that the asker computed itself.
   * @throws YinxinError as byNumber; CLAIMS_INVALID unless at least the type's claim fields are given and all are the type's.
   * CERTIFICATE_UNKNOWN alike for an unknown number, values that do not all match, and after five such failures in a day
   */
  verify(request: VerificationRequest, access: Access, language?: Language): Promise<VerificationAnswer>;
  /**
   * For another gateway: what this one itself keeps of a certificate of a type open to everyone, with the fields that anyone may see whole.
   * @throws YinxinError MALFORMED_IDENTIFIER, CERTIFICATE_UNKNOWN; NOT_FOUND of any other type, and where nothing is kept here
   */
  body(identifier: string): Promise<BodyAnswer>;
  /** `limit` 1–200. @throws YinxinError MALFORMED_IDENTIFIER, CERTIFICATE_UNKNOWN */
  history(identifier: string, after: number, limit: number): Promise<HistoryAnswer>;
}

/** For `createVerifying` of create.ts. */
export interface VerifyingDeps {
  readonly readModel: ReadModel;
  readonly vault: Pick<Vault, 'get' | 'getSealed'>;
  readonly clock: Clock;
  /** Who is asked for what the vault has no record of. Default: nobody. */
  readonly partners?: Partners;
}
