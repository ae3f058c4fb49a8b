/** What a command is, and how its arguments are read (`util.parseArgs`). */
import { parseArgs } from 'node:util';
import { type Words, YinxinError } from '@yinxin/core';
import type { Context, ExitCode } from './context.ts';

export interface Option {
  readonly name: string;
  readonly short?: string;
  /** `texts` may be repeated. */
  readonly kind: 'flag' | 'text' | 'texts';
  /** What stands for the value in the help. */
  readonly value?: Words;
  readonly help: Words;
}

export interface Command {
  readonly name: string;
  /** Its arguments, as in the help. */
  readonly synopsis: Words;
  /** One line. */
  readonly summary: Words;
  /** Lines of the command's own help: what it does, what to watch for. */
  readonly details: Words;
  readonly examples: readonly string[];
  readonly options: readonly Option[];
  /** Number of arguments without option: at least, at most. */
  readonly operands: readonly [least: number, most: number];
  readonly run: (inputs: Inputs, context: Context) => Promise<ExitCode>;
}

/** Commands on one kind of thing, such as `yinxin key rotate`. Each is called by noun and verb. */
export interface Noun {
  readonly name: string;
  /** One line. */
  readonly summary: Words;
  /** Their names begin with the noun's. */
  readonly verbs: readonly Command[];
  /** What the noun alone does, one of `verbs`; without it, its help is shown. */
  readonly alone?: Command;
}

export interface Inputs {
  readonly operands: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  /** @throws YinxinError USAGE when the option is missing */
  required(name: string): string;
  /** @throws YinxinError USAGE when there is no such operand */
  operand(at: number): string;
}

/** An error of the command line. `problem` selects the sentence in messages/usage.ts. */
export function usageError(problem: string, name: string, more: { readonly [key: string]: string } = {}): YinxinError {
  return new YinxinError('USAGE', { problem, name, ...more });
}

const parseArgsProblems: { readonly [code: string]: string } = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: 'unknown-option',
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: 'option-value',
};

function toUsageError(error: unknown): unknown {
  if (!(error instanceof TypeError) || !('code' in error) || typeof error.code !== 'string') return error;
  const name = /'(?:-\w, )?(--?[\w-]+)/.exec(error.message)?.[1] ?? '';
  return usageError(parseArgsProblems[error.code] ?? 'option-value', name);
}

/** A key's thumbprint (43 letters of base64url) may begin with `-`; no option is as long. */
const dashedThumbprint = /^-[\w-]{42}$/;

/** Such thumbprints behind `--`, where nothing is taken for an option. */
function setApart(args: readonly string[]): string[] {
  const dashed = args.filter((arg) => dashedThumbprint.test(arg));
  if (dashed.length === 0 || args.includes('--')) return [...args];
  return [...args.filter((arg) => !dashed.includes(arg)), '--', ...dashed];
}

function readValues(
  options: readonly Option[],
  args: readonly string[],
): { readonly positionals: readonly string[]; readonly values: { readonly [name: string]: unknown } } {
  const config = options.map(({ name, short, kind }) => [
    name,
    {
      type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
      multiple: kind === 'texts',
      ...(short === undefined ? {} : { short }),
    },
  ]);
  try {
    return parseArgs({
      args: setApart(args),
      options: Object.fromEntries(config),
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw toUsageError(error);
  }
}

/** @throws YinxinError USAGE: an unknown option, one without its value, too few or too many operands */
export function parseInputs(command: Command, common: readonly Option[], args: readonly string[]): Inputs {
  const { values, positionals } = readValues([...common, ...command.options], args);
  const [least, most] = command.operands;
  if (values['help'] !== true) {
    if (positionals.length < least) throw usageError('operand-missing', command.name);
    if (positionals.length > most) throw usageError('operand-extra', positionals[most] ?? '');
  }
  return toInputs(positionals, values);
}

function toInputs(operands: readonly string[], values: { readonly [name: string]: unknown }): Inputs {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    operands,
    text,
    flag: (name) => values[name] === true,
    texts: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    required(name) {
      const value = text(name);
      if (value === undefined) throw usageError('option-missing', `--${name}`);
      return value;
    },
    operand(at) {
      const value = operands[at];
      if (value === undefined) throw usageError('operand-missing', '');
      return value;
    },
  };
}
