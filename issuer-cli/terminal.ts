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
  /** Undefined while nobody knows. */
  readonly total: number | undefined;
  /** Done before this began. */
  readonly before: number;
}

/** What the rate of the moment is taken from: a run that goes on begins slowly, and a gateway may be away for a while. */
const paceMilliseconds = 10_000;

/** How fast it goes: of late, and since the first of it was done. */
class Pace {
  readonly #marks: { readonly at: number; readonly done: number }[];
  readonly #first: { readonly at: number; readonly done: number };

  constructor(before: number) {
    this.#first = { at: performance.now(), done: before };
    this.#marks = [this.#first];
  }

  mark(done: number): void {
    const at = performance.now();
    this.#marks.push({ at, done });
    while (at - (this.#marks[1]?.at ?? at) > paceMilliseconds) this.#marks.shift();
  }

  /** A second. */
  rate(isEnded: boolean): number {
    const from = (isEnded ? undefined : this.#marks[0]) ?? this.#first;
    const to = this.#marks.at(-1) ?? from;
    return (to.done - from.done) / Math.max(0.001, (to.at - from.at) / 1000);
  }
}

function describeLeft(context: Context, seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 2) return say(context, { zh: `${Math.ceil(seconds)} 秒`, en: `${Math.ceil(seconds)} s` });
  return say(context, { zh: `${minutes} 分钟`, en: `${minutes} min` });
}

function describe(context: Context, { label, total, before }: Course, pace: Pace, done: number): string {
  const rate = pace.rate(done === total);
  const numbers = `${label} ${done.toLocaleString('en')}${total === undefined ? '' : `/${total.toLocaleString('en')}`}`;
  if (done <= before) return numbers;
  const perSecond = Math.round(rate).toLocaleString('en');
  const isOpen = total !== undefined && done < total && rate > 0;
  const left = isOpen ? describeLeft(context, (total - done) / rate) : '';
  return say(context, {
    zh: `${numbers}，每秒 ${perSecond} 份${left && `，约剩 ${left}`}`,
    en: `${numbers}, ${perSecond} a second${left && `, about ${left} left`}`,
  });
}

const barCells = 20;

/** A bar before the numbers, where the line has room for both. */
function drawBar(line: string, { total }: Course, done: number, columns: number): string {
  if (total === undefined || total === 0 || measureWidth(line) + barCells + 3 > columns) return line;
  const full = Math.min(barCells, Math.floor((done / total) * barCells));
  return `${'━'.repeat(full)}${'─'.repeat(barCells - full)}  ${line}`;
}

/** Between two reports that are shown; the last one always is. */
const terminalPauseMilliseconds = 100;
const pipePauseMilliseconds = 2_000;
/** What is done sooner needs no progress. */
const quietMilliseconds = 300;

/** One line that is written over on a terminal; a line now and then in a pipe. Without a total it counts, and only once it takes a while. */
export function startProgress(context: Context, label: string, total: number | undefined, before = 0): Progress {
  const { err } = context;
  const startedAt = performance.now();
  let shown = 0;
  let shownDone = -1;
  const course = { label, total, before };
  const pace = new Pace(before);
  let shownAt = total === undefined ? startedAt + quietMilliseconds : startedAt;
  const show = (done: number) => {
    pace.mark(done);
    const text = describe(context, course, pace, done);
    const line = err.isTerminal ? drawBar(text, course, done, err.columns) : text;
    err.write(err.isTerminal ? `\r${padTo(line, shown)}` : `${line}\n`);
    shown = measureWidth(line);
    shownAt = performance.now();
    shownDone = done;
  };
  if (err.isTerminal && total !== undefined) show(before);
  const pauseMilliseconds = err.isTerminal ? terminalPauseMilliseconds : pipePauseMilliseconds;
  return {
    report: (done) => {
      if (done < before) return; // what was done before is only looked through
      if ((done === total && done !== shownDone) || performance.now() - shownAt >= pauseMilliseconds) show(done);
    },
    finish: () => {
      if (err.isTerminal && shown > 0) err.write('\n');
      shown = 0;
    },
  };
}

/** Whether the person agrees; without a terminal there is nobody to ask, and whoever wrote the command has decided. */
export async function confirm(context: Context, question: string, isAgreed: boolean): Promise<boolean> {
  if (isAgreed || context.ask === undefined) return true;
  const answer = await context.ask(`${question} [y/N] `);
  return /^\s*(y|yes|是|好|确认)\s*$/i.test(answer);
}
