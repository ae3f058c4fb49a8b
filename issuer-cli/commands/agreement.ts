/** `agreement`: recognition agreements between cities (互认协议): proposing, approving, suspending, resuming, ending. */

import { resolve } from 'node:path';
import {
  type AgreementRow,
  findAgreementFault,
  type Instant,
  isJsonObject,
  type Json,
  type JsonObject,
  parseInstant,
  parseJson,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { findAgreement, loadAgreements, openAgreement } from '../agreements.ts';
import type { Command, Inputs, Noun } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { readBytes } from '../files.ts';
import { administratorOptions, carryOut, formatEnd, openAdministrator, readComing, timeOption } from '../governance.ts';
import { clientOption, pinOption, trustOption, yesOption } from '../options.ts';
import { formatTime } from '../times.ts';
import type { KnownTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

const maxFileBytes = 256 * 1024;

const faultWords: { readonly [fault: string]: Words } = {
  'not-begun': { zh: '尚未开始', en: 'not begun' },
  ended: { zh: '已终止', en: 'ended' },
  suspended: { zh: '暂停执行', en: 'suspended' },
};

function describeState(row: AgreementRow, now: Instant, context: Context): string {
  const [count, all] = [row.approvals.length, row.parties.length];
  if (row.approved === null)
    return say(context, { zh: `待各方同意（${count}/${all}）`, en: `awaits approval (${count} of ${all})` });
  const fault = findAgreementFault(row, now);
  return say(context, (fault && faultWords[fault]) ?? { zh: '执行中', en: 'in force' });
}

const joined = (items: readonly string[], context: Context) => items.join(say(context, { zh: '、', en: ', ' }));

function nameDomains(domains: readonly string[], { trust }: KnownTrust, context: Context): string {
  return joined(
    domains.map((domain) => say(context, trust.domain(domain)?.name ?? { zh: domain, en: domain })),
    context,
  );
}

function writeJson(value: object, context: Context): ExitCode {
  context.out.write(`${JSON.stringify(value, null, 2)}\n`);
  return 0;
}

async function list(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { known, agreements } = await loadAgreements(inputs, context);
  if (inputs.flag('json')) return writeJson(agreements, context);
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('编号', 'Agreement'),
    label('名称', 'Name'),
    label('各方', 'Parties'),
    label('种类', 'Types'),
    label('现状', 'State'),
    label('至', 'Until'),
  ];
  const rows = agreements.map((row) => [
    row.agreement,
    say(context, row.name),
    nameDomains(
      row.parties.map(({ domain }) => domain),
      known,
      context,
    ),
    String(row.types.length),
    describeState(row, context.now(), context),
    formatEnd(row.until, context),
  ]);
  context.out.write(formatTable([head, ...rows]));
  return 0;
}

function listTerms(row: AgreementRow, known: KnownTrust, context: Context): readonly (readonly string[])[] {
  const label = (zh: string, en: string) => say(context, { zh, en });
  const { trust } = known;
  const types = row.types.map((slug) => {
    const type = trust.types.find(({ type: own }) => own === slug);
    return type ? say(context, type.name) : slug;
  });
  const matters = row.matters?.map((slug) => say(context, trust.matter(slug)?.name ?? { zh: slug, en: slug }));
  return [
    [label('编号', 'Agreement'), row.agreement],
    [label('名称', 'Name'), say(context, row.name)],
    [label('现状', 'State'), describeState(row, context.now(), context)],
    [label('期限', 'Window'), `${formatTime(row.from)} – ${formatEnd(row.until, context)}`],
    [label('证照类型', 'Types'), joined(types, context)],
    [label('事项', 'Matters'), matters ? joined(matters, context) : label('不限', 'any')],
  ];
}

async function show(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { known, agreements } = await loadAgreements(inputs, context);
  const row = findAgreement(agreements, inputs.operand(0));
  if (inputs.flag('json')) return writeJson(row, context);
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('城市', 'City'),
    label('咨询与异议', 'Whom to ask'),
    label('电话', 'Telephone'),
    label('同意于', 'Approved'),
    label('暂停', 'Suspended'),
  ];
  const parties = row.parties.map(({ domain, office, phone }) => {
    const approval = row.approvals.find((own) => own.domain === domain);
    const pauses = row.suspensions.filter((own) => own.domain === domain);
    return [
      nameDomains([domain], known, context),
      say(context, office),
      phone,
      approval ? formatTime(approval.time) : label('尚未', 'not yet'),
      pauses.map(({ from, until }) => `${formatTime(from)} – ${until ? formatTime(until) : ''}`.trim()).join('；'),
    ];
  });
  context.out.write(`${formatTable(listTerms(row, known, context))}\n${formatTable([head, ...parties], '  ')}`);
  return 0;
}

const sortTexts = (json: Json | undefined): Json | undefined =>
  Array.isArray(json) ? [...json].sort((a: Json, b: Json) => (String(a) < String(b) ? -1 : 1)) : json;

const domainOf = (json: Json) => (isJsonObject(json) ? String(json['domain']) : '');

/** The terms of a file, in the order that the ledger wants; without `from` they hold from now, without `until` without end. */
function readTerms(json: Json, domain: string, context: Context): { readonly [name: string]: Json } {
  if (!isJsonObject(json)) throw new YinxinError('INPUT_INVALID', { member: 'agreement' });
  const { parties, types, matters, ...rest } = json;
  return {
    from: context.now(),
    until: null,
    ...rest,
    parties: Array.isArray(parties)
      ? [...parties].sort((a: Json, b: Json) => (domainOf(a) < domainOf(b) ? -1 : 1))
      : [],
    types: sortTexts(types) ?? [],
    matters: sortTexts(matters) ?? null,
    domain,
  };
}

async function propose(inputs: Inputs, context: Context): Promise<ExitCode> {
  const json = parseJson(await readBytes(resolve(context.cwd, inputs.operand(0)), maxFileBytes));
  const administrator = await openAdministrator(inputs, context);
  const input = readTerms(json, administrator.domain, context);
  const name = String(input['agreement']);
  const order = {
    transaction: 'proposeAgreement',
    input,
    done: {
      zh: `已提出互认协议 ${name}；各方同意后生效（yinxin agreement approve ${name}）`,
      en: `Proposed agreement ${name}; it needs every party (yinxin agreement approve ${name})`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

interface Act {
  readonly transaction: string;
  readonly done: (name: Words, row: AgreementRow) => Words;
}

function runAct({ transaction, done }: Act): Command['run'] {
  return async (inputs, context) => {
    const administrator = await openAdministrator(inputs, context);
    const row = await openAgreement(administrator, inputs);
    const input = { agreement: row.agreement, domain: administrator.domain };
    return carryOut(administrator, { transaction, input, done: done(row.name, row) }, inputs, context);
  };
}

const approve = runAct({
  transaction: 'approveAgreement',
  done: (name, { approvals, parties }) => {
    const missing = parties.length - approvals.length - 1;
    return missing > 0
      ? { zh: `已同意 ${name.zh}，还差 ${missing} 方`, en: `Approved: ${name.en}; ${missing} more parties are missing` }
      : { zh: `已同意 ${name.zh}，各方已齐，协议成立`, en: `Approved by all: ${name.en}` };
  },
});
const suspend = runAct({
  transaction: 'suspendAgreement',
  done: (name) => ({ zh: `${name.zh} 已暂停执行`, en: `Suspended: ${name.en}` }),
});
const resume = runAct({
  transaction: 'resumeAgreement',
  done: (name) => ({ zh: `本方对 ${name.zh} 的暂停已解除`, en: `This party’s suspension is lifted: ${name.en}` }),
});

async function end(inputs: Inputs, context: Context): Promise<ExitCode> {
  const until = readComing(inputs, 'until', context);
  const administrator = await openAdministrator(inputs, context);
  const { agreement, name } = await openAgreement(administrator, inputs);
  const at = formatTime(until);
  const order = {
    transaction: 'endAgreement',
    input: { agreement, domain: administrator.domain, until },
    done: ({ until: filed }: JsonObject) => {
      const end = typeof filed === 'string' ? formatTime(parseInstant(filed)) : at;
      return { zh: `${name.zh} 自 ${end} 终止`, en: `${name.en} ends at ${end}` };
    },
    question: {
      zh: `${name.zh} 自 ${at} 终止，对各方都不再适用，不能恢复（可另订新协议）。确定吗？`,
      en: `${name.en} ends at ${at} for every party and for good (a new one may be made). Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

const agreementName: Words = { zh: '协议', en: 'AGREEMENT' };
const readingOptions = [clientOption, trustOption, pinOption] as const;

export const agreementNoun: Noun = {
  name: 'agreement',
  summary: { zh: '城市之间的互认协议', en: 'recognition agreements' },
  verbs: [
    {
      name: 'agreement list',
      synopsis: { zh: '', en: '' },
      summary: { zh: '有哪些协议，现状如何', en: 'which agreements there are, and their state' },
      details: {
        zh: '用管理员或审计的客户端文件，也列出尚待各方同意的，至多 200 项；没有客户端文件，只列各方都已同意的。',
        en: 'With a client file of an administrator or auditor also those that await approval, at most 200; without one, those that all parties approved.',
      },
      examples: ['agreement list'],
      options: [...readingOptions],
      operands: [0, 0],
      run: list,
    },
    {
      name: 'agreement show',
      synopsis: agreementName,
      summary: { zh: '一项协议的全部内容', en: 'everything in an agreement' },
      details: { zh: '写编号或名称。', en: 'Named by its id or its name.' },
      examples: ['agreement show chengyu-demeizi'],
      options: [...readingOptions],
      operands: [1, 1],
      run: show,
    },
    {
      name: 'agreement propose',
      synopsis: { zh: '文件', en: 'FILE' },
      summary: { zh: '提出一项协议，视为本方同意', en: 'propose an agreement, approving it for one’s own city' },
      details: {
        zh: `文件是 JSON：agreement 编号；name 名称（zh、en）；parties 各方，每方 domain、office（zh、en）、phone；types 证照类型；matters 事项，null 为不限；from、until 期限，可以不写。
各方全部同意后生效。内容不能改，要改就另订一项。`,
        en: `The file is JSON: agreement (its id); name (zh, en); parties, each with domain, office (zh, en), phone; types; matters, null for any; from and until, which may be left out.
In force once every party has approved. Terms never change: other terms are another agreement.`,
      },
      examples: ['agreement propose agreement.json'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: propose,
    },
    {
      name: 'agreement approve',
      synopsis: agreementName,
      summary: { zh: '代表本市同意', en: 'approve for one’s own city' },
      details: {
        zh: '同意不能撤回；以后可以暂停或终止。',
        en: 'For good; the agreement may be suspended or ended later.',
      },
      examples: ['agreement approve chengyu-demeizi --as 510100'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: approve,
    },
    {
      name: 'agreement suspend',
      synopsis: agreementName,
      summary: { zh: '暂停执行，对各方都有效', en: 'suspend it for every party' },
      details: {
        zh: '由暂停的一方解除（yinxin agreement resume）。',
        en: 'Lifted by the same party (yinxin agreement resume).',
      },
      examples: ['agreement suspend chengyu-demeizi'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: suspend,
    },
    {
      name: 'agreement resume',
      synopsis: agreementName,
      summary: { zh: '解除本方的暂停', en: 'lift one’s own suspension' },
      details: { zh: '别的城市的暂停不受影响。', en: 'Suspensions of other cities go on.' },
      examples: ['agreement resume chengyu-demeizi'],
      options: [...administratorOptions],
      operands: [1, 1],
      run: resume,
    },
    {
      name: 'agreement end',
      synopsis: agreementName,
      summary: { zh: '终止协议', en: 'end an agreement' },
      details: {
        zh: '任何一方都可以终止，只能提前，不能恢复。问终止以前的日期，查验仍按协议回答。',
        en: 'Any party may, earlier than agreed and for good. Asked about a day before its end, verify still answers by it.',
      },
      examples: ['agreement end chengyu-demeizi --until 2026-12-31'],
      options: [
        timeOption('until', { zh: '自何时起（默认即时）', en: 'from when (default: now)' }),
        yesOption,
        ...administratorOptions,
      ],
      operands: [1, 1],
      run: end,
    },
  ] satisfies readonly Command[],
};
