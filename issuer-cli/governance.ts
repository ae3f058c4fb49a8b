/** What a city's administrator does: acting by the city's own client file, sending a transaction, saying what came of it. */
import {
  type ClientFile,
  type GovernanceAnswer,
  type Instant,
  isJsonObject,
  type Json,
  type JsonObject,
  parseInstant,
  type Trust,
  toInstant,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { type Inputs, type Option, usageError } from './command.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { connectClient, type Gateway } from './gateway.ts';
import { type Home, openHome, readClients } from './home.ts';
import { clientOption } from './options.ts';
import { confirm } from './terminal.ts';
import { formatTime, parseTime } from './times.ts';
import { type KnownTrust, loadTrust } from './trust-list.ts';

/** Who acts, for which city, by what the registry says now. */
export interface Administrator {
  readonly home: Home;
  readonly client: ClientFile;
  /** Code of the city. */
  readonly domain: string;
  readonly gateway: Gateway;
  readonly known: KnownTrust;
}

export const administratorOptions: readonly Option[] = [
  {
    name: 'as',
    kind: 'text',
    value: { zh: '城市', en: 'DOMAIN' },
    help: {
      zh: '以哪个城市的名义办理（区划代码或名称，默认本市）',
      en: 'the city to act for: its code or name (default: the home city)',
    },
  },
  clientOption,
];

function isNamed({ domain }: ClientFile, name: string, trust: Trust): boolean {
  const words = trust.domain(domain)?.name;
  return [domain, words?.zh, words?.en].includes(name);
}

function chooseAdministrator(clients: readonly ClientFile[], home: Home, inputs: Inputs, trust: Trust): ClientFile {
  const name = inputs.text('as');
  const able = clients.filter(({ scopes }) => scopes.includes('admin'));
  const wanted = name === undefined ? able : able.filter((client) => isNamed(client, name, trust));
  const [first, ...others] = wanted;
  if (!first) throw new YinxinError('CLIENT_FILE_MISSING', { domain: name ?? home.domain ?? '' });
  const chosen = others.length === 0 ? first : wanted.find(({ domain }) => domain === home.domain);
  if (!chosen) throw usageError('which-domain', '--as', { choices: wanted.map(({ domain }) => domain).join('、') });
  return chosen;
}

/**
 * The administrator of `--as` or `--client`, else the only one at hand, else the home city's.
 * @throws YinxinError CLIENT_FILE_MISSING with `{domain}`; USAGE when several could act; as loadTrust
 */
export async function openAdministrator(inputs: Inputs, context: Context): Promise<Administrator> {
  const home = await openHome(inputs, context);
  const known = await loadTrust(home, inputs, context);
  const client = chooseAdministrator(await readClients(home, inputs, context, 'admins'), home, inputs, known.trust);
  return { home, client, domain: client.domain, gateway: connectClient(home, client, context), known };
}

export interface Order {
  /** Of the contract. */
  readonly transaction: string;
  readonly input: Json;
  /** What was done, as a sentence without its stop; where that depends, as the transaction's event tells it. */
  readonly done: Words | ((event: JsonObject) => Words);
  /** Asked first, where it cannot be undone. */
  readonly question?: { readonly zh: string; readonly en: string };
}

/** The gateway's answer: its shape is its contract, tested on its side. */
function toAnswer(json: Json, gateway: string): GovernanceAnswer {
  if (isJsonObject(json) && typeof json['txId'] === 'string' && typeof json['time'] === 'string') {
    return { ...(json as unknown as GovernanceAnswer), time: parseInstant(json['time']) }; // the OpenAPI document fixes the rest
  }
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 200 });
}

/** Sends one transaction. @throws YinxinError as the ledger refuses it */
export async function submit({ gateway }: Administrator, transaction: string, input: Json): Promise<GovernanceAnswer> {
  return toAnswer(await gateway.postJson(`/v1/governance/${transaction}`, input), gateway.url);
}

/** Asks where it must, sends, and says what came of it; `--json` gives the gateway's answer. */
export async function carryOut(
  administrator: Administrator,
  { transaction, input, done, question }: Order,
  inputs: Inputs,
  context: Context,
): Promise<ExitCode> {
  if (question && !(await confirm(context, say(context, question), inputs.flag('yes')))) return 1;
  const answer = await submit(administrator, transaction, input);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(answer, null, 2)}\n`);
  else {
    const { event } = answer;
    const words = typeof done === 'function' ? done(isJsonObject(event) ? event : {}) : done;
    context.out.write(formatDone(words, answer, context));
  }
  return 0;
}

/** What was done, when, and in which block and transaction. */
export function formatDone(
  done: Words,
  { time, block, txId }: { readonly time?: Instant; readonly block: number; readonly txId: string },
  context: Context,
): string {
  const at = time === undefined ? '' : say(context, { zh: `${formatTime(time)}，`, en: `${formatTime(time)}, ` });
  const where = say(context, { zh: `第 ${block} 区块，交易 ${txId}`, en: `block ${block}, transaction ${txId}` });
  return `${say(context, done)}${say(context, { zh: '。', en: '.' })}\n${at}${where}\n`;
}

/** Between asking and the ledger's clock some time passes: what may not lie in the past begins a little later. */
const leadSeconds = 5;

/** A time that may not lie in the past: as an option says, else at once, that is in a few seconds. */
export function readComing(inputs: Inputs, name: string, context: Context): Instant {
  const text = inputs.text(name);
  return text === undefined
    ? toInstant(Math.floor(Date.parse(context.now()) / 1000) + leadSeconds)
    : parseTime(`--${name}`, text);
}

/** A time as an option says; undefined without it. */
export function readTime(inputs: Inputs, name: string): Instant | undefined {
  const text = inputs.text(name);
  return text === undefined ? undefined : parseTime(`--${name}`, text);
}

/** A time option of a verb. */
export function timeOption(name: string, help: Option['help']): Option {
  return { name, kind: 'text', value: { zh: '时间', en: 'TIME' }, help };
}

/** The end of a window, or that it has none. */
export function formatEnd(until: Instant | null, context: Context): string {
  return until === null ? say(context, { zh: '不限', en: 'no end' }) : formatTime(until);
}
