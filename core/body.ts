/** The body of a certificate, its leaf, and the bindings inside it (core/FORMATS.md). */

import { sm3 } from '#sm3';
import { requireBase64Hash } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { parseIdentifier, serialOf, splitIdentifier } from './identifier.ts';
import { memberReader } from './members.ts';
import { leafTag } from './merkle.ts';
import type { Body, Json } from './model.ts';
import { Preimage } from './preimage.ts';
import { parseCalendarDate, parseInstant } from './time.ts';

const leafPreimage = new Preimage().append(leafTag);

const members = [
  'format',
  'id',
  'entry',
  'type',
  'typeVersion',
  'issuer',
  'issuedAt',
  'validFrom',
  'validUntil',
  'supersedes',
  'fields',
  'face',
] as const;

export const typePattern = /^[a-z][a-z0-9-]{1,63}$/;
export const issuerPattern = /^[0-9A-Z]{18}$/;

/** @throws YinxinError MALFORMED_FILE, or the code of the member that is badly written */
export function parseBody(json: Json): Body {
  const read = memberReader(json, 'body', 'MALFORMED_FILE', members);
  const format = read.text('format');
  if (format !== 'yinxin-certificate/1') throw new YinxinError('MALFORMED_FILE', { member: 'body.format' });
  const validUntil = read.value('validUntil');
  const supersedes = read.value('supersedes');
  return {
    format,
    id: parseIdentifier(read.text('id')).identifier,
    entry: read.positive('entry'),
    type: read.matching('type', typePattern),
    typeVersion: read.positive('typeVersion'),
    issuer: read.matching('issuer', issuerPattern),
    issuedAt: parseInstant(read.text('issuedAt')),
    validFrom: parseCalendarDate(read.text('validFrom')),
    validUntil: validUntil === null ? null : parseCalendarDate(read.text('validUntil')),
    supersedes: supersedes === null ? null : parseIdentifier(read.text('supersedes')).identifier,
    fields: requireBase64Hash(read.text('fields')),
    face: requireBase64Hash(read.text('face')),
  };
}

const formatNullable = (text: string | null) => (text === null ? 'null' : `"${text}"`);

/** JCS(body), by the letter: no member of a body that was parsed, or made from parsed parts, has anything to escape. */
export function formatBody(body: Body): string {
  const { entry, face, fields, format, id, issuedAt, issuer, supersedes, type, typeVersion, validFrom } = body;
  return (
    `{"entry":${entry},"face":"${face}","fields":"${fields}","format":"${format}","id":"${id}","issuedAt":"${issuedAt}",` +
    `"issuer":"${issuer}","supersedes":${formatNullable(supersedes)},"type":"${type}","typeVersion":${typeVersion},` +
    `"validFrom":"${validFrom}","validUntil":${formatNullable(body.validUntil)}}`
  );
}

/** `SM3(0x00 ‖ JCS(body))`, 32 bytes. */
export function toLeaf(body: Body): Uint8Array {
  return toLeafOf(formatBody(body));
}

/** The same of a body that is written already. */
export function toLeafOf(formatted: string): Uint8Array {
  return sm3(leafPreimage.keep(leafTag.length).appendText(formatted).view());
}

/** What inside a body contradicts itself, given its type's 21-character code; undefined when all agrees. */
export function findBodyMismatch(
  body: Body,
  typeCode: string,
): 'ISSUER_MISMATCH' | 'TYPE_MISMATCH' | 'VERSION_MISMATCH' | undefined {
  const own = splitIdentifier(body.id);
  if (own.issuer !== body.issuer) return 'ISSUER_MISMATCH';
  if (own.typeCode !== typeCode) return 'TYPE_MISMATCH';
  if (own.version === 1) {
    return body.supersedes === null && own.serial === serialOf(body.entry) ? undefined : 'VERSION_MISMATCH';
  }
  if (body.supersedes === null) return 'VERSION_MISMATCH';
  const older = splitIdentifier(body.supersedes);
  const sameLine = older.issuer === own.issuer && older.typeCode === own.typeCode && older.serial === own.serial;
  return sameLine && older.version === own.version - 1 ? undefined : 'VERSION_MISMATCH';
}
