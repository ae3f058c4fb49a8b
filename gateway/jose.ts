/** ES256 (RFC 7518 §3.4) in compact JWS (RFC 7515): keys, signing, and the strict reading of what comes from outside. The gateway's only file that imports jose. */
import { createECDH } from 'node:crypto';
import { type Json, type ListKeyRow, parseJson } from '@yinxin/core';
import { base64url, CompactSign, calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import type { Random } from './platform.ts';

export type PublicJwk = ListKeyRow['jwk'];

/** Signs bytes under a header `{alg, typ, kid?}` and returns the compact JWS. */
export type JwsSigner = (typ: string, payload: Uint8Array) => Promise<string>;

export const es256SecretBytes = 32;
const coordinateBytes = 32;

/** The public key of a private one (the scalar d, 32 bytes). @throws Error when d is not from 1 to n − 1 */
export function es256PublicJwk(secret: Uint8Array): PublicJwk {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  return {
    kty: 'EC',
    crv: 'P-256',
    x: base64url.encode(point.subarray(1, 1 + coordinateBytes)),
    y: base64url.encode(point.subarray(1 + coordinateBytes)),
  };
}

/** A fresh private key (d). */
export function drawEs256Secret(random: Random): Uint8Array {
  for (;;) {
    const secret = random(es256SecretBytes);
    try {
      es256PublicJwk(secret);
      return secret;
    } catch {
      // 0 or ≥ n: about one draw in 2³²
    }
  }
}

/** RFC 7638, SHA-256, base64url. */
export function toThumbprint(jwk: PublicJwk): Promise<string> {
  return calculateJwkThumbprint({ ...jwk });
}

/** The key is imported once and cannot be exported again; `kid` goes into every header. */
export async function importJwsSigner(secret: Uint8Array, kid?: string): Promise<JwsSigner> {
  const key = await importJWK({ ...es256PublicJwk(secret), d: base64url.encode(secret) }, 'ES256');
  return (typ, payload) =>
    new CompactSign(payload).setProtectedHeader({ alg: 'ES256', typ, ...(kid === undefined ? {} : { kid }) }).sign(key);
}

/** The bytes of canonical base64url without padding; any other text would let two tokens carry one signature. */
function readBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = base64url.decode(text);
  return base64url.encode(bytes) === text ? bytes : undefined;
}

function readJson(text: string): Json | undefined {
  const bytes = readBase64Url(text);
  try {
    return bytes === undefined ? undefined : parseJson(bytes, { maxBytes: 4096, maxDepth: 4 });
  } catch {
    return undefined;
  }
}

function isHeader(json: Json | undefined, typ: string): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const { alg, typ: given, kid, ...rest } = json as { readonly [name: string]: Json }; // isArray does not narrow readonly arrays away
  const knownOnly = Object.keys(rest).length === 0 && (kid === undefined || typeof kid === 'string');
  return knownOnly && alg === 'ES256' && given === typ;
}

/** The claims of a well-formed compact JWS with the header `{alg: ES256, typ, kid?}`. **The signature is not verified.** Undefined for anything else. */
export function peekClaims(jws: string, typ: string): Json | undefined {
  const [header, payload, signature, more] = jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) return undefined;
  if (readBase64Url(signature) === undefined || !isHeader(readJson(header), typ)) return undefined;
  return readJson(payload);
}

/** The claims, when this key signed them under the header `{alg: ES256, typ, kid?}`; undefined otherwise. */
export async function readClaims(jws: string, typ: string, jwk: PublicJwk): Promise<Json | undefined> {
  const claims = peekClaims(jws, typ);
  if (claims === undefined) return undefined;
  try {
    await compactVerify(jws, await importJWK({ ...jwk }, 'ES256'), { algorithms: ['ES256'] });
    return claims;
  } catch {
    return undefined;
  }
}
