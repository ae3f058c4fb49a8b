/** The ledger's rows and the inputs of its transactions. Shapes only, like model.ts. */
import type {
  Act,
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
  /** When it joined; before that its places were those of the domain around it. */
  readonly from: Instant;
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
  readonly offered: Offer | null;
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
  readonly registered: Instant;
  /** From this time on it was in other hands. */
  readonly compromisedFrom: Instant | null;
}

export interface Offer extends Closing {
  /** Thirty days after it was made. */
  readonly expires: Instant;
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

/** One of the organisations, made with its first domain. Every governing act of it writes this row, mostly as it is. */
export interface OrganisationRow {
  readonly kind: 'organisation';
  readonly msp: string;
  /** When it first acted itself: the founder by founding, any other by its first governing act. Null until then: others named it, perhaps by mistake. */
  readonly joined: Instant | null;
  /** Its proposals that were open when it last made one, that one among them, oldest first. Some may be closed since. */
  readonly openProposals: readonly string[];
}

/** The last governing act of an organisation; the row's history is all of them. Nothing reads it to decide, so nothing hangs on what it says. */
export interface GovernanceRow {
  readonly kind: 'governance';
  readonly msp: string;
  readonly txId: string;
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
  /** The entry that this one superseded; on record once that one, or one before it in the same line, was taken up again. */
  readonly superseded?: number;
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
  | OrganisationRow
  | GovernanceRow
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

export interface RegisterDomainInput extends Omit<DomainRow, 'kind' | 'from'> {}
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
