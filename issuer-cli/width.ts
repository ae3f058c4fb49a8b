/** Width of text in terminal cells, and aligned tables: East Asian wide and full-width characters take two cells (Unicode Standard Annex #11). */

/** First and last code points of the blocks that take two cells: Hangul, CJK, Yi, compatibility and full-width forms, emoji, extensions B and later. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
/** Marks that combine with what stands before them, joiners, and control sequences for colour. */
const noWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour sequence begins with the escape character
const colourSequence = /\u001b\[[0-9;]*m/g;

function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (noWidth.test(character)) return 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Cells that a line takes on a terminal; sequences for colour take none. */
export function measureWidth(text: string): number {
  let cells = 0;
  for (const character of text.replace(colourSequence, '')) cells += cellsOf(character);
  return cells;
}

/** `text` and spaces up to `cells`. */
export function padTo(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - measureWidth(text)));
}

/** Columns aligned and two spaces apart, without spaces at the ends of lines; every line ends in LF. */
export function formatTable(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, measureWidth(cell));
  }
  return rows
    .map((row) => `${indent}${row.map((cell, column) => padTo(cell, widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** A line broken into lines of at most `cells`, at spaces between words and anywhere between Chinese characters. */
export function wrapText(text: string, cells: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/[!-~]+ *| +|[^!-~]/gu) ?? []) {
    const mustStay = /^[，。；：、！？）”》]/u.test(piece);
    if (line !== '' && !mustStay && measureWidth((line + piece).trimEnd()) > cells) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  return [...lines, line.trimEnd()];
}
