/** The ledger's rows, the inputs of its transactions, and what a verifier is told of them. Shapes only, like model.ts. */
import type {
  Act,
  CertificateType,
  Instant,
  KeyId,
  KeyUse,
  KnownChange,
  RecordedChange,
  StatusChange,
  Supersession,
  Words,
} from './model.ts';

// ---------------------------------------------------------------- ledger rows

/** From inclusive, until exclusive; null is no end. */
export interface Window {
  readonly from: Instant;
  readonly until: Instant | null;
}

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
  /** GB/T 2260 code of the region it acts in; its domain is the one with the longest `region` that the code begins with. */
  readonly region: string;
  readonly name: Words;
  readonly from: Instant;
  /** Names that it had, oldest first, each until a renaming. */
  readonly formerNames: readonly { readonly name: Words; readonly until: Instant }[];
  /** Null while it is open. From `at` on it signs nothing more; its successor manages what it issued. */
  readonly closed: Closing | null;
  /** A closing to which the successor's domain has not consented yet. */
  readonly offered: Closing | null;
}

export interface Closing {
  readonly at: Instant;
  /** The body that takes over, or null for none. Never one that is closed itself when it takes over, so there are no cycles. */
  readonly successor: string | null;
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
  /** Not null: nothing that it signed proves anything any more, whatever time it states. */
  readonly compromisedFrom: Instant | null;
}

/** What a body may issue: one row for issuer and type, with every window in which it might, ascending and apart. */
export interface EntitlementRow {
  readonly kind: 'entitlement';
  readonly issuer: string;
  readonly type: string;
  readonly windows: readonly EntitlementWindow[];
}

export interface EntitlementWindow extends Window {
  /** GB/T 2260 code; inside the body's own. */
  readonly region: string;
}

export interface TypeRow {
  readonly kind: 'type';
  readonly definition: CertificateType;
  readonly from: Instant;
}

/** A legal basis that status changes may name, such as `licence-law-69` (行政许可法第六十九条). */
export interface BasisRow {
  readonly kind: 'basis';
  readonly basis: string;
  readonly name: Words;
  /** The acts that it supports. */
  readonly acts: readonly Act[];
}

/** A matter for which certificates are presented (事项), such as 企业开办. */
export interface MatterRow {
  readonly kind: 'matter';
  /** A slug, as a type's. */
  readonly matter: string;
  readonly name: Words;
}

/** A recognition agreement (互认协议). Its terms never change; other terms are another agreement. */
export interface AgreementRow {
  readonly kind: 'agreement';
  /** A slug, such as `chengyu-2026`. */
  readonly agreement: string;
  readonly name: Words;
  /** At least two, ascending by domain. */
  readonly parties: readonly AgreementParty[];
  /** Slugs, ascending. */
  readonly types: readonly string[];
  /** Ascending; null: whatever the matter. */
  readonly matters: readonly string[] | null;
  readonly from: Instant;
  readonly until: Instant | null;
  /** The party that proposed it. */
  readonly proposedBy: string;
  /** One for each party that has approved, in order of time. */
  readonly approvals: readonly { readonly domain: string; readonly time: Instant }[];
  /** When the last party approved; null until then, and not in force until then. */
  readonly approved: Instant | null;
  /** In order of time; `until` null while it goes on. */
  readonly suspensions: readonly (Window & { readonly domain: string })[];
}

export interface AgreementParty {
  readonly domain: string;
  /** Where objections go: an office and its telephone, of no person. */
  readonly office: Words;
  readonly phone: string;
}

/** What only a majority of the organisations may do. */
export type ProposalAction =
  | { readonly action: 'registerDomain'; readonly input: RegisterDomainInput }
  /** Another name, or another organisation that speaks for it; domain and region stay. */
  | { readonly action: 'amendDomain'; readonly input: RegisterDomainInput }
  | { readonly action: 'registerType'; readonly input: RegisterTypeInput }
  /** New, or with other words or acts. */
  | { readonly action: 'registerBasis'; readonly input: RegisterBasisInput }
  | { readonly action: 'registerMatter'; readonly input: RegisterMatterInput }
  /** Any time that is not in the future, in place of what is recorded or anew. */
  | { readonly action: 'recordCompromise'; readonly input: ReportCompromiseInput };

export interface ProposalRow {
  readonly kind: 'proposal';
  /** Transaction id of the proposal. */
  readonly proposal: string;
  readonly action: ProposalAction;
  readonly proposedBy: string;
  readonly time: Instant;
  /** Thirty days later. */
  readonly expires: Instant;
  /** Organisations (MSPs) in order of time, the proposer's first. */
  readonly approvals: readonly { readonly msp: string; readonly time: Instant }[];
  readonly state: 'open' | 'adopted' | 'withdrawn' | 'expired';
  /** When it ceased to be open. */
  readonly closed: Instant | null;
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
  /** There once the entry that this one had superseded was taken up again: nothing changes here any more, else both could be in force. */
  readonly final?: true;
}

export type Row =
  | NetworkRow
  | DomainRow
  | IssuerRow
  | KeyRow
  | ListKeyRow
  | EntitlementRow
  | TypeRow
  | BasisRow
  | MatterRow
  | AgreementRow
  | ProposalRow
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
export interface RegisterIssuerInput extends Omit<IssuerRow, 'kind' | 'formerNames' | 'closed' | 'offered'> {}
export interface RegisterListKeyInput extends Omit<ListKeyRow, 'kind' | 'compromisedFrom'> {}
export interface RegisterEntitlementInput extends EntitlementWindow {
  readonly issuer: string;
  readonly type: string;
}
export interface RegisterBasisInput extends Omit<BasisRow, 'kind'> {}
export interface RegisterMatterInput extends Omit<MatterRow, 'kind'> {}
export interface RegisterTypeInput {
  readonly definition: CertificateType;
}

/** `at` not before now. With a successor in a domain of another organisation it is an offer until `acceptSuccession`. */
export interface CloseIssuerInput extends Closing {
  readonly issuer: string;
}
export interface AcceptSuccessionInput {
  /** The body that is offered. */
  readonly issuer: string;
}
export interface RenameIssuerInput {
  readonly issuer: string;
  readonly name: Words;
}

/** `until` not before now, and before the window's present end. */
export interface RetireKeyInput {
  readonly key: KeyId;
  readonly until: Instant;
}
/** `from` not in the future and at most 30 days ago; once only. All else needs a majority. */
export interface ReportCompromiseInput {
  readonly key: KeyId;
  readonly from: Instant;
}
export interface RetireListKeyInput {
  readonly kid: string;
  readonly until: Instant;
}
export interface ReportListKeyCompromiseInput {
  readonly kid: string;
  readonly from: Instant;
}
/** `until` not before now, and before the present end of the last window. */
export interface EndEntitlementInput {
  readonly issuer: string;
  readonly type: string;
  readonly until: Instant;
}

export type ProposeInput = ProposalAction;
/** For approve, withdraw, expire. */
export interface ProposalInput {
  readonly proposal: string;
}

/** Proposed by, and with the approval of, `domain`. */
export interface ProposeAgreementInput
  extends Omit<AgreementRow, 'kind' | 'proposedBy' | 'approvals' | 'approved' | 'suspensions'> {
  readonly domain: string;
}
/** For approve, suspend, resume: the party on whose behalf. */
export interface AgreementInput {
  readonly agreement: string;
  readonly domain: string;
}
export interface EndAgreementInput extends AgreementInput {
  readonly until: Instant;
}

/** The founding transaction: everything of the first day, applied in this order. Keys in it are effective at once. */
export interface FoundInput {
  readonly channel: string;
  readonly domains: readonly RegisterDomainInput[];
  readonly types: readonly RegisterTypeInput[];
  readonly bases: readonly RegisterBasisInput[];
  readonly matters: readonly RegisterMatterInput[];
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
  readonly bases: readonly BasisRow[];
  readonly matters: readonly MatterRow[];
  readonly agreements: readonly AgreementRow[];
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

/** Claims of a status list (`statuslist+jwt`, IETF Token Status List): one register as one domain signs it. */
export interface StatusListClaims {
  /** Domain that signed. */
  readonly iss: string;
  /** `urn:yinxin:<channel>:<issuer>:<type>`. */
  readonly sub: string;
  readonly height: number;
  /** The register's last entry; index 0 is unused. */
  readonly entries: number;
  /** Epoch seconds. `exp` never passes the next scheduled effective time. */
  readonly iat: number;
  readonly exp: number;
  /** Seconds. */
  readonly ttl: number;
  readonly status_list: { readonly bits: 2; readonly lst: string };
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
  readonly changes: readonly KnownChange[];
}
