/** A small type with one field of every kind, as JSON to be bent, and ways to catch what core throws. */
import { parseType } from '../../../core/catalogue.ts';
import { YinxinError } from '../../../core/errors.ts';
import type { CertificateType, Field, FieldKind, Json } from '../../../core/model.ts';

type Draft = { [key: string]: Json | Draft };

/** One value of each kind, all invented. */
export const exampleOf: { readonly [Kind in FieldKind]: Field['example'] } = {
  string: '示范文字',
  text: '较长的示范文字；一行',
  date: '2026-02-28',
  datetime: '2026-02-28T23:59',
  yearMonth: '2026-12',
  enum: '合格',
  number: '-12.50',
  integer: '40',
  money: '1000000.00',
  idNumber: '990300190305150110',
  uscc: '11990300DEMA00021E',
  phone: '13800000001',
  address: '深圳市示范区示范路1号',
  region: '440300',
  image: `${'A'.repeat(43)}=`,
  list: ['甲', '乙'],
  record: { name: '张示例', title: '经理' },
};

export const kinds = Object.keys(exampleOf) as readonly FieldKind[];

function draftField(kind: FieldKind): Draft {
  return {
    key: `${kind}Field`,
    label: { zh: `字段${kind}`, en: `A ${kind}` },
    kind,
    required: kind === 'string' || kind === 'idNumber' || kind === 'enum',
    mask: kind === 'image' ? 'hide' : 'none',
    example: exampleOf[kind] as Json,
    ...(kind === 'enum' && { enum: ['合格', '不合格'] }),
    ...(kind === 'number' && { unit: 'm²' }),
    ...(kind === 'date' && { longTermValue: '长期', tag: 'ZZYXQJZRQ' }),
  };
}

/** The JSON of a good type, new at every call. */
export function draftType(): { [key: string]: Json } {
  return {
    format: 'yinxin-type/1',
    type: 'example-type',
    version: 1,
    code: '11990300DEMA00021E999',
    codeOrigin: 'demonstration',
    name: { zh: '示范证', en: 'Example' },
    officialName: '示范证',
    category: '证照',
    holder: { kind: 'natural', codeTypes: ['111'] },
    fields: kinds.map(draftField) as Json[],
    face: ['stringField'],
    claim: ['stringField', 'idNumberField'],
    validity: { kind: 'range', untilField: 'dateField' },
    statusMaxAgeSeconds: 86400,
    offlineCode: false,
    lookup: 'partner',
    legacy: false,
  };
}

/** The good type with the member at `path` (`fields.3.key`) replaced, or removed where `value` is undefined. */
export function bendType(path: string, value: Json | undefined): Json {
  const type: Draft = draftType() as Draft;
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at: Draft = type;
  for (const step of steps) at = at[step] as Draft;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return type as Json;
}

/** The good type with some members replaced. */
export function makeType(changes: { [name: string]: Json } = {}): CertificateType {
  return parseType({ ...draftType(), ...changes });
}

export function fieldOf(kind: FieldKind): Field {
  const field = makeType().fields.find((candidate) => candidate.kind === kind);
  if (field === undefined) throw new Error(`no field of kind ${kind}`);
  return field;
}

/** The error that `act` throws. @throws when it throws none, or one of another class */
export function refusalOf(act: () => unknown): YinxinError {
  try {
    act();
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
