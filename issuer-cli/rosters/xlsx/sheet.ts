/** The rows of one sheet, as they come: what each cell shows, and what of it cannot be taken. */
import { type ErrorCode, YinxinError } from '@yinxin/core';
import type { ChangeKind, Flaw, SourceRow } from '../source.ts';
import { type NumberForm, showNumber } from './formats.ts';
import { TextCollector } from './strings.ts';
import type { Workbook } from './workbook.ts';
import type { Attributes, XmlReader } from './xml.ts';

const maxRows = 1_048_576;
/** Columns A to XFD. */
export const maxColumns = 16_384;
/** Cells that are not there, of the rows in one piece of the sheet: forty bytes can ask for sixteen thousand. */
const maxAbsent = 4_194_304;

/** `C7` → 2; −1 where there is no letter. */
export function columnOf(reference: string): number {
  let column = 0;
  for (let at = 0; at < reference.length; at += 1) {
    const letter = reference.charCodeAt(at) - 0x40;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

const general: NumberForm = { kind: 'general' };

interface Cell {
  column: number;
  type: string;
  style: number;
  value: string;
  hasFormula: boolean;
}

interface Shown {
  readonly text: string;
  readonly flaw?: ErrorCode;
  readonly change?: ChangeKind;
}

function showValue(cell: Cell, { strings, forms, from1904 }: Workbook, inline: string): Shown {
  const { type, value } = cell;
  switch (type) {
    case 's':
      return { text: value === '' ? '' : strings.get(Number(value)) };
    case 'inlineStr':
      return { text: inline };
    case 'str':
      return { text: value };
    case 'b':
      return { text: value === '1' ? 'TRUE' : 'FALSE' };
    case 'e':
      return { text: value, flaw: 'ROSTER_CELL_ERROR' };
    case 'd':
      return { text: value.replace(/(T00:00(:00(\.0+)?)?)?Z?$/, ''), change: 'date-number' };
    default: {
      const shown = showNumber(value, forms[cell.style] ?? general, from1904);
      if (shown === undefined) return { text: value };
      if (shown.isLost) return { text: shown.text, flaw: 'ROSTER_NUMBER_LOST' };
      return shown.isDate ? { text: shown.text, change: 'date-number' } : { text: shown.text };
    }
  }
}

/** Collects rows; give it to an `XmlFeed` and take what it has after each piece. */
export class SheetReader implements XmlReader {
  readonly #workbook: Workbook;
  readonly #inline = new TextCollector();
  #rows: SourceRow[] = [];
  #line = 0;
  #absent = 0;
  #isHidden = false;
  #cells: string[] = [];
  #flaws: Flaw[] = [];
  #changes: { readonly column: number; readonly kind: ChangeKind }[] = [];
  #cell: Cell = { column: -1, type: '', style: 0, value: '', hasFormula: false };
  #isInValue = false;
  #isInline = false;

  constructor(workbook: Workbook) {
    this.#workbook = workbook;
  }

  /** The rows that ended since this was last asked for. */
  take(): readonly SourceRow[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#absent = 0;
    return rows;
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'row':
        this.#beginRow(attributes);
        return;
      case 'c':
        this.#beginCell(attributes);
        return;
      case 'v':
        this.#isInValue = true;
        return;
      case 'f':
        this.#cell.hasFormula = true;
        return;
      case 'is':
        this.#isInline = true;
        return;
      default:
        if (this.#isInline) this.#inline.open(name);
    }
  }

  text(text: string): void {
    if (this.#isInValue) this.#cell.value += text;
    else if (this.#isInline) this.#inline.text(text);
  }

  close(name: string): void {
    switch (name) {
      case 'row':
        this.#endRow();
        return;
      case 'c':
        this.#endCell();
        return;
      case 'v':
        this.#isInValue = false;
        return;
      case 'is':
        this.#isInline = false;
        return;
      default:
        if (this.#isInline) this.#inline.close(name);
    }
  }

  #beginRow(attributes: Attributes): void {
    const line = Number(attributes['r'] ?? this.#line + 1);
    if (!Number.isInteger(line) || line <= this.#line || line > maxRows) throw new YinxinError('ROSTER_DAMAGED');
    this.#line = line;
    this.#isHidden = attributes['hidden'] === '1' || attributes['hidden'] === 'true';
    this.#cells = [];
    this.#flaws = [];
    this.#changes = [];
    this.#cell.column = -1;
  }

  #beginCell(attributes: Attributes): void {
    const reference = attributes['r'];
    const cell = this.#cell;
    cell.column = reference === undefined ? cell.column + 1 : columnOf(reference);
    cell.type = attributes['t'] ?? 'n';
    cell.style = Number(attributes['s'] ?? 0);
    cell.value = '';
    cell.hasFormula = false;
  }

  #endCell(): void {
    const cell = this.#cell;
    const { column } = cell;
    const { text, flaw, change } = showValue(cell, this.#workbook, this.#inline.take());
    if (column < 0 || column >= maxColumns || (text === '' && !cell.hasFormula)) return;
    this.#absent += Math.max(0, column - this.#cells.length);
    if (this.#absent > maxAbsent) throw new YinxinError('ROSTER_BOMB');
    while (this.#cells.length < column) this.#cells.push('');
    this.#cells[column] = text;
    if (cell.hasFormula) this.#flaws.push({ column, code: 'ROSTER_FORMULA' });
    else if (flaw !== undefined) this.#flaws.push({ column, code: flaw });
    else if (change !== undefined) this.#changes.push({ column, kind: change });
  }

  #endRow(): void {
    if (this.#cells.length === 0) return;
    if (this.#isHidden) this.#flaws.push({ column: -1, code: 'ROSTER_ROW_HIDDEN' });
    this.#rows.push({
      line: this.#line,
      cells: this.#cells,
      ...(this.#flaws.length > 0 && { flaws: this.#flaws }),
      ...(this.#changes.length > 0 && { changes: this.#changes }),
      book: this.#workbook,
    });
  }
}
