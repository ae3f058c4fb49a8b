/** The JOSE things that a verifier reads: trust list and anchoring, ES256 through `jose` (core/FORMATS.md). Asynchronous, so apart from `verify`. */
import { base64url, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { utf8 } from './bytes.ts';
import { type ErrorCode, YinxinError } from './errors.ts';
import { parseJson } from './jcs.ts';
import type { AnchoredClaims, ListKeyRow, TrustClaims, TrustPin } from './ledger-model.ts';
import { isJsonObject, memberReader } from './members.ts';
import type { Json } from './model.ts';
import { parseInstant } from './time.ts';
import { isInWindow, type Trust, toTrust } from './trust.ts';
import type { AnchoredOutcome } from './verify-common.ts';

type Jwk = ListKeyRow['jwk'];

export const trustListTyp = 'yinxin-trust+jwt';
export const anchoredTyp = 'yinxin-anchored+jwt';
const maxTrustListBytes = 8 * 1024 * 1024;

/** Each part of a compact JWS must be canonical base64url, else two texts would carry one signature. */
function isCanonicalJws(jws: string): boolean {
  const parts = jws.split('.');
  return (
    parts.length === 3 &&
    parts.every(
      (part) =>
        /^[A-Za-z0-9_-]+$/.test(part) && part.length % 4 !== 1 && base64url.encode(base64url.decode(part)) === part,
    )
  );
}

function readHeader(jws: string, typ: string): { kid: string } | undefined {
  if (!isCanonicalJws(jws)) return undefined;
  try {
    const header = decodeProtectedHeader(jws);
    const known = Object.keys(header).every((name) => name === 'alg' || name === 'typ' || name === 'kid');
    if (!known || header.alg !== 'ES256' || header.typ !== typ || typeof header.kid !== 'string') return undefined;
    return { kid: header.kid };
  } catch {
    return undefined;
  }
}

async function readPayload(jws: string, jwk: Jwk, maxBytes: number): Promise<Json | undefined> {
  try {
    const { payload } = await compactVerify(jws, await importJWK({ ...jwk }, 'ES256'), { algorithms: ['ES256'] });
    return parseJson(payload, { maxBytes });
  } catch {
    return undefined;
  }
}

/** Looks at a file's `anchored`: signed by a list key of the trust list that was in force then. Null (none given) is undefined. */
export async function readAnchored(jws: string | null, trust: Trust): Promise<AnchoredOutcome | undefined> {
  if (jws === null) return undefined;
  const header = readHeader(jws, anchoredTyp);
  if (!header) return { outcome: 'invalid' };
  const row = trust.listKey(header.kid);
  if (!row) return { outcome: 'unknown-key' };
  const payload = await readPayload(jws, row.jwk, 4096);
  const claims = payload === undefined ? undefined : toAnchoredClaims(payload);
  if (!claims || claims.iss !== row.domain || !isInWindow(row, claims.time)) return { outcome: 'invalid' };
  return { outcome: 'verified', claims };
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

const claimNames = [
  'iss',
  'channel',
  'height',
  'iat',
  'exp',
  'domains',
  'issuers',
  'keys',
  'listKeys',
  'entitlements',
  'types',
] as const;

/**
 * Reads a trust list by what the verifier pinned, never by what a server says of itself. `seen` is the highest height met before.
 * @throws YinxinError TRUST_INVALID, TRUST_ROLLBACK
 */
export async function readTrustList(
  jws: string,
  pin: TrustPin,
  seen = 0,
): Promise<{ readonly trust: Trust; readonly claims: TrustClaims }> {
  const invalid = (why: string) => new YinxinError('TRUST_INVALID', { why });
  if (jws.length > maxTrustListBytes) throw invalid('too large');
  const header = readHeader(jws, trustListTyp);
  if (!header) throw invalid('header');
  let payload: Json | undefined;
  for (const jwk of pin.keys) payload ??= await readPayload(jws, jwk, maxTrustListBytes);
  if (payload === undefined) throw invalid('signature');
  const claims = toTrustClaims(payload, 'TRUST_INVALID');
  if (claims.channel !== pin.channel) throw invalid('channel');
  if (claims.iss !== pin.domain) throw invalid('domain');
  if (claims.height < seen) throw new YinxinError('TRUST_ROLLBACK', { height: claims.height, seen });
  return { trust: toTrust(claims), claims };
}

/** Shape of the envelope; the rows were made by the pinned domain's own reader of the ledger, whose signature vouches for their form. */
function toTrustClaims(json: Json, code: ErrorCode): TrustClaims {
  const read = memberReader(json, 'trust', code, claimNames);
  for (const name of claimNames.slice(5)) {
    if (!read.array(name).every(isJsonObject)) throw new YinxinError(code, { member: name });
  }
  read.text('iss');
  read.text('channel');
  for (const name of ['height', 'iat', 'exp'] as const) read.natural(name);
  return json as unknown as TrustClaims;
}

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
