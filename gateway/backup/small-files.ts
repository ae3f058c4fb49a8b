/** What of the data folder goes into a backup as files: the key store, sealed as it lies there, and a few that the gateway reads at its start. */
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromUtf8, utf8 } from '@yinxin/core';
import type { RawEntry } from '../frozen-store.ts';
import { backupDamaged, type PartName } from './format.ts';

/**
 * Not the passphrase, which must lie elsewhere; not the client files, whose private keys are their operators'; not the folders of other
 * cities' gateways, which have backups of their own.
 */
const files = [
  'network.json',
  'pin.json',
  'command.json',
  'fabric/genesis',
  'fabric/configuration.json',
  'fabric/unchecked.json',
] as const;

export const keysFolder = 'keys';
const keyFile = /^[A-Za-z0-9_-]{1,64}\.json$/;

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Read after the stores were frozen: a key is in its file before anything names it, and files are exchanged whole. */
export async function* readKeyFiles(home: string): AsyncGenerator<readonly RawEntry[]> {
  const folder = join(home, keysFolder);
  for (const name of (await readdir(folder)).filter((file) => keyFile.test(file)).sort()) {
    yield [[utf8(name), await readFile(join(folder, name))]];
  }
}

export async function* readSmallFiles(home: string): AsyncGenerator<readonly RawEntry[]> {
  for (const name of files) {
    const bytes = await readIfThere(join(home, name));
    if (bytes) yield [[utf8(name), bytes]];
  }
}

/** Where an entry of these two parts lies in a data folder. @throws YinxinError BACKUP_DAMAGED for a name that no backup has */
function placeOf(part: PartName, name: string): string {
  if (part === 'keys' && keyFile.test(name)) return join(keysFolder, name);
  if (part === 'files' && files.some((file) => file === name)) return name;
  throw backupDamaged('content');
}

/** Writes one of them (mode 0600) and syncs it. */
export async function restoreFile(home: string, part: PartName, [key, bytes]: RawEntry): Promise<void> {
  const path = join(home, placeOf(part, fromUtf8(key)));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
