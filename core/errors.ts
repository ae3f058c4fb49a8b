/** The one table of codes, for errors (thrown) and findings (data), and the one class of error. Append only: a code never changes its meaning. */
import type { Json } from './model.ts';

/** HTTP status, exit code of the command (1 refused or invalid, 2 usage, 3 indeterminate or unreachable, 70 bug), worth trying again unchanged; the comment beside it is its meaning. */
type Entry = readonly [http: number, exit: 1 | 2 | 3 | 70, retryable: boolean];

const table = {
  // bytes and texts
  TOO_LARGE: [413, 1, false], // more bytes than the documented limit
  TOO_DEEP: [400, 1, false], // nested deeper than the documented limit
  MALFORMED_JSON: [400, 1, false], // not JSON (RFC 8259)
  DUPLICATE_KEY: [400, 1, false], // a JSON object has the same key twice
  NOT_CANONICAL: [400, 1, false], // does not re-serialise to the same bytes
  MALFORMED_TEXT: [400, 1, false], // not UTF-8, base64 or hex as required, or a lone surrogate or control character
  MALFORMED_CBOR: [400, 1, false], // not deterministic CBOR of the kinds that a code uses
  MALFORMED_TIME: [400, 1, false], // not an instant YYYY-MM-DDThh:mm:ssZ or a calendar date
  MALFORMED_IDENTIFIER: [400, 1, false], // not an identifier, or its check character is wrong
  MALFORMED_KEY: [400, 1, false], // not a public key on the SM2 curve, or not a key id
  MALFORMED_SIGNATURE: [400, 1, false], // not 64 bytes r‖s with 1 ≤ r, s < n
  MALFORMED_STATEMENT: [400, 1, false], // not a statement: a line is missing, added, out of order or badly written
  MALFORMED_PROOF: [400, 1, false], // an inclusion proof longer than any batch could need
  MALFORMED_FILE: [400, 1, false], // not a certificate file: a member is missing, unknown or of the wrong kind
  MALFORMED_CODE: [400, 1, false], // not a Yinxin code: digits, compression or members are wrong
  INPUT_INVALID: [400, 1, false], // a member of a request is missing, unknown or of the wrong kind
  TYPE_INVALID: [400, 1, false], // a certificate type is not well formed
  // fields
  FIELD_UNKNOWN: [422, 1, false], // a field that this type version does not have
  FIELD_MISSING: [422, 1, false], // a required field is missing
  FIELD_INVALID: [422, 1, false], // a value is not of its field’s kind
  DATE_INVALID: [422, 1, false], // not a calendar date, or an end before its beginning
  CHECK_DIGIT_INVALID: [422, 1, false], // the check digit of a number is wrong
  ENUM_INVALID: [422, 1, false], // not one of the values that the type lists
  FIELDS_INVALID: [422, 1, false], // several fields have problems; each is named
  // format and integrity of what is presented
  SECRET_WITH_HIDDEN_FIELD: [400, 1, false], // a file gives the secret and yet hides a field
  FIELDS_MISMATCH: [422, 1, false], // the shown fields do not open the commitments of the body
  FACE_MISMATCH: [422, 1, false], // the face differs from the fields or does not open
  PROOF_LENGTH: [422, 1, false], // the inclusion proof has more or fewer hashes than its index and the batch’s size need
  INDEX_OUTSIDE_TREE: [422, 1, false], // the index lies past the end of the batch
  PROOF_MISMATCH: [422, 1, false], // the certificate is not in the batch that the statement signs
  ENTRY_MISMATCH: [422, 1, false], // entry, index and the statement’s range disagree
  ISSUER_MISMATCH: [422, 1, false], // body, identifier and statement name different issuers
  TYPE_MISMATCH: [422, 1, false], // body, identifier, statement and type row disagree on type, version or code
  VERSION_MISMATCH: [422, 1, false], // version, serial, entry and the superseded identifier disagree
  HOLDER_TOKEN_MISMATCH: [422, 1, false], // the holder token is damaged or of another certificate
  CHANNEL_MISMATCH: [422, 1, false], // made for another channel
  // signature and key
  SIGNATURE_INVALID: [422, 1, false], // the SM2 signature does not hold
  KEY_UNKNOWN: [422, 1, false], // no such key on the ledger
  KEY_UNKNOWN_YET: [422, 3, true], // no such key in a trust list older than the signature
  KEY_WRONG_USE: [422, 1, false], // the key is registered for another use, or for another issuer
  KEY_NOT_IN_WINDOW: [422, 1, false], // the key was not in force at the time that counts
  KEY_COMPROMISED: [422, 1, false], // the key was in other hands at the time that counts
  // issuer
  ISSUER_UNKNOWN: [422, 1, false], // no such issuing body on the ledger
  TYPE_UNKNOWN: [422, 1, false], // no such type, or no such version of it, on the ledger
  NOT_ENTITLED: [422, 1, false], // the body was not entitled to issue this type then
  ISSUER_CLOSED: [422, 1, false], // the issuing body was closed then
  // anchor
  NOT_ANCHORED: [422, 1, false], // the ledger does not hold this certificate at its entry
  SUPERSESSION_MISMATCH: [422, 1, false], // body and ledger disagree on what the certificate supersedes
  ANCHOR_UNPROVEN: [422, 3, true], // anchoring could not be proven without the ledger
  LEDGER_BEHIND: [422, 3, true], // the reader of the ledger has not come to the block that another domain names
  ANCHORED_INVALID: [422, 1, false], // the anchoring proof is not signed by a domain of the trust list, or is of another statement
  ANCHORED_KEY_UNKNOWN: [422, 3, true], // the anchoring proof names a list key that the trust list does not have
  ANCHORED_BY_OWN_DOMAIN: [422, 3, false], // the anchoring proof was signed by the issuer’s own domain
  ANCHORED_KEY_COMPROMISED: [422, 3, true], // the key of the anchoring proof has a record of compromise
  OFFLINE_CODE_REFUSED: [422, 3, true], // codes of this type need the ledger
  CODE_KEY_TAINTED: [422, 3, true], // the key has a record of compromise; its codes need the ledger
  CODE_EXPIRED: [422, 1, false], // the code is past its expiry
  // status, validity, recognition
  SUSPENDED: [422, 1, false], // suspended
  SUPERSEDED: [422, 1, false], // superseded by a reissue
  CANCELLED: [422, 1, false], // cancelled (注销)
  REVOKED: [422, 1, false], // revoked (撤销)
  WITHDRAWN: [422, 1, false], // withdrawn (撤回)
  FORFEITED: [422, 1, false], // forfeited (吊销)
  ENDED: [422, 1, false], // cancelled, revoked, withdrawn or forfeited: a status list cannot tell which
  STATUS_LIST_INVALID: [422, 1, false], // the status list is damaged, wrongly signed, of another register or not yet valid
  STATUS_LIST_ROLLBACK: [422, 1, false], // the status list is older than one seen before
  ENTRY_BEYOND_LIST: [422, 3, true], // the status list ends before this entry
  STATUS_PRESENT_ONLY: [422, 3, true], // a status list tells the present only, not the time asked about
  TIME_AHEAD: [422, 3, false], // asked about a time to come: nobody knows the status then
  STATUS_UNKNOWN: [422, 3, true], // status could not be checked
  STATUS_STALE: [422, 3, true], // status knowledge is older than the type allows
  EXPIRED: [422, 1, false], // past its last day
  NOT_YET_VALID: [422, 1, false], // before its first day
  NOT_YET_ISSUED: [422, 1, false], // it was issued after the time asked about
  VALIDITY_UNKNOWN: [422, 3, true], // the dates are not known here
  NOT_RECOGNISED: [422, 1, false], // genuine, but no rule makes it acceptable in this domain
  MATTER_REQUIRED: [422, 3, true], // recognised for some matters only, and none was named
  MATTER_NOT_COVERED: [422, 1, false], // genuine, but the recognition agreement does not cover this matter
  AGREEMENT_NOT_IN_FORCE: [422, 1, false], // genuine, but the recognition agreement was not in force: ended, suspended, or not begun
  NOT_CHECKED: [422, 3, true], // a required check was not made
  // trust
  TRUST_MISSING: [503, 3, true], // no trust list
  TRUST_EXPIRED: [503, 3, true], // the trust list is past its end
  TRUST_OUTDATED: [422, 3, true], // the trust list is older than the certificate and does not know its type or body
  TRUST_INVALID: [422, 1, false], // the trust list is not signed by a pinned key, or is of another channel or kind
  TRUST_ROLLBACK: [422, 1, false], // the trust list is older than one seen before
  // by number and by comparison
  CERTIFICATE_UNKNOWN: [404, 1, false], // no such certificate, or the claimed values do not match
  CERTIFICATE_ERASED: [410, 1, false], // its personal data was erased for good; the ledger's facts stay
  CLAIMS_REQUIRED: [403, 1, false], // for this type a number needs claimed values or an authenticated verifier
  CLAIMS_INVALID: [400, 1, false], // the claimed values are not at least the type’s claim fields
  // ledger
  CALLER_NOT_PERMITTED: [403, 1, false], // the caller’s organisation or role may not do this
  ALREADY_EXISTS: [409, 1, false], // such a row exists already
  NOT_FOUND: [404, 1, false], // no such row
  OUTSIDE_REGION: [403, 1, false], // outside the region of the domain
  ENTRY_NOT_NEXT: [409, 1, true], // the entries do not continue the register
  ROOT_MISMATCH: [422, 1, false], // the leaves do not give the signed root
  BATCH_TOO_LARGE: [413, 1, false], // more leaves than one transaction may carry
  STATEMENT_TIME: [422, 1, true], // statement time and transaction time are more than 10 minutes apart, or go back
  STATUS_STEP_ILLEGAL: [409, 1, false], // this act is not lawful from the present status
  SEQUENCE_STALE: [409, 1, true], // the change does not carry the certificate’s next sequence number
  SUPERSESSION_ILLEGAL: [409, 1, false], // the superseded entry is not of an earlier batch, has ended, or was superseded once
  CONFLICT: [409, 1, true], // another transaction changed the same rows first
  LEDGER_UNREACHABLE: [503, 3, true], // no peer or orderer could be reached; nothing was written
  COMMIT_UNKNOWN: [504, 3, true], // sent to the ledger, but its commit was not seen; ask by transaction id
  CLOCK_OFF: [409, 1, true], // the transaction’s timestamp is more than 10 minutes from the endorsing peer’s clock
  PROPOSAL_CLOSED: [409, 1, false], // the proposal was adopted, withdrawn or expired
  PROPOSAL_EXPIRED: [409, 1, false], // the proposal is past its thirty days
  PROPOSAL_NOT_EXPIRED: [409, 1, false], // the proposal is not past its thirty days yet
  ALREADY_APPROVED: [409, 1, false], // this organisation or party has approved already
  AGREEMENT_STATE: [409, 1, false], // the agreement has ended, or is suspended or not suspended by this party already
  BASIS_UNKNOWN: [422, 1, false], // no such legal basis on the ledger, or not for this act
  EFFECTIVE_ILLEGAL: [422, 1, false], // a year or more ahead, or before the change that it lifts or corrects
  COMPROMISE_ILLEGAL: [409, 1, false], // in the future, more than 30 days back or recorded before: a majority must decide
  TYPE_MEANING_CHANGED: [422, 1, false], // a new version changes what a field of an earlier one means
  TYPE_VERSION_ENDED: [409, 1, false], // a newer version of the type took its place more than 7 days ago
  LIMIT_REACHED: [409, 1, false], // as many as the ledger takes are there already, or larger than it takes
  SUCCESSION_ILLEGAL: [409, 1, false], // the successor is closed, is the body itself, or nothing is offered any more
  // gateway
  HEIGHT_UNKNOWN: [404, 1, false], // the ledger has not reached this height
  UNAUTHENTICATED: [401, 1, false], // no valid access token
  SCOPE_MISSING: [403, 1, false], // the token does not carry the scope that this needs
  CLIENT_INVALID: [401, 1, false], // unknown client, or its assertion does not hold
  GRANT_UNSUPPORTED: [400, 1, false], // only client_credentials with private_key_jwt is offered
  IDEMPOTENCY_KEY_MISSING: [400, 1, false], // the Idempotency-Key header is missing or malformed
  IDEMPOTENCY_KEY_REUSED: [422, 1, false], // the key was used before with another request
  ROWS_INVALID: [422, 1, false], // rows of the roster have problems; each is named and nothing was signed
  TOO_MANY_ROWS: [413, 1, false], // more rows than one request may carry
  QUEUE_FULL: [429, 3, true], // more waits to be issued than the gateway takes, in all or of this client; nothing was stored
  WORKER_LOST: [503, 3, true], // the part of the gateway that worked on the request ended; nothing was stored
  TYPE_LEGACY: [422, 1, false], // a legacy type: only digitised stock, no new certificates
  ROUTE_UNKNOWN: [404, 2, false], // no such path
  METHOD_UNKNOWN: [405, 2, false], // the path does not have this method
  MEDIA_TYPE_UNSUPPORTED: [415, 2, false], // the content type is not understood here
  NOT_READY: [503, 3, true], // the gateway is starting
  SIGNING_KEY_MISSING: [503, 1, false], // this gateway holds no key in force for this issuer and use
  PASSPHRASE_WRONG: [500, 1, false], // the passphrase does not open the key store
  KEY_STORE_DAMAGED: [500, 1, false], // a file of the key store is damaged or missing
  VAULT_DAMAGED: [500, 1, false], // a record of the vault fails its authentication tag
  VAULT_OUTDATED: [500, 1, false], // the vault lies in a layout that an earlier version wrote
  LEDGER_DAMAGED: [500, 1, false], // a block or the state of the embedded ledger does not hold together
  LEDGER_DIVERGED: [500, 3, false], // two organisations’ peers hold different blocks, a block’s signatures do not hold, or peers took what no reader counts
  DATA_IN_USE: [500, 1, true], // another process uses the data folder
  BACKUP_BUSY: [409, 1, true], // a backup is being written already
  BACKUP_FAILED: [500, 1, true], // the backup could not be written to its end, and nothing of it is left
  BACKUP_DAMAGED: [422, 1, false], // the backup was altered, cut short, or is no backup
  BACKUP_UNSOUND: [422, 1, false], // what the backup holds does not agree with itself, and was not restored
  ERASURES_DAMAGED: [422, 1, false], // the list of erasures beside the backups was altered, or is another gateway’s
  FOLDER_NOT_EMPTY: [409, 1, false], // a folder that should be empty has something in it
  PORT_IN_USE: [500, 1, true], // another program listens on the port
  SETTING_INVALID: [500, 2, false], // a setting is malformed
  // a Fabric network and its contract
  FABRIC_MISSING: [500, 2, false], // Fabric’s programs are not found, or are too old
  NETWORK_STATE: [409, 1, false], // the network is not in the state that this needs: not made, not running, running already
  NETWORK_FAILED: [500, 1, true], // a step of bringing the network up did not succeed
  CONTRACT_MISMATCH: [500, 1, false], // the contract here is not the one that the organisations approved
  // command
  USAGE: [400, 2, false], // the command line is not understood
  FILE_UNREADABLE: [400, 1, false], // a file cannot be read or written
  GATEWAY_UNREACHABLE: [503, 3, true], // the gateway does not answer
  CLIENT_FILE_MISSING: [400, 2, false], // no client file of an issuer that may do this
  ROSTER_ENCODING: [400, 1, false], // the roster is in an encoding that is not read
  ROSTER_HEADER: [400, 1, false], // the header does not name the fields of the type
  ROSTER_EMPTY: [400, 1, false], // the roster has no data rows
  ROSTER_ROW_EMPTY: [422, 1, false], // an empty row between others
  ROSTER_COLUMNS: [422, 1, false], // a row has more or fewer columns than the header
  ROSTER_QUOTE: [400, 1, false], // a quote is never closed, or stands inside a cell
  IMAGE_UNREADABLE: [422, 1, false], // the picture beside the roster cannot be read
  ROSTER_REPEATED: [409, 1, false], // this very roster was issued before
  ROSTER_CHANGED: [409, 1, false], // the roster is not what it was when it was checked
  RUN_STOPPED: [503, 3, true], // the run was asked to stop, and can be gone on with
  RUN_EXPIRED: [410, 1, false], // the run began so long ago that the gateway may have forgotten which of its requests it has answered
  DISK_FULL: [500, 1, true], // no room is left on the disk for what is to be written
  CERTIFICATE_REPEATED: [422, 1, false], // two rows of a roster act on one certificate
  HOLDER_REPEATED: [200, 1, false], // warning: two rows for one holder
  ROSTER_ENCODING_MIXED: [400, 1, false], // one line of the roster is in another encoding than the others
  ROSTER_HEADER_AGAIN: [422, 1, false], // a row between others is the header once more
  ROSTER_TYPE_OTHER: [400, 1, false], // the columns are those of another type
  ROSTER_MAPPING: [400, 1, false], // the mapping file is not understood, or does not fit the type or the roster
  ROSTER_SHEETS: [400, 1, false], // several sheets of the workbook could be the roster, or the one named is not there
  ROSTER_PASSWORD: [400, 1, false], // the workbook is protected by a password
  ROSTER_OLD_FORMAT: [400, 1, false], // a workbook of a format before XLSX, or a page or other file under its name
  ROSTER_DAMAGED: [400, 1, false], // the workbook is damaged, or is none
  ROSTER_MACRO: [400, 1, false], // the workbook carries a macro
  ROSTER_LINKS: [400, 1, false], // the workbook takes values from other files or data sources
  ROSTER_BOMB: [400, 1, false], // the workbook unpacks to far more than a roster is
  ROSTER_FORMULA: [422, 1, false], // a cell holds a formula, not a value
  ROSTER_NUMBER_LOST: [422, 1, false], // a spreadsheet kept a long number as an approximate one: its last digits are lost
  ROSTER_CELL_ERROR: [422, 1, false], // a cell shows an error of the spreadsheet, such as #N/A
  ROSTER_MERGED: [422, 1, false], // a cell is merged with another; which rows its value is meant for is not certain
  ROSTER_ROW_HIDDEN: [422, 1, false], // the row is hidden or filtered away in the spreadsheet
  ROSTER_CHARACTER_LOST: [422, 1, false], // a character was lost when the roster was exported: U+FFFD stands there
  DATE_AMBIGUOUS: [422, 1, false], // the text could be several dates
  INTERNAL: [500, 70, false], // a bug of ours
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof table;

export const errorCodes = Object.keys(table) as readonly ErrorCode[];

export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.prototype.hasOwnProperty.call(table, text);
}

export function errorEntry(code: ErrorCode): {
  readonly http: number;
  readonly exit: 1 | 2 | 3 | 70;
  readonly retryable: boolean;
} {
  const [http, exit, retryable] = table[code];
  return { http, exit, retryable };
}

export type ErrorDetails = { readonly [key: string]: Json };

/** An error that a person can act on. `details` never carry a personal value, a key or a path of the server. */
export class YinxinError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(`${code} ${JSON.stringify(details)}`);
    this.name = 'YinxinError';
    this.code = code;
    this.details = details;
  }
}

/** The form in which the contract refuses: only an error's message reaches a Fabric client. */
export function formatRefusal(error: YinxinError): string {
  return `YINXIN/1 ${error.code} ${JSON.stringify(error.details)}`;
}

/** Finds a refusal in a peer's message; undefined when there is none. */
export function parseRefusal(message: string): YinxinError | undefined {
  const match = /YINXIN\/1 ([A-Z_]+) (\{.*\})/s.exec(message);
  if (!match || !isErrorCode(match[1])) return undefined;
  try {
    return new YinxinError(match[1], JSON.parse(match[2] ?? '{}') as ErrorDetails);
  } catch {
    return new YinxinError(match[1]);
  }
}
