/** A roster in XLSX, as Excel, WPS and LibreOffice save it; read as a stream, so that a full sheet takes no more memory than its strings. */
import { YinxinError } from '@yinxin/core';
import { Blocks, findHeader, headRows, type LooksLikeHeader, trimHeader } from '../rows.ts';
import { isEmptyRow, type RosterFile, type SourceRow } from '../source.ts';
import { type Merges, readMerges } from './merges.ts';
import { Package } from './package.ts';
import { SheetReader } from './sheet.ts';
import { readWorkbook, type SheetPart, type Workbook } from './workbook.ts';
import { XmlFeed } from './xml.ts';

/** @throws YinxinError ROSTER_DAMAGED, ROSTER_BOMB */
async function* readRows(parts: Package, workbook: Workbook, sheet: SheetPart): AsyncGenerator<readonly SourceRow[]> {
  const reader = new SheetReader(workbook);
  const feed = new XmlFeed(reader);
  for await (const piece of parts.read(sheet.part)) {
    feed.write(piece);
    yield reader.take();
  }
  feed.end();
  yield reader.take();
}

async function readHead(parts: Package, workbook: Workbook, sheet: SheetPart): Promise<readonly SourceRow[]> {
  const head: SourceRow[] = [];
  for await (const rows of readRows(parts, workbook, sheet)) {
    for (const row of rows) if (!isEmptyRow(row.cells)) head.push(row);
    if (head.length >= headRows) break;
  }
  return head;
}

interface Found {
  readonly sheet: SheetPart;
  readonly header: SourceRow;
  /** Whether the header names fields. */
  readonly isNamed: boolean;
}

async function findSheets(
  parts: Package,
  workbook: Workbook,
  sheets: readonly SheetPart[],
  looksLikeHeader: LooksLikeHeader,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const sheet of sheets) {
    const header = findHeader(await readHead(parts, workbook, sheet), looksLikeHeader);
    if (header) found.push({ sheet, header, isNamed: looksLikeHeader?.(header.cells) ?? false });
  }
  return found;
}

/** The sheet that is named; else the only visible one whose header names fields; else the only one with content. @throws YinxinError ROSTER_SHEETS, ROSTER_EMPTY */
async function chooseSheet(
  parts: Package,
  workbook: Workbook,
  looksLikeHeader: LooksLikeHeader,
  wanted: string | undefined,
): Promise<Found> {
  const names = workbook.sheets.map(({ name }) => name);
  const sheets = workbook.sheets.filter(({ name, isHidden }) => (wanted === undefined ? !isHidden : name === wanted));
  if (wanted !== undefined && sheets.length === 0)
    throw new YinxinError('ROSTER_SHEETS', { wanted: wanted.slice(0, 40), sheets: names });
  const filled = await findSheets(parts, workbook, sheets, looksLikeHeader);
  const named = filled.filter(({ isNamed }) => isNamed);
  const chosen = named.length > 0 ? named : filled;
  if (chosen.length > 1) throw new YinxinError('ROSTER_SHEETS', { sheets: chosen.map(({ sheet }) => sheet.name) });
  if (!chosen[0]) throw new YinxinError('ROSTER_EMPTY');
  return chosen[0];
}

/** Rows are as wide as the header: spreadsheets leave out empty cells. */
function widen(row: SourceRow, width: number): SourceRow {
  if (row.cells.length >= width) return row;
  const cells = [...row.cells];
  while (cells.length < width) cells.push('');
  return { ...row, cells };
}

async function* readBlocks(
  parts: Package,
  workbook: Workbook,
  { sheet, header }: Found,
  merges: Merges,
): AsyncGenerator<readonly SourceRow[]> {
  const blocks = new Blocks();
  const marks = merges.begin();
  const width = trimHeader(header.cells).length;
  let line = header.line;
  for await (const rows of readRows(parts, workbook, sheet)) {
    for (const row of rows) {
      if (row.line <= header.line) continue;
      for (line += 1; line < row.line; line += 1) blocks.add({ line, cells: [''] });
      blocks.add(isEmptyRow(row.cells) ? { line, cells: [''] } : marks.mark(widen(row, width)));
    }
    yield* blocks.take();
  }
  yield* blocks.end();
}

/** @throws YinxinError ROSTER_DAMAGED, ROSTER_PASSWORD, ROSTER_MACRO, ROSTER_LINKS, ROSTER_BOMB, ROSTER_SHEETS, ROSTER_EMPTY */
export async function openXlsx(
  path: string,
  looksLikeHeader: LooksLikeHeader,
  sheet: string | undefined,
): Promise<RosterFile> {
  const parts = await Package.open(path);
  try {
    const workbook = await readWorkbook(parts);
    const found = await chooseSheet(parts, workbook, looksLikeHeader, sheet);
    const merges = await readMerges(parts.read(found.sheet.part));
    return {
      shape: { kind: 'xlsx', sheet: found.sheet.name, headerLine: found.header.line },
      header: trimHeader(found.header.cells),
      blocks: () => readBlocks(parts, workbook, found, merges),
      close: async () => parts.close(),
    };
  } catch (error) {
    parts.close();
    throw error;
  }
}
