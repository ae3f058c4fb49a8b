/** Where Windows is another machine than Linux: names that a file may have, a file that another program holds open, folders that cannot be flushed, patterns that no shell expands. */
import { constants, globSync, renameSync } from 'node:fs';
import { copyFile, link, open, rename } from 'node:fs/promises';
import { platform as own } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

export type Platform = NodeJS.Platform;

/** Devices of old, whatever follows the first dot; the digits may be superscripts. */
const reservedName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows forbids them in names
const forbiddenCharacter = /[<>:"/\\|?*\u0000-\u001f]/;
const maxNameUnits = 255;

/** Whether a file may have this name on Windows and on Linux alike. A name is one step of a path. */
export function isPortableName(name: string): boolean {
  const hasPlainEnd = name !== '' && !/[. ]$/.test(name);
  return hasPlainEnd && name.length <= maxNameUnits && !forbiddenCharacter.test(name) && !reservedName.test(name);
}

/** Whether this is a path downwards from some folder, in names that are good everywhere; `/` and `\` both part them. */
export function isPortablePath(path: string): boolean {
  return splitPath(path).every(isPortableName);
}

/** The names of a path as someone typed it on either machine. */
export function splitPath(path: string): readonly string[] {
  return path.split(/[/\\]/);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A virus scanner or an indexer looks at every new file, for some milliseconds. */
const busyCodes = ['EPERM', 'EACCES', 'EBUSY'];
const busyPauses = [10, 20, 50, 100, 200, 400, 800];

/** Does it again while Windows says that another program holds the file, for a second and a half at most. @throws what `work` threw last */
export async function whileBusy<T>(
  work: () => Promise<T>,
  platform: Platform = own,
  pauses: readonly number[] = busyPauses,
): Promise<T> {
  if (platform === 'win32') {
    for (const milliseconds of pauses) {
      try {
        return await work();
      } catch (error) {
        if (!busyCodes.includes(codeOf(error) ?? '')) throw error;
        await delay(milliseconds);
      }
    }
  }
  return work();
}

/** Puts a file or folder in its place in one step; a file that was there is gone. */
export function replaceFile(from: string, to: string): Promise<void> {
  return whileBusy(() => rename(from, to));
}

/** The same in one go, for what is written file after file. */
export function replaceFileNow(from: string, to: string, platform: Platform = own): void {
  for (const milliseconds of platform === 'win32' ? busyPauses : []) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!busyCodes.includes(codeOf(error) ?? '')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    }
  }
  renameSync(from, to);
}

/** What file systems without hard links say: FAT on a stick, some network drives. */
const noLinkCodes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'UNKNOWN'];

/** Puts a file's content where there is no file yet; where the file system has hard links, whole or not at all. @throws Error EEXIST */
export async function placeNew(from: string, to: string, makeLink: typeof link = link): Promise<void> {
  try {
    await makeLink(from, to);
  } catch (error) {
    if (!noLinkCodes.includes(codeOf(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

/** Makes the names in a folder durable. Windows writes them with the files and opens no folder. */
export async function syncFolder(path: string, platform: Platform = own): Promise<void> {
  if (platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** On Windows `certificates\*.json` comes as it was typed; elsewhere the shell has seen to it. What fits no file stays. */
export function expandPatterns(args: readonly string[], cwd: string, platform: Platform = own): readonly string[] {
  if (platform !== 'win32') return args;
  return args.flatMap((arg) => {
    const isPattern = arg.includes('*') && !arg.startsWith('-');
    const found = isPattern ? globSync(arg.replaceAll('\\', '/'), { cwd }) : [];
    return found.length > 0 ? found.sort() : [arg];
  });
}
