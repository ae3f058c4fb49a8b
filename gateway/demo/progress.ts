/** What the first start says while it works: one line that grows on a terminal, plain lines elsewhere. */
import type { Words } from '@yinxin/core';

export interface Progress {
  /** Of a step: so many of so many done. The last call of a step ends its line. */
  step(name: Words, done: number, total: number): void;
  /** A line of its own in each language. */
  note(words: Words): void;
}

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Chinese letters are two columns wide. */
function width(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\u2e80-\u9fff\uff00-\uffef]/.test(letter) ? 2 : 1), 0);
}

export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function createProgress(output: ProgressOutput): Progress {
  return {
    step({ zh, en }, done, total) {
      const line = `  ${padColumns(zh, 14)}${padColumns(en, 30)}${String(done).padStart(4)} / ${total}`;
      if (output.isTTY) output.write(`\r${line}${done === total ? '\n' : ''}`);
      else if (done === total) output.write(`${line}\n`);
    },
    note({ zh, en }) {
      output.write(`  ${zh}\n  ${en}\n`);
    },
  };
}
