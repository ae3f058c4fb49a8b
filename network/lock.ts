/** One command at a time on a network: a lock file that names its owner, taken over when that has died. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { makeFolder } from './files.ts';
import type { Paths } from './paths.ts';
import { adoptProcesses, isRunning, markOf } from './processes.ts';

/** Whoever holds the lock and lives. */
function findOwner(path: string): number | undefined {
  try {
    const [pid = '', mark = ''] = readFileSync(path, 'utf8').trim().split(' ');
    return isRunning({ pid: Number(pid), mark }) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** A lock appears whole or not at all: written under another name, then linked. */
function tryLock(path: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${markOf(process.pid)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Work on the processes that are there, known or not. @throws YinxinError NETWORK_STATE with `{reason: 'busy', process}` */
export async function withLock<T>(paths: Paths, work: () => Promise<T>): Promise<T> {
  const { lock } = paths;
  makeFolder(dirname(lock));
  while (!tryLock(lock)) {
    const owner = findOwner(lock);
    if (owner !== undefined) throw new YinxinError('NETWORK_STATE', { reason: 'busy', process: owner });
    rmSync(lock, { force: true });
  }
  try {
    adoptProcesses(paths);
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
