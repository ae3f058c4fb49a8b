/** What came of a run, for people and for machines. Never a value of the roster. */
import { join } from 'node:path';
import type { Words } from '@yinxin/core';
import { type Context, say } from '../context.ts';
import { nameFrom } from '../files.ts';
import { formatFindings, listFindings } from '../roster-view.ts';
import type { RosterFinding } from '../rosters/roster.ts';
import { paint } from '../terminal.ts';
import { formatTable } from '../width.ts';
import type { Job } from './job.ts';
import type { KnownRun } from './known-runs.ts';
import { count, nameTask } from './preview.ts';
import type { Report } from './report.ts';
import { readRunState } from './run-file.ts';

export interface DoneView {
  readonly run: KnownRun;
  readonly report: Report;
  readonly job: Job;
  /** The body that acted, in words. */
  readonly body: string;
}

/** More are not listed one by one. */
const listedAtMost = 20;

/** A certificate's file is named after it, so its name is not shown beside the number. */
const issuedHeadings: readonly Words[] = [{ zh: '证照标识', en: 'Number' }];
const changedHeadings: readonly Words[] = [
  { zh: '办理时间', en: 'Time' },
  { zh: '区块', en: 'Block' },
];

/** As a shell takes it for one word. */
const quote = (text: string) => (/^[\p{L}\p{N}_./:〔〕-]+$/u.test(text) ? text : `"${text}"`);

/** What the run was given besides, by the name of its option. */
const givenOptions: readonly (readonly [name: string, option: string])[] = [
  ['mapping', '--map'],
  ['basis', '--basis'],
  ['document', '--document'],
  ['effective', '--effective'],
  ['corrects', '--change'],
];

/** The command that goes on with the failed rows. */
function nameAgain({ job, run }: DoneView, failed: string): string {
  const { options, stock } = run.head;
  const given = givenOptions.flatMap(([name, option]) => {
    const value = options[name];
    return value === undefined ? [] : [option, quote(value)];
  });
  const roster = job.kind === 'issue' ? [quote(failed)] : ['--roster', quote(failed)];
  const type = job.type ? ['--type', job.type.type] : [];
  return ['yinxin', job.kind, ...roster, ...type, ...(stock ? ['--stock'] : []), ...given].join(' ');
}

function formatFailed(view: DoneView, folder: string, context: Context): string {
  const { failed, failedFile, findings } = view.report;
  if (failedFile === undefined) return '';
  const path = join(folder, failedFile);
  const head = say(context, { zh: `${count(failed)} 行没有办成：`, en: `Rows that failed: ${count(failed)}` });
  const more = failed > listedAtMost ? say(context, { zh: '  ……\n', en: '  …\n' }) : '';
  const next = say(context, {
    zh: `没有办成的行和原因：${path}；改正后再办：${nameAgain(view, path)}`,
    en: `The failed rows with the reasons: ${path}; correct them and run: ${nameAgain(view, path)}`,
  });
  return `${paint(context, context.out, 'bad', head)}\n${formatFindings(findings.slice(0, listedAtMost), context)}${more}${next}\n`;
}

/** For people: how many, by whom, which, where, and what to do with the rest. */
export function formatDone(view: DoneView, context: Context): string {
  const { report, run, job, body } = view;
  const folder = nameFrom(context.cwd, run.folder);
  const task = nameTask(job, context);
  const done = say(context, {
    zh: `已${task} ${count(report.done)} 份（${body}）。`,
    en: `Done (${task}): ${count(report.done)} (${body}).`,
  });
  const headings = job.type ? issuedHeadings : changedHeadings;
  const head = [say(context, { zh: '名册行', en: 'Line' }), ...headings.map((words) => say(context, words))];
  const rows = report.first.map(({ line, cells }) => [String(line), ...cells.slice(0, headings.length)]);
  const table = rows.length <= listedAtMost && rows.length > 0 ? formatTable([head, ...rows], '  ') : '';
  const list =
    report.done > 0
      ? say(context, { zh: `（对照表 ${report.doneFile}）`, en: ` (which is whose: ${report.doneFile})` })
      : '';
  const where = say(context, { zh: `存放在：${folder}/${list}\n`, en: `In: ${folder}/${list}\n` });
  const [first] = report.first;
  const file = job.type && first ? join(folder, first.cells[1] ?? '') : undefined;
  const verify = file
    ? say(context, { zh: `查验一份：yinxin verify ${quote(file)}\n`, en: `Verify one: yinxin verify ${quote(file)}\n` })
    : '';
  const good = report.done > 0 ? paint(context, context.out, 'good', done) : done;
  return `${good}\n${table}${where}${verify}${formatFailed(view, folder, context)}`;
}

const toFailures = (findings: readonly RosterFinding[], context: Context) => listFindings(findings, context);

/** For machines: counts, the run's name, where everything is, and the failed rows by line and code. */
export function toDoneJson({ run, report, job }: DoneView, context: Context): string {
  const { head } = run;
  const folder = nameFrom(context.cwd, run.folder);
  const state = readRunState(run.folder);
  const batches = [...state.done.values()]
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => a.chunk - b.chunk)
    .map(({ first, rows, batch, block }) => (job.type ? { first, rows, batch, block } : { rows, block }));
  const isListed = report.done === report.first.length;
  const certificates = report.first.map(({ line, cells }) => ({
    line,
    identifier: cells[0],
    file: join(folder, cells[1] ?? ''),
  }));
  const facts = {
    run: head.run,
    kind: head.kind,
    issuer: head.issuer,
    type: head.type,
    folder,
    rows: head.rows,
    done: report.done,
    failed: report.failed,
    list: report.done > 0 ? join(folder, report.doneFile) : null,
    failedRoster: report.failedFile === undefined ? null : join(folder, report.failedFile),
    batches,
    failures: toFailures(report.findings, context),
    ...(job.type && isListed && { certificates }),
  };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** A roster of which nothing was done. */
export function toFailedJson(findings: readonly RosterFinding[], context: Context): string {
  return `${JSON.stringify({ error: { code: 'ROWS_INVALID', rows: toFailures(findings, context) } }, null, 2)}\n`;
}
