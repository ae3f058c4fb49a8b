/** The ledger's rows, the inputs of its transactions, and what a verifier is told of them. Shapes only, like model.ts. */
import type {
  CertificateType,
  Instant,
  KeyId,
  KeyUse,
  RecordedChange,
  StatusChange,
  Supersession,
  Words,
} from './model.ts';

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
