/** `issuer`: the issuing bodies of a city: registering, renaming, closing, and taking over from one that is closed. */
import { type IssuerRow, type JsonObject, type Words, YinxinError } from '@yinxin/core';
import { type Command, type Inputs, type Noun, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import {
  type Administrator,
  administratorOptions,
  carryOut,
  openAdministrator,
  readComing,
  readTime,
  timeOption,
} from '../governance.ts';
import { openHome } from '../home.ts';
import { pinOption, trustOption, yesOption } from '../options.ts';
import { findIssuer, findPlace } from '../registry.ts';
import { formatTime } from '../times.ts';
import { type KnownTrust, loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

function nameIssuer(issuer: string | null, { trust }: KnownTrust, context: Context): string {
  const name = issuer === null ? undefined : trust.issuer(issuer)?.name;
  return name ? say(context, name) : (issuer ?? say(context, { zh: '无', en: 'none' }));
}

function describeState({ closed, offered }: IssuerRow, known: KnownTrust, context: Context): string {
  const closing = closed ?? offered;
  if (!closing) return say(context, { zh: '在运行', en: 'open' });
  const [at, successor] = [formatTime(closing.at), nameIssuer(closing.successor, known, context)];
  if (!closed) return say(context, { zh: `待承接方同意：${successor}`, en: `offered to ${successor}` });
  return closing.at <= context.now()
    ? say(context, { zh: `${at} 撤并，承接：${successor}`, en: `closed ${at}, successor: ${successor}` })
    : say(context, { zh: `${at} 将撤并，承接：${successor}`, en: `closes ${at}, successor: ${successor}` });
}

async function list(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const known = await loadTrust(home, inputs, context);
  const [place] = inputs.operands;
  const domain =
    place === undefined ? home.domain : known.trust.domainOf(findPlace(known.trust, place, context))?.domain;
  const issuers = known.claims.issuers.filter((row) => domain === undefined || row.domain === domain);
  if (inputs.flag('json')) {
    context.out.write(`${JSON.stringify(issuers, null, 2)}\n`);
    return 0;
  }
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [label('代码', 'Code'), label('名称', 'Name'), label('区划', 'Region'), label('现状', 'State')];
  const rows = issuers.map((row) => [
    row.issuer,
    say(context, row.name),
    row.region,
    describeState(row, known, context),
  ]);
  context.out.write(formatTable([head, ...rows]));
  return 0;
}

function readName(inputs: Inputs): { readonly zh: string; readonly en: string } {
  return { zh: inputs.required('name'), en: inputs.required('name-en') };
}

async function register(inputs: Inputs, context: Context): Promise<ExitCode> {
  const name = readName(inputs);
  const from = readTime(inputs, 'from') ?? context.now();
  const administrator = await openAdministrator(inputs, context);
  const { domain } = administrator;
  const issuer = inputs.operand(0);
  const order = {
    transaction: 'registerIssuer',
    input: { issuer, domain, region: inputs.text('region') ?? domain, name, from },
    done: { zh: `已登记机关 ${name.zh}（${issuer}）`, en: `Registered ${name.en} (${issuer})` },
  };
  return carryOut(administrator, order, inputs, context);
}

async function openBody(
  inputs: Inputs,
  context: Context,
): Promise<{ administrator: Administrator; issuer: string; name: Words }> {
  const administrator = await openAdministrator(inputs, context);
  const { known } = administrator;
  const issuer = findIssuer(known.claims.issuers, inputs.operand(0));
  return { administrator, issuer, name: known.trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer } };
}

async function rename(inputs: Inputs, context: Context): Promise<ExitCode> {
  const name = readName(inputs);
  const { administrator, issuer, name: former } = await openBody(inputs, context);
  const order = {
    transaction: 'renameIssuer',
    input: { issuer, name },
    done: { zh: `${former.zh} 已更名为 ${name.zh}`, en: `${former.en} is now called ${name.en}` },
  };
  return carryOut(administrator, order, inputs, context);
}

async function close(inputs: Inputs, context: Context): Promise<ExitCode> {
  const heir = inputs.text('successor');
  if ((heir === undefined) !== inputs.flag('no-successor')) throw usageError('successor', '');
  const at = readComing(inputs, 'at', context);
  const { administrator, issuer, name } = await openBody(inputs, context);
  const { known } = administrator;
  const successor = heir === undefined ? null : findIssuer(known.claims.issuers, heir);
  const [time, follower] = [formatTime(at), nameIssuer(successor, known, context)];
  const order = {
    transaction: 'closeIssuer',
    input: { issuer, at, successor },
    done: ({ offered }: JsonObject) =>
      offered
        ? {
            zh: `已提出：${name.zh} 自 ${time} 撤并，由 ${follower} 承接；对方三十天内同意（yinxin issuer accept）后生效`,
            en: `Offered: ${name.en} closes at ${time} with ${follower} as successor, once that side accepts within thirty days (yinxin issuer accept)`,
          }
        : {
            zh: `${name.zh} 自 ${time} 撤并，承接机构：${follower}`,
            en: `${name.en} closes at ${time}, successor: ${follower}`,
          },
    question: {
      zh: `${name.zh} 自 ${time} 撤并，不能再颁发，也不能重开；承接机构：${follower}。确定吗？`,
      en: `${name.en} closes at ${time} for good and issues nothing more; successor: ${follower}. Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

async function accept(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { administrator, issuer, name } = await openBody(inputs, context);
  const offered = administrator.known.trust.issuer(issuer)?.offered;
  if (!offered) throw new YinxinError('SUCCESSION_ILLEGAL', { issuer, why: 'nothing is offered' });
  const follower = nameIssuer(offered.successor, administrator.known, context);
  const order = {
    transaction: 'acceptSuccession',
    input: { issuer },
    done: { zh: `${follower} 已同意承接 ${name.zh}`, en: `${follower} takes over from ${name.en}` },
    question: {
      zh: `${follower} 将承接 ${name.zh} 颁发的全部证照，不能收回。确定吗？`,
      en: `${follower} will manage all that ${name.en} issued, for good. Go on?`,
    },
  };
  return carryOut(administrator, order, inputs, context);
}

const issuerName: Words = { zh: '机关', en: 'ISSUER' };
const nameOptions = [
  {
    name: 'name',
    kind: 'text',
    value: { zh: '全称', en: 'NAME' },
    help: { zh: '中文全称', en: 'full name in Chinese' },
  },
  { name: 'name-en', kind: 'text', value: { zh: '英文', en: 'NAME' }, help: { zh: '英文名称', en: 'name in English' } },
] as const;

export const issuerNoun: Noun = {
  name: 'issuer',
  summary: { zh: '颁发机关', en: 'issuing bodies' },
  verbs: [
    {
      name: 'issuer list',
      synopsis: { zh: '[城市]', en: '[DOMAIN]' },
      summary: { zh: '有哪些机关，现状如何', en: 'which bodies there are, and their state' },
      details: { zh: '不写城市时列出本市的机关。', en: 'Without a city those of the home city.' },
      examples: ['issuer list', 'issuer list 成都市'],
      options: [trustOption, pinOption],
      operands: [0, 1],
      run: list,
    },
    {
      name: 'issuer register',
      synopsis: { zh: '统一社会信用代码', en: 'CODE' },
      summary: { zh: '登记一个机关', en: 'register a body' },
      details: {
        zh: '机关须在本市区划之内。登记以后再登记密钥（yinxin key rotate --recovery）和颁发资格（yinxin entitlement grant）。',
        en: 'The body must lie in the city’s own region. Afterwards it needs keys (yinxin key rotate --recovery) and entitlements (yinxin entitlement grant).',
      },
      examples: ['issuer register 11990300DEMA004000 --name 深圳市示范局 --name-en "Shenzhen Demonstration Bureau"'],
      options: [
        ...nameOptions,
        {
          name: 'region',
          kind: 'text',
          value: { zh: '区划代码', en: 'CODE' },
          help: { zh: '在哪里行使职权（默认全市）', en: 'where it acts (default: the whole city)' },
        },
        timeOption('from', { zh: '自何时起（默认现在）', en: 'since when (default: now)' }),
        ...administratorOptions,
      ],
      operands: [1, 1],
      run: register,
    },
    {
      name: 'issuer rename',
      synopsis: issuerName,
      summary: { zh: '机关更名', en: 'give a body another name' },
      details: {
        zh: '以前颁发的证照仍显示当时的名称。',
        en: 'What it issued before shows the name that it had then.',
      },
      examples: [
        'issuer rename 11990300DEMA00021E --name 深圳市示范市场监管局 --name-en "Shenzhen Demonstration Market Bureau"',
      ],
      options: [...nameOptions, ...administratorOptions],
      operands: [1, 1],
      run: rename,
    },
    {
      name: 'issuer close',
      synopsis: issuerName,
      summary: { zh: '撤并机关，指定承接机构', en: 'close a body and name its successor' },
      details: {
        zh: `撤并以后不能再颁发；以前颁发的照样有效，由承接机构管理。承接机构属于另一组织的城市时，须由那里同意（yinxin issuer accept）才生效。`,
        en: `Afterwards it issues nothing; what it issued stands and is managed by the successor. One in a city of another organisation must consent first (yinxin issuer accept).`,
      },
      examples: ['issuer close 11990300DEMA00021E --successor 11990300DEMA00136L'],
      options: [
        {
          name: 'successor',
          kind: 'text',
          value: issuerName,
          help: { zh: '承接机构', en: 'the body that takes over' },
        },
        { name: 'no-successor', kind: 'flag', help: { zh: '没有承接机构', en: 'nobody takes over' } },
        timeOption('at', { zh: '自何时起（默认即时）', en: 'from when (default: now)' }),
        yesOption,
        ...administratorOptions,
      ],
      operands: [1, 1],
      run: close,
    },
    {
      name: 'issuer accept',
      synopsis: issuerName,
      summary: { zh: '同意承接一个撤并的机关', en: 'consent to taking over from a body that closes' },
      details: {
        zh: '机关写将要撤并的那一个；由承接机构所在的城市同意。',
        en: 'Name the body that closes; the city of its successor consents.',
      },
      examples: ['issuer accept 11990300DEMA002168 --as 440300'],
      options: [yesOption, ...administratorOptions],
      operands: [1, 1],
      run: accept,
    },
  ] satisfies readonly Command[],
};
