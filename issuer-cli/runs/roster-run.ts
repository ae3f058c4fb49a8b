/** The way of a roster, the same for issuing, reissuing and changes of status: check, preview, question, sending, report; or on from where an earlier run of the same roster stopped. */
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Instant, toHex, YinxinError } from '@yinxin/core';
import { usageError } from '../command.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { exists, makeFolder, nameFrom, toFileError } from '../files.ts';
import type { Gateway } from '../gateway.ts';
import type { Home } from '../home.ts';
import { syncFolder } from '../platform.ts';
import type { RosterFile } from '../rosters/roster.ts';
import { confirm, paint, startProgress } from '../terminal.ts';
import { formatDay } from '../times.ts';
import { carryOut, type EndedSegment } from './carry-out.ts';
import { type Checked, checkRoster } from './check.ts';
import { IssuedBefore } from './issued-before.ts';
import type { Job } from './job.ts';
import { countDone, type KnownRun, listRuns, readRun, registerRun } from './known-runs.ts';
import { lockRun } from './lock.ts';
import { boundMemory, createCollector } from './memory.ts';
import { createPatience } from './patience.ts';
import { count, formatPreview, formatWarnings, nameTask, type Preview, toPreviewJson } from './preview.ts';
import { ReportWriter } from './report.ts';
import { formatDone, toDoneJson, toFailedJson } from './report-view.ts';
import { type RunHead, RunLog, readRunState, writeRunHead } from './run-file.ts';
import { digestSource, dropSource, keepSource, readStamp, type Source, type Stamp, spoolName } from './source.ts';

/** A roster and what is to be done with it. */
export interface Errand {
  readonly roster: RosterFile;
  readonly job: Job;
  /** The body that acts, in words. */
  readonly body: string;
  readonly gateway: Gateway;
  readonly stock: boolean;
  /** Tells the job where its run's files go. */
  readonly place: (folder: string, chunks: number) => void;
}

/** What the person asked for besides. */
export interface Wishes {
  readonly checkOnly: boolean;
  readonly allOrNothing: boolean;
  /** Neither preview nor question, and no comparison with what was issued before. */
  readonly quiet: boolean;
  /** Also a roster that was done before. */
  readonly again: boolean;
  readonly json: boolean;
  /** Absolute path of the folder asked for; else one of `parent`, named after what is done and the day. */
  readonly output: string | undefined;
  readonly parent: string;
  /** Kept with the run, so that it can be gone on with. */
  readonly options: { readonly [name: string]: string };
}

interface Way {
  readonly source: Source;
  readonly errand: Errand;
  readonly wishes: Wishes;
  readonly home: Home;
  readonly context: Context;
}

/** Milliseconds between two looks whether another command has begun. */
const beginPause = 50;
/** Another command that begins needs a moment; one that hangs is not waited for longer. */
const beginMilliseconds = 60_000;

const isSameStamp = (a: Stamp, b: Stamp) => a.bytes === b.bytes && a.changed === b.changed && a.inode === b.inode;

const repeatedError = ({ folder, head }: KnownRun) =>
  new YinxinError('ROSTER_REPEATED', { folder: basename(folder), run: head.run.slice(0, 8) });

/** Of this very errand, whatever roster it was for. */
function isSameErrand({ head }: KnownRun, { job, stock }: Errand): boolean {
  return (
    head.kind === job.kind &&
    head.issuer === job.issuer &&
    head.type === (job.type?.type ?? null) &&
    head.stock === stock
  );
}

/**
 * The unfinished run of this roster; undefined when a new one begins.
 * @throws YinxinError ROSTER_REPEATED when this roster was done before; ROSTER_CHANGED when it was changed since its run began; USAGE when the folder holds another run
 */
async function findUnfinished({ source, errand, wishes, home, context }: Way): Promise<KnownRun | undefined> {
  const { output, again } = wishes;
  const there = output === undefined ? undefined : await readRun(output);
  const known = output === undefined ? await listRuns(home, context, wishes.parent) : there ? [there] : [];
  const { bytes } = await readStamp(source);
  let repeated: KnownRun | undefined;
  for (const run of known.filter((candidate) => isSameErrand(candidate, errand))) {
    const isSame = run.head.bytes === bytes && run.head.digest === (await digestSource(source, run.head.run));
    if (isSame && !run.state.finished) return run;
    if (isSame) repeated ??= run;
    else if (!run.state.finished && run.head.roster === source.path)
      throw new YinxinError('ROSTER_CHANGED', { run: run.head.run.slice(0, 8), folder: basename(run.folder) });
  }
  if (repeated && !again) throw repeatedError(repeated);
  if (there) throw usageError(there.state.finished ? 'folder-used' : 'folder-busy', basename(there.folder));
  return undefined;
}

interface Prepared {
  readonly run: string;
  readonly started: Instant;
  readonly digest: string;
  readonly stamp: Stamp;
  readonly checked: Checked;
  readonly before: IssuedBefore | undefined;
}

async function check({ source, errand, wishes, context }: Way): Promise<Prepared> {
  const { roster, job, gateway } = errand;
  const [run, started, stamp] = [toHex(context.random(16)), context.now(), await readStamp(source)];
  const digest = await digestSource(source, run);
  const isAsked = job.kind === 'issue' && job.type !== undefined && (wishes.checkOnly || !wishes.quiet);
  const before = isAsked && job.type ? new IssuedBefore(gateway, job.issuer, job.type) : undefined;
  const label = say(context, { zh: '检查', en: 'Checking' });
  const progress = startProgress(context, label, undefined);
  const seed = context.random(4);
  try {
    const options = { run, now: started, seed, before, onRows: progress.report };
    const checked = await checkRoster(roster, job, options);
    if (!isSameStamp(stamp, await readStamp(source))) throw new YinxinError('ROSTER_CHANGED');
    return { run, started, digest, stamp, checked, before };
  } finally {
    progress.finish();
  }
}

function refuse(preview: Preview, { wishes, context }: Way): ExitCode {
  const { problems, rows, good } = preview.checked;
  const zh = `名册里有 ${count(rows - good)} 行填写不对；一份也没有办。`;
  const head = say(context, { zh, en: `${count(rows - good)} rows are bad; nothing was done.` });
  const next = say(context, { zh: '改正后再运行同一命令。', en: 'Correct them and run the command again.' });
  context.err.write(`${paint(context, context.err, 'bad', head)}\n${next}\n[ROWS_INVALID]\n`);
  if (wishes.json) context.out.write(toFailedJson(problems, context));
  return 1;
}

async function makeRunFolder({ wishes, errand, context }: Way): Promise<string> {
  const { output, parent } = wishes;
  const name = `${errand.job.type?.type ?? errand.job.kind}-${formatDay(context.now())}`;
  for (let number = 1; ; number += 1) {
    const folder = output ?? join(parent, number === 1 ? name : `${name}-${number}`);
    if (output === undefined && (await exists(folder))) continue;
    await makeFolder(folder);
    return folder;
  }
}

/** The run's file is on the disk before anything is sent. @throws YinxinError USAGE when another run began in the folder at the same moment */
async function begin(way: Way, prepared: Prepared): Promise<KnownRun> {
  const { source, errand, wishes, home } = way;
  const { run, started, digest, stamp, checked } = prepared;
  if (!isSameStamp(stamp, await readStamp(source)) && digest !== (await digestSource(source, run)))
    throw new YinxinError('ROSTER_CHANGED');
  const folder = await makeRunFolder(way);
  const { job, stock } = errand;
  const head: RunHead = {
    format: 'yinxin-run/2',
    run,
    kind: job.kind,
    issuer: job.issuer,
    type: job.type?.type ?? null,
    stock,
    roster: source.isSpooled ? null : source.path,
    bytes: stamp.bytes,
    digest,
    options: wishes.options,
    started,
    rows: checked.rows,
    good: checked.good,
    chunks: checked.chunks,
  };
  if (source.isSpooled) await keepSource(source, folder);
  if (!(await writeRunHead(folder, head))) throw usageError('folder-busy', basename(folder));
  for (const path of [folder, dirname(folder)]) await syncFolder(path); // the run is there after a power cut too
  await registerRun(home, run, folder);
  return { folder, head, state: readRunState(folder) };
}

/**
 * Of two commands with the same roster one begins: the other finds its run, however far that has come while this one checked and asked.
 * @throws YinxinError as `findUnfinished` and `begin`
 */
async function beginOnce(way: Way, prepared: Prepared): Promise<KnownRun> {
  const name = `begin-${way.errand.job.issuer}`;
  const until = performance.now() + beginMilliseconds;
  let lock = await lockRun(name);
  for (; !lock; lock = await lockRun(name)) {
    if (performance.now() > until) throw usageError('folder-busy', basename(way.wishes.output ?? way.wishes.parent));
    await delay(beginPause);
  }
  try {
    return (await findUnfinished(way)) ?? (await begin(way, prepared));
  } finally {
    lock.release();
  }
}

function tellHowToGoOn({ folder, head }: KnownRun, context: Context): void {
  const done = count(countDone(readRunState(folder)));
  const [name, run] = [nameFrom(context.cwd, folder), head.run.slice(0, 8)];
  const zh = `已办成 ${done} 份，共 ${count(head.good)} 份（${name}）。再运行同一命令，或 yinxin runs resume ${run}，会接着办，不会重复。`;
  const en = `${done} of ${count(head.good)} are done (${name}). The same command, or yinxin runs resume ${run}, goes on from here; nothing is done twice.`;
  context.err.write(`${say(context, { zh, en })}\n`);
}

function tellStopping(context: Context): void {
  const line = say(context, {
    zh: '正在停下：先办完已经送出的。再要求一次（Ctrl-C）就立即结束，那样也不会丢失或重复。',
    en: 'Stopping after what is under way. Asked once more (Ctrl-C) it ends at once; nothing is lost or done twice then either.',
  });
  context.err.write(`${context.err.isTerminal ? '\r\u001b[K' : ''}${line}\n`);
}

/** What a command that was killed had begun to write. Whoever holds the run calls this. */
async function clearDrafts(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw toFileError(folder, error);
  }
}

/** Goes on with a run to its end. @throws YinxinError as `carryOut`; USAGE when another command holds the run */
export async function carryOutRun(run: KnownRun, way: Omit<Way, 'source'>): Promise<ExitCode> {
  const { head, folder } = run;
  const { context } = way;
  boundMemory();
  if (head.chunks.length > 1) context.giveWay?.();
  const lock = await lockRun(head.run);
  if (!lock) throw usageError('folder-busy', basename(folder));
  try {
    const state = readRunState(folder); // another command may have gone on with it meanwhile
    if (state.finished) throw repeatedError(run);
    await clearDrafts(folder);
    return await carryOutAlone({ ...run, state }, way);
  } finally {
    lock.release();
  }
}

/** Whether the same command would not go on either. */
function isForGood(error: unknown): boolean {
  return error instanceof YinxinError && (error.code === 'RUN_EXPIRED' || error.code === 'ROSTER_CHANGED');
}

async function carryOutAlone(run: KnownRun, { errand, wishes, context }: Omit<Way, 'source'>): Promise<ExitCode> {
  const { folder, head, state } = run;
  const { job, roster } = errand;
  const log = new RunLog(folder);
  const stop = new AbortController();
  const stopListening = context.onEnd?.(() => {
    tellStopping(context);
    stop.abort();
  });
  const report = new ReportWriter(job, roster, folder, context);
  errand.place(folder, head.chunks.length);
  const collect = createCollector();
  const progress = startProgress(context, nameTask(job, context), head.good, countDone(state));
  const patient = createPatience(context, stop.signal);
  const onEnded = async (ended: EndedSegment) => {
    await report.take(ended);
    collect();
  };
  const carrying = { head, state, log, job, roster, patient, now: context.now, stop: stop.signal, onEnded };
  try {
    await carryOut({ ...carrying, onRows: progress.report });
    const told = await report.close();
    log.appendFinished(told.failed, context.now());
    progress.finish();
    if (head.roster === null) await rm(join(folder, spoolName), { force: true });
    const view = { run, report: told, job, body: errand.body };
    context.out.write(wishes.json ? toDoneJson(view, context) : formatDone(view, context));
    return told.failed > 0 ? 1 : 0;
  } catch (error) {
    progress.finish();
    await report.abandon();
    if (!isForGood(error)) tellHowToGoOn(run, context);
    throw error;
  } finally {
    stopListening?.();
    log.close();
  }
}

function ask(preview: Preview, { errand, wishes, context }: Way): Promise<boolean> {
  const { good, rows } = preview.checked;
  const left = rows - good;
  const rest =
    left > 0 ? say(context, { zh: `，${count(left)} 行退回`, en: `; ${count(left)} rows are returned` }) : '';
  const question = say(context, {
    zh: `将以${errand.body}的名义${nameTask(errand.job, context)} ${count(good)} 份${rest}。确定吗？`,
    en: `${count(good)} rows (${nameTask(errand.job, context)}) will be done by ${errand.body}${rest}. Go on?`,
  });
  return confirm(context, question, wishes.quiet);
}

/** The whole way. @throws YinxinError as `carryOut`, `findUnfinished` and `RosterFile.blocks` */
export async function runRoster(way: Way): Promise<ExitCode> {
  const { source, errand, wishes, context } = way;
  boundMemory();
  try {
    const unfinished = wishes.checkOnly ? undefined : await findUnfinished(way);
    if (unfinished) {
      tellHowToGoOn(unfinished, context);
      return await carryOutRun(unfinished, way);
    }
    const prepared = await check(way);
    const { checked, before } = prepared;
    const preview: Preview = {
      name: source.isSpooled ? say(context, { zh: '标准输入', en: 'standard input' }) : basename(source.path),
      roster: errand.roster,
      job: errand.job,
      checked,
      before,
      body: errand.body,
    };
    const isQuiet = wishes.quiet && !wishes.checkOnly;
    const isRefused = checked.good === 0 || (checked.good < checked.rows && wishes.allOrNothing);
    context.err.write(isQuiet ? formatWarnings(preview, !isRefused, context) : formatPreview(preview, context));
    if (wishes.checkOnly) return tellChecked(preview, way);
    if (isRefused) return refuse(preview, way);
    if (!(await ask(preview, way))) return 1;
    const run = await beginOnce(way, prepared);
    return await carryOutRun(run, way);
  } finally {
    await errand.roster.close();
    await dropSource(source);
  }
}

function tellChecked(preview: Preview, { wishes, context }: Way): ExitCode {
  const { rows, good } = preview.checked;
  if (wishes.json) {
    const failures = JSON.parse(toFailedJson(preview.checked.problems, context)) as {
      readonly error: { readonly rows: unknown };
    };
    context.out.write(`${JSON.stringify({ ...toPreviewJson(preview), failures: failures.error.rows }, null, 2)}\n`);
  }
  return good === rows ? 0 : 1;
}
