/** The code: a certificate's body as deterministic CBOR, signed on demand, written as decimal digits for a QR symbol (core/FORMATS.md). */
import { issuerPattern, typePattern } from './body.ts';
import { ascii, concat, fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { YinxinError } from './errors.ts';
import { type FieldValues, hashFace } from './fields.ts';
import { formatIdentifier } from './identifier.ts';
import { inflateRaw } from './inflate.ts';
import type { Body, CertificateType, FieldValue, Instant, KeyId } from './model.ts';
import { parseKeyId } from './sm2.ts';
import { daysSinceEpoch, epochSeconds, fromDaysSinceEpoch, toInstant } from './time.ts';

/** For what, for whom and until when a code was made. */
export interface CodeTerms {
  readonly purpose?: string;
  readonly addressee?: string;
  readonly expires?: Instant;
}

export interface Code extends CodeTerms {
  readonly channel: string;
  readonly key: KeyId;
  readonly signedAt: Instant;
  readonly type: string;
  readonly typeVersion: number;
  readonly issuer: string;
  readonly serial: string;
  readonly version: number;
  readonly entry: number;
  readonly issuedAt: Instant;
  readonly validFrom: Body['validFrom'];
  readonly validUntil: Body['validUntil'];
  /** base64 of 32 bytes. */
  readonly fields: string;
  readonly face: CodeFace;
}

/** An open code shows the face's values in the type's order; a closed one holds their hash alone. */
export type CodeFace =
  | { readonly kind: 'open'; readonly salt: Uint8Array; readonly values: readonly (string | readonly string[])[] }
  | { readonly kind: 'closed'; readonly face: string };

export interface SignedCode {
  readonly code: Code;
  /** The signed bytes: `"yinxin-code/1" ‖ 0x0A ‖ payload`. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Largest code that is read, inflated, and most digits (a version 40 symbol holds 7,089). */
export const maxCodeBytes = 4096;
const maxDigits = 7089;
const signatureBytes = 64;
const codeTag = ascii('yinxin-code/1\n');
const malformed = (why: string) => new YinxinError('MALFORMED_CODE', { why });

/** The CBOR map of a code. */
export function encodeCodePayload(code: Code): Uint8Array {
  const map = new Map<number, CborValue>([
    [1, code.channel],
    [2, fromHex(code.key)],
    [3, epochSeconds(code.signedAt)],
  ]);
  if (code.expires !== undefined) map.set(4, epochSeconds(code.expires));
  if (code.purpose !== undefined) map.set(5, code.purpose);
  if (code.addressee !== undefined) map.set(6, code.addressee);
  map
    .set(7, code.type)
    .set(8, code.typeVersion)
    .set(9, code.issuer)
    .set(10, code.serial)
    .set(11, code.version)
    .set(12, code.entry)
    .set(13, epochSeconds(code.issuedAt))
    .set(14, daysSinceEpoch(code.validFrom))
    .set(15, code.validUntil === null ? null : daysSinceEpoch(code.validUntil))
    .set(16, fromBase64(code.fields, 32));
  if (code.face.kind === 'open') map.set(17, code.face.salt).set(18, code.face.values);
  else map.set(19, fromBase64(code.face.face, 32));
  return encodeCbor(map);
}

/** The bytes that a code key signs. */
export function codeSignedBytes(payload: Uint8Array): Uint8Array {
  return concat(codeTag, payload);
}

type Payload = ReadonlyMap<number, CborValue>;

function text(map: Payload, key: number, pattern = /^\P{Cc}{1,200}$/u): string {
  const value = map.get(key);
  if (typeof value !== 'string' || !pattern.test(value)) throw malformed(`member ${key}`);
  return value;
}

function integer(map: Payload, key: number, least = 1): number {
  const value = map.get(key);
  if (typeof value !== 'number' || value < least) throw malformed(`member ${key}`);
  return value;
}

function bytes(map: Payload, key: number, length: number): Uint8Array {
  const value = map.get(key);
  if (!(value instanceof Uint8Array) || value.length !== length) throw malformed(`member ${key}`);
  return value;
}

function isFaceValue(value: CborValue): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

function readFace(map: Payload): CodeFace {
  if (map.has(19)) {
    if (map.has(17) || map.has(18)) throw malformed('open and closed');
    return { kind: 'closed', face: toBase64(bytes(map, 19, 32)) };
  }
  const values = map.get(18);
  if (!Array.isArray(values) || values.length > 16) throw malformed('member 18');
  return {
    kind: 'open',
    salt: bytes(map, 17, 16),
    values: values.map((value: CborValue) => {
      if (!isFaceValue(value)) throw malformed('member 18');
      return value;
    }),
  };
}

function toCode(map: Payload): Code {
  for (const key of map.keys()) if (key < 1 || key > 19) throw malformed('unknown member');
  const validUntil = map.get(15);
  return {
    channel: text(map, 1, /^[!-~]{1,64}$/),
    key: parseKeyId(toHex(bytes(map, 2, 16))),
    signedAt: toInstant(integer(map, 3, 0)),
    ...(map.has(4) ? { expires: toInstant(integer(map, 4, 0)) } : {}),
    ...(map.has(5) ? { purpose: text(map, 5) } : {}),
    ...(map.has(6) ? { addressee: text(map, 6) } : {}),
    type: text(map, 7, typePattern),
    typeVersion: integer(map, 8),
    issuer: text(map, 9, issuerPattern),
    serial: text(map, 10, /^[0-9A-Z]{1,32}$/),
    version: integer(map, 11),
    entry: integer(map, 12),
    issuedAt: toInstant(integer(map, 13, 0)),
    validFrom: fromDaysSinceEpoch(integer(map, 14, -25567)),
    validUntil: validUntil === null ? null : fromDaysSinceEpoch(integer(map, 15, -25567)),
    fields: toBase64(bytes(map, 16, 32)),
    face: readFace(map),
  };
}

/** Reads payload ‖ signature. @throws YinxinError MALFORMED_CODE, MALFORMED_CBOR, MALFORMED_TIME */
export function parseCode(code: Uint8Array): SignedCode {
  if (code.length <= signatureBytes || code.length > maxCodeBytes) throw malformed('length');
  const payload = code.subarray(0, code.length - signatureBytes);
  const map = decodeCbor(payload);
  if (!(map instanceof Map)) throw malformed('not a map');
  return { code: toCode(map), signed: codeSignedBytes(payload), signature: code.subarray(payload.length) };
}

/** The decimal digits of `0x01 ‖ code`, or of `0x02 ‖ raw DEFLATE of code` where the deflated bytes given are fewer. */
export function formatDigits(code: Uint8Array, deflated?: Uint8Array): string {
  const shorter = deflated !== undefined && deflated.length < code.length;
  return BigInt(`0x${shorter ? '02' : '01'}${toHex(shorter ? deflated : code)}`).toString(10);
}

/** The code in decimal digits, either form. @throws YinxinError MALFORMED_CODE */
export function parseDigits(digits: string): Uint8Array {
  if (!/^[1-9]\d*$/.test(digits) || digits.length > maxDigits) throw malformed('digits');
  const hex = BigInt(digits).toString(16);
  const raw = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  if (raw[0] === 1) return raw.subarray(1);
  if (raw[0] === 2) return inflateRaw(raw.subarray(1), maxCodeBytes);
  throw malformed('first byte');
}

/** What stands in a symbol: a short prefix that opens the verifier page, and the digits in its fragment. */
export function formatSymbol(publicUrl: string, digits: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/#${digits}`;
}

/** The digits in what a scanner typed or a reader read: all of it, or its last run of at least 200 after a mangled prefix. @throws YinxinError MALFORMED_CODE */
export function findDigits(symbol: string): string {
  const digits = /(?:^|[^0-9])([0-9]{200,})\s*$/.exec(symbol)?.[1];
  if (digits === undefined) throw malformed('no digits');
  return digits;
}

/** The face's values by key, from an open code. @throws YinxinError MALFORMED_CODE when their number is not the type's */
export function toFaceValues(face: CodeFace, type: CertificateType): FieldValues {
  const values: { [key: string]: FieldValue } = {};
  if (face.kind === 'closed') return values;
  if (face.values.length !== type.face.length) throw malformed('face');
  for (const [at, key] of type.face.entries()) {
    const value = face.values[at];
    if (value !== undefined) values[key] = value;
  }
  return values;
}

/** Undefined for a code without any. */
export function toCodeTerms({ purpose, addressee, expires }: Code): CodeTerms | undefined {
  if (purpose === undefined && addressee === undefined && expires === undefined) return undefined;
  return {
    ...(purpose !== undefined && { purpose }),
    ...(addressee !== undefined && { addressee }),
    ...(expires !== undefined && { expires }),
  };
}

/** Rebuilds the whole body from a code and its type row. @throws YinxinError MALFORMED_CODE, MALFORMED_IDENTIFIER */
export function toCodeBody(code: Code, type: CertificateType): Body {
  const identifier = (version: number) =>
    formatIdentifier({ typeCode: type.code, issuer: code.issuer, serial: code.serial, version });
  const face = code.face.kind === 'closed' ? code.face.face : hashFace(code.face.salt, toFaceValues(code.face, type));
  return {
    format: 'yinxin-certificate/1',
    id: identifier(code.version),
    entry: code.entry,
    type: code.type,
    typeVersion: code.typeVersion,
    issuer: code.issuer,
    issuedAt: code.issuedAt,
    validFrom: code.validFrom,
    validUntil: code.validUntil,
    supersedes: code.version === 1 ? null : identifier(code.version - 1),
    fields: code.fields,
    face,
  };
}
