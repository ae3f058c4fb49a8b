/** `runs`: what was issued or changed from rosters, how far each run has come, and going on with one. */
import { join } from 'node:path';
import { actWords, isAct, YinxinError } from '@yinxin/core';
import { type Command, type Noun, usageError } from '../command.ts';
import { type Context, say } from '../context.ts';
import { exists, nameFrom } from '../files.ts';
import { openHome } from '../home.ts';
import { clientOption, pinOption } from '../options.ts';
import { openErrand, wantedOf } from '../runs/errands.ts';
import { countDone, findRun, type KnownRun, listRuns } from '../runs/known-runs.ts';
import { readWishes } from '../runs/options.ts';
import { count } from '../runs/preview.ts';
import { carryOutRun } from '../runs/roster-run.ts';
import { digestSource, readStamp, spoolName } from '../runs/source.ts';
import { formatTime } from '../times.ts';
import { loadTrust } from '../trust-list.ts';
import { formatTable } from '../width.ts';

const shown = 50;

function describeState({ state }: KnownRun, context: Context): string {
  if (!state.finished) return say(context, { zh: '未办完', en: 'unfinished' });
  const { failed } = state.finished;
  if (failed === 0) return say(context, { zh: '已办完', en: 'finished' });
  return say(context, {
    zh: `已办完，${count(failed)} 行没有办成`,
    en: `finished; rows that failed: ${count(failed)}`,
  });
}

function toJson(run: KnownRun, context: Context) {
  const { folder, head, state } = run;
  return {
    run: head.run,
    kind: head.kind,
    issuer: head.issuer,
    type: head.type,
    roster: head.roster,
    folder: nameFrom(context.cwd, folder),
    started: head.started,
    rows: head.rows,
    total: head.good,
    done: countDone(state),
    finished: state.finished?.at ?? null,
    failed: state.finished?.failed ?? null,
  };
}

/** An act in words; a type by its key, since the words for it are the gateway's. */
function nameKind({ kind, type }: KnownRun['head'], context: Context): string {
  if (isAct(kind)) return say(context, actWords[kind]);
  const verb = say(context, kind === 'issue' ? { zh: '签发', en: 'issue' } : { zh: '换发', en: 'reissue' });
  return `${verb} ${type ?? ''}`;
}

const nameRoster = ({ head }: KnownRun, context: Context) =>
  head.roster === null
    ? say(context, { zh: '（标准输入）', en: '(standard input)' })
    : nameFrom(context.cwd, head.roster);

function formatRuns(runs: readonly KnownRun[], context: Context): string {
  if (runs.length === 0) return say(context, { zh: '这里还没有办过名册。\n', en: 'No roster was run here yet.\n' });
  const titles: readonly (readonly [string, string])[] = [
    ['名称', 'Name'],
    ['办理', 'Task'],
    ['名册', 'Roster'],
    ['已办', 'Done'],
    ['开始', 'Started'],
    ['状态', 'State'],
  ];
  const head = titles.map(([zh, en]) => say(context, { zh, en }));
  const rows = runs
    .slice(0, shown)
    .map((run) => [
      run.head.run.slice(0, 8),
      nameKind(run.head, context),
      nameRoster(run, context),
      `${count(countDone(run.state))}/${count(run.head.good)}`,
      formatTime(run.head.started),
      describeState(run, context),
    ]);
  return formatTable([head, ...rows]);
}

function formatRun(run: KnownRun, context: Context): string {
  const { head, state, folder } = run;
  const facts: readonly (readonly [string, string, string])[] = [
    ['名称', 'Name', head.run],
    ['办理', 'Task', nameKind(head, context)],
    ['机关', 'Body', head.issuer],
    ['名册', 'Roster', nameRoster(run, context)],
    ['存放在', 'Folder', nameFrom(context.cwd, folder)],
    ['开始', 'Started', formatTime(head.started)],
    [
      '行数',
      'Rows',
      say(context, {
        zh: `共 ${count(head.rows)} 行，可以办理 ${count(head.good)} 行`,
        en: `${count(head.rows)}, good ${count(head.good)}`,
      }),
    ],
    ['已办', 'Done', `${count(countDone(state))}/${count(head.good)}`],
    ['状态', 'State', describeState(run, context)],
  ];
  const table = formatTable(facts.map(([zh, en, value]) => [say(context, { zh, en }), value]));
  if (state.finished) return table;
  const next = `yinxin runs resume ${head.run.slice(0, 8)}`;
  return `${table}${say(context, { zh: `接着办：${next}\n`, en: `Go on: ${next}\n` })}`;
}

const listCommand: Command['run'] = async (inputs, context) => {
  const home = await openHome(inputs, context);
  const runs = await listRuns(home, context);
  if (inputs.flag('json'))
    context.out.write(
      `${JSON.stringify(
        runs.map((run) => toJson(run, context)),
        null,
        2,
      )}\n`,
    );
  else context.out.write(formatRuns(runs, context));
  return 0;
};

const showCommand: Command['run'] = async (inputs, context) => {
  const run = await findRun(await openHome(inputs, context), inputs.operand(0), context);
  if (inputs.flag('json')) context.out.write(`${JSON.stringify(toJson(run, context), null, 2)}\n`);
  else context.out.write(formatRun(run, context));
  return 0;
};

/** The roster of a run, as it was. @throws YinxinError FILE_UNREADABLE, ROSTER_CHANGED */
async function requireRoster({ head, folder }: KnownRun): Promise<string> {
  const path = head.roster ?? join(folder, spoolName);
  if (!(await exists(path))) throw new YinxinError('FILE_UNREADABLE', { file: path, reason: 'ENOENT' });
  const source = { path, isSpooled: false };
  const { bytes } = await readStamp(source);
  if (bytes !== head.bytes || (await digestSource(source, head.run)) !== head.digest)
    throw new YinxinError('ROSTER_CHANGED', { run: head.run.slice(0, 8) });
  return path;
}

const resumeCommand: Command['run'] = async (inputs, context) => {
  const home = await openHome(inputs, context);
  const run = await findRun(home, inputs.operand(0), context);
  if (run.state.finished) throw usageError('run-finished', run.head.run.slice(0, 8));
  const { trust } = await loadTrust(home, inputs, context);
  const wanted = wantedOf(run.head, await requireRoster(run), trust);
  const errand = await openErrand(wanted, trust, { home, inputs, context });
  try {
    const wishes = readWishes(inputs, context, 'certificates', run.head.options);
    return await carryOutRun(run, { errand, wishes, home, context });
  } finally {
    await errand.roster.close();
  }
};

const name = { zh: '名称', en: 'NAME' };

const listRunsCommand: Command = {
  name: 'runs list',
  synopsis: { zh: '', en: '' },
  summary: { zh: '列出办过和没有办完的名册', en: 'list what was run, and what is unfinished' },
  details: {
    zh: '最近的在前：名称、名册、类型、办了多少、何时开始、是否办完。',
    en: 'Newest first: name, roster, type, how many are done, when, whether finished.',
  },
  examples: ['runs list', 'runs list --json'],
  options: [],
  operands: [0, 0],
  run: listCommand,
};

export const runsNoun: Noun = {
  name: 'runs',
  summary: { zh: '办过的名册，接着办', en: 'runs of rosters' },
  alone: listRunsCommand,
  verbs: [
    listRunsCommand,
    {
      name: 'runs show',
      synopsis: name,
      summary: { zh: '一次办理的详情', en: 'one run' },
      details: {
        zh: '名称可以只写开头 4 位以上，也可以写它的文件夹。',
        en: 'A name may be cut to its first 4 letters or more; its folder will do too.',
      },
      examples: ['runs show 3f9a', 'runs show business-licence-2026-11-20'],
      options: [],
      operands: [1, 1],
      run: showCommand,
    },
    {
      name: 'runs resume',
      synopsis: name,
      summary: { zh: '接着办没有办完的', en: 'go on with an unfinished run' },
      details: {
        zh: '从停下的地方接着办，不会重复，也不会漏。名册必须与开始时一样。',
        en: 'Goes on from where it stopped; nothing is done twice and nothing left out. The roster must be as it was.',
      },
      examples: ['runs resume 3f9a'],
      options: [clientOption, pinOption],
      operands: [1, 1],
      run: resumeCommand,
    },
  ],
};
