/** Values for a demonstration certificate: those of the type's examples, with other people, organisations, numbers and cities in their place. */
import {
  addMonths,
  type CalendarDate,
  type CertificateType,
  type Field,
  type FieldValue,
  type FieldValues,
  isCalendarDate,
  isCitizenId,
  isUscc,
} from '@yinxin/core';
import { inventPerson, inventStem, inventUscc } from './invented.ts';

/** Replaces every key by its value, longest first, each place once. */
type Substitution = ReadonlyMap<string, string>;

/** Whom the catalogue's examples name; the first is the usual holder. */
const exampleNames = ['张示例', '王样例', '张小例', '陈示例'];
const examplePlaces = ['粤B', '粤', '深圳', '深', '440300'] as const;
const places: { readonly [domain: string]: readonly string[] } = {
  '510100': ['川A', '川', '成都', '蓉', '510100'],
  '500000': ['渝A', '渝', '重庆', '渝', '500000'],
  '510600': ['川F', '川', '德阳', '德', '510600'],
  '511400': ['川Z', '川', '眉山', '眉', '511400'],
  '512000': ['川M', '川', '资阳', '资', '512000'],
};

const metadataNumber = 'ZZBH';
const metadataIssueDate = 'ZZBFRQ';

function substitutePeople(fields: readonly Field[], number: number): (readonly [string, string])[] {
  const ids = fields
    .map(({ example }) => example)
    .filter((example) => typeof example === 'string' && isCitizenId(example));
  const people = [...new Set(ids.map(String))].map(
    (id, index) => [id, inventPerson(number * 4 + index).idNumber] as const,
  );
  const names = exampleNames.map((name, index) => [name, inventPerson(number * 4 + index).name] as const);
  const birthDate = fields.find(({ key }) => key === 'birthDate')?.example;
  const born = typeof birthDate === 'string' ? [[birthDate, inventPerson(number * 4).birthDate] as const] : [];
  return [...people, ...names, ...born];
}

function substituteOrganisations(fields: readonly Field[], number: number): (readonly [string, string])[] {
  const codes = fields
    .map(({ example }) => example)
    .filter((example) => typeof example === 'string' && isUscc(example));
  const made = [...new Set(codes.map(String))].map((code) => [code, inventUscc(code, number)] as const);
  return [...made, ['示范科技', `示范${inventStem(number)}科技`]];
}

function toSubstitution(type: CertificateType, domain: string, number: number): Substitution {
  const city = examplePlaces.map((place, index) => [place, places[domain]?.[index] ?? place] as const);
  const all = [...substitutePeople(type.fields, number), ...substituteOrganisations(type.fields, number), ...city];
  return new Map(all.filter(([from, to]) => from !== to));
}

function substitute(text: string, substitution: Substitution): string {
  const tokens = [...substitution.keys()].sort((a, b) => b.length - a.length);
  if (tokens.length === 0) return text;
  return text.replace(new RegExp(tokens.join('|'), 'g'), (token) => substitution.get(token) ?? token);
}

/** The last run of digits counts on; its length stays. */
function countOn(text: string, number: number): string {
  return text.replace(/\d+(?=\D*$)/, (digits) => {
    const next = (Number(digits.slice(-9)) + number) % 10 ** Math.min(9, digits.length);
    return digits.slice(0, -9) + String(next).padStart(Math.min(9, digits.length), '0');
  });
}

/** A certificate's own number counts on, unless it is made of the holder's. */
function varyText(field: Field, text: string, number: number, substitution: Substitution): string {
  const replaced = substitute(text, substitution);
  const isNumber = field.tag === metadataNumber && field.kind === 'string';
  const isHolders = [...substitution.keys()].some((token) => token.length === 18 && text.includes(token));
  return isNumber && !isHolders ? countOn(replaced, number) : replaced;
}

function varyValue(field: Field, number: number, substitution: Substitution): FieldValue {
  const { example } = field;
  if (field.key === 'sex' && field.enum?.includes('女')) return inventPerson(number * 4).sex;
  if (field.enum !== undefined || field.kind === 'image') return example;
  if (typeof example === 'string') return varyText(field, example, number, substitution);
  if (isList(example)) return example.map((item) => substitute(item, substitution));
  return Object.fromEntries(Object.entries(example).map(([name, item]) => [name, substitute(item, substitution)]));
}

function isList(value: Exclude<FieldValue, string>): value is readonly string[] {
  return Array.isArray(value);
}

/** Valid values, different for every `number` as far as the type's examples allow, for a body of this domain. */
export function inventValues(type: CertificateType, domain: string, number: number): FieldValues {
  const substitution = toSubstitution(type, domain, number);
  return Object.fromEntries(type.fields.map((field) => [field.key, varyValue(field, number, substitution)]));
}

/** The date fields that say from when and until when: those that move together. */
function dateKeys({ validity, fields }: CertificateType): readonly string[] {
  const issue = fields.find(({ tag, kind }) => tag === metadataIssueDate && kind === 'date')?.key;
  return [validity.fromField, validity.untilField, issue].filter((key) => key !== undefined);
}

function shiftYears(type: CertificateType, values: FieldValues, years: number): FieldValues {
  const shifted = dateKeys(type).map((key) => {
    const value = values[key];
    const isMovable = typeof value === 'string' && isCalendarDate(value) && !value.startsWith('9999');
    return [key, isMovable ? addMonths(value, years * 12) : value] as const;
  });
  return {
    ...values,
    ...Object.fromEntries(shifted.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined)),
  };
}

const yearOf = (text: FieldValue | undefined) => Number(String(text).slice(0, 4));

/** The same, moved so that the last day lies in the year before `today`'s. For types with a field that holds the last day. */
export function toExpired(type: CertificateType, values: FieldValues, today: CalendarDate): FieldValues {
  const last = values[type.validity.untilField ?? ''];
  return last === undefined ? values : shiftYears(type, values, yearOf(today) - 1 - yearOf(last));
}

/** The same, moved so that the first day lies in the year after `today`'s. For types with a field that holds the first day. */
export function toNotYetValid(type: CertificateType, values: FieldValues, today: CalendarDate): FieldValues {
  const first = values[type.validity.fromField ?? ''];
  return first === undefined ? values : shiftYears(type, values, yearOf(today) + 1 - yearOf(first));
}
