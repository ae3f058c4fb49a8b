/** Merged cells of a sheet. Only the first of them holds the value; which rows it is meant for nobody can tell. They stand behind the rows, so the sheet is looked through once before. */
import { YinxinError } from '@yinxin/core';
import type { Flaw, SourceRow } from '../source.ts';
import { columnOf, maxColumns } from './sheet.ts';

interface Merge {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

const rowsEnd = /<(?:\/(?:\w+:)?sheetData|(?:\w+:)?sheetData\s*\/)>/;
/** An end tag may be cut in two by the pieces. */
const overlap = 64;
const maxTailCharacters = 32 * 1024 * 1024;
const mergePattern = /<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"/g;

/** What stands behind the rows. @throws YinxinError ROSTER_BOMB */
async function readTail(pieces: AsyncIterable<string>): Promise<string> {
  let tail = '';
  let isBehind = false;
  let before = '';
  for await (const piece of pieces) {
    if (isBehind) tail += piece;
    else {
      const text = before + piece;
      const end = text.includes('sheetData') ? text.search(rowsEnd) : -1;
      isBehind = end >= 0;
      tail = isBehind ? text.slice(end) : '';
      before = text.slice(-overlap);
    }
    if (tail.length > maxTailCharacters) throw new YinxinError('ROSTER_BOMB');
  }
  return tail;
}

export class Merges {
  readonly #merges: readonly Merge[];
  #at = 0;
  #active: Merge[] = [];

  constructor(merges: readonly Merge[]) {
    this.#merges = merges;
  }

  /** For one reading of the rows, from the first. */
  begin(): Merges {
    return new Merges(this.#merges);
  }

  /** The row with a flaw at every cell that another one covers. Rows come in order. */
  mark(row: SourceRow): SourceRow {
    if (this.#merges.length === 0) return row;
    const { line } = row;
    if (this.#active.length > 0) this.#active = this.#active.filter(({ last }) => last >= line);
    for (let next = this.#merges[this.#at]; next !== undefined && next.first <= line; next = this.#merges[this.#at]) {
      if (next.last >= line) this.#active.push(next);
      this.#at += 1;
    }
    if (this.#active.length === 0) return row;
    // No more than columns can cover one row unless they overlap, which no spreadsheet allows.
    if (this.#active.length > maxColumns) throw new YinxinError('ROSTER_DAMAGED');
    const width = row.cells.length;
    const flaws: Flaw[] = [...(row.flaws ?? [])];
    for (const { first, from, to } of this.#active) {
      for (let column = line === first ? from + 1 : from; column <= to && column < width; column += 1)
        flaws.push({ column, code: 'ROSTER_MERGED' });
    }
    return flaws.length > 0 ? { ...row, flaws } : row;
  }
}

/** @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
export async function readMerges(pieces: AsyncIterable<string>): Promise<Merges> {
  const tail = await readTail(pieces);
  const merges = [...tail.matchAll(mergePattern)].map(([, from = '', first, to = '', last]): Merge => {
    return { first: Number(first), last: Number(last), from: columnOf(from), to: columnOf(to) };
  });
  return new Merges(merges.sort((a, b) => a.first - b.first));
}
