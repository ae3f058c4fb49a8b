/** Compact JWS (RFC 7515) by ES256 keys, read strictly. The only file of core that imports jose. */
import { base64url, calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } from 'jose';
import { parseJson } from './jcs.ts';
import type { ListKeyRow } from './ledger-model.ts';
import type { Json } from './model.ts';

export type Jwk = ListKeyRow['jwk'];

/** Each part must be canonical base64url, else two texts would carry one signature. */
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

/** The key that a well-formed JWS of this `typ` names: header `{alg: ES256, typ, kid}` and nothing else. **The signature is not verified.** */
export function readKid(jws: string, typ: string): string | undefined {
  if (!isCanonicalJws(jws)) return undefined;
  try {
    const header = decodeProtectedHeader(jws);
    const known = Object.keys(header).every((name) => name === 'alg' || name === 'typ' || name === 'kid');
    const isOurs = known && header.alg === 'ES256' && header.typ === typ;
    return isOurs && typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}

/** What this key signed; undefined when it did not, or when that is not JSON of at most `maxBytes`. */
export async function readPayload(jws: string, jwk: Jwk, maxBytes: number): Promise<Json | undefined> {
  try {
    const { payload } = await compactVerify(jws, await importJWK({ ...jwk }, 'ES256'), { algorithms: ['ES256'] });
    return parseJson(payload, { maxBytes });
  } catch {
    return undefined;
  }
}

/** RFC 7638, SHA-256, base64url: the `kid` of list keys. */
export function toThumbprint(jwk: Jwk): Promise<string> {
  return calculateJwkThumbprint({ ...jwk });
}
