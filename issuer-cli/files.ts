/** Files of the person at the command: read up to a limit, written at once or not at all, readable by their owner only. */
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { pid } from 'node:process';
import { YinxinError } from '@yinxin/core';
import { placeNew, replaceFile } from './platform.ts';

const ownerOnly = 0o600;

/** What became of reading or writing a file. */
export function toFileError(path: string, error: unknown): YinxinError {
  if (error instanceof YinxinError) return error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (reason === 'ENOSPC' || reason === 'EDQUOT') return new YinxinError('DISK_FULL', { file: basename(path) });
  return new YinxinError('FILE_UNREADABLE', { file: basename(path), reason });
}

/** @throws YinxinError FILE_UNREADABLE with `{file, reason}`, TOO_LARGE */
export async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxBytes) throw new YinxinError('TOO_LARGE', { file: basename(path), maxBytes });
      return new Uint8Array(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toFileError(path, error);
  }
}

/** Whether there is a file or folder of that name. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes the folder and those above it. @throws YinxinError FILE_UNREADABLE */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
  } catch (error) {
    throw toFileError(path, error);
  }
}

/** Node's own `recursive` tries for ever where the folder above is there and still nothing can be made in it, such as below /proc. */
async function makeFolders(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
      const there = await stat(path).catch(() => undefined);
      if (!there?.isDirectory()) throw error;
    });
  try {
    await make();
  } catch (error) {
    const isAboveMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isAboveMissing || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await make();
  }
}

/** Writes a file beside its place, flushes it, and puts it there in one step. Mode 0600. @throws YinxinError FILE_UNREADABLE */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${pid}.part`); // two processes may write the same file
  try {
    const handle = await open(temporary, 'w', ownerOnly);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replaceFile(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw toFileError((await exists(dirname(path))) ? path : dirname(path), error);
  }
}

/** Writes a whole file where there is none, or nothing: of two that begin at once one gets `false`. Mode 0600. @throws YinxinError FILE_UNREADABLE */
export async function writeNew(path: string, content: Uint8Array | string): Promise<boolean> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(dirname(path), '.part-'));
    const temporary = join(folder, 'content');
    await writeAtomically(temporary, content);
    await placeNew(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw toFileError(path, error);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** A path as people say it: from where they stand, if it lies below. */
export function nameFrom(cwd: string, path: string): string {
  const below = relative(cwd, path);
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below;
}
