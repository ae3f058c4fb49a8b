/** Talk with the person at the terminal: colour, one progress line, questions. In a pipe: plain lines, no questions. */
import type { Context, Output } from './context.ts';
import { say } from './context.ts';
import { measureWidth, padTo } from './width.ts';

export type Tone = 'good' | 'bad' | 'caution' | 'unsure' | 'quiet' | 'strong';

const codes: { readonly [tone in Tone]: string } = {
  good: '32',
  bad: '31',
  caution: '33',
  unsure: '34',
  quiet: '2',
  strong: '1',
};

/** `text` in a tone, where the output is a terminal and neither `NO_COLOR` nor a dumb terminal forbids it. */
export function paint(context: Context, output: Output, tone: Tone, text: string): string {
  const isPlain = !output.isTerminal || Boolean(context.env['NO_COLOR']) || context.env['TERM'] === 'dumb';
  return isPlain ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;
}

export interface Progress {
  /** So many are done. */
  report(done: number): void;
  /** Ends the line. */
  finish(): void;
}

interface Course {
  readonly label: string;
  readonly total: number;
  /** Done before this began. */
  readonly before: number;
  readonly startedAt: number;
}

function describe(context: Context, { label, total, before, startedAt }: Course, done: number): string {
  const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
  const rate = (done - before) / seconds;
  const left = rate > 0 ? Math.ceil((total - done) / rate) : 0;
  const numbers = `${label} ${done.toLocaleString('en')}/${total.toLocaleString('en')}`;
  if (done === before) return numbers;
  const perSecond = Math.round(rate).toLocaleString('en');
  const isDone = done === total;
  return say(context, {
    zh: `${numbers}，每秒 ${perSecond} 份${isDone ? '' : `，约剩 ${left} 秒`}`,
    en: `${numbers}, ${perSecond} a second${isDone ? '' : `, about ${left} s left`}`,
  });
}

/** Between two reports that are shown; the last one always is. */
const terminalPauseMilliseconds = 100;
const pipePauseMilliseconds = 2_000;

/** One line that is written over on a terminal; a line now and then in a pipe. */
export function startProgress(context: Context, label: string, total: number, before = 0): Progress {
  const { err } = context;
  const startedAt = performance.now();
  let shown = 0;
  const course = { label, total, before, startedAt };
  let shownAt = startedAt;
  const show = (done: number) => {
    const line = describe(context, course, done);
    err.write(err.isTerminal ? `\r${padTo(line, shown)}` : `${line}\n`);
    shown = measureWidth(line);
    shownAt = performance.now();
  };
  if (err.isTerminal) show(before);
  const pauseMilliseconds = err.isTerminal ? terminalPauseMilliseconds : pipePauseMilliseconds;
  return {
    report: (done) => {
      if (done === total || performance.now() - shownAt >= pauseMilliseconds) show(done);
    },
    finish: () => {
      if (err.isTerminal) err.write('\n');
    },
  };
}

/** Whether the person agrees; without a terminal there is nobody to ask, and whoever wrote the command has decided. */
export async function confirm(context: Context, question: string, isAgreed: boolean): Promise<boolean> {
  if (isAgreed || context.ask === undefined) return true;
  const answer = await context.ask(`${question} [y/N] `);
  return /^\s*(y|yes|是|好|确认)\s*$/i.test(answer);
}
