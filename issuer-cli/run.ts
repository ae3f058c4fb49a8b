/** From arguments to exit code: finds the command, runs it, and says what went wrong, why, and what to do. */
import { errorEntry, YinxinError } from '@yinxin/core';
import { type Command, type Noun, parseInputs, usageError } from './command.ts';
import { agreementNoun } from './commands/agreement.ts';
import { basesCommand, mattersCommand } from './commands/bases.ts';
import { changeStatusCommands } from './commands/change-status.ts';
import { codeCommand } from './commands/code.ts';
import { discloseCommand } from './commands/disclose.ts';
import { entitlementNoun } from './commands/entitlement.ts';
import { eraseCommand } from './commands/erase.ts';
import { exportCommand } from './commands/export.ts';
import { historyCommand } from './commands/history.ts';
import { issueCommand } from './commands/issue.ts';
import { issuerNoun } from './commands/issuer.ts';
import { keyNoun } from './commands/key.ts';
import { listsCommand } from './commands/lists.ts';
import { proposalNoun } from './commands/proposal.ts';
import { reissueCommand } from './commands/reissue.ts';
import { runsNoun } from './commands/runs.ts';
import { showCommand } from './commands/show.ts';
import { templateCommand } from './commands/template.ts';
import { trustCommand } from './commands/trust.ts';
import { typesCommand } from './commands/types.ts';
import { vaultNoun } from './commands/vault.ts';
import { verifyCommand } from './commands/verify.ts';
import { watchCommand } from './commands/watch.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { formatCommandHelp, formatExample, formatHelp, formatNounHelp, formatSynopsis } from './help.ts';
import { explainError } from './messages/explain.ts';
import { commonOptions } from './options.ts';
import manifest from './package.json' with { type: 'json' };
import { paint } from './terminal.ts';

const helpCommand: Command = {
  name: 'help',
  synopsis: { zh: '[命令…]', en: '[COMMAND…]' },
  summary: { zh: '显示帮助', en: 'show help' },
  details: { zh: '显示总的帮助，或一个命令的详细说明。', en: 'Shows this help, or that of one command.' },
  examples: ['help issue', 'help key rotate'],
  options: [],
  operands: [0, 2],
  run: async (inputs, context) => {
    context.out.write(formatHelpOf(inputs.operands, context));
    return 0;
  },
};

/** What is done to a thing of several verbs: runs of rosters, and what a city's administrator governs. */
export const nouns: readonly Noun[] = [
  runsNoun,
  issuerNoun,
  keyNoun,
  entitlementNoun,
  agreementNoun,
  proposalNoun,
  vaultNoun,
];

/** All commands; those of the nouns by two words, such as `key rotate`. */
export const commands: readonly Command[] = [
  typesCommand,
  templateCommand,
  issueCommand,
  reissueCommand,
  watchCommand,
  verifyCommand,
  showCommand,
  historyCommand,
  trustCommand,
  listsCommand,
  codeCommand,
  discloseCommand,
  ...changeStatusCommands,
  basesCommand,
  mattersCommand,
  exportCommand,
  eraseCommand,
  ...nouns.flatMap(({ verbs }) => verbs),
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

/** The command that the first words name, and the words after them; or a noun without a verb. @throws YinxinError USAGE */
function findCommand(
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | { readonly noun: Noun } {
  const [name = '', verb] = words;
  const noun = nouns.find((own) => own.name === name);
  if (noun) {
    if (verb === '--help' || verb === '-h') return { noun };
    if (noun.alone && (verb === undefined || verb.startsWith('-')))
      return { command: noun.alone, rest: words.slice(1) };
    if (verb === undefined) return { noun };
    const command = noun.verbs.find((own) => own.name === `${name} ${verb}`);
    if (command) return { command, rest: words.slice(2) };
    const choices = noun.verbs.map((own) => own.name.slice(name.length + 1)).join(', ');
    throw usageError('unknown-verb', verb.slice(0, 40), { noun: name, choices });
  }
  const command = commands.find((own) => own.name === name);
  if (command) return { command, rest: words.slice(1) };
  const names = [...commands, ...nouns].map((own) => own.name);
  const near = names.find((own) => distance(name, own) <= 2);
  throw usageError('unknown-command', name.slice(0, 40), near === undefined ? {} : { near });
}

function formatHelpOf(words: readonly string[], context: Context): string {
  if (words.length === 0) return formatHelp(commands, nouns, context);
  const named = words.length === 1 ? nouns.find(({ name }) => name === words[0]) : undefined;
  if (named) return formatNounHelp(named, context);
  const found = findCommand(words);
  if ('noun' in found) return formatNounHelp(found.noun, context);
  const [extra] = found.rest;
  if (extra !== undefined) throw usageError('operand-extra', extra.slice(0, 40));
  return formatCommandHelp(found.command, context);
}

function isExit(code: number): code is ExitCode {
  return [0, 1, 2, 3, 70].includes(code);
}

/** Facts of an error that help whoever is asked for help: never a value of a certificate. */
function formatFacts(error: YinxinError): string {
  const facts = Object.entries(error.details).filter(
    ([name, value]) => name !== 'choices' && (typeof value === 'string' || typeof value === 'number'),
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
    const words = dropLanguage(args);
    const [name] = words;
    if (name === '--version' || name === '-V') {
      context.out.write(`yinxin ${manifest.version}\n`);
      return 0;
    }
    if (name === undefined || name === '--help' || name === '-h') {
      context.out.write(formatHelp(commands, nouns, context));
      return 0;
    }
    const found = findCommand(words);
    if ('noun' in found) {
      context.out.write(formatNounHelp(found.noun, context));
      return 0;
    }
    command = found.command;
    const inputs = parseInputs(command, commonOptions, found.rest);
    if (inputs.flag('help')) {
      context.out.write(formatCommandHelp(command, context));
      return 0;
    }
    return await command.run(inputs, context);
  } catch (error) {
    return report(error, command, context, args.includes('--json'));
  }
}
