/** A record's plain text: 113 bytes of secret and hashes, then a JSON array. Its body is put together from that, its place and its type's shape. */
import {
  type Body,
  type CertificateType,
  type FieldValue,
  type FieldValues,
  formatIdentifier,
  type Identifier,
  type Json,
  YinxinError,
} from '@yinxin/core';

/** A certificate as its issuing gateway keeps it. */
export interface VaultRecord {
  readonly body: Body;
  readonly fields: FieldValues;
  /** base64 of 16 bytes. */
  readonly secret: string;
  /** base64 of SM3 over the holder token. */
  readonly holderTokenHash: string;
}

/** What records of one version of a type leave out, kept once. */
export interface RecordShape {
  readonly type: string;
  readonly typeVersion: number;
  /** 21 characters. */
  readonly code: string;
  /** In the order of the values. */
  readonly keys: readonly string[];
}

export const toShape = ({ type, version, code, fields }: CertificateType): RecordShape => ({
  type,
  typeVersion: version,
  code,
  keys: fields.map(({ key }) => key),
});

const format = 1;
const secretAt = 1;
const fieldsAt = 17;
const faceAt = 49;
const tokenAt = 81;
const textAt = 113;
/** UTF-8 of a UTF-16 unit takes at most three bytes. */
const bytesPerUnit = 3;

let scratch = Buffer.alloc(16_384);

/**
 * The bytes are overwritten by the next call. `[typeVersion, issuedAt, validFrom, validUntil, supersedes, id, values…]`; `id` is null of a first
 * version, whose number follows from its entry. @throws RangeError for a value that the type has no field for
 */
export function encodeRecord(record: VaultRecord, shape: RecordShape): Uint8Array {
  const { body, fields, secret, holderTokenHash } = record;
  const { typeVersion, issuedAt, validFrom, validUntil, supersedes } = body;
  if (typeVersion !== shape.typeVersion) throw new RangeError('typeVersion');
  const members: Json[] = [
    typeVersion,
    issuedAt,
    validFrom,
    validUntil,
    supersedes,
    supersedes === null ? null : body.id,
  ];
  let found = 0;
  for (const key of shape.keys) {
    const value = fields[key];
    if (value === undefined) members.push(null);
    else {
      found += 1;
      members.push(value);
    }
  }
  if (found !== Object.keys(fields).length) throw new RangeError('fields');
  const text = JSON.stringify(members);
  if (textAt + text.length * bytesPerUnit > scratch.length)
    scratch = Buffer.alloc(2 * (textAt + text.length * bytesPerUnit));
  scratch[0] = format;
  const written =
    scratch.write(secret, secretAt, 'base64') +
    scratch.write(body.fields, fieldsAt, 'base64') +
    scratch.write(body.face, faceAt, 'base64') +
    scratch.write(holderTokenHash, tokenAt, 'base64');
  if (written !== textAt - secretAt) throw new RangeError('hashes');
  return scratch.subarray(0, textAt + scratch.write(text, textAt, 'utf8'));
}

const base64 = (plain: Uint8Array, from: number, to: number) =>
  Buffer.from(plain.subarray(from, to)).toString('base64');

/** Of bytes whose tag holds: `encodeRecord` wrote them. @throws YinxinError VAULT_DAMAGED where the shape is missing */
export function decodeRecord(
  plain: Uint8Array,
  at: { readonly issuer: string; readonly type: string; readonly entry: number },
  shapeOf: (type: string, typeVersion: number) => RecordShape | undefined,
): VaultRecord {
  const members = JSON.parse(Buffer.from(plain.subarray(textAt)).toString()) as readonly Json[];
  const [typeVersion, issuedAt, validFrom, validUntil, supersedes, id, ...values] = members;
  const shape = plain[0] === format ? shapeOf(at.type, Number(typeVersion)) : undefined;
  if (!shape) throw new YinxinError('VAULT_DAMAGED', { shape: `${at.type}/${String(typeVersion)}` });
  const fields: { [key: string]: FieldValue } = {};
  for (const [index, key] of shape.keys.entries()) {
    const value = values[index];
    if (value !== null && value !== undefined) fields[key] = value as FieldValue; // as it was encoded
  }
  const { issuer, type, entry } = at;
  const body = {
    format: 'yinxin-certificate/1',
    id: id ?? formatIdentifier({ typeCode: shape.code, issuer, serial: entry, version: 1 }),
    entry,
    type,
    typeVersion,
    issuer,
    issuedAt,
    validFrom,
    validUntil,
    supersedes: supersedes as Identifier | null,
    fields: base64(plain, fieldsAt, faceAt),
    face: base64(plain, faceAt, tokenAt),
  } as Body; // members as they were encoded
  return {
    body,
    fields,
    secret: base64(plain, secretAt, fieldsAt),
    holderTokenHash: base64(plain, tokenAt, textAt),
  };
}
