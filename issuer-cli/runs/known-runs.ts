/** Runs that this command knows of: each is told of in `runs/` of the command's folder; those in `certificates/` and `changes/` here are found without. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isJsonObject, parseJson, YinxinError } from '@yinxin/core';
import { usageError } from '../command.ts';
import type { Context } from '../context.ts';
import { exists, makeFolder, readBytes, writeAtomically } from '../files.ts';
import { type Home, toJsonText } from '../home.ts';
import { type RunHead, type RunState, readRunHead, readRunState } from './run-file.ts';

/** Folders below which runs have theirs, unless another was named. */
export const runParents = { certificates: 'certificates', changes: 'changes' } as const;
const maxPointerBytes = 64 * 1024;

export interface KnownRun {
  readonly folder: string;
  readonly head: RunHead;
  readonly state: RunState;
}

const pointersOf = ({ folder }: Pick<Home, 'folder'>) => folder && join(folder, 'runs');

/** Where there is no folder of the command's, or none that can be written, the run is found by its own. */
export async function registerRun(home: Pick<Home, 'folder'>, run: string, folder: string): Promise<void> {
  const pointers = pointersOf(home);
  if (!pointers) return;
  try {
    await makeFolder(pointers);
    await writeAtomically(join(pointers, `${run}.json`), toJsonText({ folder }));
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
  }
}

async function listNames(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function readPointer(path: string): Promise<string | undefined> {
  try {
    const json = parseJson(await readBytes(path, maxPointerBytes));
    const folder = isJsonObject(json) ? json['folder'] : undefined;
    return typeof folder === 'string' ? folder : undefined;
  } catch {
    return undefined;
  }
}

async function listFolders(
  home: Pick<Home, 'folder'>,
  { cwd }: Context,
  also: string | undefined,
): Promise<ReadonlySet<string>> {
  const folders = new Set<string>();
  const pointers = pointersOf(home);
  for (const name of pointers ? await listNames(pointers) : []) {
    const folder = pointers && name.endsWith('.json') ? await readPointer(join(pointers, name)) : undefined;
    if (folder !== undefined) folders.add(folder);
  }
  const parents = Object.values(runParents).map((name) => join(cwd, name));
  for (const parent of new Set(also === undefined ? parents : [...parents, also])) {
    for (const name of await listNames(parent)) folders.add(join(parent, name));
  }
  return folders;
}

/** The run of a folder; undefined where there is none. @throws YinxinError SETTING_INVALID, FILE_UNREADABLE */
export async function readRun(folder: string): Promise<KnownRun | undefined> {
  const head = (await exists(folder)) ? await readRunHead(folder) : undefined;
  return head && { folder, head, state: readRunState(folder) };
}

/** Newest first. One whose files are damaged, or of another version, is left out. `also`: a further folder below which runs may be. */
export async function listRuns(
  home: Pick<Home, 'folder'>,
  context: Context,
  also?: string,
): Promise<readonly KnownRun[]> {
  const runs = new Map<string, KnownRun>();
  for (const folder of await listFolders(home, context, also)) {
    const run = await readRun(folder).catch((error: unknown) => {
      if (error instanceof YinxinError) return undefined;
      throw error;
    });
    if (run) runs.set(run.head.run, run);
  }
  return [...runs.values()].sort((a, b) => (a.head.started < b.head.started ? 1 : -1));
}

/** The one run that a name, its beginning (4 characters or more) or its folder means. @throws YinxinError USAGE */
export async function findRun(home: Pick<Home, 'folder'>, name: string, context: Context): Promise<KnownRun> {
  const runs = await listRuns(home, context);
  const found = /^[0-9a-f]{4,32}$/.test(name) ? runs.filter(({ head }) => head.run.startsWith(name)) : [];
  const [run, other] =
    found.length > 0 ? found : runs.filter(({ folder }) => basename(folder) === name || folder === name);
  if (!run) throw usageError('run-unknown', name.slice(0, 40));
  if (other) throw usageError('run-unclear', name.slice(0, 40));
  return run;
}

/** Rows that were done. */
export function countDone({ done }: RunState): number {
  let rows = 0;
  for (const chunk of done.values()) rows += chunk.rows;
  return rows;
}
