/** What all forms of rosters have in common: where the header is, and which rows are data. */
import { YinxinError } from '@yinxin/core';
import { blockRows, isEmptyRow, type SourceRow } from './source.ts';

/** A title above the header is looked past in so many rows. */
export const headRows = 20;

export type LooksLikeHeader = ((cells: readonly string[]) => boolean) | undefined;

/** The header among the first rows: the first that names fields; else the first with two cells, else the first that is not empty. */
export function findHeader(rows: readonly SourceRow[], looksLikeHeader: LooksLikeHeader): SourceRow | undefined {
  const head = rows.slice(0, headRows).filter(({ cells }) => !isEmptyRow(cells));
  const named = looksLikeHeader === undefined ? undefined : head.find(({ cells }) => looksLikeHeader(cells));
  return named ?? head.find(({ cells }) => cells.filter((cell) => cell.trim() !== '').length > 1) ?? head[0];
}

/** Without the empty cells at its end. */
export function trimHeader(cells: readonly string[]): readonly string[] {
  let width = cells.length;
  while (width > 0 && (cells[width - 1] ?? '').trim() === '') width -= 1;
  return cells.slice(0, width);
}

/** Puts rows into blocks; empty rows wait until one that is not empty follows. */
export class Blocks {
  #block: SourceRow[] = [];
  #empty: number[] = [];
  #full: (readonly SourceRow[])[] = [];
  #count = 0;

  add(row: SourceRow): void {
    if (row.flaws === undefined && isEmptyRow(row.cells)) {
      this.#empty.push(row.line);
      return;
    }
    if (this.#empty.length > 0) {
      for (const line of this.#empty) this.#push({ line, cells: [''] });
      this.#empty = [];
    }
    this.#push(row);
    this.#count += 1;
  }

  #push(row: SourceRow): void {
    this.#block.push(row);
    if (this.#block.length < blockRows) return;
    this.#full.push(this.#block);
    this.#block = [];
  }

  /** The blocks that are full. */
  take(): readonly (readonly SourceRow[])[] {
    if (this.#full.length === 0) return [];
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** What is left. @throws YinxinError ROSTER_EMPTY when there was no row at all */
  end(): readonly (readonly SourceRow[])[] {
    if (this.#count === 0) throw new YinxinError('ROSTER_EMPTY');
    return this.#block.length > 0 ? [this.#block] : [];
  }
}
