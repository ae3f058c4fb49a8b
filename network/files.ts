/** Files of the network folder: whole or not there at all, for this user alone. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Json, YinxinError } from '@yinxin/core';

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Written under another name, then renamed: a crash leaves the old one or the new one. */
export function writeFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  makeFolder(dirname(path));
  const draft = `${path}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, content, { mode, flush: true });
  renameSync(draft, path);
}

export function writeJson(path: string, json: Json): void {
  writeFile(path, `${JSON.stringify(json, undefined, 2)}\n`);
}

/** Undefined when there is no such file. @throws YinxinError FILE_UNREADABLE when it is no JSON */
export function readJson(path: string): Json | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const json: Json = JSON.parse(readFileSync(path, 'utf8'));
    return json;
  } catch {
    throw new YinxinError('FILE_UNREADABLE', { file: path, reason: 'not JSON' });
  }
}

/** What `parse` says of a setting, with the file in which it stands. @throws YinxinError */
export function namingFile<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof YinxinError) || error.code !== 'SETTING_INVALID') throw error;
    throw new YinxinError(error.code, { ...error.details, file, reason: 'not ours' });
  }
}

/** Calls `make` with a folder that takes the place of `folder` only when it is complete. Nothing happens when `folder` is there. */
export async function makeWhole(folder: string, make: (draft: string) => Promise<unknown>): Promise<void> {
  if (existsSync(folder)) return;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  makeFolder(draft);
  await make(draft);
  renameSync(draft, folder);
}
