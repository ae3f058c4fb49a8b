/** `vault backup` and `vault backups`: the city's administrator has the gateway write a backup of itself, and sees which there are. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BackupAnswer,
  type BackupItem,
  type BackupsAnswer,
  isJsonObject,
  type Json,
  parseInstant,
  YinxinError,
} from '@yinxin/core';
import type { Command, Inputs } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Gateway, isUnreachable } from '../gateway.ts';
import { type Administrator, administratorOptions, openAdministrator } from '../governance.ts';
import { paint } from '../terminal.ts';
import { formatTime } from '../times.ts';
import { formatTable, padTo } from '../width.ts';

const pollMilliseconds = 1_000;
const progressCells = 40;

const formatSize = (bytes: number) =>
  `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 })} MB`;

/** The gateway's answer: its shape is its contract, tested on its side. */
function toListing(json: Json, { url }: Gateway): BackupsAnswer {
  if (isJsonObject(json) && Array.isArray(json['backups'])) return json as unknown as BackupsAnswer; // the OpenAPI document fixes the rest
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, status: 200 });
}

function toAnswer(json: Json, { url }: Gateway): BackupAnswer {
  if (isJsonObject(json) && typeof json['digest'] === 'string') return json as unknown as BackupAnswer; // as above
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, status: 201 });
}

const list = async (gateway: Gateway) => toListing(await gateway.getJson('/v1/backups'), gateway);

type Outcome = { readonly answer: BackupAnswer } | { readonly error: unknown };

function ask(gateway: Gateway): Promise<Outcome> {
  return gateway.postJson('/v1/backups', {}).then(
    (json): Outcome => ({ answer: toAnswer(json, gateway) }),
    (error: unknown): Outcome => ({ error }),
  );
}

function showProgress(bytes: number, context: Context): void {
  if (!context.err.isTerminal) return;
  const text = say(context, { zh: `正在写备份：${formatSize(bytes)}`, en: `Writing: ${formatSize(bytes)}` });
  context.err.write(`\r${padTo(text, progressCells)}`);
}

/** Waits for the answer, and shows how far it is. One that takes longer than an answer may is followed until it is there. */
async function follow(gateway: Gateway, context: Context): Promise<BackupAnswer | BackupItem> {
  const asking = ask(gateway);
  let name: string | undefined;
  let given: Outcome | undefined;
  for (;;) {
    given ??= await Promise.race([asking, delay(pollMilliseconds, undefined)]);
    if (given && 'answer' in given) return given.answer;
    if (given && !(isUnreachable(given.error) && name !== undefined)) throw given.error;
    const listing = await list(gateway);
    if (listing.writing) {
      name = listing.writing.name;
      showProgress(listing.writing.bytes, context);
    } else if (given) {
      const found = listing.backups.find((item) => item.name === name);
      if (found) return found;
      throw new YinxinError('BACKUP_FAILED');
    }
    if (given) await delay(pollMilliseconds);
  }
}

function describe(made: BackupAnswer | BackupItem, context: Context): readonly string[] {
  const time = formatTime(parseInstant(made.time));
  const lines = [
    {
      zh: `备份写好了：${made.name}.backup，${formatSize(made.bytes)}，冻结于 ${time}，至少 ${made.height} 个区块`,
      en: `Backup written: ${made.name}.backup, ${formatSize(made.bytes)}, frozen at ${time}, at least ${made.height} blocks`,
    },
  ];
  if ('digest' in made) {
    const certificates = made.certificates.toLocaleString('en');
    lines.push(
      { zh: `证照记录 ${certificates} 份`, en: `Records of ${certificates} certificates` },
      { zh: `SHA-256 ${made.digest}`, en: `SHA-256 ${made.digest}` },
    );
  }
  lines.push({
    zh: '它在网关机器的备份文件夹里：请把整个文件夹（连同 erasures.json）抄到别处；口令另外保管，没有口令谁也打不开。',
    en: 'It lies in the folder of backups on the gateway’s machine: copy that folder elsewhere, erasures.json too, and keep the passphrase apart. Nobody opens it without.',
  });
  return lines.map((words) => say(context, words));
}

async function backup(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { gateway } = await openAdministrator(inputs, context);
  const made = await follow(gateway, context).finally(() => {
    if (context.err.isTerminal) context.err.write(`\r${' '.repeat(progressCells)}\r`);
  });
  const text = inputs.flag('json') ? JSON.stringify(made, null, 2) : describe(made, context).join('\n');
  context.out.write(`${text}\n`);
  return 0;
}

function formatListing({ writing, backups, damaged, restored }: BackupsAnswer, context: Context): string {
  const label = (zh: string, en: string) => say(context, { zh, en });
  const head = [label('备份', 'Backup'), label('冻结于', 'Frozen at'), label('大小', 'Size'), label('区块', 'Blocks')];
  const rows = backups.map(({ name, time, bytes, height }) => {
    return [name, formatTime(parseInstant(time)), formatSize(bytes), String(height)];
  });
  const lines: string[] = [];
  if (writing)
    lines.push(
      label(
        `正在写 ${writing.name}：${formatSize(writing.bytes)}`,
        `Writing ${writing.name}: ${formatSize(writing.bytes)}`,
      ),
    );
  for (const name of damaged) {
    lines.push(
      paint(
        context,
        context.out,
        'bad',
        label(`${name}：损坏或不是本网关的`, `${name}: damaged, or not this gateway’s`),
      ),
    );
  }
  if (backups.length === 0) lines.push(label('还没有备份：yinxin vault backup', 'No backup yet: yinxin vault backup'));
  if (restored) lines.push(...formatRestored(restored, context));
  const table = backups.length === 0 ? '' : formatTable([head, ...rows]);
  return table + lines.map((line) => `${line}\n`).join('');
}

function formatRestored({ backup: name, missing }: NonNullable<BackupsAnswer['restored']>, context: Context) {
  const lines = [
    { zh: `本网关的数据是从备份 ${name} 恢复的。`, en: `This gateway’s data was restored from backup ${name}.` },
  ];
  for (const { issuer, type, first, last, missing: some } of missing ?? []) {
    lines.push({
      zh: `  ${issuer} ${type}：账本上第 ${first}–${last} 号中有 ${some} 份不在本机`,
      en: `  ${issuer} ${type}: of entries ${first}–${last} on the ledger ${some} are not kept here`,
    });
  }
  return lines.map((words) => say(context, words));
}

async function listBackups(inputs: Inputs, context: Context): Promise<ExitCode> {
  const { gateway }: Administrator = await openAdministrator(inputs, context);
  const listing = await list(gateway);
  const text = inputs.flag('json') ? `${JSON.stringify(listing, null, 2)}\n` : formatListing(listing, context);
  context.out.write(text);
  return listing.damaged.length > 0 ? 1 : 0;
}

export const backupCommand: Command = {
  name: 'vault backup',
  synopsis: { zh: '', en: '' },
  summary: { zh: '网关照常工作，写一份备份', en: 'write a backup while the gateway works' },
  details: {
    zh: `网关在自己的机器上写一份整个网关的备份：证照库、密钥（仍由口令加密）、索引，内嵌账本也在内，都是同一瞬间的样子。签发不停。
请每天至少一次，把备份文件夹抄到别的机器上；口令不在备份里，要另外保管。
恢复，在网关的机器上：YINXIN_PASSPHRASE_FILE=口令文件 npm run restore -- 备份文件 空文件夹；加 --check 只检查备份。`,
    en: `The gateway writes a backup of itself on its own machine: vault, keys (still under their passphrase), index, the embedded ledger too, all as of one instant. Issuing goes on.
Do it daily at least, and copy the folder to another machine; the passphrase is not in it: keep it apart. To restore, on the gateway’s machine: YINXIN_PASSPHRASE_FILE=FILE npm run restore -- BACKUP FOLDER; with --check the backup is only checked.`,
  },
  examples: ['vault backup', 'vault backup --json'],
  options: [...administratorOptions],
  operands: [0, 0],
  run: backup,
};

export const backupsCommand: Command = {
  name: 'vault backups',
  synopsis: { zh: '', en: '' },
  summary: { zh: '有哪些备份', en: 'which backups there are' },
  details: {
    zh: '列出备份文件夹里的备份，新的在前；开头就读不通的、不是本网关的另外指出，结束码为 1；内容是否完好要用 npm run restore -- --check 备份文件 查。网关若是恢复出来的，也说明它缺哪些证照的内容。',
    en: 'Lists the backups in the gateway’s folder, newest first; those whose beginning cannot be read, and other gateways’, are named, and the exit code is 1; npm run restore -- --check BACKUP reads the whole of one. Of a gateway that was restored it says what it lacks.',
  },
  examples: ['vault backups'],
  options: [...administratorOptions],
  operands: [0, 0],
  run: listBackups,
};
