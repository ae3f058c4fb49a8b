/** `verify`: is it genuine, in force, and accepted here? The verdict first. */
import {
  type Check,
  checkNames,
  type ErrorCode,
  type FieldValue,
  type Presented,
  parseCell,
  pass,
  skip,
  type VerificationAnswer,
  YinxinError,
} from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { certificatePath, connectGateway, isUnreachable, withQuery } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { asOption, clientOption, pinOption, trustOption } from '../options.ts';
import { chooseVerifier, type KnownTrust, loadTrust } from '../registry.ts';
import { findField } from '../roster.ts';
import { readPresented } from '../target.ts';
import { parseTime } from '../times.ts';
import { formatVerdict, sortChecks } from '../verdict-view.ts';
import {
  type Judged,
  judgeHere,
  type Question,
  readAnswerConclusion,
  type Source,
  toVerificationAnswer,
} from '../verification.ts';

interface Situation {
  readonly home: Home;
  readonly known: KnownTrust | undefined;
  readonly question: Question;
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

function readClaims(inputs: Inputs, { known }: Situation, typeCode: string): { readonly [key: string]: FieldValue } {
  const type = known?.trust.types.find(({ code }) => code === typeCode);
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
  const gateway = connectGateway(home.gateway, client, context);
  const claims = inputs.texts('claim').length > 0 ? readClaims(inputs, situation, typeCode) : undefined;
  const asked = { ...question, ...(purpose !== undefined && { purpose }) };
  const path = certificatePath('/v1/verifications', identifier);
  const json = claims
    ? await gateway.postJson('/v1/verifications', { identifier, claims, ...asked })
    : await gateway.getJson(withQuery(path, { at: question.at, domain: question.domain, purpose }));
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
  const needsType = answer.conclusion === 'negative' && situation.known === undefined;
  const known = needsType ? await tryTrust(situation.home, inputs, context).catch(() => undefined) : situation.known;
  const type = known?.trust.types.find(({ code }) => code === presented.identifier.typeCode);
  return { answer, server: 'answered', kind: 'number', conclusion: readAnswerConclusion(answer, type), terms: {} };
}

function talkOfSources(judged: Judged, { known }: Situation, context: Context): void {
  const note = (zh: string, en: string) => context.err.write(`${say(context, { zh, en })}\n`);
  if (judged.server === 'unreachable')
    note('连不上网关：状态没有核对。', 'The gateway does not answer: the status was not checked.');
  if (known?.source === 'saved') note('用的是以前保存的信任清单。', 'The trust list is one saved before.');
}

const exits: { readonly [verdict in VerificationAnswer['verdict']['verdict']]: ExitCode } = {
  valid: 0,
  invalid: 1,
  indeterminate: 3,
};

/** The gateway is not asked again when it did not even give its trust list. */
function chooseSource(home: Home, known: KnownTrust | undefined, inputs: Inputs, context: Context): Source {
  if (inputs.flag('offline')) return 'not-asked';
  if (known === undefined || known.source === 'saved') return 'unreachable';
  return connectGateway(home.gateway, undefined, context);
}

async function judge(presented: Presented, situation: Situation, inputs: Inputs, context: Context): Promise<Judged> {
  const { home, known, question } = situation;
  if (presented.kind === 'number') {
    if (inputs.flag('offline')) throw new YinxinError('STATUS_UNKNOWN');
    return judgeNumber(presented, situation, inputs, context);
  }
  const gateway = chooseSource(home, known, inputs, context);
  return judgeHere(presented, known?.trust, gateway, context.now(), question);
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const at = inputs.text('at');
  const domain = inputs.text('domain');
  if (domain !== undefined && !/^\d{6}$/.test(domain)) throw usageError('domain', domain.slice(0, 40));
  const question: Question = {
    ...(at !== undefined && { at: parseTime('--at', at) }),
    ...(domain !== undefined && { domain }),
  };
  const presented = await readPresented(inputs.operand(0), context);
  if (presented.kind === 'unreadable' && presented.as === 'number')
    throw new YinxinError(presented.code, presented.details);
  const home = await openHome(inputs, context);
  const isNumber = presented.kind === 'number';
  const needsTrust = !isNumber || inputs.texts('claim').length > 0 || inputs.text('as') !== undefined;
  const known = needsTrust ? await tryTrust(home, inputs, context) : undefined;
  const situation: Situation = { home, known, question };
  const judged = await judge(presented, situation, inputs, context);
  if (inputs.flag('json')) {
    const name = (checks: readonly Check[]) => checks.map(({ check }) => check);
    const { here, server, open } = sortChecks(judged, isNumber);
    const sources = { here: name(here), server: name(server), open: name(open), gateway: judged.server };
    context.out.write(`${JSON.stringify({ ...judged.answer, sources }, null, 2)}\n`);
  } else {
    talkOfSources(judged, situation, context);
    context.out.write(formatVerdict(judged, { isNumber, known, withChecks: inputs.flag('checks') }, context));
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
写“-”从标准输入读取，例如扫码枪读出的内容。`,
    en: `Files and codes are judged on this machine: signature, content and anchoring are checked here. Only the number and one hash go to the gateway to ask for the present status; no field leaves this machine.
A number alone is answered by the gateway. For certificates of natural persons add --claim with what the holder told you, or --purpose with the reason (this needs a client file).
Without network (or with --offline) authenticity can still be proven, the present status cannot: the verdict is “could not be checked” (exit code 3), which does not mean that anything is wrong.
“-” reads the standard input, such as what a scanner types.`,
  },
  examples: [
    'verify certificate.yinxin.json',
    'verify certificate.yinxin.json --trust trust-list.jwt --offline',
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
      name: 'domain',
      kind: 'text',
      value: { zh: '区划代码', en: 'DOMAIN' },
      help: { zh: '在哪个城市使用，例如 510100', en: 'the city where it is presented, such as 510100' },
    },
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
    { name: 'checks', kind: 'flag', help: { zh: '列出每一项检查', en: 'list every check' } },
    asOption,
    clientOption,
  ],
  operands: [1, 1],
  run,
};
