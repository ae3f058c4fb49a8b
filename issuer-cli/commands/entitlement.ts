/** `entitlement`: which types a body may issue, where, and in which windows of time. */
import { findEntitlementWindow, type Words } from '@yinxin/core';
import type { Command, Inputs, Noun } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import {
  administratorOptions,
  carryOut,
  formatEnd,
  openAdministrator,
  readComing,
  readTime,
  timeOption,
} from '../governance.ts';
import { openHome } from '../home.ts';
import { pinOption, trustOption, yesOption } from '../options.ts';
import { findIssuer, findType } from '../registry.ts';
import { formatTime } from '../times.ts';
import { type KnownTrust, loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

function listRows({ claims, trust }: KnownTrust, issuers: ReadonlySet<string>, context: Context) {
  return claims.entitlements
    .filter(({ issuer }) => issuers.has(issuer))
    .flatMap((row) =>
      row.windows.map((window) => {
        const type = trust.types.find(({ type: slug }) => slug === row.type);
        const isNow = findEntitlementWindow(row, context.now()) === window;
        return [
          say(context, trust.issuer(row.issuer)?.name ?? { zh: row.issuer, en: row.issuer }),
          type ? say(context, type.name) : row.type,
          window.region,
          formatTime(window.from),
          formatEnd(window.until, context),
          say(context, isNow ? { zh: '在用', en: 'in force' } : { zh: '不在期内', en: 'not now' }),
        ];
      }),
    );
}

async function list(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const known = await loadTrust(home, inputs, context);
  const [name] = inputs.operands;
  const chosen =
    name === undefined
      ? known.claims.issuers.filter(({ domain }) => home.domain === undefined || domain === home.domain)
      : [{ issuer: findIssuer(known.claims.issuers, name) }];
  const issuers = new Set(chosen.map(({ issuer }) => issuer));
  if (inputs.flag('json')) {
    const rows = known.claims.entitlements.filter(({ issuer }) => issuers.has(issuer));
    context.out.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('机关', 'Body'),
    label('证照类型', 'Type'),
    label('区划', 'Region'),
    label('自', 'From'),
    label('至', 'Until'),
    label('现状', 'State'),
  ];
  context.out.write(formatTable([head, ...listRows(known, issuers, context)]));
  return 0;
}

/** The body and the type that a command names. */
function readSubject({ claims, trust }: KnownTrust, inputs: Inputs) {
  const issuer = findIssuer(claims.issuers, inputs.operand(0));
  const type = findType(trust.types, inputs.operand(1));
  return { issuer, row: trust.issuer(issuer), name: trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer }, type };
}

async function grant(inputs: Inputs, context: Context): Promise<ExitCode> {
  const [from, until] = [readTime(inputs, 'from') ?? context.now(), readTime(inputs, 'until') ?? null];
  const administrator = await openAdministrator(inputs, context);
  const { issuer, row, name, type } = readSubject(administrator.known, inputs);
  const region = inputs.text('region') ?? row?.region ?? administrator.domain;
  const order = {
    transaction: 'registerEntitlement',
    input: { issuer, type: type.type, region, from, until },
    done: { zh: `${name.zh} 可以颁发${type.name.zh}`, en: `${name.en} may issue: ${type.name.en}` },
  };
  return carryOut(administrator, order, inputs, context);
}

async function end(inputs: Inputs, context: Context): Promise<ExitCode> {
  const until = readComing(inputs, 'until', context);
  const administrator = await openAdministrator(inputs, context);
  const { issuer, name, type } = readSubject(administrator.known, inputs);
  const at = formatTime(until);
  const order = {
    transaction: 'endEntitlement',
    input: { issuer, type: type.type, until },
    done: {
      zh: `${name.zh} 自 ${at} 不再颁发${type.name.zh}`,
      en: `From ${at} on ${name.en} issues no more: ${type.name.en}`,
    },
    question: {
      zh: `${name.zh} 自 ${at} 不能再颁发${type.name.zh}；以前颁发的照样有效。确定吗？`,
      en: `From ${at} on ${name.en} may issue no more: ${type.name.en}. What it issued stands. Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

const subject: Words = { zh: '机关 证照类型', en: 'ISSUER TYPE' };

export const entitlementNoun: Noun = {
  name: 'entitlement',
  summary: { zh: '颁发资格', en: 'what a body may issue' },
  verbs: [
    {
      name: 'entitlement list',
      synopsis: { zh: '[机关]', en: '[ISSUER]' },
      summary: { zh: '谁可以颁发什么，在哪里，何时', en: 'who may issue what, where and when' },
      details: { zh: '不写机关时列出本市各机关的资格。', en: 'Without a body those of the home city.' },
      examples: ['entitlement list'],
      options: [trustOption, pinOption],
      operands: [0, 1],
      run: list,
    },
    {
      name: 'entitlement grant',
      synopsis: subject,
      summary: { zh: '授予颁发资格', en: 'entitle a body to a type' },
      details: {
        zh: '区划须在机关自己的区划之内。以前的资格终止以后可以再授予。',
        en: 'The region must lie in the body’s own. After an earlier entitlement has ended it may be granted again.',
      },
      examples: ['entitlement grant 11990300DEMA00021E 营业执照 --until 2030-01-01'],
      options: [
        {
          name: 'region',
          kind: 'text',
          value: { zh: '区划代码', en: 'CODE' },
          help: { zh: '在哪里（默认机关的区划）', en: 'where (default: the body’s region)' },
        },
        timeOption('from', { zh: '自何时起（默认现在）', en: 'since when (default: now)' }),
        timeOption('until', { zh: '至何时（默认不限）', en: 'until when (default: no end)' }),
        ...administratorOptions,
      ],
      operands: [2, 2],
      run: grant,
    },
    {
      name: 'entitlement end',
      synopsis: subject,
      summary: { zh: '终止颁发资格', en: 'end an entitlement' },
      details: { zh: '以前颁发的证照照样有效。', en: 'What was issued before stands.' },
      examples: ['entitlement end 11990300DEMA00021E 营业执照'],
      options: [
        timeOption('until', { zh: '自何时起（默认即时）', en: 'from when (default: now)' }),
        yesOption,
        ...administratorOptions,
      ],
      operands: [2, 2],
      run: end,
    },
  ] satisfies readonly Command[],
};
