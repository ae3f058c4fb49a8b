/** The JOSE things that a verifier reads: trust list, status list and anchoring (core/FORMATS.md). Asynchronous, so apart from `verify`. */
import { utf8 } from './bytes.ts';
import { type ErrorCode, YinxinError } from './errors.ts';
import { parseJson } from './jcs.ts';
import { type Jwk, readKid, readPayload, toThumbprint } from './jws.ts';
import type { ListKeyRow } from './ledger-model.ts';
import { isJsonObject, memberReader } from './members.ts';
import type { Instant, Json } from './model.ts';
import { formatListSubject, openStatuses, readStatus, type StatusList } from './status-list.ts';
import { parseInstant, toInstant } from './time.ts';
import { isInWindow, type Trust, toTrust } from './trust.ts';
import type { AnchoredClaims, StatusListClaims, TrustClaims, TrustPin } from './trust-model.ts';
import type { AnchoredOutcome } from './verify-common.ts';

export const trustListTyp = 'yinxin-trust+jwt';
export const statusListTyp = 'statuslist+jwt';
export const anchoredTyp = 'yinxin-anchored+jwt';
const maxTrustListBytes = 8 * 1024 * 1024;
/** Room for the largest list (`maxListedEntries`), twice in base64url, that would not compress at all. */
const maxStatusListBytes = 32 * 1024 * 1024;

/** Whether a list key may have signed at this time. With a record of compromise nothing proves when it did. */
function mayHaveSigned(row: ListKeyRow, at: Instant): boolean {
  return row.compromisedFrom === null && isInWindow(row, at);
}

// ---------------------------------------------------------------- anchoring

/** Looks at a file's `anchored`: signed by a list key of the trust list that was in force then. Null (none given) is undefined. */
export async function readAnchored(jws: string | null, trust: Trust): Promise<AnchoredOutcome | undefined> {
  if (jws === null) return undefined;
  const kid = readKid(jws, anchoredTyp);
  if (kid === undefined) return { outcome: 'invalid' };
  const row = trust.listKey(kid);
  if (!row) return { outcome: 'unknown-key' };
  const payload = await readPayload(jws, row.jwk, 4096);
  const claims = payload === undefined ? undefined : toAnchoredClaims(payload);
  if (!claims || claims.iss !== row.domain || !isInWindow(row, claims.time)) return { outcome: 'invalid' };
  return row.compromisedFrom === null ? { outcome: 'verified', claims } : { outcome: 'compromised-key' };
}

function toAnchoredClaims(json: Json): AnchoredClaims | undefined {
  try {
    const read = memberReader(json, 'anchored', 'ANCHORED_INVALID', [
      'iss',
      'channel',
      'statement',
      'txId',
      'block',
      'time',
    ]);
    return {
      iss: read.text('iss'),
      channel: read.text('channel'),
      statement: read.text('statement'),
      txId: read.text('txId'),
      block: read.natural('block'),
      time: parseInstant(read.text('time')),
    };
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- trust list

/** The kind of the rows of each list of them. */
const rowKinds = {
  domains: 'domain',
  issuers: 'issuer',
  keys: 'key',
  listKeys: 'listKey',
  entitlements: 'entitlement',
  types: 'type',
  bases: 'basis',
  matters: 'matter',
  agreements: 'agreement',
} as const;

const trustNames = ['iss', 'channel', 'height', 'iat', 'exp', ...rowNames()] as const;

function rowNames(): readonly (keyof typeof rowKinds)[] {
  return Object.keys(rowKinds) as (keyof typeof rowKinds)[]; // its own keys
}

/**
 * Reads a trust list by what the verifier pinned, never by what a server says of itself. `previous` is the newest list verified before: the list
 * keys that it gives the pinned domain may sign too, and none that it says is compromised or out of its window, pinned or not.
 * @throws YinxinError TRUST_INVALID `{why}`; TRUST_ROLLBACK when it is older than `previous`
 */
export async function readTrustList(
  jws: string,
  pin: TrustPin,
  previous?: TrustClaims,
): Promise<{ readonly trust: Trust; readonly claims: TrustClaims }> {
  if (jws.length > maxTrustListBytes) throw trustInvalid('too large');
  const kid = readKid(jws, trustListTyp);
  if (kid === undefined) throw trustInvalid('header');
  const row = previous?.listKeys.find((key) => key.kid === kid && key.domain === pin.domain);
  const jwk = row?.jwk ?? (await findPinned(pin, kid));
  if (!jwk) throw trustInvalid('key');
  const payload = await readPayload(jws, jwk, maxTrustListBytes);
  if (payload === undefined) throw trustInvalid('signature');
  const claims = toTrustClaims(payload);
  if (claims.channel !== pin.channel) throw trustInvalid('channel');
  if (claims.iss !== pin.domain) throw trustInvalid('domain');
  // a thief of an old key chooses the time that the list gives itself: no earlier one counts than what was seen already
  const at = toInstant(Math.max(claims.iat, previous?.iat ?? 0));
  if (row && !mayHaveSigned(row, at)) throw trustInvalid('key');
  const seen = previous?.height ?? 0;
  if (claims.height < seen) throw new YinxinError('TRUST_ROLLBACK', { height: claims.height, seen });
  return { trust: toTrust(claims), claims };
}

function trustInvalid(why: string): YinxinError {
  return new YinxinError('TRUST_INVALID', { why });
}

async function findPinned({ keys }: TrustPin, kid: string): Promise<Jwk | undefined> {
  for (const jwk of keys) if ((await toThumbprint(jwk)) === kid) return jwk;
  return undefined;
}

/** Shape of the envelope; the rows were made by the pinned domain's own reader of the ledger, whose signature vouches for their form. */
function toTrustClaims(json: Json): TrustClaims {
  const read = memberReader(json, 'trust', 'TRUST_INVALID', trustNames);
  for (const name of rowNames()) {
    const isRow = (row: Json) => isJsonObject(row) && row['kind'] === rowKinds[name];
    if (!read.array(name).every(isRow)) throw new YinxinError('TRUST_INVALID', { member: name });
  }
  read.text('iss');
  read.text('channel');
  read.natural('height');
  checkTimes(read.natural('iat'), read.natural('exp'), trustInvalid);
  return json as unknown as TrustClaims;
}

/** How long a list may claim to hold. */
const maxListSeconds = 40 * 86_400;

/** Both are instants, and the end lies after the beginning, not too far. */
function checkTimes(iat: number, exp: number, invalid: (why: string) => YinxinError): void {
  try {
    toInstant(iat);
    toInstant(exp);
  } catch {
    throw invalid('time');
  }
  if (exp <= iat || exp - iat > maxListSeconds) throw invalid('time');
}

// ---------------------------------------------------------------- status list

/** Which register's list a verifier asked for, and whose word besides the register's own domain it takes. */
export interface AskedRegister {
  readonly issuer: string;
  readonly type: string;
  /** The verifier's own. */
  readonly domain: string;
}

/**
 * Reads the status list of a register: signed by a list key, in force then and never compromised, of the issuer's domain, of the body's that
 * managed the register then, or of the verifier's own. `seenHeight` is the highest height met before in a list of this register by the same
 * domain. Whether it is fresh is judged by `verify`, which knows the type and the time.
 * @throws YinxinError STATUS_LIST_INVALID `{why}`, STATUS_LIST_ROLLBACK
 */
export async function readStatusList(
  jws: string,
  trust: Trust,
  asked: AskedRegister,
  seenHeight = 0,
): Promise<StatusList> {
  if (jws.length > maxStatusListBytes) throw listInvalid('too large');
  const kid = readKid(jws, statusListTyp);
  if (kid === undefined) throw listInvalid('header');
  const row = trust.listKey(kid);
  if (!row) throw listInvalid('key');
  const payload = await readPayload(jws, row.jwk, maxStatusListBytes);
  if (payload === undefined) throw listInvalid('signature');
  const claims = toStatusListClaims(payload);
  if (claims.sub !== formatListSubject(trust.channel, asked.issuer, asked.type)) throw listInvalid('sub');
  const issuedAt = toInstant(claims.iat);
  if (claims.iss !== row.domain || !isListSigner(row.domain, trust, asked, issuedAt)) throw listInvalid('iss');
  if (!mayHaveSigned(row, issuedAt)) throw listInvalid('key');
  const { iss, height, entries } = claims;
  if (height < seenHeight) throw new YinxinError('STATUS_LIST_ROLLBACK', { height, seen: seenHeight });
  const packed = openStatuses(claims.status_list.lst, entries);
  return {
    iss,
    issuer: asked.issuer,
    type: asked.type,
    height,
    entries,
    issuedAt,
    expires: toInstant(claims.exp),
    statusOf: (entry) => readStatus(packed, entries, entry),
  };
}

function listInvalid(why: string): YinxinError {
  return new YinxinError('STATUS_LIST_INVALID', { why });
}

function isListSigner(domain: string, trust: Trust, asked: AskedRegister, at: Instant): boolean {
  const home = trust.issuer(asked.issuer)?.domain;
  return domain === asked.domain || domain === home || domain === trust.managerOf(asked.issuer, at)?.domain;
}

function toStatusListClaims(json: Json): StatusListClaims {
  const code: ErrorCode = 'STATUS_LIST_INVALID';
  const read = memberReader(json, 'list', code, [
    'iss',
    'sub',
    'height',
    'entries',
    'iat',
    'exp',
    'ttl',
    'status_list',
  ]);
  const list = memberReader(read.object('status_list'), 'status_list', code, ['bits', 'lst']);
  if (list.natural('bits') !== 2) throw listInvalid('bits');
  const iat = read.natural('iat');
  const exp = read.natural('exp');
  checkTimes(iat, exp, listInvalid);
  return {
    iss: read.text('iss'),
    sub: read.text('sub'),
    height: read.natural('height'),
    entries: read.natural('entries'),
    iat,
    exp,
    ttl: read.positive('ttl'),
    status_list: { bits: 2, lst: list.text('lst') },
  };
}

// ---------------------------------------------------------------- pin

/** A pin from its JSON text. @throws YinxinError TRUST_INVALID */
export function parseTrustPin(text: string): TrustPin {
  const read = memberReader(parseJson(utf8(text)), 'pin', 'TRUST_INVALID', ['channel', 'domain', 'keys']);
  const keys = read.array('keys').map((json): Jwk => {
    const key = memberReader(json, 'pin.keys', 'TRUST_INVALID', ['kty', 'crv', 'x', 'y']);
    if (key.text('kty') !== 'EC' || key.text('crv') !== 'P-256')
      throw new YinxinError('TRUST_INVALID', { member: 'pin.keys' });
    return { kty: 'EC', crv: 'P-256', x: key.text('x'), y: key.text('y') };
  });
  return { channel: read.text('channel'), domain: read.text('domain'), keys };
}
