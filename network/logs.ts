/** `logs`: what the processes of the network wrote, of one or of all. */
import { existsSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { YinxinError } from '@yinxin/core';
import { requirePlan } from './context.ts';
import type { Paths } from './paths.ts';
import { listProcesses, logFile } from './processes.ts';
import type { ProgressOutput } from './progress.ts';

const tailBytes = 8192;
const pauseMilliseconds = 300;

/** What stands in the file from a position on, and the position after it. */
async function readFrom(path: string, position: number): Promise<{ readonly text: string; readonly end: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = position <= size ? position : 0; // it was begun anew
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return { text: buffer.toString('utf8', 0, bytesRead), end: start + bytesRead };
  } finally {
    await file.close();
  }
}

async function readTail(path: string): Promise<{ readonly text: string; readonly end: number }> {
  const { text, end } = await readFrom(path, 0);
  // from the beginning of a line
  const tail = text.length > tailBytes ? text.slice(text.indexOf('\n', text.length - tailBytes) + 1) : text;
  return { text: tail, end };
}

/** Those that run, where any do: of an upgraded contract older logs lie there too. */
function listNodes(paths: Paths, logs: readonly string[]): readonly string[] {
  const running = listProcesses(paths).map(({ name }) => name);
  return running.length > 0 ? running : logs;
}

function namesOf(paths: Paths, node: string | undefined): readonly string[] {
  const all = existsSync(paths.logs) ? readdirSync(paths.logs).filter((file) => file.endsWith('.log')) : [];
  const names = all.map((file) => file.slice(0, -'.log'.length)).sort();
  if (node === undefined) return names;
  if (!names.includes(node)) {
    throw new YinxinError('USAGE', { option: node, reason: 'not a node', why: listNodes(paths, names).join(', ') });
  }
  return [node];
}

/** The end of each log; with `follow`, then whatever is added, until the command is ended. */
export async function showLogs(
  paths: Paths,
  { node, follow }: { readonly node: string | undefined; readonly follow: boolean },
  output: ProgressOutput,
): Promise<number> {
  requirePlan(paths);
  const names = namesOf(paths, node);
  const print = (name: string, text: string) => {
    // contract processes write colours
    const lines = stripVTControlCharacters(text)
      .split('\n')
      .filter((line) => line !== '');
    for (const line of lines) output.write(names.length > 1 ? `${name}  ${line}\n` : `${line}\n`);
  };
  const positions = new Map<string, number>();
  for (const name of names) {
    const { text, end } = await readTail(join(logFile(paths, name)));
    print(name, text);
    positions.set(name, end);
  }
  while (follow) {
    await sleep(pauseMilliseconds);
    for (const name of names) {
      const { text, end } = await readFrom(logFile(paths, name), positions.get(name) ?? 0);
      print(name, text);
      positions.set(name, end);
    }
  }
  return 0;
}
