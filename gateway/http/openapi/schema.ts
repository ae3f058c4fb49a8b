/** Small words for writing JSON Schema 2020-12, and the schemas that everything else is made of. */
import { errorCodes, type Json } from '@yinxin/core';

export type Schema = { readonly [keyword: string]: Json };
export type Properties = { readonly [name: string]: Schema };

/** A closed object: `required` must be there, `optional` may. */
export function object(required: Properties, optional: Properties = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required), additionalProperties: false };
}

export function map(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

export function array(items: Schema, limits: Schema = {}): Schema {
  return { type: 'array', items, ...limits };
}

export function oneOf(...schemas: readonly Schema[]): Schema {
  return { oneOf: schemas };
}

export function nullable(schema: Schema): Schema {
  return oneOf(schema, { type: 'null' });
}

export function enumeration(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function matching(pattern: string, description?: string): Schema {
  return { type: 'string', pattern, ...(description === undefined ? {} : { description }) };
}

export function limitedText(maxLength: number): Schema {
  return { type: 'string', minLength: 1, maxLength };
}

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const natural: Schema = { type: 'integer', minimum: 0 };
export const positive: Schema = { type: 'integer', minimum: 1 };

const base64 = (bytes: number) => {
  const tail = ['', '[AEIMQUYcgkosw048]=', '[AQgw]=='][(3 - (bytes % 3)) % 3] ?? '';
  const whole = Math.floor(bytes / 3) * 4 + (bytes % 3 === 0 ? 0 : bytes % 3);
  return matching(`^[A-Za-z0-9+/]{${whole}}${tail}$`, `base64 of ${bytes} bytes`);
};

export const atoms: Properties = {
  Identifier: matching(
    '^1\\.2\\.156\\.3005\\.2\\.[0-9A-Z]{18}[0-9]{3}\\.([0-9A-Z]{18}|[0-9]{6})\\.[0-9A-Z]{1,32}\\.[0-9]{3}\\.[0-9A-Z]$',
    'Certificate identifier in the structure of GB/T 36904.',
  ),
  Instant: matching('^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$', 'UTC, whole seconds.'),
  CalendarDate: matching('^\\d{4}-\\d{2}-\\d{2}$', 'A calendar date at UTC+08:00, inclusive.'),
  Issuer: matching('^[0-9A-Z]{18}$', 'Unified social credit code of the issuing body.'),
  Domain: matching('^[1-9]\\d{5}$', 'A city or district by its GB/T 2260 code.'),
  TypeName: matching('^[a-z][a-z0-9-]{1,63}$', 'Slug of a certificate type.'),
  Matter: matching('^[a-z][a-z0-9-]{1,63}$', 'Slug of a matter (事项) of the registry.'),
  KeyId: matching('^[0-9a-f]{32}$'),
  TransactionId: matching('^[0-9a-f]{64}$'),
  Hash: base64(32),
  Signature: base64(64),
  Secret: base64(16),
  Words: object({ zh: text, en: text }),
  FieldValue: { anyOf: [text, array(text), map(text)] },
  Status: enumeration('ACTIVE', 'SUSPENDED', 'SUPERSEDED', 'CANCELLED', 'REVOKED', 'WITHDRAWN', 'FORFEITED'),
  Act: enumeration('suspend', 'resume', 'cancel', 'revoke', 'withdraw', 'forfeit', 'correct'),
  ErrorCode: enumeration(...errorCodes),
};
