/** From arguments to exit code: finds the command, runs it, and says what went wrong, why, and what to do. */
import { errorEntry, YinxinError } from '@yinxin/core';
import { type Command, parseInputs, usageError } from './command.ts';
import { changeStatusCommands } from './commands/change-status.ts';
import { codeCommand } from './commands/code.ts';
import { discloseCommand } from './commands/disclose.ts';
import { historyCommand } from './commands/history.ts';
import { issueCommand } from './commands/issue.ts';
import { reissueCommand } from './commands/reissue.ts';
import { showCommand } from './commands/show.ts';
import { templateCommand } from './commands/template.ts';
import { trustCommand } from './commands/trust.ts';
import { typesCommand } from './commands/types.ts';
import { verifyCommand } from './commands/verify.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { formatCommandHelp, formatExample, formatHelp, formatSynopsis } from './help.ts';
import { explainError } from './messages.ts';
import { commonOptions } from './options.ts';
import manifest from './package.json' with { type: 'json' };
import { paint } from './terminal.ts';

const helpCommand: Command = {
  name: 'help',
  synopsis: { zh: '[命令]', en: '[COMMAND]' },
  summary: { zh: '显示帮助', en: 'show help' },
  details: { zh: '显示总的帮助，或一个命令的详细说明。', en: 'Shows this help, or that of one command.' },
  examples: ['help issue'],
  options: [],
  operands: [0, 1],
  run: async (inputs, context) => {
    const [name] = inputs.operands;
    context.out.write(
      name === undefined ? formatHelp(commands, context) : formatCommandHelp(findCommand(name), context),
    );
    return 0;
  },
};

/** All commands. */
export const commands: readonly Command[] = [
  typesCommand,
  templateCommand,
  issueCommand,
  reissueCommand,
  verifyCommand,
  showCommand,
  historyCommand,
  trustCommand,
  codeCommand,
  discloseCommand,
  ...changeStatusCommands,
  helpCommand,
];

/** Letters to add, drop or change to make `b` of `a`, at most 3. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (const [at, other] of [...b].entries()) {
      next.push(Math.min((row[at] ?? 0) + (letter === other ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const near = commands.find((command) => distance(name, command.name) <= 2)?.name;
  throw usageError('unknown-command', name.slice(0, 40), near === undefined ? {} : { near });
}

function isExit(code: number): code is ExitCode {
  return [0, 1, 2, 3, 70].includes(code);
}

/** Facts of an error that help whoever is asked for help: never a value of a certificate. */
function formatFacts(error: YinxinError): string {
  const facts = Object.entries(error.details).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  );
  const isOwn = error.code === 'USAGE' || facts.length === 0;
  return isOwn ? '' : ` (${facts.map(([name, value]) => `${name}: ${value}`).join(', ')})`;
}

function toYinxinError(error: unknown): YinxinError {
  return error instanceof YinxinError ? error : new YinxinError('INTERNAL');
}

function report(error: unknown, command: Command | undefined, context: Context, asJson: boolean): ExitCode {
  const known = toYinxinError(error);
  const details = command ? { ...known.details, command: command.name } : known.details;
  const { what, next } = explainError({ code: known.code, details }, context.language);
  const head = paint(context, context.err, 'bad', say(context, { zh: '没有办成：', en: 'Not done: ' }));
  const todo = say(context, { zh: '怎么办：', en: 'What to do: ' });
  const code = paint(context, context.err, 'quiet', `[${known.code}${formatFacts(known)}]`);
  const usage =
    known.code === 'USAGE' && command ? formatSynopsis(command, context) + formatExample(command, context) : '';
  context.err.write(`${head}${what}\n${todo}${next}\n${usage}${code}\n`);
  if (known.code === 'INTERNAL' && context.env['YINXIN_DEBUG'])
    context.err.write(`${String(error instanceof Error ? error.stack : error)}\n`);
  if (asJson)
    context.out.write(
      `${JSON.stringify({ error: { code: known.code, details: known.details, what, next } }, null, 2)}\n`,
    );
  const { exit } = errorEntry(known.code);
  return isExit(exit) ? exit : 70;
}

/** Without a `--lang` before the command: main.ts has read it. */
function dropLanguage(args: readonly string[]): readonly string[] {
  if (args[0] === '--lang') return args.slice(2);
  return args[0]?.startsWith('--lang=') ? args.slice(1) : args;
}

/** Runs one command line. Never throws. */
export async function run(args: readonly string[], context: Context): Promise<ExitCode> {
  let command: Command | undefined;
  try {
    const [name, ...rest] = dropLanguage(args);
    if (name === '--version' || name === '-V') {
      context.out.write(`yinxin ${manifest.version}\n`);
      return 0;
    }
    if (name === undefined || name === '--help' || name === '-h') {
      context.out.write(formatHelp(commands, context));
      return 0;
    }
    command = findCommand(name);
    const inputs = parseInputs(command, commonOptions, rest);
    if (inputs.flag('help')) {
      context.out.write(formatCommandHelp(command, context));
      return 0;
    }
    return await command.run(inputs, context);
  } catch (error) {
    return report(error, command, context, args.includes('--json'));
  }
}
