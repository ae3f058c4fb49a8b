#!/usr/bin/env node
/** The `yinxin` command: reads its surroundings once, runs, and exits with the code of the outcome. */
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { toInstant } from '@yinxin/core';
import { type Context, chooseLanguage, type Output } from './context.ts';
import { expandPatterns } from './platform.ts';
import { run } from './run.ts';

const defaultColumns = 80;

function toOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? defaultColumns,
  };
}

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Signals that ask for an end. The second one is not waited for. */
function onEnd(end: () => void): () => void {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const; // a window that is closed; Ctrl-Break, on Windows
  const stop = () => {
    for (const signal of signals) process.off(signal, asked);
  };
  const asked = () => {
    stop();
    end();
  };
  for (const signal of signals) process.on(signal, asked);
  return stop;
}

function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // where the system does not let us, we go on as we are
  }
}

/** `--lang` decides the language even of errors in the other arguments. */
function findLanguage(args: readonly string[]): string | undefined {
  const at = args.indexOf('--lang');
  return at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith('--lang='))?.slice('--lang='.length);
}

const args = process.argv.slice(2);
// Windows names its language elsewhere
const locale = process.platform === 'win32' ? { LANG: Intl.DateTimeFormat().resolvedOptions().locale } : {};
const context: Context = {
  env: process.env,
  cwd: process.cwd(),
  language: chooseLanguage(findLanguage(args), { ...locale, ...process.env }),
  now: () => toInstant(Math.floor(Date.now() / 1000)),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  out: toOutput(process.stdout),
  err: toOutput(process.stderr),
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  readInput,
  input: process.stdin,
  onEnd,
  giveWay,
};

// A reader that went away, such as `head`, is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EOF') throw error; // EOF: Windows
  });
}
// no top-level await: the packaged command is CommonJS, as a single executable must be
run(expandPatterns(args, context.cwd), context).then((code) => {
  process.exitCode = code;
});
