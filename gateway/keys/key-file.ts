/** A key's file: canonical JSON (RFC 8785) of its public part and its sealed secret. The file is named after the key. */
import {
  canonicalBytes,
  fromBase64,
  type Json,
  type JsonObject,
  type KeyId,
  type KeyUse,
  memberReader,
  parseCanonical,
  toBase64,
  toKeyId,
} from '@yinxin/core';
import type { PublicJwk } from '../jose.ts';
import { type SealedBox, sealOverheadBytes } from '../seal.ts';

const format = 'yinxin-key-file/1';
const maxFileBytes = 4096;
/** Private keys of SM2 and ES256 and the vault's key alike. */
export const keySecretBytes = 32;

export interface Sm2Key {
  readonly key: KeyId;
  readonly issuer: string;
  readonly use: KeyUse;
  /** 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
}

export interface ListKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly domain: string;
  readonly jwk: PublicJwk;
}

export type PublicPart =
  | ({ readonly kind: 'sm2' } & Sm2Key)
  | ({ readonly kind: 'list' } & ListKey)
  | { readonly kind: 'vault' };

/** The file's name without `.json`. */
export function keyName(part: PublicPart): string {
  switch (part.kind) {
    case 'sm2':
      return part.key;
    case 'list':
      return part.kid;
    case 'vault':
      return 'vault';
  }
}

function toJson(part: PublicPart): JsonObject {
  switch (part.kind) {
    case 'sm2':
      return { ...part, publicKey: toBase64(part.publicKey) };
    case 'list':
      return { ...part, jwk: { ...part.jwk } };
    case 'vault':
      return { ...part };
  }
}

/** The tag binds the secret to this format and public part: nothing readable in the file can be changed alone. */
function associatedWith(json: Json): Uint8Array {
  return canonicalBytes({ format, public: json });
}

export function encodeKeyFile(part: PublicPart, secret: Uint8Array, box: SealedBox): Uint8Array {
  const json = toJson(part);
  return canonicalBytes({ format, public: json, sealed: toBase64(box.seal(secret, associatedWith(json))) });
}

function parseJwk(json: Json): PublicJwk {
  const read = memberReader(json, 'jwk', 'KEY_STORE_DAMAGED', ['kty', 'crv', 'x', 'y']);
  return { kty: 'EC', crv: 'P-256', x: read.text('x'), y: read.text('y') };
}

/** Reads a public part that a tag has vouched for. */
function parsePublicPart(json: Json): PublicPart {
  const kind = memberReader(json, 'public', 'KEY_STORE_DAMAGED', [
    'kind',
    'key',
    'issuer',
    'use',
    'publicKey',
    'kid',
    'domain',
    'jwk',
  ]);
  if (kind.text('kind') === 'vault') return { kind: 'vault' };
  if (kind.text('kind') === 'list') {
    return { kind: 'list', kid: kind.text('kid'), domain: kind.text('domain'), jwk: parseJwk(kind.value('jwk')) };
  }
  const publicKey = fromBase64(kind.text('publicKey'), 65);
  const use = kind.text('use') as KeyUse; // as it was when this store sealed it
  return { kind: 'sm2', key: toKeyId(publicKey), issuer: kind.text('issuer'), use, publicKey };
}

/** The key in a file of this name (without `.json`). Undefined when anything in the file was changed, or the file was renamed. */
export function openKeyFile(
  name: string,
  bytes: Uint8Array,
  box: SealedBox,
): { readonly part: PublicPart; readonly secret: Uint8Array } | undefined {
  try {
    const read = memberReader(parseCanonical(bytes, { maxBytes: maxFileBytes }), 'file', 'KEY_STORE_DAMAGED', [
      'format',
      'public',
      'sealed',
    ]);
    const sealed = fromBase64(read.text('sealed'), keySecretBytes + sealOverheadBytes);
    const secret = box.open(sealed, canonicalBytes({ format: read.text('format'), public: read.value('public') }));
    if (secret === undefined || read.text('format') !== format) return undefined;
    const part = parsePublicPart(read.value('public'));
    return keyName(part) === name ? { part, secret } : undefined;
  } catch {
    return undefined;
  }
}
