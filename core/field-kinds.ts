/** The kinds of fields: what a value of each may be, when issuing and again when verifying, and how a roster's cell becomes one. */
import { isCitizenId, isUscc } from './check-digits.ts';
import { type ErrorCode, YinxinError } from './errors.ts';
import type { FieldValues } from './fields.ts';
import type { CertificateType, Field, FieldKind, FieldValue } from './model.ts';
import { isCalendarDate } from './time.ts';

export type HolderKind = CertificateType['holder']['kind'];

/** Code points at most: of a `string` or an item of a list; of a `text` or `address`. */
const lineCharacters = 200;
const textCharacters = 4000;
const listItems = 100;

const patterns: { readonly [Kind in FieldKind]?: RegExp } = {
  datetime: /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d$/,
  yearMonth: /^\d{4}-(0[1-9]|1[0-2])$/,
  number: /^(0|-?[1-9]\d{0,14}|-?(0|[1-9]\d{0,14})\.\d{1,6})$/,
  integer: /^(0|-?[1-9]\d{0,14})$/,
  money: /^(0|[1-9]\d{0,14})(\.\d{2})?$/,
  region: /^[1-9]\d{5}$/,
  phone: /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,5})?)$/,
  image: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
};
const otherDocument = /^[0-9A-Z]{5,20}$/;

/** Line ends, controls, marks that reorder a line, a byte-order mark. */
function isRefusedCharacter(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  if (code >= 0x2028 && code <= 0x202e) return true;
  return (code >= 0x2066 && code <= 0x2069) || code === 0xfeff;
}

/** Code points of the text, or −1 where one of them is refused or half a surrogate pair stands alone. */
function countCharacters(text: string): number {
  const { length } = text;
  let pairs = 0;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit >= 0x20 && unit < 0x7f) || (unit >= 0x3000 && unit < 0xd800)) continue;
    if (isRefusedCharacter(unit)) return -1;
    if ((unit & 0xf800) !== 0xd800) continue;
    at += 1;
    pairs += 1;
    if (unit >= 0xdc00 || (text.charCodeAt(at) & 0xfc00) !== 0xdc00) return -1;
  }
  return length - pairs;
}

/** Whether `text` is one line of 1 to `maxCharacters` code points, without white space at its ends. It is never changed to fit. */
export function isLine(text: string, maxCharacters: number): boolean {
  if (text.length > 2 * maxCharacters) return false;
  const count = countCharacters(text);
  return count >= 1 && count <= maxCharacters && text.trim() === text;
}

function findDateProblem(field: Field, text: string): ErrorCode | undefined {
  if (text === field.longTermValue) return undefined;
  return isCalendarDate(text) ? undefined : 'DATE_INVALID';
}

function findDatetimeProblem(text: string): ErrorCode | undefined {
  const date = patterns.datetime?.exec(text)?.[1];
  return date !== undefined && isCalendarDate(date) ? undefined : 'DATE_INVALID';
}

function findUsccProblem(text: string): ErrorCode | undefined {
  if (isUscc(text)) return undefined;
  return /^[0-9A-Z]{18}$/.test(text) ? 'CHECK_DIGIT_INVALID' : 'FIELD_INVALID';
}

/** 18 characters: a citizen's number, or an organisation's where one may be the holder. Other lengths: another document. */
function findIdNumberProblem(text: string, holder: HolderKind): ErrorCode | undefined {
  if (!otherDocument.test(text)) return 'FIELD_INVALID';
  if (text.length !== 18 || isCitizenId(text)) return undefined;
  return holder !== 'natural' && isUscc(text) ? undefined : 'CHECK_DIGIT_INVALID';
}

/** What is wrong with a text as the value of a field; undefined when nothing is. Lists and records are no texts. */
export function findTextProblem(field: Field, text: string, holder: HolderKind): ErrorCode | undefined {
  switch (field.kind) {
    case 'string':
      return isLine(text, lineCharacters) ? undefined : 'FIELD_INVALID';
    case 'text':
    case 'address':
      return isLine(text, textCharacters) ? undefined : 'FIELD_INVALID';
    case 'date':
      return findDateProblem(field, text);
    case 'datetime':
      return findDatetimeProblem(text);
    case 'yearMonth':
      return patterns.yearMonth?.test(text) ? undefined : 'DATE_INVALID';
    case 'enum':
      return field.enum?.includes(text) ? undefined : 'ENUM_INVALID';
    case 'idNumber':
      return findIdNumberProblem(text, holder);
    case 'uscc':
      return findUsccProblem(text);
    case 'list':
    case 'record':
      return 'FIELD_INVALID';
    default:
      return patterns[field.kind]?.test(text) ? undefined : 'FIELD_INVALID';
  }
}

function isLines(items: readonly unknown[]): items is readonly string[] {
  return (
    items.length >= 1 &&
    items.length <= listItems &&
    items.every((item) => typeof item === 'string' && isLine(item, lineCharacters))
  );
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && isLines(value);
}

function isRecord(value: unknown): value is { readonly [key: string]: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return isLines(Object.keys(value)) && isLines(Object.values(value));
}

/** What is wrong with a value; undefined when nothing is. */
function findValueProblem(field: Field, value: unknown, holder: HolderKind): ErrorCode | undefined {
  if (typeof value === 'string') return findTextProblem(field, value, holder);
  const isOfKind = (field.kind === 'list' && isList(value)) || (field.kind === 'record' && isRecord(value));
  return isOfKind ? undefined : 'FIELD_INVALID';
}

/**
 * The value of one field, exactly as given. `holder` is the type's: an organisation's number is an `idNumber` only where organisations may hold one.
 * @throws YinxinError FIELD_INVALID, DATE_INVALID, CHECK_DIGIT_INVALID or ENUM_INVALID with `{key, kind}`, never the value
 */
export function checkValue(field: Field, value: unknown, holder: HolderKind): FieldValue {
  const problem = findValueProblem(field, value, holder);
  if (problem !== undefined) throw new YinxinError(problem, { key: field.key, kind: field.kind });
  return value as FieldValue; // of the field's kind: so it was found just now
}

/**
 * All values of a certificate: every key one of the type's, every required one there, every value of its kind; in the type's order.
 * @throws YinxinError FIELDS_INVALID with `{problems: [{key, code}]}`, all of them: the type's fields in order, then unknown keys
 */
export function checkValues(type: CertificateType, values: { readonly [key: string]: unknown }): FieldValues {
  const problems: { key: string; code: ErrorCode }[] = [];
  const checked: { [key: string]: FieldValue } = {};
  let known = 0;
  for (const field of type.fields) {
    const { key } = field;
    const isGiven = Object.prototype.hasOwnProperty.call(values, key);
    if (isGiven) known += 1;
    const value = isGiven ? values[key] : undefined;
    if (value === undefined) {
      if (field.required) problems.push({ key, code: 'FIELD_MISSING' });
      continue;
    }
    const problem = findValueProblem(field, value, type.holder.kind);
    if (problem === undefined)
      checked[key] = value as FieldValue; // of the field's kind: so it was found just now
    else problems.push({ key, code: problem });
  }
  const keys = Object.keys(values);
  if (known < keys.length) {
    const own = new Set(type.fields.map(({ key }) => key));
    for (const key of keys) if (!own.has(key)) problems.push({ key: key.slice(0, 64), code: 'FIELD_UNKNOWN' });
  }
  if (problems.length > 0) throw new YinxinError('FIELDS_INVALID', { problems });
  return checked;
}

const separator = /[;；]/;

function parseRecord(field: Field, text: string): FieldValue {
  const entries = text.split(separator).map((part): [string, string] => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      throw new YinxinError('FIELD_INVALID', { key: field.key, kind: field.kind });
    }
    return [name, value];
  });
  if (new Set(entries.map(([name]) => name)).size < entries.length) {
    throw new YinxinError('FIELD_INVALID', { key: field.key, kind: field.kind });
  }
  return Object.fromEntries(entries);
}

/**
 * An empty cell is no value. `;` or `；` separates the items of a list and the `name=value` parts of a record; the
 * letters of an identity or credit number become capitals. Everything else stays exactly as it is written.
 * @throws YinxinError FIELD_INVALID for a record that is none
 */
export function parseCell(field: Field, text: string): FieldValue | undefined {
  if (text === '') return undefined;
  switch (field.kind) {
    case 'list':
      return text.split(separator);
    case 'record':
      return parseRecord(field, text);
    case 'idNumber':
    case 'uscc':
      return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
    default:
      return text;
  }
}
