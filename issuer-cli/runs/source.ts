/** Where a roster comes from: a file of the person's, or the standard input, kept in a private file until the run has ended. */
import { createHmac } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromHex } from '@yinxin/core';
import type { Context } from '../context.ts';
import { toFileError } from '../files.ts';

export interface Source {
  readonly path: string;
  /** It came by standard input: the file is ours. */
  readonly isSpooled: boolean;
}

export const spoolName = '.roster';

async function spool(context: Context): Promise<Source> {
  const path = join(await mkdtemp(join(tmpdir(), 'yinxin-')), 'roster');
  try {
    const input = context.input ?? [await context.readInput()];
    await pipeline(Readable.from(input), createWriteStream(path, { mode: 0o600 }));
    return { path, isSpooled: true };
  } catch (error) {
    await rm(join(path, '..'), { recursive: true, force: true });
    throw toFileError('-', error);
  }
}

/** `-` is the standard input. @throws YinxinError FILE_UNREADABLE, DISK_FULL */
export function openSource(name: string, context: Context): Promise<Source> {
  return name === '-' ? spool(context) : Promise.resolve({ path: resolve(context.cwd, name), isSpooled: false });
}

/** Forgets what came by standard input and was not taken into a run. */
export async function dropSource({ path, isSpooled }: Source): Promise<void> {
  if (isSpooled) await rm(join(path, '..'), { recursive: true, force: true });
}

/** Keeps what came by standard input in a run's folder too: the run may be gone on with when this process is gone. @throws YinxinError DISK_FULL, FILE_UNREADABLE */
export async function keepSource(source: Source, folder: string): Promise<void> {
  try {
    await copyFile(source.path, join(folder, spoolName));
  } catch (error) {
    throw toFileError(folder, error);
  }
}

/** Size and when it was changed: while these stay, the bytes are not read again. */
export interface Stamp {
  readonly bytes: number;
  readonly changed: number;
  readonly inode: number;
}

/** @throws YinxinError FILE_UNREADABLE */
export async function readStamp({ path }: Source): Promise<Stamp> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return { bytes: size, changed: mtimeMs, inode: ino };
  } catch (error) {
    throw toFileError(path, error);
  }
}

/** base64 HMAC-SM3 of a roster's bytes under a run's name. @throws YinxinError FILE_UNREADABLE */
export async function digestSource({ path }: Source, run: string): Promise<string> {
  const mac = createHmac('sm3', fromHex(run));
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) mac.update(chunk);
  } catch (error) {
    throw toFileError(path, error);
  }
  return mac.digest('base64');
}
