/** List keys and what they sign, for suites about lists: made here and now, by jose itself. */
import { deflateSync } from 'node:zlib';
import {
  type ErrorCode,
  type ListKeyRow,
  packStatuses,
  type Status,
  type StatusListClaims,
  YinxinError,
} from '@yinxin/core';
import { statusListTyp } from '@yinxin/core/jose';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { channel, founded, issuer, now } from '../../fixtures/certificates.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

export interface ListKey {
  readonly row: ListKeyRow;
  readonly privateKey: KeyPair['privateKey'];
}

export async function makeListKey(domain: string, changes: Partial<ListKeyRow> = {}): Promise<ListKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { x = '', y = '' } = await exportJWK(publicKey);
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as const;
  const kid = await calculateJwkThumbprint(jwk);
  const row = { kind: 'listKey', domain, kid, jwk, from: founded, until: null, compromisedFrom: null } as const;
  return { privateKey, row: { ...row, ...changes } };
}

type Header = { readonly [name: string]: unknown };

/** A compact JWS over these very bytes. */
export function signBytes(
  { row, privateKey }: ListKey,
  typ: string,
  bytes: Uint8Array,
  header: Header = {},
): Promise<string> {
  return new CompactSign(bytes).setProtectedHeader({ alg: 'ES256', typ, kid: row.kid, ...header }).sign(privateKey);
}

export function sign(key: ListKey, typ: string, claims: unknown, header: Header = {}): Promise<string> {
  return signBytes(key, typ, new TextEncoder().encode(JSON.stringify(claims)), header);
}

export const listType = 'business-licence';
export const nowSeconds = Date.parse(now) / 1000;

export function makeLst(entries: number, statuses: { readonly [entry: number]: Status }): string {
  const changed = Object.entries(statuses).map(([entry, status]) => ({ entry: Number(entry), status }));
  return deflateSync(packStatuses(entries, changed), { level: 9 }).toString('base64url');
}

/** A list of ten entries: the second revoked, the third suspended, the fourth superseded. */
export function makeListClaims(iss: string, changes: Partial<StatusListClaims> = {}): StatusListClaims {
  return {
    iss,
    sub: `urn:yinxin:${channel}:${issuer}:${listType}`,
    height: 10,
    entries: 10,
    iat: nowSeconds,
    exp: nowSeconds + 86_400,
    ttl: 600,
    status_list: { bits: 2, lst: makeLst(10, { 2: 'REVOKED', 3: 'SUSPENDED', 4: 'SUPERSEDED' }) },
    ...changes,
  };
}

export const signList = (key: ListKey, changes: Partial<StatusListClaims> = {}, header: Header = {}): Promise<string> =>
  sign(key, statusListTyp, makeListClaims(key.row.domain, changes), header);

/** Code and reason of a refusal, such as `STATUS_LIST_INVALID sub`; `read` when there was none. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'read';
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    const why = error.details['why'];
    return typeof why === 'string' ? `${error.code} ${why}` : error.code;
  }
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'read'> {
  return (await outcomeOf(promise)).split(' ')[0] as ErrorCode; // as outcomeOf writes it
}
