/** `lists`: fetches trust list and status lists, checks them, and keeps them for days without network. */
import { type ClientFile, type ErrorCode, type StatusList, type Trust, YinxinError } from '@yinxin/core';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { connectClient, connectGateway, type Gateway, isUnreachable } from '../gateway.ts';
import { type Home, openHome, readClients } from '../home.ts';
import { explainError } from '../messages/explain.ts';
import { asOption, clientOption, pinOption } from '../options.ts';
import { chooseClient, findType, findVerifier } from '../registry.ts';
import { describeAge, type Lists, openLists, type Register } from '../status-lists.ts';
import { paint } from '../terminal.ts';
import { formatTime } from '../times.ts';
import { fetchTrust, type KnownTrust, loadTrust, saveTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

const askedAtOnce = 8;
const readingScopes = ['verify', 'issue', 'status', 'audit'];

/** What came of one register. `list` is the one that is kept now. */
interface Outcome extends Register {
  readonly state: 'updated' | 'kept' | 'refused' | 'closed';
  readonly code?: ErrorCode;
  readonly list?: StatusList;
}

/** Anyone reads lists of public types; of the others who may verify. */
async function chooseReader(
  home: Home,
  inputs: Inputs,
  context: Context,
  trust: Trust,
): Promise<ClientFile | undefined> {
  if (inputs.text('as') !== undefined || inputs.text('client') !== undefined)
    return chooseClient(home, inputs, context, { scope: 'verify' }, trust);
  const clients = await readClients(home, inputs, context);
  return findVerifier(clients) ?? clients.find(({ scopes }) => scopes.some((scope) => readingScopes.includes(scope)));
}

interface Errand {
  readonly lists: Lists;
  /** Undefined: nobody is asked. */
  readonly gateways: { readonly anyone: Gateway; readonly reader: Gateway | undefined } | undefined;
  readonly trust: Trust;
}

async function readKept(lists: Lists, register: Register): Promise<Pick<Outcome, 'list' | 'code'>> {
  try {
    const list = await lists.read(register);
    return list ? { list } : {};
  } catch (error) {
    if (error instanceof YinxinError) return { code: error.code };
    throw error;
  }
}

async function refresh(register: Register, { lists, gateways, trust }: Errand): Promise<Outcome> {
  const isPublic = trust.types.find(({ type }) => type === register.type)?.lookup === 'public';
  const gateway = isPublic ? gateways?.anyone : gateways?.reader;
  if (!gateway) return { ...register, state: gateways ? 'closed' : 'kept', ...(await readKept(lists, register)) };
  try {
    const jws = (await gateway.getText(`/v1/status-lists/${register.issuer}/${register.type}`)).trim();
    return { ...register, state: 'updated', list: await lists.keep(register, jws) };
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    if (error.code === 'FILE_UNREADABLE') throw error;
    const state = isUnreachable(error) ? 'kept' : 'refused';
    return { ...register, state, ...(await readKept(lists, register)), code: error.code };
  }
}

async function refreshAll(registers: readonly Register[], errand: Errand): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < registers.length; at += askedAtOnce) {
    const some = registers.slice(at, at + askedAtOnce);
    outcomes.push(...(await Promise.all(some.map((register) => refresh(register, errand)))));
  }
  return outcomes;
}

/** The gateway's trust list, saved; else the saved one. */
async function loadKnown(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust> {
  if (inputs.flag('offline')) return loadTrust(home, inputs, context);
  try {
    const known = await fetchTrust(home, inputs, context);
    await saveTrust(home.savedTrust, known);
    return known;
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return loadTrust(home, inputs, context);
  }
}

function chooseRegisters({ claims, trust }: KnownTrust, inputs: Inputs): readonly Register[] {
  const wanted = inputs.operands.map((name) => findType(trust.types, name).type);
  return claims.entitlements
    .filter(({ type }) => wanted.length === 0 || wanted.includes(type))
    .map(({ issuer, type }) => ({ issuer, type }));
}

function describeState({ state, code, list }: Outcome, context: Context): string {
  const word = (zh: string, en: string) => say(context, { zh, en });
  const why = code ? `${explainError({ code, details: {} }, context.language).what} [${code}]` : '';
  switch (state) {
    case 'updated':
      return word('已更新', 'updated');
    case 'closed':
      return word('须有客户端文件才能取', 'needs a client file');
    case 'kept':
      return `${list ? word('沿用', 'kept') : word('没有', 'none')}${why && ` · ${why}`}`;
    case 'refused':
      return `${list ? word('不收，沿用原来的', 'refused, the old one is kept') : word('没有取到', 'not received')} · ${why}`;
  }
}

function formatOutcomes(outcomes: readonly Outcome[], trust: Trust, context: Context): string {
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('证照类型', 'Type'),
    label('颁发机构', 'Issuer'),
    label('份数', 'Entries'),
    label('截至', 'As of'),
    label('多久以前', 'Age'),
    label('结果', 'Result'),
  ];
  const rows = outcomes.map((outcome) => {
    const { issuer, type, list } = outcome;
    const words = trust.types.find((row) => row.type === type)?.name ?? { zh: type, en: type };
    const name = trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer };
    return [
      say(context, words),
      say(context, name),
      list ? String(list.entries) : '',
      list ? formatTime(list.issuedAt) : '',
      list ? say(context, describeAge(list.issuedAt, context.now())) : '',
      describeState(outcome, context),
    ];
  });
  return formatTable([head, ...rows]);
}

function toJson(outcomes: readonly Outcome[], { trust, source }: KnownTrust): string {
  const lists = outcomes.map(({ issuer, type, state, code, list }) => {
    const facts = list && {
      entries: list.entries,
      height: list.height,
      asOf: list.issuedAt,
      expires: list.expires,
      by: list.iss,
    };
    return { issuer, type, state, ...(code && { code }), ...facts };
  });
  const { height, asOf, expires } = trust;
  return `${JSON.stringify({ trustList: { source, height, asOf, expires }, lists }, null, 2)}\n`;
}

function decideExit(outcomes: readonly Outcome[], isAsked: boolean): ExitCode {
  if (outcomes.some(({ state, code }) => state === 'refused' || (!isAsked && code !== undefined))) return 1;
  return isAsked && outcomes.some(({ state }) => state === 'kept') ? 3 : 0;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const home = await openHome(inputs, context);
  const known = await loadKnown(home, inputs, context);
  const { trust, claims, source } = known;
  const isAsked = !inputs.flag('offline');
  const reader = source === 'server' ? await chooseReader(home, inputs, context, trust) : undefined;
  const gateways = source === 'server' && {
    anyone: connectGateway(home.gateway, undefined, context),
    reader: reader && connectClient(home, reader, context),
  };
  const lists = openLists(home, trust, claims.iss);
  const errand: Errand = { lists, trust, gateways: gateways || undefined };
  const outcomes = await refreshAll(chooseRegisters(known, inputs), errand);
  if (inputs.flag('json')) context.out.write(toJson(outcomes, known));
  else {
    if (isAsked && source !== 'server') {
      const words = {
        zh: '连不上网关：沿用以前保存的。',
        en: 'The gateway does not answer: what was saved before is kept.',
      };
      context.err.write(`${paint(context, context.err, 'caution', say(context, words))}\n`);
    }
    context.out.write(formatOutcomes(outcomes, trust, context));
    const [asOf, expires] = [formatTime(trust.asOf), formatTime(trust.expires)];
    const words = {
      zh: `信任清单截至 ${asOf}，可用到 ${expires}（北京时间）。`,
      en: `Trust list as of ${asOf}, usable until ${expires} (Beijing time).`,
    };
    context.out.write(`${say(context, words)}\n`);
  }
  return decideExit(outcomes, isAsked);
}

export const listsCommand: Command = {
  name: 'lists',
  synopsis: { zh: '[证照类型…]', en: '[TYPE…]' },
  summary: { zh: '更新并保存信任清单和状态名单，供断网时查验', en: 'update and save trust list and status lists' },
  details: {
    zh: `状态名单写明一个机关一种证照的每一份现在有没有被撤销、注销、暂停或换发，由本市签名；上面没有任何个人信息。断网时 yinxin verify 用它判断。
损坏的、签名不对的、比手头旧的不收，原来的照常使用。连不上时沿用手头的，并说明各有多旧；每种证照规定了名单最多可以旧到多久。
不写类型时更新全部。公开类型任何人都能取；其他类型须有客户端文件。加 --offline 只看手头有哪些。`,
    en: `A status list says of every certificate of one body and type whether it is ended, suspended or superseded, signed by your own city; nothing personal is in it. Without network yinxin verify judges by it.
One that is damaged, wrongly signed or older than the one at hand is refused, and the good one stays. When the gateway does not answer, what is at hand is kept and its age told; each type says how old a list may be.
Without a type all are updated. Anyone may have those of public types; the others need a client file. --offline shows what is at hand.`,
  },
  examples: ['lists', 'lists business-licence 居住证', 'lists --offline'],
  options: [
    {
      name: 'offline',
      kind: 'flag',
      help: { zh: '不连网关，只看手头的', en: 'do not ask the gateway: show what is at hand' },
    },
    asOption,
    clientOption,
    pinOption,
  ],
  operands: [0, 100],
  run,
};
