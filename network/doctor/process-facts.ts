/** What the system says of a running process: its command line, its memory, whether it is halted. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

export interface ProcessFacts {
  readonly args: readonly string[];
  /** Resident bytes. */
  readonly memoryBytes: number;
  /** Stopped by a signal: it lives and answers nobody. */
  readonly isHalted: boolean;
}

const run = promisify(execFile);

/** From /proc where there is one, else from `ps`. Undefined when neither says. */
export async function readProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    return readProc(pid);
  } catch {
    return readPs(pid);
  }
}

function readProc(pid: number): ProcessFacts {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  return {
    args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
    memoryBytes: kibibytes * 1024,
    isHalted: /^State:\s+[Tt]/m.test(status),
  };
}

async function readPs(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const { stdout } = await run('ps', ['-ww', '-o', 'state=,rss=,args=', '-p', String(pid)]);
    const [, state = '', kibibytes, line = ''] = /^\s*(\S+)\s+(\d+)\s+(.*)$/m.exec(stdout) ?? [];
    return { args: line.split(' '), memoryBytes: Number(kibibytes) * 1024, isHalted: state.startsWith('T') };
  } catch {
    return undefined;
  }
}
