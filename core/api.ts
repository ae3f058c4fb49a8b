/** The REST surface as types: what the gateway answers and the command and page read. */
import type { DisclosedBody } from './certificate-file.ts';
import type { CodeTerms } from './code.ts';
import type { Verdict } from './conclude.ts';
import type { ErrorCode, ErrorDetails } from './errors.ts';
import type { Check, CheckName } from './finding.ts';
import type { AgreementRow, KeyRow, ProposalRow } from './ledger-model.ts';
import type {
  Act,
  CalendarDate,
  CertificateFile,
  CertificateType,
  FieldValue,
  Identifier,
  Instant,
  Json,
  KeyId,
  KeyUse,
  RecordedChange,
  Words,
} from './model.ts';
import type { LedgerKnowledge } from './trust-model.ts';
import type { Conclusion } from './verdict-words.ts';

/** RFC 9457, `application/problem+json`. `type` is `urn:yinxin:error:<CODE>`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly details: ErrorDetails;
  /** With ROWS_INVALID. */
  readonly rows?: readonly RowFinding[];
}

/** A problem (or, with HOLDER_REPEATED, a warning) in one row of a roster. Never a value. */
export interface RowFinding {
  /** Position in the request, from 0. */
  readonly row: number;
  /** Field key, where one field is at fault. */
  readonly key?: string;
  readonly code: ErrorCode;
}

// ---------------------------------------------------------------- verification

/** `POST /v1/verifications`. `file` is the certificate file's JSON; `leaf` (base64) lets a page that verified a file or code itself ask for status alone. */
export type VerificationRequest = (
  | { readonly file: CertificateFile }
  | { readonly code: string }
  | { readonly identifier: string; readonly claims?: { readonly [key: string]: FieldValue } }
  | { readonly identifier: string; readonly leaf: string }
) & {
  /** Legal time asked about; default now. */
  readonly at?: Instant;
  /** By what the ledger knew at this height (number of blocks); default the newest. */
  readonly height?: number;
  /** Where it is presented: code of a domain, or of a place inside one. */
  readonly domain?: string;
  /** The matter it is presented for, a slug of the registry. */
  readonly matter?: string;
  /** Why it is verified, at most 200 characters; mandatory when authenticated. */
  readonly purpose?: string;
  /** Also say each check in words, in the language of `Accept-Language`. */
  readonly explain?: boolean;
};

/** One check in words. */
export interface ExplainedCheck {
  readonly check: CheckName;
  readonly outcome: Check['outcome'];
  readonly code?: ErrorCode;
  /** What was looked at, as a heading. */
  readonly title: string;
  /** One sentence for a person. */
  readonly sentence: string;
  /** Facts it rests on: block, transaction, key, agreement, document number. */
  readonly evidence: readonly { readonly label: string; readonly value: string }[];
}

export interface ShownField {
  readonly key: string;
  readonly label: Words;
  /** Null: hidden by the type's rule or not presented. */
  readonly value: FieldValue | null;
  readonly masked: boolean;
  readonly unit?: string;
}

export interface CertificateSummary {
  readonly identifier: Identifier;
  readonly type: string;
  readonly typeVersion: number;
  readonly typeName: Words;
  readonly issuer: string;
  /** As it was called when it issued. */
  readonly issuerName: Words;
  /** The body that manages it now, where the issuer was closed. */
  readonly successor?: { readonly issuer: string; readonly name: Words };
  readonly entry: number;
  readonly issuedAt: Instant;
  readonly validFrom: CalendarDate;
  readonly validUntil: CalendarDate | null;
}

export interface VerificationAnswer {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** When asked for by `explain`: the same checks in words. */
  readonly explanation?: readonly ExplainedCheck[];
  readonly certificate?: CertificateSummary;
  /** Masked by the type's rules; absent where a number alone shows none. */
  readonly fields?: readonly ShownField[];
  /** What the gateway's reader of the ledger knows, so that a page can judge for itself. */
  readonly knowledge?: LedgerKnowledge;
  /** The identifier of the reissue that supersedes it. */
  readonly supersededBy?: Identifier;
  /**
   * What it says, whatever the verdict; present whenever `certificate` is. `negative`: no (`不合格`). `hidden`: its type may say no, and what
   * was presented does not show it. `none`: its type has no conclusion.
   */
  readonly conclusion?: Conclusion['kind'];
  /** What a code was made for, where it says so and is not a forgery. */
  readonly terms?: CodeTerms;
  /** Legal time asked about, and block height of the knowledge. */
  readonly at: Instant;
  readonly height: number;
}

/** `GET /v1/bodies/{identifier}`: for other cities' gateways, of types open to everyone; with the fields that anyone may see whole. */
export type BodyAnswer = DisclosedBody;

// ---------------------------------------------------------------- issuing

/** One row of `POST /v1/batches`. */
export interface RosterRow {
  readonly values: { readonly [key: string]: FieldValue };
  /** A reissue of this certificate: same serial, next version. */
  readonly supersedes?: Identifier;
}

/**
 * `POST /v1/batches`, with an `Idempotency-Key` header; at most 4,096 rows. With `Accept: application/x-ndjson` the answer is lines: the
 * BatchSummary, then each row's certificate file, exactly its bytes. QUEUE_FULL with `Retry-After` where too much waits.
 */
export interface BatchRequest {
  readonly issuer: string;
  readonly type: string;
  readonly rows: readonly RosterRow[];
  /** Digitised stock of a legacy type. */
  readonly stock?: boolean;
}

/** Of one request. The batch that is anchored may hold those of several; `id` is the register and the request's own first entry. */
export interface BatchSummary {
  readonly id: string;
  readonly issuer: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly first: number;
  readonly last: number;
  readonly txId: string;
  readonly block: number;
  readonly time: Instant;
  readonly warnings: readonly RowFinding[];
}

/**
 * `GET /v1/batches/{id}?after=<entry>&limit=<1..500>`. With `Accept: application/x-ndjson` (then up to 4,096) the first line is all but
 * `certificates`, and each file is a line.
 */
export interface BatchAnswer extends BatchSummary {
  readonly certificates: readonly CertificateFile[];
  /** Pass as `after` for the next page; null at the end. */
  readonly next: number | null;
}

/** `POST /v1/status-changes`, with an `Idempotency-Key` header; at most 1,000 changes. */
export interface StatusChangeRequest {
  readonly issuer: string;
  readonly changes: readonly {
    readonly identifier: Identifier;
    readonly act: Act;
    readonly basis: string;
    readonly document: string;
    /** Default: now; for `correct`, the effective time of the change that it takes back. */
    readonly effective?: Instant;
    /** With `correct` alone: sequence number of the mistaken change. Default: the one that decides now. */
    readonly corrects?: number;
  }[];
}

export interface StatusChangeAnswer {
  readonly txId: string;
  readonly block: number;
  readonly time: Instant;
  readonly changes: readonly { readonly identifier: Identifier; readonly change: RecordedChange }[];
}

/** `POST /v1/duplicates` (scope issue): at most 4,096 rows, each with values of the type's claim fields. */
export interface DuplicatesRequest {
  readonly issuer: string;
  readonly type: string;
  readonly rows: readonly { readonly values: { readonly [key: string]: FieldValue } }[];
}

/** Rows with exactly the claim fields of a certificate that this gateway issued in that register and still keeps: the newest such. Of any status. */
export interface DuplicatesAnswer {
  readonly duplicates: readonly { readonly row: number; readonly identifier: Identifier }[];
}

/** `POST /v1/erasures` (scope issue): erases the personal data of a certificate from this gateway, for good. */
export interface ErasureRequest {
  readonly identifier: Identifier;
  /** Number of the document that orders it. */
  readonly document: string;
}

/** Asked again, that of the first time. */
export interface ErasureAnswer extends ErasureRequest {
  readonly time: Instant;
}

/** `POST /v1/vault/rotations` (scope admin): a new key for what the gateway keeps of a body's certificates. */
export interface VaultRotationRequest {
  readonly issuer: string;
}

export interface VaultRotationAnswer {
  readonly issuer: string;
  /** Counted from 1. */
  readonly generation: number;
  /** Pages of certificates' keys that were sealed anew, and how many certificates they hold. */
  readonly pages: number;
  readonly certificates: number;
}

/** `GET /v1/certificates/{identifier}/code?face=open|closed&purpose=&addressee=&expires=`. */
export interface CodeAnswer {
  readonly identifier: Identifier;
  /** The decimal digits, and the text of the symbol (prefix and digits). */
  readonly digits: string;
  readonly symbol: string;
}

// ---------------------------------------------------------------- governance

/** `POST /v1/governance/{transaction}` (scope admin): the body is the transaction's input; the caller is the organisation of the client's domain. */
export interface GovernanceAnswer {
  readonly txId: string;
  readonly block: number;
  readonly time: Instant;
  /** The transaction's event. */
  readonly event: Json;
}

/** `POST /v1/keys` (scope admin): the gateway makes a key, proves that it has it and registers it. */
export interface KeyRequest {
  readonly issuer: string;
  readonly use: KeyUse;
  /** Default: now, or for a recovery key 24 hours on. */
  readonly from?: Instant;
  readonly until?: Instant;
  /** No current key vouches for it: it waits 24 hours and is marked. */
  readonly recovery?: boolean;
}

export interface KeyAnswer {
  readonly key: KeyId;
  readonly from: Instant;
  readonly until: Instant | null;
  readonly vouchedBy: KeyRow['vouchedBy'];
  readonly txId: string;
  readonly block: number;
}

/** Answer of `POST /v1/list-keys` (scope admin): a further key for the lists of the client's own domain, made in the gateway and registered. */
export interface ListKeyAnswer {
  readonly kid: string;
  readonly from: Instant;
  readonly until: Instant | null;
  readonly txId: string;
  readonly block: number;
}

/** `GET /v1/proposals?state=open` (scopes admin, audit), newest first; at most 50. */
export interface ProposalsAnswer {
  readonly proposals: readonly ProposalRow[];
}

/** `GET /v1/agreements` (scopes admin, audit): also those that not every party has approved, which no trust list names; newest first, at most 200. */
export interface AgreementsAnswer {
  readonly agreements: readonly AgreementRow[];
}

// ---------------------------------------------------------------- reading

/** `GET /v1/types`: newest versions. */
export interface TypesAnswer {
  readonly types: readonly CertificateType[];
}

/** One item of `GET /v1/history/certificates/{identifier}?after=<n>&limit=<1..200>`, in ledger order. */
export interface HistoryItem {
  readonly event: 'anchored' | 'status-changed' | 'superseded';
  readonly block: number;
  readonly txId: string;
  /** Ledger time. */
  readonly time: Instant;
  /** The organisation and identity that sent the transaction. */
  readonly caller: { readonly msp: string; readonly id: string };
  readonly issuer: string;
  readonly issuerName: Words;
  /** The body whose key signed, where that is another: the successor that manages it. */
  readonly actor?: { readonly issuer: string; readonly name: Words };
  /** The change counts for nothing: its key was in other hands or out of its window, and it made the certificate good for more. */
  readonly void?: true;
  /** Of the signed statement. */
  readonly key: string;
  readonly statement: string;
  readonly signature: string;
  /** With `anchored`: position in the batch. */
  readonly entry?: number;
  /** With the others. */
  readonly change?: RecordedChange;
}

export interface HistoryAnswer {
  readonly identifier: Identifier;
  readonly items: readonly HistoryItem[];
  readonly next: number | null;
}

/** `GET /v1/trust-list` (`application/jwt`): the signed list as a compact JWS. `POST /oauth/token`: */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope: string;
}

/** A client file (`clients/<issuer>.json`, mode 0600): what the command needs to act for one issuer. */
export interface ClientFile {
  readonly format: 'yinxin-client/1';
  readonly gateway: string;
  readonly clientId: string;
  /** Null for a city's administrator. */
  readonly issuer: string | null;
  readonly domain: string;
  readonly scopes: readonly string[];
  /** ES256 private key (JWK). */
  readonly privateKey: {
    readonly kty: 'EC';
    readonly crv: 'P-256';
    readonly x: string;
    readonly y: string;
    readonly d: string;
  };
}

/** What a backup holds of one kind. `ledger` only where the ledger is the embedded one. */
export interface BackupPart {
  readonly part: 'ledger' | 'vault' | 'index' | 'keys' | 'files';
  readonly entries: number;
  /** Of keys and values. */
  readonly bytes: number;
}

/** A backup as it lies in the folder of backups. */
export interface BackupItem {
  /** Of the file, without `.backup`. */
  readonly name: string;
  /** When everything in it was frozen. */
  readonly time: Instant;
  readonly bytes: number;
  /** Number of blocks that its index has at least. */
  readonly height: number;
}

/** Of POST /v1/backups, when it is written. */
export interface BackupAnswer extends BackupItem {
  /** Of these blocks another organisation was seen to hold the same. */
  readonly confirmed: number;
  /** Hex of SHA-256 of the file, as `sha256sum` prints it: to compare copies by. */
  readonly digest: string;
  /** Records of certificates. */
  readonly certificates: number;
  readonly parts: readonly BackupPart[];
}

/** Entries that the ledger has and this gateway does not, since it was restored from a backup. */
export interface MissingEntries {
  readonly issuer: string;
  readonly type: string;
  readonly first: number;
  readonly last: number;
  /** So many of these. */
  readonly missing: number;
}

/** Of a gateway whose data folder was restored from a backup. */
export interface Restoration {
  readonly backup: string;
  /** When the backup was frozen. */
  readonly time: Instant;
  readonly restoredAt: Instant;
  /** What the ledger had besides when the gateway was first started again; null before that. */
  readonly missing: readonly MissingEntries[] | null;
}

/** Of GET /v1/backups. */
export interface BackupsAnswer {
  /** The one that is being written, and how much of it is. */
  readonly writing: { readonly name: string; readonly since: Instant; readonly bytes: number } | null;
  /** Newest first, at most 100. */
  readonly backups: readonly BackupItem[];
  /** Files called backups whose beginning is not one of this gateway’s. */
  readonly damaged: readonly string[];
  readonly restored: Restoration | null;
}
