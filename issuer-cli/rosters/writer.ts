/** Writes rows in a roster's own form, with further columns at the end. */
import { isReason } from './columns.ts';
import { createCsvWriter } from './csv-writer.ts';
import type { RosterFile, RosterWriter } from './source.ts';
import { createXlsxWriter } from './xlsx/xlsx-writer.ts';

/** Without the reason that a failed roster has in its last column: it gets a new one. */
function dropReason(writer: RosterWriter, width: number): RosterWriter {
  return {
    ...writer,
    add: (cells, last) => writer.add(cells.length > width ? cells.toSpliced(width, 1) : cells, last),
  };
}

/**
 * A file like `like`: CSV in the same encoding, with the same separator and mark, or XLSX; its header, then `lastColumns`. A column of
 * reasons from an earlier run is left out.
 * @throws YinxinError DISK_FULL, FILE_UNREADABLE, also from `add` and `close`; then nothing is left behind
 */
export async function createRosterWriter(
  path: string,
  like: Pick<RosterFile, 'shape' | 'header'>,
  lastColumns: readonly string[],
): Promise<RosterWriter> {
  const hasReason = like.header.length > 1 && isReason(like.header.at(-1) ?? '');
  const own = hasReason ? like.header.slice(0, -1) : like.header;
  const header = [...own, ...lastColumns];
  const writer =
    like.shape.kind === 'csv'
      ? await createCsvWriter(path, like.shape, header, own.length)
      : await createXlsxWriter(path, like.shape.sheet, header, own.length);
  return hasReason ? dropReason(writer, own.length) : writer;
}
