/** `key`: the signing keys of a city's bodies: which there are, a new one in time, one given up, one in other hands. */
import {
  type Instant,
  isInWindow,
  type KeyRow,
  type KeyUse,
  type ListKeyRow,
  parseKeyId,
  type Words,
} from '@yinxin/core';
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
import { findIssuer } from '../registry.ts';
import { formatTime } from '../times.ts';
import { type KnownTrust, loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';
import { rotateCommand } from './key-rotate.ts';

const useWords: { readonly [use in KeyUse]: Words } = {
  anchor: { zh: '签发', en: 'anchor' },
  status: { zh: '状态', en: 'status' },
  code: { zh: '二维码', en: 'code' },
};

// ---------------------------------------------------------------- list

/** A body's key, or a city's own key for lists. */
type AnyKey = KeyRow | ListKeyRow;

function describeState(key: AnyKey, now: Instant, context: Context): string {
  const word = (zh: string, en: string) => say(context, { zh, en });
  if (key.compromisedFrom !== null) {
    const from = formatTime(key.compromisedFrom);
    return word(`已泄露，自 ${from}`, `compromised from ${from}`);
  }
  if (isInWindow(key, now)) return word('在用', 'in use');
  return now < key.from ? word('尚未启用', 'not begun') : word('已停用', 'retired');
}

function describeVoucher({ vouchedBy }: KeyRow, context: Context): string {
  if (vouchedBy === 'founding') return say(context, { zh: '建网时登记', en: 'founding' });
  return vouchedBy === 'first' ? say(context, { zh: '首个或恢复', en: 'first or recovery' }) : vouchedBy;
}

/** Of one body; else of the home city's bodies, and its own for lists. */
function selectKeys(
  { claims, trust }: KnownTrust,
  name: string | undefined,
  home: string | undefined,
): readonly AnyKey[] {
  if (name !== undefined) {
    const issuer = findIssuer(claims.issuers, name);
    return claims.keys.filter((key) => key.issuer === issuer);
  }
  const isHome = (domain: string | undefined) => home === undefined || domain === home;
  return [
    ...claims.keys.filter(({ issuer }) => isHome(trust.issuer(issuer)?.domain)),
    ...claims.listKeys.filter(({ domain }) => isHome(domain)),
  ];
}

function toRow(key: AnyKey, { trust }: KnownTrust, context: Context): readonly string[] {
  const times = [formatTime(key.from), formatEnd(key.until, context), describeState(key, context.now(), context)];
  if (key.kind === 'listKey') {
    const city = trust.domain(key.domain)?.name ?? { zh: key.domain, en: key.domain };
    return [key.kid, say(context, city), say(context, { zh: '清单', en: 'lists' }), ...times];
  }
  const body = trust.issuer(key.issuer)?.name ?? { zh: key.issuer, en: key.issuer };
  return [key.key, say(context, body), say(context, useWords[key.use]), ...times, describeVoucher(key, context)];
}

async function list(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const known = await loadTrust(home, inputs, context);
  const keys = selectKeys(known, inputs.operands[0], home.domain);
  if (inputs.flag('json')) {
    context.out.write(`${JSON.stringify(keys, null, 2)}\n`);
    return 0;
  }
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('密钥', 'Key'),
    label('机关', 'Body'),
    label('用途', 'Use'),
    label('启用', 'From'),
    label('停用', 'Until'),
    label('现状', 'State'),
    label('来历', 'Vouched for by'),
  ];
  context.out.write(formatTable([head, ...keys.map((key) => toRow(key, known, context))]));
  return 0;
}

// ---------------------------------------------------------------- retire, compromise

/** A body's key is named by 32 hexadecimal digits, a city's list key by its thumbprint. */
function nameKey(text: string): { readonly isList: boolean; readonly input: { readonly [name: string]: string } } {
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return { isList: true, input: { kid: text } };
  return { isList: false, input: { key: parseKeyId(text) } };
}

async function retire(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { isList, input } = nameKey(inputs.operand(0));
  const until = readComing(inputs, 'until', context);
  const administrator = await openAdministrator(inputs, context);
  const at = formatTime(until);
  const order = {
    transaction: isList ? 'retireListKey' : 'retireKey',
    input: { ...input, until },
    done: { zh: `密钥自 ${at} 停用`, en: `The key ends at ${at}` },
    question: {
      zh: `密钥自 ${at} 停用后不能再启用。以前的签名不受影响。确定吗？`,
      en: `From ${at} on the key signs nothing, for good. What it signed before stands. Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

async function compromise(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { isList, input } = nameKey(inputs.operand(0));
  const from = readTime(inputs, 'from') ?? context.now();
  const administrator = await openAdministrator(inputs, context);
  const at = formatTime(from);
  const order = {
    transaction: isList ? 'reportListKeyCompromise' : 'reportCompromise',
    input: { ...input, from },
    done: { zh: `已登记：密钥自 ${at} 起落入他人之手`, en: `On record: the key was in other hands from ${at}` },
    question: {
      zh: `登记密钥自 ${at} 起泄露：它不能再签任何东西，那以后签发的证照一律无效，而且不能收回。确定吗？`,
      en: `The key is put on record as compromised from ${at}: it signs nothing more, and what it issued since is invalid, for good. Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

const keyName: Words = { zh: '密钥', en: 'KEY' };

export const keyNoun: Noun = {
  name: 'key',
  summary: { zh: '机关的签名密钥', en: 'signing keys of bodies' },
  verbs: [
    {
      name: 'key list',
      synopsis: { zh: '[机关]', en: '[ISSUER]' },
      summary: { zh: '有哪些密钥，现状如何', en: 'which keys there are, and their state' },
      details: {
        zh: '不写机关时列出本市各机关的密钥，以及本市签清单用的密钥。机关可以写统一社会信用代码或全称。',
        en: 'Without a body those of the home city’s bodies, and its own for lists. A body is named by its credit code or full name.',
      },
      examples: ['key list', 'key list 深圳市市场监督管理局'],
      options: [trustOption, pinOption],
      operands: [0, 1],
      run: list,
    },
    rotateCommand,
    {
      name: 'key retire',
      synopsis: keyName,
      summary: { zh: '停用一个密钥', en: 'end a key' },
      details: {
        zh: '停用后不能再启用；以前签的照样有效。密钥写“yinxin key list”里的编号；城市的清单密钥写它的指纹（43 个字符）。',
        en: 'For good; what it signed before stands. A key is named as in “yinxin key list”, a city’s list key by its thumbprint (43 characters).',
      },
      examples: ['key retire 0123456789abcdef0123456789abcdef --until 2026-12-31'],
      options: [
        timeOption('until', { zh: '何时停用（默认即时）', en: 'when it ends (default: now)' }),
        yesOption,
        ...administratorOptions,
      ],
      operands: [1, 1],
      run: retire,
    },
    {
      name: 'key compromise',
      synopsis: keyName,
      summary: { zh: '登记密钥泄露', en: 'put on record that a key is in other hands' },
      details: {
        zh: `登记后密钥不能再签任何东西。泄露以前存证的证照照样有效，以后的无效；那以后降低效力的处理（如撤销）仍然算数，恢复之类的不算数。
只能登记一次，不能在将来，也不能早于三十天前；别的情形由各方多数决定：yinxin proposal make。`,
        en: `The key signs nothing more. What was anchored before that time stands, what came later is invalid; acts since then that lower trust (a revocation) count, those that raise it do not.
Once only, not in the future, at most 30 days back; anything else is decided by a majority: yinxin proposal make.`,
      },
      examples: ['key compromise 0123456789abcdef0123456789abcdef --from "2026-11-20 09:00"'],
      options: [
        timeOption('from', { zh: '自何时起泄露（默认现在）', en: 'since when (default: now)' }),
        yesOption,
        ...administratorOptions,
      ],
      operands: [1, 1],
      run: compromise,
    },
  ] satisfies readonly Command[],
};
