/** The processes of a network: one record each, so that another command, another day, finds exactly those. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memberReader, YinxinError } from '@yinxin/core';
import { makeFolder, readJson, writeJson } from './files.ts';
import type { Paths } from './paths.ts';
import { childEnvironment, type Environment } from './programs.ts';

export interface ProcessRecord {
  /** `peer.shenzhen`, `orderer.province`, `contract.chengdu`. */
  readonly name: string;
  readonly pid: number;
  /** Tells it from a later process of the same number; empty where the system does not say. */
  readonly mark: string;
}

export interface ProcessPlan {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Boot and start since then, as Linux says them; a process that has ended and waits to be collected has none. While other threads of it still end, its
 * ports are not free yet.
 */
export function markOf(pid: number): string {
  const fields = readIfThere(`/proc/${pid}/stat`).split(') ').pop()?.split(' ') ?? [];
  const [state, threads, started] = [fields[0], fields[17], fields[19]];
  if (started === undefined || (state === 'Z' && Number(threads) <= 1)) return '';
  return `${readIfThere('/proc/sys/kernel/random/boot_id').trim()}/${started}`;
}

export function isRunning({ pid, mark }: Pick<ProcessRecord, 'pid' | 'mark'>): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return mark === markOf(pid);
}

const recordFile = (paths: Paths, name: string) => join(paths.processes, `${name}.json`);
export const logFile = (paths: Paths, name: string) => join(paths.logs, `${name}.log`);

function parseRecord(path: string): ProcessRecord | undefined {
  const json = readJson(path);
  if (json === undefined) return undefined;
  const read = memberReader(json, 'process', 'FILE_UNREADABLE', ['name', 'pid', 'mark']);
  return { name: read.text('name'), pid: read.positive('pid'), mark: read.text('mark') };
}

/** Also of processes that have ended without being stopped. */
export function listProcesses(paths: Paths): readonly ProcessRecord[] {
  if (!existsSync(paths.processes)) return [];
  const files = readdirSync(paths.processes).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => parseRecord(join(paths.processes, file)) ?? []);
}

export function findProcess(paths: Paths, name: string): ProcessRecord | undefined {
  const record = parseRecord(recordFile(paths, name));
  return record && isRunning(record) ? record : undefined;
}

/** In the environment of every process of a network: the path of its record, without the ending. */
const nodeVariable = 'YINXIN_NODE';
const namePattern = /^[a-z]+(\.[A-Za-z0-9-]+)+$/;

function readPids(): readonly number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').map(Number).filter(Number.isSafeInteger);
}

function nameOf(paths: Paths, pid: number): string | undefined {
  const prefix = `${nodeVariable}=${join(paths.processes, '/')}`;
  const entries = readIfThere(`/proc/${pid}/environ`).split('\0');
  const name = entries.find((entry) => entry.startsWith(prefix))?.slice(prefix.length);
  return name !== undefined && namePattern.test(name) ? name : undefined;
}

/**
 * Takes up processes of this network whose record was never written: a command may be killed in the very moment in which it starts one. Where the
 * system does not tell (no `/proc`), none.
 */
export function adoptProcesses(paths: Paths): void {
  for (const pid of readPids()) {
    const name = nameOf(paths, pid);
    const mark = name === undefined ? '' : markOf(pid);
    if (name !== undefined && mark !== '' && !findProcess(paths, name)) {
      writeJson(recordFile(paths, name), { name, pid, mark });
    }
  }
}

const logBytes = 16 * 1024 * 1024;

/** One older log is kept, so that logs do not fill the disk. */
function openLog(paths: Paths, name: string): number {
  makeFolder(paths.logs);
  const path = logFile(paths, name);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** Goes on when this command has ended. Nothing happens when it runs already, which is `false`. @throws YinxinError NETWORK_FAILED */
export async function startProcess(paths: Paths, plan: ProcessPlan): Promise<boolean> {
  if (findProcess(paths, plan.name)) return false;
  const log = openLog(paths, plan.name);
  const child = spawn(plan.program, plan.args, {
    cwd: plan.cwd,
    env: childEnvironment({ ...plan.env, [nodeVariable]: join(paths.processes, plan.name) }),
    detached: true,
    stdio: ['ignore', log, log],
  });
  const { pid } = child;
  // at once; a command that is killed right here leaves what `adoptProcesses` finds
  if (pid !== undefined) writeJson(recordFile(paths, plan.name), { name: plan.name, pid, mark: markOf(pid) });
  await new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', ({ message }) => reject(new YinxinError('NETWORK_FAILED', { step: plan.name, why: message })));
  });
  child.unref();
  return true;
}

const tailBytes = 4000;

/** Where what it says next will stand. */
export function logEnd(paths: Paths, name: string): number {
  return statSync(logFile(paths, name), { throwIfNoEntry: false })?.size ?? 0;
}

/** What a process said last, since `from`, of errors if it spoke of any; empty when it said nothing. */
export function lastLogLine(paths: Paths, name: string, from = 0): string {
  const whole = readIfThere(logFile(paths, name));
  const start = from <= logEnd(paths, name) ? from : 0; // it was begun anew
  const lines = Buffer.from(whole)
    .toString('utf8', start)
    .slice(-tailBytes)
    .split('\n')
    .map((line) => line.trim());
  const isTelling = (line: string) => /error|panic|fatal|[A-Z]+_[A-Z]+/i.test(line) && !line.startsWith('at ');
  return lines.findLast(isTelling) ?? lines.findLast((line) => line !== '') ?? '';
}

const pollMilliseconds = 20;
const patienceSeconds = 10;

async function waitForEnd(record: ProcessRecord, seconds: number): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (isRunning(record)) {
    if (Date.now() > end) return false;
    await sleep(pollMilliseconds);
  }
  return true;
}

function signal({ pid }: ProcessRecord, name: 'SIGTERM' | 'SIGKILL' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended in between
  }
}

/** Asks it to end; ends it after ten seconds. */
export async function stopProcess(paths: Paths, record: ProcessRecord): Promise<void> {
  if (isRunning(record)) {
    signal(record, 'SIGTERM');
    signal(record, 'SIGCONT'); // one that was halted would not see the first
    if (!(await waitForEnd(record, patienceSeconds))) {
      signal(record, 'SIGKILL');
      await waitForEnd(record, patienceSeconds);
    }
  }
  rmSync(recordFile(paths, record.name), { force: true });
}
