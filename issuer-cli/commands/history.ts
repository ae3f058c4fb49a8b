/** `history`: who did what to a certificate, when, and on which legal basis. */
import {
  actWords,
  type ClientFile,
  type HistoryAnswer,
  type HistoryItem,
  type Identifier,
  isJsonObject,
  type Json,
  YinxinError,
} from '@yinxin/core';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { certificatePath, connectClient, type Gateway, withQuery } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { asOption, clientOption } from '../options.ts';
import { chooseClient } from '../registry.ts';
import { readTarget } from '../target.ts';
import { formatTime } from '../times.ts';
import { statusWords } from '../verdict-words.ts';
import { formatTable } from '../width.ts';

const pageSize = '200';

function parseHistory(json: Json, gateway: string): HistoryAnswer {
  if (isJsonObject(json) && Array.isArray(json['items'])) return json as unknown as HistoryAnswer; // the OpenAPI document fixes the rest
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 200 });
}

async function fetchHistory(gateway: Gateway, identifier: Identifier): Promise<readonly HistoryItem[]> {
  const items: HistoryItem[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const path = withQuery(certificatePath('/v1/history/certificates', identifier), {
      after: String(after),
      limit: pageSize,
    });
    const page: HistoryAnswer = parseHistory(await gateway.getJson(path), gateway.url);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

/** The issuing body reads its own; an auditor reads all. */
async function chooseReader(home: Home, inputs: Inputs, context: Context, issuer: string): Promise<ClientFile> {
  try {
    return await chooseClient(home, inputs, context, { scope: 'status', issuer });
  } catch (error) {
    const isMissing = error instanceof YinxinError && error.code === 'CLIENT_FILE_MISSING';
    if (!isMissing || inputs.text('as') !== undefined) throw error;
    return chooseClient(home, inputs, context, { scope: 'audit' });
  }
}

function describeEvent({ event, change, void: isVoid }: HistoryItem, context: Context): string {
  if (event === 'anchored') return say(context, { zh: '签发', en: 'issued' });
  if (!change) return event;
  const { act, corrects } = change;
  const which =
    corrects === undefined ? '' : say(context, { zh: `（第 ${corrects} 次处理）`, en: ` (act ${corrects})` });
  const voided = isVoid
    ? say(context, { zh: '（作废：密钥当时不能签）', en: ' (void: the key might not sign then)' })
    : '';
  return say(context, actWords[act]) + which + voided;
}

/** Organisation and common name; the whole identity is in `--json`. */
function nameCaller({ caller }: HistoryItem): string {
  const name = /\/CN=([^/:]+)/.exec(caller.id)?.[1];
  return name === undefined ? caller.msp : `${caller.msp} (${name})`;
}

function formatHistory(items: readonly HistoryItem[], context: Context): string {
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [
    label('时间', 'Time'),
    label('处理', 'Act'),
    label('事项', 'Event'),
    label('状态', 'Status'),
    label('机关', 'Body'),
    label('依据', 'Basis'),
    label('文号', 'Document'),
    label('生效', 'Effective'),
    label('办理身份', 'Sent by'),
    label('区块', 'Block'),
  ];
  const rows = items.map((item) => {
    const { change } = item;
    return [
      formatTime(item.time),
      change ? String(change.sequence) : '',
      describeEvent(item, context),
      say(context, statusWords[change?.to ?? 'ACTIVE']),
      say(context, item.actor?.name ?? item.issuerName),
      change?.basis ?? '',
      change?.document ?? '',
      change ? formatTime(change.effective) : '',
      nameCaller(item),
      String(item.block),
    ];
  });
  return formatTable([head, ...rows]);
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { identifier, issuer } = await readTarget(inputs.operand(0), context);
  const home = await openHome(inputs, context);
  const client = await chooseReader(home, inputs, context, issuer);
  const items = await fetchHistory(connectClient(home, client, context), identifier);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify({ identifier, items }, null, 2)}\n`);
  else context.out.write(formatHistory(items, context));
  return 0;
}

export const historyCommand: Command = {
  name: 'history',
  synopsis: { zh: '证照', en: 'CERT' },
  summary: { zh: '证照的来历：谁在何时依据什么做了什么', en: 'who did what, when, on which legal basis' },
  details: {
    zh: '由颁发机关的客户端查询；没有时用审计员的。时间为北京时间。',
    en: 'Asked by the issuing body’s client, else by an auditor’s. Times are Beijing time.',
  },
  examples: ['history certificate.yinxin.json', 'history 1.2.156.3005.2.….001.X --json'],
  options: [asOption, clientOption],
  operands: [1, 1],
  run,
};
