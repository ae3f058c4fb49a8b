/** Certificate types as data: the strict reader of one, and what its conclusion says. A new type is a new file, never new code. */
import { isUscc } from './check-digits.ts';
import { parseField, parseLabel, parseLabels, parseOneOf, parseWords, typeError } from './field-definition.ts';
import type { FieldValues } from './fields.ts';
import { memberReader } from './members.ts';
import type { CertificateType, Field, Json, TypeValidity, ValidityKind } from './model.ts';

const members = [
  'format',
  'type',
  'version',
  'code',
  'codeOrigin',
  'name',
  'officialName',
  'category',
  'holder',
  'fields',
  'face',
  'claim',
  'validity',
  'statusMaxAgeSeconds',
  'offlineCode',
  'lookup',
  'legacy',
  'successor',
  'conclusion',
] as const;
const validityMembers = ['kind', 'months', 'fromField', 'untilField', 'freshnessDays'] as const;
const validityKinds: readonly ValidityKind[] = ['fixed', 'range', 'tied', 'graded', 'permanent', 'none', 'snapshot'];
const endlessKinds: readonly ValidityKind[] = ['permanent', 'none', 'snapshot'];
const categories: readonly CertificateType['category'][] = ['证照', '证明', '批文'];
const slugPattern = /^[a-z][a-z0-9-]{1,63}$/;
const maxFields = 64;
const maxMonths = 1200;
const maxDays = 3660;
const maxAgeSeconds = 366 * 86_400;
/** GB/T 2260 does not assign this area: a code that carries it cannot be real. */
const demonstrationArea = '990300';

function parseBounded(value: number, max: number, member: string): number {
  if (value > max) throw typeError(member, `more than ${max}`);
  return value;
}

function parseCode(code: string, origin: CertificateType['codeOrigin']): string {
  const [authority, serial] = [code.slice(0, 18), code.slice(18)];
  if (!isUscc(authority) || !/^\d{3}$/.test(serial)) throw typeError('type.code', 'not a credit code and three digits');
  if ((authority.slice(2, 8) === demonstrationArea) !== (origin === 'demonstration')) {
    throw typeError('type.codeOrigin', `area ${demonstrationArea} and demonstration go together`);
  }
  return code;
}

function parseHolder(json: Json): CertificateType['holder'] {
  const read = memberReader(json, 'type.holder', 'TYPE_INVALID', ['kind', 'codeTypes']);
  const codeTypes = parseLabels(read.array('codeTypes'), 'type.holder.codeTypes');
  if (!codeTypes.every((code) => /^\d{3}$/.test(code)))
    throw typeError('type.holder.codeTypes', 'not three digits each');
  return {
    kind: parseOneOf(read.text('kind'), ['natural', 'organization', 'either'], 'type.holder.kind'),
    codeTypes,
  };
}

/** Keys, labels and metadata names each name one field: a roster's header may use any key or label. */
function checkFieldsTogether(fields: readonly Field[]): void {
  const heads = fields.flatMap(({ key, label }) => [...new Set([key, label.zh, label.en])]);
  const tags = fields.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
  for (const names of [heads, tags]) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw typeError('type.fields', `two fields are called ${twice}`);
  }
}

function parseFields(items: readonly Json[], holder: CertificateType['holder']): readonly Field[] {
  if (items.length < 1 || items.length > maxFields) throw typeError('type.fields', `not 1 to ${maxFields} fields`);
  const fields = items.map((item, index) => parseField(item, `type.fields.${index}`, holder.kind));
  checkFieldsTogether(fields);
  return fields;
}

/** Different keys of required fields that are no pictures. */
function parseKeys(items: readonly Json[], member: string, fields: readonly Field[]): readonly string[] {
  const keys = parseLabels(items, member);
  for (const key of keys) {
    const field = fields.find((candidate) => candidate.key === key);
    if (field === undefined) throw typeError(member, `no field ${key}`);
    if (!field.required || field.kind === 'image') throw typeError(member, `${key} is not a required field of text`);
  }
  return keys;
}

/** Two fields at least, or one identity number: a single name or date could be guessed. */
function parseClaim(items: readonly Json[], fields: readonly Field[]): readonly string[] {
  const claim = parseKeys(items, 'type.claim', fields);
  const isGuessable = !fields.some(({ key, kind }) => key === claim[0] && kind === 'idNumber');
  if (claim.length < 2 && isGuessable) throw typeError('type.claim', 'one field that could be guessed');
  return claim;
}

function parseDateField(key: string, member: string, fields: readonly Field[]): string {
  if (!fields.some((field) => field.key === key && field.kind === 'date'))
    throw typeError(member, 'no date field of that key');
  return key;
}

function checkValidityMembers(validity: TypeValidity): void {
  const { kind, months, untilField, freshnessDays } = validity;
  if ((kind === 'fixed') !== (months !== undefined))
    throw typeError('type.validity.months', 'given for kind fixed, and only there');
  if ((kind === 'snapshot') !== (freshnessDays !== undefined)) {
    throw typeError('type.validity.freshnessDays', 'given for kind snapshot, and only there');
  }
  if (endlessKinds.includes(kind) && untilField !== undefined) {
    throw typeError('type.validity.untilField', `kind ${kind} has no last day`);
  }
}

function parseValidity(json: Json, fields: readonly Field[]): TypeValidity {
  const where = 'type.validity';
  const read = memberReader(json, where, 'TYPE_INVALID', validityMembers);
  const validity: TypeValidity = {
    kind: parseOneOf(read.text('kind'), validityKinds, `${where}.kind`),
    ...(read.has('months') && { months: parseBounded(read.positive('months'), maxMonths, `${where}.months`) }),
    ...(read.has('fromField') && { fromField: parseDateField(read.text('fromField'), `${where}.fromField`, fields) }),
    ...(read.has('untilField') && {
      untilField: parseDateField(read.text('untilField'), `${where}.untilField`, fields),
    }),
    ...(read.has('freshnessDays') && {
      freshnessDays: parseBounded(read.positive('freshnessDays'), maxDays, `${where}.freshnessDays`),
    }),
  };
  checkValidityMembers(validity);
  return validity;
}

function parseConclusion(json: Json, fields: readonly Field[]): NonNullable<CertificateType['conclusion']> {
  const read = memberReader(json, 'type.conclusion', 'TYPE_INVALID', ['field', 'negative']);
  const key = read.text('field');
  const field = fields.find((candidate) => candidate.key === key && candidate.required);
  if (field?.enum === undefined) throw typeError('type.conclusion.field', 'not a required field of kind enum');
  const negative = parseLabels(read.array('negative'), 'type.conclusion.negative');
  const isSome = negative.length < field.enum.length && negative.every((value) => field.enum?.includes(value));
  if (!isSome) throw typeError('type.conclusion.negative', 'not some of the values of the field');
  return { field: key, negative };
}

function checkTypeTogether(type: CertificateType): void {
  if (type.lookup === 'public' && type.holder.kind === 'natural') {
    throw typeError('type.lookup', 'the certificates of natural persons are never public');
  }
  if (type.successor !== undefined && (!type.legacy || type.successor === type.type)) {
    throw typeError('type.successor', 'only a legacy type has one, and it is another type');
  }
}

/**
 * A certificate type whose parts agree with one another; not yet known: whether `successor` exists and `code` is free.
 * @throws YinxinError TYPE_INVALID with `{member}`, and `why` where the member is there but breaks a rule
 */
export function parseType(json: Json): CertificateType {
  const read = memberReader(json, 'type', 'TYPE_INVALID', members);
  const codeOrigin = parseOneOf(read.text('codeOrigin'), ['official', 'demonstration'], 'type.codeOrigin');
  const holder = parseHolder(read.value('holder'));
  const fields = parseFields(read.array('fields'), holder);
  const type: CertificateType = {
    format: parseOneOf(read.text('format'), ['yinxin-type/1'], 'type.format'),
    type: read.matching('type', slugPattern),
    version: read.positive('version'),
    code: parseCode(read.text('code'), codeOrigin),
    codeOrigin,
    name: parseWords(read.value('name'), 'type.name'),
    officialName: parseLabel(read.value('officialName'), 'type.officialName'),
    category: parseOneOf(read.text('category'), categories, 'type.category'),
    holder,
    fields,
    face: parseKeys(read.array('face'), 'type.face', fields),
    claim: parseClaim(read.array('claim'), fields),
    validity: parseValidity(read.value('validity'), fields),
    statusMaxAgeSeconds: parseBounded(read.positive('statusMaxAgeSeconds'), maxAgeSeconds, 'type.statusMaxAgeSeconds'),
    offlineCode: read.boolean('offlineCode'),
    lookup: parseOneOf(read.text('lookup'), ['public', 'partner'], 'type.lookup'),
    legacy: read.boolean('legacy'),
    ...(read.has('successor') && { successor: read.matching('successor', slugPattern) }),
    ...(read.has('conclusion') && { conclusion: parseConclusion(read.value('conclusion'), fields) }),
  };
  checkTypeTogether(type);
  return type;
}

/** Whether a genuine certificate of the type says no (不合格, 不予批准). False where its conclusion is not among `values`. */
export function isNegativeConclusion(type: CertificateType, values: FieldValues): boolean {
  if (type.conclusion === undefined) return false;
  const value = values[type.conclusion.field];
  return typeof value === 'string' && type.conclusion.negative.includes(value);
}
