/** `types`: which certificates there are, or what one of them holds. */
import {
  type CertificateType,
  type Field,
  isJsonObject,
  type Json,
  parseType,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { formatValue } from '../certificate-view.ts';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { connectGateway, isUnreachable } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { findType } from '../registry.ts';
import { loadNames } from '../trust-list.ts';
import { formatTable } from '../width.ts';

function parseTypes(json: Json, gateway: string): readonly CertificateType[] {
  const types = isJsonObject(json) ? json['types'] : undefined;
  if (!Array.isArray(types)) throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 200 });
  return types.map(parseType);
}

/** The types of the gateway, or, when it does not answer, of the saved trust list. @throws YinxinError GATEWAY_UNREACHABLE */
export async function loadTypes(home: Home, inputs: Inputs, context: Context): Promise<readonly CertificateType[]> {
  try {
    return parseTypes(await connectGateway(home.gateway, undefined, context).getJson('/v1/types'), home.gateway);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const trust = await loadNames(home, inputs, context);
    if (!trust) throw error;
    return trust.types;
  }
}

function listTypes(types: readonly CertificateType[], context: Context): string {
  const head = [
    say(context, { zh: '类型', en: 'Type' }),
    say(context, { zh: '名称', en: 'Name' }),
    say(context, { zh: '种类', en: 'Category' }),
    say(context, { zh: '栏目', en: 'Fields' }),
    say(context, { zh: '备注', en: 'Notes' }),
  ];
  const rows = [...types]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((type) => [
      type.type,
      say(context, type.name),
      type.category,
      String(type.fields.length),
      noteOf(type, context),
    ]);
  return formatTable([head, ...rows]);
}

function noteOf(type: CertificateType, context: Context): string {
  return type.legacy ? say(context, { zh: '停止新发，只补录存量', en: 'no longer issued; stock only' }) : '';
}

const kindWords: { readonly [kind in Field['kind']]: Words } = {
  string: { zh: '文字', en: 'text' },
  text: { zh: '长文字', en: 'long text' },
  date: { zh: '日期', en: 'date' },
  datetime: { zh: '日期时间', en: 'date and time' },
  yearMonth: { zh: '年月', en: 'month' },
  enum: { zh: '选一项', en: 'one of' },
  number: { zh: '数字', en: 'number' },
  integer: { zh: '整数', en: 'whole number' },
  money: { zh: '金额', en: 'amount' },
  idNumber: { zh: '证件号码', en: 'identity number' },
  uscc: { zh: '统一社会信用代码', en: 'credit code' },
  phone: { zh: '电话', en: 'telephone' },
  address: { zh: '地址', en: 'address' },
  region: { zh: '区划代码', en: 'region code' },
  image: { zh: '图片', en: 'picture' },
  list: { zh: '多项，用“；”隔开', en: 'several, with “;”' },
  record: { zh: '名称=内容；…', en: 'name=value;…' },
};

function describeField(field: Field, type: CertificateType, context: Context): readonly string[] {
  const notes = [
    field.required ? say(context, { zh: '必填', en: 'required' }) : '',
    field.enum ? field.enum.join(say(context, { zh: '、', en: ', ' })) : '',
    field.longTermValue ? say(context, { zh: '可写“长期”', en: 'may say 长期 (no end)' }) : '',
    type.claim.includes(field.key) ? say(context, { zh: '核对项', en: 'claim' }) : '',
  ];
  const example = field.kind === 'image' ? 'photo.png' : formatValue(field.example);
  return [
    say(context, field.label),
    field.key,
    say(context, kindWords[field.kind]),
    example,
    notes.filter(Boolean).join(say(context, { zh: '；', en: '; ' })),
  ];
}

function describeType(type: CertificateType, context: Context): string {
  const head = [
    say(context, { zh: '栏目', en: 'Field' }),
    say(context, { zh: '键名', en: 'Key' }),
    say(context, { zh: '写法', en: 'Kind' }),
    say(context, { zh: '示例', en: 'Example' }),
    say(context, { zh: '说明', en: 'Notes' }),
  ];
  const names = new Set([say(context, type.name), type.officialName]);
  const title = [...names, `${type.type}/${type.version}`, type.code];
  const note = noteOf(type, context);
  const rows = type.fields.map((field) => describeField(field, type, context));
  return `${title.join(' · ')}${note && ` · ${note}`}\n\n${formatTable([head, ...rows])}`;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const types = await loadTypes(await openHome(inputs, context), inputs, context);
  const [name] = inputs.operands;
  const type = name === undefined ? undefined : findType(types, name);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(type ?? types, null, 2)}\n`);
  else context.out.write(type ? describeType(type, context) : listTypes(types, context));
  return 0;
}

export const typesCommand: Command = {
  name: 'types',
  synopsis: { zh: '[证照类型]', en: '[TYPE]' },
  summary: { zh: '有哪些证照；某种证照有哪些栏目、怎么填', en: 'which certificates there are; what one holds' },
  details: {
    zh: '不写类型时列出全部。类型可以写代号（business-licence），也可以写名称（营业执照）。',
    en: 'Lists all types, or the fields of one. A type may be named by its slug (business-licence) or its name (营业执照).',
  },
  examples: ['types', 'types 营业执照'],
  options: [],
  operands: [0, 1],
  run,
};
