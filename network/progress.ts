/** What a command says while it works: a line for each step, Chinese first, with the seconds it took. */
import type { Words } from '@yinxin/core';

export interface Progress {
  /** Says the step, does the work, says how long it took. */
  run<T>(step: Words, work: () => Promise<T>): Promise<T>;
  say(words: Words): void;
}

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** On a terminal, where Chinese letters are two columns wide. */
export function measureColumns(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\u2e80-\u9fff\uff00-\uffef]/.test(letter) ? 2 : 1), 0);
}

export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(1, columns - measureColumns(text)));
}

const formatLine = ({ zh, en }: Words) => `  ${padColumns(zh, 26)}${padColumns(en, 44)}`;

export function createProgress(output: ProgressOutput): Progress {
  return {
    async run(step, work) {
      const began = performance.now();
      if (output.isTTY) output.write(formatLine(step));
      const result = await work();
      const seconds = `${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s\n`;
      output.write(output.isTTY ? seconds : formatLine(step) + seconds);
      return result;
    },
    say: ({ zh, en }) => {
      output.write(`${zh}\n${en}\n`);
    },
  };
}
