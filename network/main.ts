/** `npm run network -- COMMAND`: a real Fabric network of cities on this machine. Reads its surroundings once, runs, exits with the code of the outcome. */
import { fileURLToPath } from 'node:url';
import { errorEntry, YinxinError } from '@yinxin/core';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { runCommand } from './commands.ts';
import { thisMachine } from './doctor/machine.ts';
import { formatProblem, interrupted } from './words.ts';

const bugExit = 70;

/** Everything that this command and its children write is for this user alone. */
process.umask(0o077);

const interruptedExit = 130;

/** Whoever reads our output may stop reading (`| head`): what changes a network goes on in silence, what only tells ends. */
function watchSurroundings({ command }: CommandLine): void {
  const onlyTells = command.name === 'logs' || command.name === 'help';
  process.stdout.on('error', () => {
    if (onlyTells) process.exit(0);
  });
  process.once('SIGINT', () => {
    if (!onlyTells && command.name !== 'status' && command.name !== 'doctor') process.stderr.write(interrupted);
    process.exit(interruptedExit);
  });
}

async function main(): Promise<number> {
  const line: CommandLine = parseCommandLine(process.argv.slice(2), process.env, process.cwd());
  watchSurroundings(line);
  const { home, command } = line;
  return runCommand(command, {
    home,
    environment: process.env,
    repository: { root: fileURLToPath(new URL('..', import.meta.url)), node: process.execPath },
    output: process.stdout,
    machine: thisMachine,
    terminal: { input: process.stdin, output: process.stderr },
  });
}

/** What the system refuses of a file or folder; anything else stays what it is. */
function toKnown(error: unknown): unknown {
  if (!(error instanceof Error) || !('path' in error) || !('code' in error)) return error;
  const { path, code } = error;
  if (typeof path !== 'string' || typeof code !== 'string') return error;
  return new YinxinError('FILE_UNREADABLE', { file: path, reason: code, why: code });
}

function explain(thrown: unknown): number {
  const error = toKnown(thrown);
  if (error instanceof YinxinError && error.code !== 'INTERNAL') {
    process.stderr.write(`\n${formatProblem(error)}`);
    return errorEntry(error.code).exit;
  }
  console.error(error);
  return bugExit;
}

process.exitCode = await main().catch(explain);
