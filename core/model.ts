/** The data that crosses Yinxin's walls: brands, ledger rows, transaction inputs, findings. Shapes only; parsers live beside the formats. */

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
/** 暂停 恢复 注销 撤销 撤回 吊销. Supersession is not an act: it comes with a reissue. */
export type Act = 'suspend' | 'resume' | 'cancel' | 'revoke' | 'withdraw' | 'forfeit';

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
  readonly by: number | null;
  /** Statement time, and the key that signed. */
  readonly time: Instant;
  readonly key: KeyId;
  readonly txId: string;
}

// ---------------------------------------------------------------- ledger rows

export interface NetworkRow {
  readonly kind: 'network';
  readonly channel: string;
  readonly founded: Instant;
}

export interface DomainRow {
  readonly kind: 'domain';
  /** GB/T 2260 code, six digits, such as `440300`. */
  readonly domain: string;
  readonly name: Words;
  /** Codes with this prefix lie inside: `4403`. */
  readonly region: string;
  readonly msp: string;
}

export interface IssuerRow {
  readonly kind: 'issuer';
  /** USCC, 18 characters. */
  readonly issuer: string;
  readonly domain: string;
  /** GB/T 2260 code of the region it acts in; inside its domain's. */
  readonly region: string;
  readonly name: Words;
  readonly from: Instant;
}

export interface KeyRow {
  readonly kind: 'key';
  readonly key: KeyId;
  readonly issuer: string;
  readonly use: KeyUse;
  /** base64 of 65 bytes. */
  readonly publicKey: string;
  readonly from: Instant;
  readonly until: Instant | null;
  /** How it was vouched for: by the founding transaction, by a key named here, or as a first key after a wait. */
  readonly vouchedBy: KeyId | 'founding' | 'first';
  /** From this time on it was in other hands. */
  readonly compromisedFrom: Instant | null;
}

/** A domain's key for trust lists, receipts and anchorings (ES256). */
export interface ListKeyRow {
  readonly kind: 'listKey';
  readonly domain: string;
  /** RFC 7638 thumbprint, base64url of SHA-256. */
  readonly kid: string;
  readonly jwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };
  readonly from: Instant;
  readonly until: Instant | null;
}

export interface EntitlementRow {
  readonly kind: 'entitlement';
  readonly issuer: string;
  readonly type: string;
  readonly region: string;
  readonly from: Instant;
  readonly until: Instant | null;
}

export interface TypeRow {
  readonly kind: 'type';
  readonly definition: CertificateType;
  readonly from: Instant;
}

/** Head of the register of one issuer and type; made with the entitlement. */
export interface RegisterRow {
  readonly kind: 'register';
  readonly issuer: string;
  readonly type: string;
  /** Last entry, 0 at first. */
  readonly last: number;
  /** Timestamp of the last anchoring transaction (the entitlement's at first). */
  readonly time: Instant;
}

export interface BatchRow {
  readonly kind: 'batch';
  readonly issuer: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly first: number;
  readonly last: number;
  readonly root: string;
  /** base64 of SM3("yinxin-statement" ‖ 0x00 ‖ statement ‖ signature). */
  readonly statement: string;
  readonly key: KeyId;
  readonly txId: string;
  readonly time: Instant;
  /** Number of transactions that changed a status in it, and the last of them. */
  readonly touched: number;
}

/** Exists once an entry's status has changed. */
export interface StatusRow {
  readonly kind: 'status';
  readonly issuer: string;
  readonly type: string;
  readonly entry: number;
  readonly changes: readonly RecordedChange[];
}

export type Row =
  | NetworkRow
  | DomainRow
  | IssuerRow
  | KeyRow
  | ListKeyRow
  | EntitlementRow
  | TypeRow
  | RegisterRow
  | BatchRow
  | StatusRow;

// ---------------------------------------------------------------- transaction inputs

export interface AnchorInput {
  readonly statement: string;
  readonly signature: string;
  /** base64 of the leaf hashes, 32 bytes each, joined in entry order. */
  readonly leaves: string;
  readonly supersessions: readonly Supersession[];
}

export interface ChangeStatusInput {
  readonly statement: string;
  readonly signature: string;
  readonly changes: readonly StatusChange[];
  /** For each change, the first entry of the batch that holds it: a hint, checked against the row. */
  readonly batches: readonly number[];
}

export interface RegisterKeyInput {
  readonly possession: string;
  readonly signature: string;
  readonly from: Instant;
  readonly until: Instant | null;
  /** A current key of the same issuer and its signature over the possession statement. */
  readonly vouchedBy: { readonly key: KeyId; readonly signature: string } | null;
}

export interface RegisterDomainInput extends Omit<DomainRow, 'kind'> {}
export interface RegisterIssuerInput extends Omit<IssuerRow, 'kind'> {}
export interface RegisterListKeyInput extends Omit<ListKeyRow, 'kind'> {}
export interface RegisterEntitlementInput extends Omit<EntitlementRow, 'kind'> {}
export interface RegisterTypeInput {
  readonly definition: CertificateType;
}

/** The founding transaction: everything of the first day, applied in this order. Keys in it are effective at once. */
export interface FoundInput {
  readonly channel: string;
  readonly domains: readonly RegisterDomainInput[];
  readonly types: readonly RegisterTypeInput[];
  readonly issuers: readonly RegisterIssuerInput[];
  readonly keys: readonly RegisterKeyInput[];
  readonly listKeys: readonly RegisterListKeyInput[];
  readonly entitlements: readonly RegisterEntitlementInput[];
}

// ---------------------------------------------------------------- trust

/** Claims of a trust list (`yinxin-trust+jwt`): the registry as one domain signs it. */
export interface TrustClaims {
  /** Domain that signed. */
  readonly iss: string;
  readonly channel: string;
  readonly height: number;
  /** Epoch seconds. */
  readonly iat: number;
  readonly exp: number;
  readonly domains: readonly DomainRow[];
  readonly issuers: readonly IssuerRow[];
  readonly keys: readonly KeyRow[];
  readonly listKeys: readonly ListKeyRow[];
  readonly entitlements: readonly EntitlementRow[];
  readonly types: readonly TypeRow[];
}

/** What a verifier holds before it has heard any server: channel, its own domain, that domain's list keys. */
export interface TrustPin {
  readonly channel: string;
  readonly domain: string;
  readonly keys: readonly ListKeyRow['jwk'][];
}

/** Claims of an anchoring (`yinxin-anchored+jwt`). */
export interface AnchoredClaims {
  /** Domain that signed. */
  readonly iss: string;
  readonly channel: string;
  /** base64 of SM3("yinxin-statement" ‖ 0x00 ‖ statement ‖ signature). */
  readonly statement: string;
  readonly txId: string;
  readonly block: number;
  /** Ledger time. */
  readonly time: Instant;
}

// ---------------------------------------------------------------- verification

/** What a reader of the ledger knows of one entry. */
export interface LedgerKnowledge {
  readonly height: number;
  /** Ledger time of the newest block read. */
  readonly time: Instant;
  /** When the reader last heard from a peer. */
  readonly asOf: Instant;
  /** Absent: the register has no such entry. */
  readonly anchor?: {
    /** base64 of the leaf hash at the entry. */
    readonly leaf: string;
    readonly statement: string;
    readonly key: KeyId;
    readonly txId: string;
    readonly block: number;
    /** Ledger time of its transaction. */
    readonly time: Instant;
    /** The entry it supersedes, as the anchor's supersessions say. */
    readonly supersedes: number | null;
  };
  readonly changes: readonly RecordedChange[];
}
