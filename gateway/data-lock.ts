/** One process per data folder: a lock file that names its owner. */
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { YinxinError } from '@yinxin/core';

export interface DataLock {
  /** Again: nothing happens. */
  release(): void;
}

/** Folders that this very process holds: after a restart in a container an old lock may bear our own number. */
const held = new Set<string>();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Tells a process from a later one of the same number, where the system says so (Linux: boot, and start since then); else empty. */
function readMark(pid: number): string {
  const fields = readIfThere(`/proc/${pid}/stat`).split(') ').pop()?.split(' ') ?? [];
  const started = fields[19];
  return started === undefined ? '' : `${readIfThere('/proc/sys/kernel/random/boot_id').trim()}/${started}`;
}

/** Whoever holds the lock and lives; undefined for a lock that was left behind. */
function findOwner(path: string): number | undefined {
  const [number, mark = ''] = readIfThere(path).trim().split(' ');
  const pid = Number(number);
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  const isOther = pid !== process.pid || held.has(path);
  return isOther && isAlive(pid) && mark === readMark(pid) ? pid : undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** One level at a time: Node's own recursive mkdir never ends where the system says ENOENT for every new folder, as below /proc. */
function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !isFolder(folder)) throw error; // another process may have been faster
  }
}

/** A lock appears whole or not at all: written under another name, then linked. */
function tryLock(path: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${process.pid} ${readMark(process.pid)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function takeLock(path: string): void {
  while (!tryLock(path)) {
    const owner = findOwner(path);
    if (owner !== undefined) throw new YinxinError('DATA_IN_USE', { process: owner });
    rmSync(path, { force: true });
  }
}

/**
 * Makes the folder (mode 0700) when it is not there. Takes over the lock of a process that died. `name`: what the person calls the folder.
 * @throws YinxinError DATA_IN_USE with `{process}`; FILE_UNREADABLE with `{file, reason}`, the name and the system's code, for a folder that cannot be made or written
 */
export function lockDataFolder(folder: string, name = folder): DataLock {
  const path = join(folder, 'lock');
  try {
    makeFolder(folder);
    takeLock(path);
  } catch (error) {
    const reason = codeOf(error);
    if (error instanceof YinxinError || reason === undefined) throw error;
    throw new YinxinError('FILE_UNREADABLE', { file: name, reason });
  }
  held.add(path);
  return {
    release() {
      if (held.delete(path)) rmSync(path, { force: true });
    },
  };
}
