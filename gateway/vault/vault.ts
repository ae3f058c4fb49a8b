/** The vault: what the gateway keeps of certificates and of its own work in flight, sealed at rest (SM4-CTR and HMAC-SM3). */
import type { Json } from '@yinxin/core';
import type { VaultRecord } from './record-text.ts';
import type { IssuerKey, SealedRecords } from './sealing.ts';

export type { VaultRecord } from './record-text.ts';
export type { IssuerKey, SealedRecords } from './sealing.ts';

/** A change of a named record. Names are readable on disk: nothing personal belongs in them. */
export type SealedOperation =
  | { readonly type: 'put'; readonly name: string; readonly value: Json }
  | { readonly type: 'del'; readonly name: string };

/** What a rotation did. */
export interface Rotated {
  readonly issuer: string;
  /** Of the issuer's key now. */
  readonly generation: number;
  /** Pages of keys that were sealed anew, and the certificates whose keys they hold. */
  readonly pages: number;
  readonly certificates: number;
}

/**
 * Every promise that settles has its writes on disk (fsync), all of one call or none. What fails its tag is refused with
 * VAULT_DAMAGED before anything of it is used. An older version of a record put back by hand is not noticed.
 */
export interface Vault {
  /** What `sealRecords` seals an issuer's records with: the newest key, made at the first call, on disk before it is given. */
  issuerKey(issuer: string): Promise<IssuerKey>;
  /** Writes sealed records (over those of the same entries) together with named records; of a generation that was rotated away meanwhile, too. */
  put(sealed: readonly SealedRecords[], extra?: readonly SealedOperation[]): Promise<void>;
  get(issuer: string, type: string, entry: number): Promise<VaultRecord | undefined>;
  /** Those of these entries that are kept, ascending; cheaper than one by one. */
  getRange(issuer: string, type: string, first: number, last: number): Promise<readonly VaultRecord[]>;
  /** The entries after `after` that are kept, ascending, at most `limit`. */
  entriesAfter(issuer: string, type: string, after: number, limit: number): Promise<readonly number[]>;
  /** For each digest of `claimDigester` the newest entry of the register with the same claim fields. */
  findSame(issuer: string, type: string, digests: readonly Uint8Array[]): Promise<readonly (number | undefined)[]>;
  /** The key of those digests. */
  digestKey(): Uint8Array;
  /** Forgets the certificates of these entries, `last` included, together with their keys. */
  remove(issuer: string, type: string, first: number, last: number, extra?: readonly SealedOperation[]): Promise<void>;
  /**
   * Forgets a certificate for good: its key is overwritten, its record and digest deleted, and when this settles, none of that is in the
   * folder's files any more (but for what a backup that is being taken still sees: until that has ended). False where none is kept.
   */
  erase(issuer: string, type: string, entry: number, extra?: readonly SealedOperation[]): Promise<boolean>;
  /**
   * A new key for an issuer: all of its certificates' keys are sealed anew, in steps, while issuing goes on; then the old key is gone. Cut off, it is
   * finished after the next opening. While one runs, its promise is given again.
   */
  rotate(issuer: string): Promise<Rotated>;
  putSealed(name: string, value: Json): Promise<void>;
  getSealed(name: string): Promise<Json | undefined>;
  deleteSealed(name: string): Promise<void>;
  /** All named records whose name begins so, by name; those before `before` alone, where it is given. */
  listSealed(prefix: string, before?: string): Promise<readonly { readonly name: string; readonly value: Json }[]>;
  /** HMAC-SM3 under a key of the vault: the only digest of personal data that may be compared or kept. 32 bytes. */
  keyedDigest(bytes: Uint8Array): Uint8Array;
  close(): Promise<void>;
}
