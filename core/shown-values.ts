/** The values that a file or code shows, against the kinds of its type: hidden fields count as present. */
import { YinxinError } from './errors.ts';
import { checkValue } from './field-kinds.ts';
import type { FieldValues } from './fields.ts';
import type { CertificateType } from './model.ts';

/** The keys of a type, which never changes. */
const keysOf = new WeakMap<CertificateType, ReadonlySet<string>>();

function toKeys(type: CertificateType): ReadonlySet<string> {
  const kept = keysOf.get(type);
  if (kept) return kept;
  const keys = new Set(type.fields.map((field) => field.key));
  keysOf.set(type, keys);
  return keys;
}

/** @throws YinxinError FIELD_UNKNOWN, FIELD_MISSING, FIELD_INVALID, DATE_INVALID, CHECK_DIGIT_INVALID, ENUM_INVALID with `{key}` */
export function checkShownValues(type: CertificateType, values: FieldValues, hidden: readonly string[]): void {
  const known = toKeys(type);
  for (const key of Object.keys(values)) if (!known.has(key)) throw new YinxinError('FIELD_UNKNOWN', { key });
  for (const key of hidden) if (!known.has(key)) throw new YinxinError('FIELD_UNKNOWN', { key });
  for (const field of type.fields) {
    const value = values[field.key];
    if (value !== undefined) checkValue(field, value, type.holder.kind);
    else if (field.required && !hidden.includes(field.key)) throw new YinxinError('FIELD_MISSING', { key: field.key });
  }
}
