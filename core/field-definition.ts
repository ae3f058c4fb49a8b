/** One field of a certificate type, read strictly. */
import { YinxinError } from './errors.ts';
import { checkValue, type HolderKind, isLine } from './field-kinds.ts';
import { isJsonObject, memberReader } from './members.ts';
import type { Field, FieldKind, Json, MaskRule, Words } from './model.ts';

export const fieldKinds: readonly FieldKind[] = [
  'string',
  'text',
  'date',
  'datetime',
  'yearMonth',
  'enum',
  'number',
  'integer',
  'money',
  'idNumber',
  'uscc',
  'phone',
  'address',
  'region',
  'image',
  'list',
  'record',
];
export const maskRules: readonly MaskRule[] = [
  'none',
  'name',
  'idNumber',
  'phone',
  'address',
  'bankAccount',
  'plate',
  'tail4',
  'birthDate',
  'hide',
];

const members = [
  'key',
  'label',
  'kind',
  'required',
  'mask',
  'example',
  'enum',
  'unit',
  'longTermValue',
  'tag',
] as const;
const keyPattern = /^[a-z][A-Za-z0-9]{0,63}$/;
const tagPattern = /^[A-Z][A-Z0-9_]{1,31}$/;
const labelCharacters = 100;
const enumValues = 100;

/** A refusal of a type: the member at fault and what it breaks. */
export function typeError(member: string, why: string): YinxinError {
  return new YinxinError('TYPE_INVALID', { member, why });
}

/** `text` as one of `allowed`. @throws YinxinError TYPE_INVALID */
export function parseOneOf<T extends string>(text: string, allowed: readonly T[], member: string): T {
  const found = allowed.find((candidate) => candidate === text);
  if (found === undefined) throw typeError(member, `not one of ${allowed.join(', ')}`);
  return found;
}

/** One line of at most 100 characters. @throws YinxinError TYPE_INVALID */
export function parseLabel(json: Json, member: string): string {
  if (typeof json !== 'string' || !isLine(json, labelCharacters))
    throw typeError(member, 'not one line of 1 to 100 characters');
  return json;
}

/** @throws YinxinError TYPE_INVALID */
export function parseWords(json: Json, member: string): Words {
  const read = memberReader(json, member, 'TYPE_INVALID', ['zh', 'en']);
  return { zh: parseLabel(read.value('zh'), `${member}.zh`), en: parseLabel(read.value('en'), `${member}.en`) };
}

/** 1 to 100 different lines. @throws YinxinError TYPE_INVALID */
export function parseLabels(items: readonly Json[], member: string): readonly string[] {
  if (items.length < 1 || items.length > enumValues) throw typeError(member, 'not 1 to 100 items');
  const labels = items.map((item, index) => parseLabel(item, `${member}.${index}`));
  if (new Set(labels).size < labels.length) throw typeError(member, 'an item stands twice');
  return labels;
}

function parseKey(key: string, member: string): string {
  if (!keyPattern.test(key)) throw typeError(member, 'not a key: a letter, then letters and digits');
  // Such a key would read as present in every object.
  if (key in {}) throw typeError(member, 'a name that every object has');
  return key;
}

function checkMembersOfKind(field: Field, member: string): void {
  const { kind } = field;
  if ((kind === 'enum') !== (field.enum !== undefined))
    throw typeError(`${member}.enum`, 'given for kind enum, and only there');
  if (field.unit !== undefined && kind !== 'number' && kind !== 'integer' && kind !== 'money') {
    throw typeError(`${member}.unit`, 'only a number has a unit');
  }
  if (field.longTermValue !== undefined && kind !== 'date') {
    throw typeError(`${member}.longTermValue`, 'only a date may have no end');
  }
  if (kind === 'image' && field.mask !== 'hide') throw typeError(`${member}.mask`, 'a picture is always hidden');
  if (field.mask === 'birthDate' && kind !== 'date' && kind !== 'datetime') {
    throw typeError(`${member}.mask`, 'only a date has a year to keep');
  }
}

function checkExample(field: Field, holder: HolderKind, member: string): void {
  try {
    checkValue(field, field.example, holder);
  } catch (error) {
    if (error instanceof YinxinError) throw typeError(`${member}.example`, error.code);
    throw error;
  }
}

function isFieldValue(json: Json): json is Field['example'] {
  if (typeof json === 'string') return true;
  const items = Array.isArray(json) ? json : isJsonObject(json) ? Object.values(json) : [null];
  return items.every((item) => typeof item === 'string');
}

function parseExample(json: Json, member: string): Field['example'] {
  if (!isFieldValue(json)) throw typeError(member, 'not a string, or an array or object of strings');
  return json;
}

/**
 * A field, its example included: the example is a value of the field's kind.
 * @throws YinxinError TYPE_INVALID with `{member}`, and `why` where the member is there but breaks a rule
 */
export function parseField(json: Json, member: string, holder: HolderKind): Field {
  const read = memberReader(json, member, 'TYPE_INVALID', members);
  const field: Field = {
    key: parseKey(read.text('key'), `${member}.key`),
    label: parseWords(read.value('label'), `${member}.label`),
    kind: parseOneOf(read.text('kind'), fieldKinds, `${member}.kind`),
    required: read.boolean('required'),
    mask: parseOneOf(read.text('mask'), maskRules, `${member}.mask`),
    example: parseExample(read.value('example'), `${member}.example`),
    ...(read.has('enum') && { enum: parseLabels(read.array('enum'), `${member}.enum`) }),
    ...(read.has('unit') && { unit: parseLabel(read.value('unit'), `${member}.unit`) }),
    ...(read.has('longTermValue') && {
      longTermValue: parseLabel(read.value('longTermValue'), `${member}.longTermValue`),
    }),
    ...(read.has('tag') && { tag: read.matching('tag', tagPattern) }),
  };
  checkMembersOfKind(field, member);
  checkExample(field, holder, member);
  return field;
}
