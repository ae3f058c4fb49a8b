/** `npm run network -- COMMAND`: a real Fabric network of cities on this machine. Reads its surroundings once, runs, exits with the code of the outcome. */
import { fileURLToPath } from 'node:url';
import { errorEntry, YinxinError } from '@yinxin/core';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { runCommand } from './commands.ts';
import { thisMachine } from './doctor/machine.ts';
import { formatProblem } from './words.ts';

const bugExit = 70;

/** Everything that this command and its children write is for this user alone. */
process.umask(0o077);

async function main(): Promise<number> {
  const { home, command }: CommandLine = parseCommandLine(process.argv.slice(2), process.env, process.cwd());
  return runCommand(command, {
    home,
    environment: process.env,
    repository: { root: fileURLToPath(new URL('..', import.meta.url)), node: process.execPath },
    output: process.stdout,
    machine: thisMachine,
    terminal: { input: process.stdin, output: process.stderr },
  });
}

function explain(error: unknown): number {
  if (error instanceof YinxinError && error.code !== 'INTERNAL') {
    process.stderr.write(`\n${formatProblem(error)}`);
    return errorEntry(error.code).exit;
  }
  console.error(error);
  return bugExit;
}

process.exitCode = await main().catch(explain);
