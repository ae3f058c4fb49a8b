/** Pictures that a roster names: files beside it; the value that is signed is the base64 SM3 of a picture's bytes. */
import { dirname, join } from 'node:path';
import { sm3, toBase64 } from '@yinxin/core';
import { readBytes } from './files.ts';
import { isPortablePath, splitPath } from './platform.ts';
import type { Pictures } from './rosters/roster.ts';

const maxPictureBytes = 16 * 1024 * 1024;

async function hashPicture(folder: string, name: string): Promise<string | undefined> {
  // a roster made on Windows says `照片\1.png`
  if (!isPortablePath(name)) return undefined;
  try {
    return toBase64(sm3(await readBytes(join(folder, ...splitPath(name)), maxPictureBytes)));
  } catch {
    return undefined;
  }
}

/** Reads each picture once. One that is missing, too large or outside the roster's folder is undefined. */
export async function readPictures(roster: string, names: ReadonlySet<string>): Promise<Pictures> {
  const pictures = new Map<string, string | undefined>();
  for (const name of names) pictures.set(name, await hashPicture(dirname(roster), name));
  return pictures;
}
