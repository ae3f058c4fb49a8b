/** `watch`: a folder into which another system puts rosters by night: each is run as with `--yes`, then put aside with its report. */
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CertificateType, isJsonObject, type Json, type JsonObject, type Trust, YinxinError } from '@yinxin/core';
import { type Command, type Inputs, usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { makeFolder, nameFrom, toFileError, writeAtomically } from '../files.ts';
import { isUnreachable } from '../gateway.ts';
import { type Home, openHome } from '../home.ts';
import { explainError } from '../messages/explain.ts';
import { asOption, clientOption, pinOption } from '../options.ts';
import { replaceFileNow } from '../platform.ts';
import { findType } from '../registry.ts';
import { openErrand } from '../runs/errands.ts';
import { countDone, listRuns, runParents } from '../runs/known-runs.ts';
import { allOrNothingOption, mapOption, readRosterOptions, sheetOption } from '../runs/options.ts';
import { runRoster, type Wishes } from '../runs/roster-run.ts';
import { findTypeOfFile } from '../runs/types.ts';
import { loadTrust } from '../trust-list.ts';

const pauseMilliseconds = 2_000;
/** A file that has not changed for so long is whole. */
const stillMilliseconds = 5_000;
const rosterEnding = /\.(csv|xlsx)$/i;
/** What is to be tried again later, not put aside: the gateway, the disk, or an end that was asked for. */
const passing: ReadonlySet<string> = new Set([
  'GATEWAY_UNREACHABLE',
  'DISK_FULL',
  'RUN_STOPPED',
  'LEDGER_UNREACHABLE',
  'COMMIT_UNKNOWN',
  'NOT_READY',
  'QUEUE_FULL',
  'WORKER_LOST',
]);

interface Watch {
  readonly folder: string;
  readonly type: CertificateType | undefined;
  readonly home: Home;
  readonly trust: Trust;
  readonly inputs: Inputs;
  readonly context: Context;
}

interface Outcome {
  readonly isDone: boolean;
  /** Nothing at all was sent. */
  readonly isRefused?: true;
  /** JSON. */
  readonly report: string;
  readonly failedRoster: string | undefined;
}

/** Rosters of the folder, by name; a file whose name begins with a point or `~` is not one yet. */
async function listRosters({ folder }: Watch): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter(
      (entry) => entry.isFile() && rosterEnding.test(entry.name) && !/^[.~]/.test(entry.name),
    );
    return files.map(({ name }) => name).sort();
  } catch (error) {
    throw toFileError(folder, error);
  }
}

function isStill(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.size > 0 && Date.now() - found.mtimeMs >= stillMilliseconds;
}

/** A name of which there is none in the folder yet. */
function findFreeName(folder: string, name: string): string {
  const ending = extname(name);
  const stem = basename(name, ending);
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${stem}-${number}${ending}`;
    if (!existsSync(join(folder, free))) return free;
  }
}

const tell = ({ context }: Watch, zh: string, en: string) => context.err.write(`${say(context, { zh, en })}\n`);

/** Beside the roster's new place, which is returned, lies what came of it: `<name>.report.json`, and the failed rows alone. */
async function putAside(watch: Watch, name: string, outcome: Outcome): Promise<string> {
  const folder = join(watch.folder, outcome.isDone ? 'done' : 'failed');
  await makeFolder(folder);
  const free = findFreeName(folder, name);
  await writeAtomically(join(folder, `${free}.report.json`), outcome.report);
  try {
    const { failedRoster } = outcome;
    if (failedRoster !== undefined && existsSync(failedRoster))
      copyFileSync(failedRoster, join(folder, `${basename(free, extname(free))}.failed${extname(failedRoster)}`));
    replaceFileNow(join(watch.folder, name), join(folder, free));
    return join(folder, free);
  } catch (error) {
    throw toFileError(folder, error);
  }
}

function formatFault(error: YinxinError, context: Context): string {
  const { what, next } = explainError(error, context.language);
  const { code, details } = error;
  return `${JSON.stringify({ error: { code, details, what, next } }, null, 2)}\n`;
}

async function runOne(watch: Watch, name: string): Promise<Outcome> {
  const { home, trust, inputs, context, folder } = watch;
  const path = join(folder, name);
  const type = watch.type ?? findTypeOfFile(trust.types, name);
  if (!type) throw usageError('type-unnamed', name);
  const options = readRosterOptions(inputs, context);
  const wanted = { kind: 'issue', type, stock: inputs.flag('stock'), path, options };
  const errand = await openErrand(wanted, trust, { home, inputs, context });
  const said: string[] = [];
  const { ask: _ask, ...rest } = context;
  const alone: Context = { ...rest, out: { ...context.out, write: (text) => void said.push(text) } };
  const wishes: Wishes = {
    checkOnly: false,
    allOrNothing: inputs.flag('all-or-nothing'),
    quiet: true,
    again: false,
    json: true,
    output: undefined,
    parent: join(folder, runParents.certificates),
    options,
  };
  const exit = await runRoster({ source: { path, isSpooled: false }, errand, wishes, home, context: alone });
  const report = said.join('');
  const json: Json = JSON.parse(report);
  const failedRoster = isJsonObject(json) ? json['failedRoster'] : undefined;
  return {
    isDone: exit === 0,
    report,
    failedRoster: typeof failedRoster === 'string' ? resolve(context.cwd, failedRoster) : undefined,
  };
}

/** A roster of which the run was finished, and the command ended before it was put aside. */
async function findFinished(watch: Watch, name: string, runName: string): Promise<Outcome | undefined> {
  const runs = await listRuns(watch.home, watch.context, join(watch.folder, runParents.certificates));
  const run = runs.find(({ head }) => head.roster === join(watch.folder, name) && head.run.startsWith(runName));
  if (!run?.state.finished) return undefined;
  const { head, folder, state } = run;
  const { failed } = run.state.finished;
  const facts = {
    run: head.run,
    kind: head.kind,
    issuer: head.issuer,
    type: head.type,
    folder,
    rows: head.rows,
    done: countDone(state),
    failed,
  };
  const failedRoster = ['csv', 'xlsx']
    .map((ending) => join(folder, `failed.${ending}`))
    .find((path) => existsSync(path));
  return { isDone: failed === 0, report: `${JSON.stringify(facts, null, 2)}\n`, failedRoster };
}

/** What became of a roster; undefined when it stays for later. */
async function judge(watch: Watch, name: string): Promise<Outcome | undefined> {
  try {
    return await runOne(watch, name);
  } catch (error) {
    if (!(error instanceof YinxinError) || error.code === 'INTERNAL') throw error;
    const finished =
      error.code === 'ROSTER_REPEATED' ? await findFinished(watch, name, String(error.details['run'])) : undefined;
    if (finished) return finished;
    const { what, next } = explainError(error, watch.context.language);
    watch.context.err.write(`${what}${next} [${error.code}]\n`);
    return passing.has(error.code)
      ? undefined
      : { isDone: false, isRefused: true, report: formatFault(error, watch.context), failedRoster: undefined };
  }
}

async function processRoster(watch: Watch, name: string): Promise<Outcome | undefined> {
  tell(watch, `名册 ${name}：开始`, `Roster ${name}: begins`);
  const outcome = await judge(watch, name);
  if (!outcome) return undefined;
  const place = nameFrom(watch.context.cwd, await putAside(watch, name, outcome));
  if (watch.inputs.flag('json'))
    watch.context.out.write(`${JSON.stringify({ roster: place, ...(JSON.parse(outcome.report) as JsonObject) })}\n`);
  if (outcome.isDone) tell(watch, `名册 ${name}：办完，已移到 done/`, `Roster ${name}: done, moved to done/`);
  else if (outcome.isRefused)
    tell(watch, `名册 ${name}：没有办，已移到 failed/`, `Roster ${name}: not done, moved to failed/`);
  else tell(watch, `名册 ${name}：没有全部办成，已移到 failed/`, `Roster ${name}: not all done, moved to failed/`);
  return outcome;
}

interface Round {
  readonly hasFailed: boolean;
  /** Files that still grow, or wait for the gateway. */
  readonly left: number;
}

async function processAll(watch: Watch, end: AbortSignal): Promise<Round> {
  let [hasFailed, left] = [false, 0];
  for (const name of await listRosters(watch)) {
    if (end.aborted) break;
    const outcome = isStill(join(watch.folder, name)) ? await processRoster(watch, name) : undefined;
    if (!outcome) left += 1;
    else hasFailed ||= !outcome.isDone;
  }
  return { hasFailed, left };
}

/** A run under way is asked to stop when the watch is. */
function passOn(end: AbortSignal): NonNullable<Context['onEnd']> {
  return (stop) => {
    end.addEventListener('abort', stop);
    return () => end.removeEventListener('abort', stop);
  };
}

/** Looks until it is asked to end; with `--once` until nothing is left that still grows. */
async function lookOn(inputs: Inputs, context: Context, end: AbortSignal): Promise<ExitCode> {
  const folder = resolve(context.cwd, inputs.operand(0));
  const home = await openHome(inputs, context);
  let hasFailed = false;
  for (let known: Trust | undefined; !end.aborted; ) {
    const trust = await loadTrust(home, inputs, context).then(
      (loaded) => loaded.trust,
      (error: unknown) => {
        if (known && isUnreachable(error)) return known;
        throw error;
      },
    );
    known = trust;
    const named = inputs.text('type');
    const type = named === undefined ? undefined : findType(trust.types, named);
    const round = await processAll(
      { folder, type, home, trust, inputs, context: { ...context, onEnd: passOn(end) } },
      end,
    );
    hasFailed ||= round.hasFailed;
    if (inputs.flag('once') && round.left === 0) break;
    await delay(pauseMilliseconds, undefined, { signal: end }).catch(() => undefined);
  }
  return hasFailed && inputs.flag('once') ? 1 : 0;
}

async function run(inputs: Inputs, context: Context): Promise<ExitCode> {
  const end = new AbortController();
  const stopListening = context.onEnd?.(() => end.abort());
  try {
    return await lookOn(inputs, context, end.signal);
  } finally {
    stopListening?.();
  }
}

export const watchCommand: Command = {
  name: 'watch',
  synopsis: { zh: '文件夹', en: 'FOLDER' },
  summary: {
    zh: '自动签发放进文件夹的名册，如每晚的导出',
    en: 'issue the rosters that are put into a folder, such as a nightly export',
  },
  details: {
    zh: `名册（.csv、.xlsx）放进文件夹、5 秒不再变化后即检查并签发，不询问；一次一份，按文件名排序。类型从文件名得知，否则写 --type。
全部办成的移到 done/，有行没有办成或不能办的移到 failed/，旁边是报告（….report.json）和没有办成的行；证照在 certificates/。
网关连不上、磁盘已满时名册留在原处，以后再办。中途被结束，再次启动会接着办；同一份名册不会签发两次。
--json：每办完一份名册，标准输出一行它的报告。`,
    en: `A roster (.csv, .xlsx) that has lain still for 5 seconds is checked and issued, without a question; one at a time, by name. The type is known from the file’s name or --type.
When all rows are done it goes to done/, else to failed/, with a report (….report.json) and the failed rows beside it; the certificates go to certificates/.
While the gateway does not answer or the disk is full a roster stays where it is, for later. After an end on the way the next start goes on; the same roster is not issued twice.
--json: the report of each roster is a line of standard output.`,
  },
  examples: ['watch /srv/rosters --as 深圳市市场监督管理局', 'watch /srv/rosters --type business-licence --once'],
  options: [
    { name: 'type', kind: 'text', value: { zh: '类型', en: 'TYPE' }, help: { zh: '证照类型', en: 'the type' } },
    {
      name: 'once',
      kind: 'flag',
      help: { zh: '办完现有的名册即结束', en: 'end when the rosters that are there are done' },
    },
    allOrNothingOption,
    {
      name: 'stock',
      kind: 'flag',
      help: { zh: '补录停止新发的证照的存量', en: 'digitised stock of a type no longer issued' },
    },
    mapOption,
    sheetOption,
    asOption,
    clientOption,
    pinOption,
  ],
  operands: [1, 1],
  run,
};
