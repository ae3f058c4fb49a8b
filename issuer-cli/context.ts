/** What the command gets from its surroundings: read once in main.ts, an argument everywhere else. */
import type { Instant, Words } from '@yinxin/core';

export type Language = 'zh' | 'en';

export interface Output {
  write(text: string): void;
  /** Whether a person watches. */
  readonly isTerminal: boolean;
  /** Cells of a line. */
  readonly columns: number;
}

export interface Context {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly language: Language;
  readonly now: () => Instant;
  readonly random: (bytes: number) => Uint8Array;
  /** Results. */
  readonly out: Output;
  /** Talk. */
  readonly err: Output;
  /** Asks the person at the terminal; absent in a pipe. */
  readonly ask?: (question: string) => Promise<string>;
  readonly readInput: () => Promise<Uint8Array>;
  /** The same in pieces, for what may be large. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Calls `end` when the system or the person asks this process to end (SIGTERM, Ctrl-C), until the returned function is called; a second time ends it at once. */
  readonly onEnd?: (end: () => void) => () => void;
  /** From here on this process works when others do not: long work must not keep whoever works at the same machine waiting. */
  readonly giveWay?: () => void;
}

/** Exit codes: done or valid; refused or invalid; usage; indeterminate or unreachable; a bug. */
export type ExitCode = 0 | 1 | 2 | 3 | 70;

/** The words of one language. */
export function say(context: Pick<Context, 'language'>, words: Words): string {
  return words[context.language];
}

/** zh or en as `--lang` or the locale says; Chinese where neither does. */
export function chooseLanguage(asked: string | undefined, env: Context['env']): Language {
  if (asked === 'en' || asked === 'zh') return asked;
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^en\b|^en_/i.test(locale) ? 'en' : 'zh';
}
