/** Whether a CSV roster's long numbers are as they were typed: a spreadsheet that took them for numbers leaves fifteen digits and three zeros. */
import { isCitizenId } from '@yinxin/core';
import { allDigits, mayHaveLostDigits } from './cells.ts';
import type { Columns } from './columns.ts';
import type { RosterFile } from './source.ts';

/**
 * Looks through the roster once. A column that was spoiled is spoiled in every number of digits alone, and ten in eleven of what is left fail their check
 * digit: so numbers that end in three zeros are taken as they stand where others of their column do not end so and none of them fails.
 * @throws YinxinError as `RosterFile.blocks`
 */
export async function findExactDigits(roster: RosterFile, columns: Columns): Promise<Columns> {
  if (roster.shape.kind !== 'csv') return columns;
  const places = columns.steps.filter(({ field, column }) => field.kind === 'idNumber' && column >= 0);
  const others = new Set<number>();
  const suspects = new Set<number>();
  const spoiled = new Set<number>();
  for await (const rows of roster.blocks()) {
    for (const { cells } of rows) {
      for (const { column } of places) {
        const cell = cells[column] ?? '';
        if (!mayHaveLostDigits(cell)) {
          if (!others.has(column) && allDigits.test(cell)) others.add(column);
        } else if (isCitizenId(cell)) suspects.add(column);
        else spoiled.add(column);
      }
    }
  }
  const exact = [...suspects].filter((column) => others.has(column) && !spoiled.has(column));
  return exact.length === 0 ? columns : { ...columns, exact: new Set(exact) };
}
