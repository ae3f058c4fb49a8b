/** `key rotate`: a new signing key of a body, or of the city for its lists; the old one goes on for a while. */
import {
  addDays,
  calendarDateAt,
  type Instant,
  isJsonObject,
  type Json,
  type KeyAnswer,
  type KeyUse,
  type ListKeyAnswer,
  parseInstant,
  toInstant,
  type Window,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import {
  type Administrator,
  administratorOptions,
  formatDone,
  openAdministrator,
  readTime,
  submit,
  timeOption,
} from '../governance.ts';
import { findIssuer } from '../registry.ts';
import { formatTime } from '../times.ts';

/** Both answers have these; the rest is fixed by the OpenAPI document. */
function isKeyAnswer(json: Json, name: 'key' | 'kid'): boolean {
  return isJsonObject(json) && typeof json[name] === 'string' && typeof json['from'] === 'string';
}

async function askFor<A extends KeyAnswer | ListKeyAnswer>(
  { gateway }: Administrator,
  path: string,
  request: Json,
  name: 'key' | 'kid',
): Promise<A> {
  const json = await gateway.postJson(path, request);
  if (!isKeyAnswer(json, name)) throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: gateway.url, status: 200 });
  return json as unknown as A; // by the path
}

const maxOverlapDays = 366;

function readOverlap(inputs: Inputs, { least, usual }: { readonly least: number; readonly usual: number }): number {
  const text = inputs.text('overlap') ?? String(usual);
  const days = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (days >= least && days <= maxOverlapDays) return days;
  throw usageError('option-choice', '--overlap', { choices: `${least}–${maxOverlapDays}` });
}

function addOverlap(from: Instant, days: number): Instant {
  const day = calendarDateAt(from);
  const moved = Date.parse(addDays(day, days)) - Date.parse(day) + Date.parse(from);
  return toInstant(Math.floor(moved / 1000));
}

/** Those that would go on past the overlap. */
function outlasts(end: Instant) {
  return ({ until, compromisedFrom }: Window & { readonly compromisedFrom: Instant | null }) =>
    compromisedFrom === null && (until === null || until > end);
}

interface Rotation {
  readonly answer: KeyAnswer | ListKeyAnswer;
  /** Of the new key. */
  readonly name: string;
  readonly end: Instant;
  /** Each retired at the end. */
  readonly old: readonly string[];
  readonly retirement: { readonly transaction: string; readonly member: 'key' | 'kid' };
  /** Said at the end where an old key was retired. */
  readonly note?: Words;
}

async function finish(administrator: Administrator, rotation: Rotation, inputs: Inputs, context: Context) {
  const { answer, name, end, old, retirement, note } = rotation;
  const { transaction, member } = retirement;
  const retired = old.map((key) => ({ [member]: key, until: end }));
  for (const input of retired) await submit(administrator, transaction, input);
  if (inputs.flag('json')) {
    context.out.write(`${JSON.stringify({ ...answer, retired }, null, 2)}\n`);
    return;
  }
  const since = formatTime(parseInstant(answer.from));
  const done = {
    zh: `新密钥 ${name} 已登记，自 ${since} 启用`,
    en: `New key ${name} registered, in force from ${since}`,
  };
  context.out.write(formatDone(done, answer, context));
  for (const key of old) {
    const words = {
      zh: `旧密钥 ${key} 用到 ${formatTime(end)}。`,
      en: `The old key ${key} ends at ${formatTime(end)}.`,
    };
    context.out.write(`${say(context, words)}\n`);
  }
  if (note && old.length > 0) context.out.write(`${say(context, note)}\n`);
}

// ---------------------------------------------------------------- a body's key

function readUse(inputs: Inputs): KeyUse {
  const text = inputs.required('use');
  if (text === 'anchor' || text === 'status' || text === 'code') return text;
  throw usageError('option-choice', '--use', { choices: 'anchor, status, code' });
}

async function rotateKey(inputs: Inputs, context: Context): Promise<void> {
  const named = inputs.operand(0);
  const [use, overlap] = [readUse(inputs), readOverlap(inputs, { least: 0, usual: 7 })];
  const [from, until, recovery] = [readTime(inputs, 'from'), readTime(inputs, 'until'), inputs.flag('recovery')];
  const administrator = await openAdministrator(inputs, context);
  const { claims } = administrator.known;
  const issuer = findIssuer(claims.issuers, named);
  const request = { issuer, use, ...(from && { from }), ...(until && { until }), ...(recovery && { recovery }) };
  const answer = await askFor<KeyAnswer>(administrator, '/v1/keys', request, 'key');
  const end = addOverlap(parseInstant(answer.from), overlap);
  const before = claims.keys.filter((row) => row.issuer === issuer && row.use === use && row.key !== answer.key);
  const old = recovery ? [] : before.filter(outlasts(end)).map(({ key }) => key);
  const retirement = { transaction: 'retireKey', member: 'key' } as const;
  await finish(administrator, { answer, name: answer.key, end, old, retirement }, inputs, context);
}

// ---------------------------------------------------------------- the city's key for lists

const ofBodies = ['use', 'from', 'until'];

/** Lists by the old key tell verifiers of the new one: those who ask in between never notice. */
const listNote: Words = {
  zh: '到那时为止，清单仍由旧密钥签名并写明新密钥：请各查验方在此之前至少联网更新一次信任清单（yinxin trust），错过的须换新的信任根（pin.json）。',
  en: 'Until then lists are signed by the old key and name the new one. Verifiers must update their trust list once before that (yinxin trust); those who miss it need a new pin (pin.json).',
};

async function rotateListKey(inputs: Inputs, context: Context): Promise<void> {
  const isMixed = ofBodies.some((name) => inputs.text(name) !== undefined) || inputs.flag('recovery');
  if (isMixed || inputs.operands.length > 0) throw usageError('list-key', '--list');
  const overlap = readOverlap(inputs, { least: 1, usual: 30 });
  const administrator = await openAdministrator(inputs, context);
  const { domain, known } = administrator;
  const answer = await askFor<ListKeyAnswer>(administrator, '/v1/list-keys', {}, 'kid');
  const end = addOverlap(parseInstant(answer.from), overlap);
  const before = known.claims.listKeys.filter((row) => row.domain === domain && row.kid !== answer.kid);
  const old = before.filter(outlasts(end)).map(({ kid }) => kid);
  const retirement = { transaction: 'retireListKey', member: 'kid' } as const;
  await finish(administrator, { answer, name: answer.kid, end, old, retirement, note: listNote }, inputs, context);
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  await (inputs.flag('list') ? rotateListKey(inputs, context) : rotateKey(inputs, context));
  return 0;
}

export const rotateCommand: Command = {
  name: 'key rotate',
  synopsis: { zh: '机关 | --list', en: 'ISSUER | --list' },
  summary: { zh: '换新密钥，旧的留用一段时间', en: 'a new key; the old one overlaps' },
  details: {
    zh: `网关生成新密钥，证明持有，由现用的密钥担保，然后登记；旧密钥再用 --overlap 天后停用。
密钥丢失或泄露、没有现用的可以担保时，加 --recovery：新密钥公示 24 小时后才能启用，并在清单和查验结果里注明。
--list 换本市签清单用的密钥：旧密钥停用以前，清单仍由它签名，使各查验方从中得知新的。`,
    en: `The gateway makes the key, proves that it has it, a current key vouches for it, and it is registered; the old one ends after --overlap days.
Where no current key can vouch (lost or compromised), add --recovery: the new key waits 24 hours in public and is marked as such.
With --list it is the city's own key for lists: until it ends, the old one goes on signing them, so that verifiers learn of the new one.`,
  },
  examples: [
    'key rotate 11990300DEMA00021E --use anchor',
    'key rotate 11990300DEMA00021E --use status --recovery',
    'key rotate --list',
  ],
  options: [
    {
      name: 'use',
      kind: 'text',
      value: { zh: '用途', en: 'USE' },
      help: { zh: '签发 anchor、状态 status 或二维码 code', en: 'anchor, status or code' },
    },
    { name: 'list', kind: 'flag', help: { zh: '本市签清单用的密钥', en: 'the city’s own key for lists' } },
    timeOption('from', { zh: '何时启用（默认即时）', en: 'when it begins (default: now)' }),
    timeOption('until', { zh: '何时停用（默认不限）', en: 'when it ends (default: no end)' }),
    {
      name: 'overlap',
      kind: 'text',
      value: { zh: '天数', en: 'DAYS' },
      help: {
        zh: '旧密钥再用几天（默认 7，清单密钥 30）',
        en: 'days that the old key goes on (default 7, for lists 30)',
      },
    },
    { name: 'recovery', kind: 'flag', help: { zh: '没有现用的密钥可以担保', en: 'no current key vouches for it' } },
    ...administratorOptions,
  ],
  operands: [0, 1],
  run,
};
