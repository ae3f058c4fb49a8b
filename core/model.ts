/** The data that crosses Yinxin's walls: brands, certificate types, certificates, statements, status. Shapes only; parsers live beside the formats. */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** `1.2.156.3005.2.<type 21>.<issuer 18>.<serial>.<version 3>.<check>` (structure of GB/T 36904). Made by `parseIdentifier`. */
export type Identifier = Brand<string, 'Identifier'>;
/** `YYYY-MM-DDThh:mm:ssZ`, UTC, whole seconds. Made by `parseInstant` or `toInstant`. */
export type Instant = Brand<string, 'Instant'>;
/** `YYYY-MM-DD`, a calendar date at UTC+08:00, inclusive. Made by `parseCalendarDate`. */
export type CalendarDate = Brand<string, 'CalendarDate'>;
/** 32 hex characters: first 16 bytes of SM3 over the 65-byte uncompressed public key. Made by `toKeyId` or `parseKeyId`. */
export type KeyId = Brand<string, 'KeyId'>;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Words in the two languages of the command; the page adds others from its own table. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

// ---------------------------------------------------------------- certificate types

export type FieldKind =
  | 'string'
  | 'text'
  | 'date'
  | 'datetime'
  | 'yearMonth'
  | 'enum'
  | 'number'
  | 'integer'
  | 'money'
  | 'idNumber'
  | 'uscc'
  | 'phone'
  | 'address'
  | 'region'
  | 'image'
  | 'list'
  | 'record';

export type MaskRule =
  | 'none'
  | 'name'
  | 'idNumber'
  | 'phone'
  | 'address'
  | 'bankAccount'
  | 'plate'
  | 'tail4'
  | 'birthDate'
  | 'hide';

/** The value of a field: a string, or an array or object of strings. */
export type FieldValue = string | readonly string[] | { readonly [key: string]: string };

export interface Field {
  readonly key: string;
  readonly label: Words;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly mask: MaskRule;
  readonly example: FieldValue;
  /** Kind `enum`: the values allowed. */
  readonly enum?: readonly string[];
  /** Shown behind a number, such as `m²`. */
  readonly unit?: string;
  /** A date field may say this instead of a date, meaning no end (`长期`). */
  readonly longTermValue?: string;
  /** GB/T 36903 metadata name, such as `ZZBH`. */
  readonly tag?: string;
}

export type ValidityKind = 'fixed' | 'range' | 'tied' | 'graded' | 'permanent' | 'none' | 'snapshot';

export interface TypeValidity {
  readonly kind: ValidityKind;
  /** Kind `fixed`: months from the first day when no field says otherwise. */
  readonly months?: number;
  /** The field that holds the first, the last day of validity. */
  readonly fromField?: string;
  readonly untilField?: string;
  /** Kind `snapshot`: days for which offices usually accept the facts; shown, never a verdict. */
  readonly freshnessDays?: number;
}

/** One version of a certificate type: a row of the ledger, and a file of certs/types. */
export interface CertificateType {
  readonly format: 'yinxin-type/1';
  /** A slug, `[a-z][a-z0-9-]{1,63}`. */
  readonly type: string;
  readonly version: number;
  /** 21 characters: USCC of the defining authority and three digits. */
  readonly code: string;
  readonly codeOrigin: 'official' | 'demonstration';
  readonly name: Words;
  readonly officialName: string;
  readonly category: '证照' | '证明' | '批文';
  readonly holder: { readonly kind: 'natural' | 'organization' | 'either'; readonly codeTypes: readonly string[] };
  readonly fields: readonly Field[];
  /** Keys of the fields that a code shows, in order. Every one is required. */
  readonly face: readonly string[];
  /** Keys of which a verification by comparison must give at least all. */
  readonly claim: readonly string[];
  readonly validity: TypeValidity;
  /** How old status knowledge may be before a verdict becomes indeterminate. */
  readonly statusMaxAgeSeconds: number;
  /** Whether a code may be valid without the ledger. */
  readonly offlineCode: boolean;
  /** Who may look one up by its number alone. */
  readonly lookup: 'public' | 'partner';
  /** Digitised stock only; no new certificates. */
  readonly legacy: boolean;
  /** The type that took over from a legacy one. */
  readonly successor?: string;
  /** A type whose certificates may say no: the enum field, and its values that do. */
  readonly conclusion?: { readonly field: string; readonly negative: readonly string[] };
}

// ---------------------------------------------------------------- certificates

export interface Body {
  readonly format: 'yinxin-certificate/1';
  readonly id: Identifier;
  readonly entry: number;
  readonly type: string;
  readonly typeVersion: number;
  readonly issuer: string;
  readonly issuedAt: Instant;
  readonly validFrom: CalendarDate;
  readonly validUntil: CalendarDate | null;
  readonly supersedes: Identifier | null;
  /** base64 of 32 bytes. */
  readonly fields: string;
  readonly face: string;
}

export interface Proof {
  readonly statement: string;
  /** base64 of r‖s, 64 bytes. */
  readonly signature: string;
  /** Position in the batch's tree, from 0. */
  readonly index: number;
  /** Sibling hashes from the leaf upwards, base64. */
  readonly path: readonly string[];
  /** Compact JWS `yinxin-anchored+jwt`, or null where none was given. */
  readonly anchored: string | null;
}

/** What `*.yinxin.json` holds. Either `secret` (all fields shown) or `salts` with `commitments` (some shown). */
export interface CertificateFile {
  readonly body: Body;
  readonly fields: { readonly [key: string]: FieldValue };
  readonly secret?: string;
  readonly salts?: { readonly [key: string]: string };
  readonly commitments?: { readonly [key: string]: string };
  readonly proof: Proof;
  /** base64 of 32 bytes; only in the holder's own file. */
  readonly holderToken?: string;
}

// ---------------------------------------------------------------- statements

export interface AnchorStatement {
  readonly format: 'yinxin-anchor/1';
  readonly channel: string;
  readonly issuer: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly first: number;
  readonly last: number;
  /** base64 of 32 bytes. */
  readonly root: string;
  /** base64 of 32 bytes, or null (written `-`). */
  readonly supersedes: string | null;
  readonly time: Instant;
  readonly key: KeyId;
}

export interface StatusStatement {
  readonly format: 'yinxin-status/1';
  readonly channel: string;
  readonly issuer: string;
  readonly count: number;
  readonly changes: string;
  readonly time: Instant;
  readonly key: KeyId;
}

export type KeyUse = 'anchor' | 'status' | 'code';

export interface PossessionStatement {
  readonly format: 'yinxin-key/1';
  readonly channel: string;
  readonly issuer: string;
  readonly use: KeyUse;
  /** base64 of the 65-byte uncompressed point. */
  readonly publicKey: string;
  readonly time: Instant;
}

export type Statement = AnchorStatement | StatusStatement | PossessionStatement;

export interface Supersession {
  readonly entry: number;
  readonly supersedes: number;
}

// ---------------------------------------------------------------- status

export type Status = 'ACTIVE' | 'SUSPENDED' | 'SUPERSEDED' | 'CANCELLED' | 'REVOKED' | 'WITHDRAWN' | 'FORFEITED';
/** 暂停 恢复 注销 撤销 撤回 吊销, and 更正, which takes back a mistaken change. Supersession is not an act: it comes with a reissue. */
export type Act = 'suspend' | 'resume' | 'cancel' | 'revoke' | 'withdraw' | 'forfeit' | 'correct';

/** One item of the list that a status statement signs. */
export interface StatusChange {
  readonly type: string;
  readonly entry: number;
  /** 1 for a certificate's first change, then without gaps. */
  readonly sequence: number;
  readonly from: Status;
  readonly to: Status;
  readonly act: Act;
  /** A code such as `licence-law-69`. */
  readonly basis: string;
  /** An official document number such as `示范〔2026〕1号`. */
  readonly document: string;
  readonly effective: Instant;
  /** With `correct` alone: sequence number of the change that was a mistake. */
  readonly corrects?: number;
}

/** A change as the ledger holds it. `act` is `supersede` where an anchor caused it; then basis and document are null and `by` is the new entry. */
export interface RecordedChange {
  readonly sequence: number;
  readonly from: Status;
  readonly to: Status;
  readonly act: Act | 'supersede';
  readonly basis: string | null;
  readonly document: string | null;
  readonly effective: Instant;
  /** With `correct` alone. */
  readonly corrects?: number;
  readonly by: number | null;
  /** Statement time, and the key that signed. */
  readonly time: Instant;
  readonly key: KeyId;
  readonly txId: string;
}

/** A change as a reader of the ledger knows it. */
export interface KnownChange extends RecordedChange {
  readonly block: number;
  /** Ledger time of its transaction. */
  readonly recorded: Instant;
}
