/** A measured figure, and how a run of figures is printed. */

export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The peer's value in the same run; null where there is none. */
  readonly peer: number | null;
  /** value ÷ peer. */
  readonly ratio: number | null;
  /** What the project asks for, in words. */
  readonly goal: string;
}

export function toFigure(
  figure: string,
  value: number,
  unit: string,
  goal: string,
  peer: number | null = null,
): Figure {
  const round = (number: number) => Number(number.toPrecision(4));
  return {
    figure,
    value: round(value),
    unit,
    peer: peer === null ? null : round(peer),
    ratio: peer === null ? null : round(value / peer),
    goal,
  };
}

export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ figure, value, unit, peer, ratio, goal }) => [
    figure,
    `${value} ${unit}`,
    peer === null ? '-' : `${peer} ${unit}`,
    ratio === null ? '-' : `${ratio} ×`,
    goal,
  ]);
  const table = [['figure', 'value', 'peer', 'ratio', 'goal'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The median rate of several rounds of two contenders in turn, after one warm-up round each: what slows one slows the other. */
export async function race(
  rounds: number,
  items: number,
  contenders: readonly (() => void | Promise<void>)[],
): Promise<readonly number[]> {
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [at, run] of contenders.entries()) {
      const began = performance.now();
      await run();
      if (round > 0) rates[at]?.push((items / (performance.now() - began)) * 1000);
    }
  }
  return rates.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
}
