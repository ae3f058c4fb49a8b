/** The REST surface as types: what the gateway answers and the command and page read. */
import type { CodeTerms } from './code.ts';
import type { Verdict } from './conclude.ts';
import type { ErrorCode, ErrorDetails } from './errors.ts';
import type { Check } from './finding.ts';
import type { LedgerKnowledge } from './ledger-model.ts';
import type {
  Act,
  CalendarDate,
  CertificateFile,
  CertificateType,
  FieldValue,
  Identifier,
  Instant,
  RecordedChange,
  Words,
} from './model.ts';
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
  readonly at?: Instant;
  readonly domain?: string;
  /** Why it is verified, at most 200 characters; mandatory when authenticated. */
  readonly purpose?: string;
};

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
  readonly issuerName: Words;
  readonly entry: number;
  readonly issuedAt: Instant;
  readonly validFrom: CalendarDate;
  readonly validUntil: CalendarDate | null;
}

export interface VerificationAnswer {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
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

// ---------------------------------------------------------------- issuing

/** One row of `POST /v1/batches`. */
export interface RosterRow {
  readonly values: { readonly [key: string]: FieldValue };
  /** A reissue of this certificate: same serial, next version. */
  readonly supersedes?: Identifier;
}

/** `POST /v1/batches`, with an `Idempotency-Key` header; at most 4,096 rows. */
export interface BatchRequest {
  readonly issuer: string;
  readonly type: string;
  readonly rows: readonly RosterRow[];
  /** Digitised stock of a legacy type. */
  readonly stock?: boolean;
}

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

/** `GET /v1/batches/{id}?after=<entry>&limit=<1..500>`. */
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
    /** Default: now. */
    readonly effective?: Instant;
  }[];
}

export interface StatusChangeAnswer {
  readonly txId: string;
  readonly block: number;
  readonly time: Instant;
  readonly changes: readonly { readonly identifier: Identifier; readonly change: RecordedChange }[];
}

/** `GET /v1/certificates/{identifier}/code?face=open|closed&purpose=&addressee=&expires=`. */
export interface CodeAnswer {
  readonly identifier: Identifier;
  /** The decimal digits, and the text of the symbol (prefix and digits). */
  readonly digits: string;
  readonly symbol: string;
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
  readonly issuer: string;
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
