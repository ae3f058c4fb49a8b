/** `verify`: is it genuine, in force, and accepted here? The verdict first. */
import {
  type Check,
  checkNames,
  type ErrorCode,
  explainChecks,
  type FieldValue,
  type Presented,
  parseCell,
  pass,
  skip,
  type Trust,
  type VerificationAnswer,
  YinxinError,
} from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { certificatePath, connectClient, connectGateway, isUnreachable, withQuery } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { explainError } from '../messages/explain.ts';
import { asOption, clientOption, pinOption, trustOption } from '../options.ts';
import { chooseVerifier, findMatter, findPlace } from '../registry.ts';
import { findField } from '../rosters/roster.ts';
import { openLists } from '../status-lists.ts';
import { readPresented } from '../target.ts';
import { parseTime } from '../times.ts';
import { type KnownTrust, loadNames, loadTrust } from '../trust-list.ts';
import { formatVerdict, sortChecks } from '../verdict-view.ts';
import {
  type Judged,
  judgeHere,
  type Question,
  readAnswerConclusion,
  type Source,
  type Sources,
  toVerificationAnswer,
} from '../verification.ts';

interface Situation {
  readonly home: Home;
  readonly known: KnownTrust | undefined;
  /** For names: also where the gateway judges. */
  readonly trust: Trust | undefined;
  readonly question: Question;
}

/** A number of blocks. @throws YinxinError USAGE */
function readHeight(inputs: Inputs): number | undefined {
  const text = inputs.text('height');
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usageError('height', text.slice(0, 40));
  if (inputs.flag('offline')) throw usageError('height-offline', '');
  return Number(text);
}

/** Where it is presented: as named, else at home; nowhere with `--anywhere`. @throws YinxinError USAGE */
function readPlace(
  inputs: Inputs,
  { domain: home }: Home,
  trust: Trust | undefined,
  context: Context,
): string | undefined {
  const named = inputs.text('domain');
  if (inputs.flag('anywhere')) {
    if (named !== undefined || inputs.text('matter') !== undefined) throw usageError('anywhere', '');
    return undefined;
  }
  if (named === undefined) return home;
  if (trust) return findPlace(trust, named, context);
  if (!/^[1-9]\d{5}$/.test(named)) throw usageError('domain', named.slice(0, 40));
  return named;
}

function readQuestion(inputs: Inputs, home: Home, trust: Trust | undefined, context: Context): Question {
  const [at, matter] = [inputs.text('at'), inputs.text('matter')];
  const height = readHeight(inputs);
  const domain = readPlace(inputs, home, trust, context);
  return {
    ...(at !== undefined && { at: parseTime('--at', at) }),
    ...(height !== undefined && { height }),
    ...(domain !== undefined && { domain }),
    ...(matter !== undefined && { matter: trust ? findMatter(trust, matter, context) : matter }),
  };
}

/** The trust list where one can be had; without one nothing can be judged, and the verdict says so. */
async function tryTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust | undefined> {
  try {
    return await loadTrust(home, inputs, context);
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    if (error instanceof YinxinError && error.code === 'TRUST_MISSING' && error.details['why'] === 'list')
      return undefined;
    throw error;
  }
}

function readClaims(inputs: Inputs, { trust }: Situation, typeCode: string): { readonly [key: string]: FieldValue } {
  const type = trust?.types.find(({ code }) => code === typeCode);
  return Object.fromEntries(
    inputs.texts('claim').map((text): [string, FieldValue] => {
      const [, name, cell] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || cell === undefined) throw usageError('assignment', text);
      const field = type && findField(type, name);
      return [field?.key ?? name, (field && parseCell(field, cell)) ?? cell];
    }),
  );
}

type Numbered = Extract<Presented, { kind: 'number' }>;

async function requestByNumber(
  presented: Numbered,
  situation: Situation,
  inputs: Inputs,
  context: Context,
): Promise<VerificationAnswer> {
  const { home, question, known } = situation;
  const { identifier, issuer, typeCode } = presented.identifier;
  const purpose = inputs.text('purpose');
  const client = purpose === undefined ? undefined : await chooseVerifier(home, inputs, context, issuer, known?.trust);
  const gateway = connectClient(home, client, context);
  const claims = inputs.texts('claim').length > 0 ? readClaims(inputs, situation, typeCode) : undefined;
  const asked = { ...question, ...(purpose !== undefined && { purpose }) };
  const path = certificatePath('/v1/verifications', identifier);
  const json = claims
    ? await gateway.postJson('/v1/verifications', { identifier, claims, ...asked })
    : await gateway.getJson(withQuery(path, { ...question, height: question.height?.toString(), purpose }));
  return toVerificationAnswer(json, gateway.url);
}

/** What the gateway does not tell of a number is doubt: whoever reads the exit code must not take it for invalid. */
function toUntold(error: unknown, { question }: Situation, context: Context): VerificationAnswer {
  const isUntold = error instanceof YinxinError && untold.has(error.code);
  if (!isUntold) throw error;
  const checks = checkNames.map((name) => (name === 'format' ? pass(name) : skip(name)));
  const verdict = { verdict: 'indeterminate', reason: error.code, check: 'status', genuine: 'unknown' } as const;
  return { verdict, checks, at: question.at ?? context.now(), height: 0 };
}

const untold: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CERTIFICATE_UNKNOWN', 'CLAIMS_REQUIRED']);

async function judgeNumber(
  presented: Numbered,
  situation: Situation,
  inputs: Inputs,
  context: Context,
): Promise<Judged> {
  const answer = await requestByNumber(presented, situation, inputs, context).catch((error: unknown) =>
    toUntold(error, situation, context),
  );
  const type = situation.trust?.types.find(({ code }) => code === presented.identifier.typeCode);
  return {
    answer,
    server: 'answered',
    kind: 'number',
    isPast: false,
    conclusion: readAnswerConclusion(answer, type),
    terms: {},
  };
}

function talkOfSources(judged: Judged, known: KnownTrust | undefined, context: Context): void {
  const note = (zh: string, en: string) => context.err.write(`${say(context, { zh, en })}\n`);
  if (judged.server === 'unreachable') {
    const status = judged.answer.checks.find(({ check }) => check === 'status');
    const isListed = status?.outcome === 'passed' || status?.outcome === 'failed';
    if (isListed)
      note('连不上网关：状态按保存的状态名单。', 'The gateway does not answer: the status is that of the saved list.');
    else note('连不上网关：状态没有核对。', 'The gateway does not answer: the status was not checked.');
  }
  if (known?.source === 'saved') note('用的是以前保存的信任清单。', 'The trust list is one saved before.');
}

const exits: { readonly [verdict in VerificationAnswer['verdict']['verdict']]: ExitCode } = {
  valid: 0,
  invalid: 1,
  indeterminate: 3,
};

/** The gateway is not asked again when it did not even give its trust list. @throws YinxinError GATEWAY_UNREACHABLE where only it could tell */
function chooseSource({ home, known, question }: Situation, inputs: Inputs, context: Context): Source {
  if (inputs.flag('offline')) return 'not-asked';
  if (known !== undefined && known.source !== 'saved') return connectGateway(home.gateway, undefined, context);
  if (question.height !== undefined) throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: home.gateway });
  return 'unreachable';
}

/** Of a list on disk that cannot be used it is said so; the verdict does without. */
function listReader({ home, known }: Situation, context: Context): Sources['readList'] {
  return async (register) => {
    if (!known) return undefined;
    try {
      return await openLists(home, known.trust, known.claims.iss).read(register);
    } catch (error) {
      if (!(error instanceof YinxinError)) throw error;
      const { what } = explainError(error, context.language);
      context.err.write(
        `${say(context, { zh: '保存的状态名单没有用上：', en: 'The saved status list was not used: ' })}${what}\n`,
      );
      return undefined;
    }
  };
}

async function judge(presented: Presented, situation: Situation, inputs: Inputs, context: Context): Promise<Judged> {
  const { known, question } = situation;
  if (presented.kind === 'number') {
    if (inputs.flag('offline')) throw new YinxinError('STATUS_UNKNOWN');
    return judgeNumber(presented, situation, inputs, context);
  }
  const gateway = chooseSource(situation, inputs, context);
  const readList = listReader(situation, context);
  return judgeHere(presented, question, { trust: known?.trust, gateway, now: context.now(), readList });
}

function toJson(judged: Judged, isNumber: boolean, { language }: Context): string {
  const name = (checks: readonly Check[]) => checks.map(({ check }) => check);
  const { here, server, open } = sortChecks(judged, isNumber);
  const sources = { here: name(here), server: name(server), open: name(open), gateway: judged.server };
  const explanation = explainChecks(judged.answer.checks, language);
  return `${JSON.stringify({ ...judged.answer, explanation, sources }, null, 2)}\n`;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const presented = await readPresented(inputs.operand(0), context);
  if (presented.kind === 'unreadable' && presented.as === 'number')
    throw new YinxinError(presented.code, presented.details);
  const home = await openHome(inputs, context);
  const isNumber = presented.kind === 'number';
  const needsTrust = !isNumber || inputs.texts('claim').length > 0 || inputs.text('as') !== undefined;
  const known = needsTrust ? await tryTrust(home, inputs, context) : undefined;
  const trust = known?.trust ?? (await loadNames(home, inputs, context));
  const question = readQuestion(inputs, home, trust, context);
  const judged = await judge(presented, { home, known, trust, question }, inputs, context);
  if (inputs.flag('json')) context.out.write(toJson(judged, isNumber, context));
  else {
    talkOfSources(judged, known, context);
    const view = { isNumber, known, trust, question, isExplained: inputs.flag('explain') };
    context.out.write(formatVerdict(judged, view, context));
  }
  return exits[judged.answer.verdict.verdict];
}

export const verifyCommand: Command = {
  name: 'verify',
  synopsis: { zh: '证照文件|证照标识|二维码数字', en: 'FILE|NUMBER|DIGITS' },
  summary: { zh: '查验：真不真、现在有没有效、本地认不认', en: 'is it genuine, in force, and accepted here?' },
  details: {
    zh: `文件和二维码在本机判断：签名、内容、存证由本机核对；只把标识和一个校验值发给网关，问它目前的状态，证照内容不离开本机。
只有标识时由网关回答。涉及个人的证照不能只凭标识查询：请加 --claim 给出持证人告诉您的内容，或加 --purpose 写明办理事由（须有客户端文件）。
断网时（或加 --offline）仍能查出真假，但目前的状态无法确认，结果为“无法确认”（结束码 3），这不表示证照有问题。
断网时用“yinxin lists”事先保存的状态名单；名单太旧时同样“无法确认”，并说明旧到什么时候。
外地颁发的证照，要有互认协议在本地才能采用：结果会写明依据哪一项协议；没有时写明缺什么、问谁。
写“-”从标准输入读取，例如扫码枪读出的内容。`,
    en: `Files and codes are judged on this machine: signature, content and anchoring are checked here. Only the number and one hash go to the gateway to ask for the present status; no field leaves this machine.
A number alone is answered by the gateway. For certificates of natural persons add --claim with what the holder told you, or --purpose with the reason (this needs a client file).
Without network (or with --offline) authenticity can still be proven, the present status cannot: the verdict is “could not be checked” (exit code 3), which does not mean that anything is wrong.
Without network the status lists that “yinxin lists” has saved are used; one that is too old leaves the status unconfirmed, and it is said since when.
A certificate of another city is acceptable here by a recognition agreement: the verdict names it, or says which is missing and whom to ask.
“-” reads the standard input, such as what a scanner types.`,
  },
  examples: [
    'verify certificate.yinxin.json',
    'verify certificate.yinxin.json --trust trust-list.jwt --offline',
    'verify certificate.yinxin.json --domain 成都市 --matter 企业开办 --explain',
    'verify certificate.yinxin.json --at 2026-11-01',
    'verify 1.2.156.3005.2.….001.X --claim 证号=… --claim 姓名=张示例',
  ],
  options: [
    trustOption,
    pinOption,
    { name: 'offline', kind: 'flag', help: { zh: '不连网关', en: 'do not ask the gateway' } },
    {
      name: 'at',
      kind: 'text',
      value: { zh: '时间', en: 'TIME' },
      help: { zh: '查某一时刻是否有效（默认现在）', en: 'whether it was in force then (default now)' },
    },
    {
      name: 'height',
      kind: 'text',
      value: { zh: '高度', en: 'N' },
      help: { zh: '按账本那时（前 N 个区块）所知的回答', en: 'by what the ledger knew then: its first N blocks' },
    },
    {
      name: 'domain',
      kind: 'text',
      value: { zh: '区划代码', en: 'DOMAIN' },
      help: {
        zh: '在哪里使用，例如 510100 或 成都市（默认本市）',
        en: 'where it is presented, such as 510100 or Chengdu (default: the home city)',
      },
    },
    {
      name: 'matter',
      kind: 'text',
      value: { zh: '事项', en: 'MATTER' },
      help: { zh: '办什么事，见 yinxin matters', en: 'the matter it is presented for, see yinxin matters' },
    },
    { name: 'anywhere', kind: 'flag', help: { zh: '不问在哪里使用', en: 'leave out whether it is recognised here' } },
    {
      name: 'claim',
      kind: 'texts',
      value: { zh: '栏目=内容', en: 'FIELD=VALUE' },
      help: { zh: '核对项，可写多次', en: 'a value to compare; repeat it for more' },
    },
    {
      name: 'purpose',
      kind: 'text',
      value: { zh: '事由', en: 'TEXT' },
      help: { zh: '办理事由；以机关身份查询时必填', en: 'why; needed to ask as an authenticated body' },
    },
    {
      name: 'explain',
      kind: 'flag',
      help: { zh: '逐项说明每一项检查及其依据', en: 'explain every check, with the facts it rests on' },
    },
    asOption,
    clientOption,
  ],
  operands: [1, 1],
  run,
};
