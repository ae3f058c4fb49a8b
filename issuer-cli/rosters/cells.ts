/** One cell of a roster becomes one value. Good cells pass at once; in numbers and dates what is safe is put right and told; names and other texts are kept exactly. */
import {
  type ErrorCode,
  type Field,
  type FieldValue,
  findTextProblem,
  type HolderKind,
  parseCell,
  YinxinError,
} from '@yinxin/core';
import { type DateReading, readDate, readDatetime, readYearMonth } from './dates.ts';
import type { ChangeKind, SourceRow } from './source.ts';

/** The base64 SM3 of a picture by the name that the roster gives; undefined where it could not be read. */
export type Pictures = ReadonlyMap<string, string | undefined>;

/** What reading a cell needs to know beside it, and what it tells beside the value. */
export class CellTalk {
  readonly pictures: Pictures;
  /** Where texts and numbers are told apart: a workbook. */
  readonly book: SourceRow['book'];
  /** Whether the column's long numbers are known to be as they were typed. */
  isExact = false;
  problem: ErrorCode | undefined;
  changes: ChangeKind[] | undefined;

  constructor(pictures: Pictures, book: SourceRow['book']) {
    this.pictures = pictures;
    this.book = book;
  }

  change(kind: ChangeKind): void {
    this.changes ??= [];
    this.changes.push(kind);
  }
}

/** The value, or undefined for none; then `talk.problem` says whether something is wrong. */
export type ReadCell = (cell: string, talk: CellTalk) => FieldValue | undefined;

/** 4.40301E+17: what a spreadsheet shows of a long number; its last digits may be lost already. */
const approximate = /^[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}$/;
/** Spaces of every width, and what cannot be seen: nothing of it is part of a number. */
const spaces = /[\s\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+/g;
const wide = /[\uff01-\uff5e]/g;

/** Full-width digits, letters and signs as plain ones. */
export function toPlain(text: string): string {
  return text
    .replace(wide, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ');
}

function isApproximate(text: string): boolean {
  const first = text.charCodeAt(0);
  return first <= 0x39 && first >= 0x2b && text.length >= 4 && approximate.test(text);
}

/** U+FFFD, or what two of them become when UTF-8 is read as GB18030: whatever stood there was lost before. */
function hasLostCharacter(text: string): boolean {
  return text.includes('\ufffd') || text.includes('锟斤拷');
}

/** A text is read as it stands, or not at all. */
function readText(field: Field, holder: HolderKind): ReadCell {
  return (cell, talk) => {
    if (isApproximate(cell)) talk.problem = 'ROSTER_NUMBER_LOST';
    else if (hasLostCharacter(cell)) talk.problem = 'ROSTER_CHARACTER_LOST';
    else talk.problem = findTextProblem(field, cell, holder);
    return cell;
  };
}

function readItems(field: Field): ReadCell {
  return (cell, talk) => {
    try {
      return parseCell(field, cell);
    } catch (error) {
      if (!(error instanceof YinxinError)) throw error;
      talk.problem = error.code;
      return undefined;
    }
  };
}

const readPicture: ReadCell = (cell, talk) => {
  const hash = talk.pictures.get(cell);
  if (hash === undefined) talk.problem = 'IMAGE_UNREADABLE';
  return hash;
};

/** The one allowed value that the cell means when brackets and spaces are folded. */
function readChoice(field: Field, holder: HolderKind): ReadCell {
  const fold = (text: string) => toPlain(text).replace(spaces, '').replaceAll('\u301c', '~').replaceAll('\uff5e', '~');
  const choices = new Map<string, string | undefined>();
  for (const value of field.enum ?? []) choices.set(fold(value), choices.has(fold(value)) ? undefined : value);
  return (cell, talk) => {
    talk.problem = findTextProblem(field, cell, holder);
    if (talk.problem === undefined) return cell;
    const meant = choices.get(fold(cell));
    if (meant === undefined) return cell;
    talk.problem = undefined;
    talk.change(cell.trim() === meant ? 'spaces' : 'full-width');
    return meant;
  };
}

/** Thousands, and the decimals of an amount. */
function readDigits(field: Field, text: string): string {
  const ungrouped = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
  const whole = /^-?\d+\.0+$/.test(ungrouped) && field.kind === 'integer' ? ungrouped.replace(/\.0+$/, '') : ungrouped;
  return field.kind === 'money' && /^\d+\.\d$/.test(whole) ? `${whole}0` : whole;
}

/** A mobile number in groups. */
const groupedPhone = /^1\d{2}-\d{4}-\d{4}$/;

function toNumberForm(field: Field, text: string): string {
  if (field.kind === 'phone') return groupedPhone.test(text) ? text.replaceAll('-', '') : text;
  if (field.kind === 'number' || field.kind === 'integer' || field.kind === 'money') return readDigits(field, text);
  return text;
}

/** Numbers of every sort: without spaces, in plain digits. */
function tidyNumber(field: Field, cell: string, talk: CellTalk): string {
  const plain = toPlain(cell);
  if (plain.replaceAll(' ', '') !== cell.replace(/[ \u3000]/g, '')) talk.change('full-width');
  const close = plain.replace(spaces, '');
  if (close.length < plain.length) talk.change('spaces');
  const bare = /^['’]/.test(close) ? close.slice(1) : close;
  if (bare !== close) talk.change('text-mark');
  const formed = toNumberForm(field, bare);
  if (formed !== bare) talk.change('number-form');
  return formed;
}

/** Eighteen digits, no letter. */
export const allDigits = /^\d{18}$/;

/** What a spreadsheet leaves of any number of eighteen digits; one in about twelve hundred ID numbers ends so too. */
export function mayHaveLostDigits(text: string): boolean {
  return text.length === 18 && text.endsWith('000') && allDigits.test(text);
}

function readNumber(field: Field, holder: HolderKind): ReadCell {
  const hasLetters = field.kind === 'idNumber' || field.kind === 'uscc';
  // its own check digit cannot tell; a text of a workbook, an apostrophe, and the rest of the column can
  const isSuspect = (text: string, talk: CellTalk) =>
    hasLetters && talk.book === undefined && !talk.isExact && mayHaveLostDigits(text);
  return (cell, talk) => {
    talk.problem = findTextProblem(field, cell, holder);
    if (talk.problem === undefined && !isSuspect(cell, talk)) return cell;
    const tidy = tidyNumber(field, cell, talk);
    talk.problem = undefined;
    if (tidy === '') return undefined;
    const value = hasLetters ? tidy.replace(/[a-z]/g, (letter) => letter.toUpperCase()) : tidy;
    const isLost = approximate.test(value) || (isSuspect(value, talk) && talk.changes?.includes('text-mark') !== true);
    talk.problem = isLost ? 'ROSTER_NUMBER_LOST' : findTextProblem(field, value, holder);
    if (value !== tidy) talk.change('capitals');
    return value;
  };
}

function readTime(field: Field, text: string, from1904: boolean): DateReading {
  if (field.kind === 'datetime') return readDatetime(text);
  return field.kind === 'yearMonth' ? readYearMonth(text, from1904) : readDate(text, from1904);
}

function readDay(field: Field, holder: HolderKind): ReadCell {
  return (cell, talk) => {
    talk.problem = findTextProblem(field, cell, holder);
    if (talk.problem === undefined) return cell;
    const plain = toPlain(cell);
    const text = plain.trim();
    if (text === '') {
      talk.problem = undefined;
      talk.change('spaces');
      return undefined;
    }
    const isCanonical = findTextProblem(field, text, holder) === undefined;
    const found: DateReading = isCanonical
      ? { text, kind: 'spaces' }
      : readTime(field, text, talk.book?.from1904 ?? false);
    if (found === 'ambiguous') talk.problem = 'DATE_AMBIGUOUS';
    if (typeof found !== 'object') return cell;
    talk.problem = findTextProblem(field, found.text, holder);
    if (plain.replaceAll(' ', '') !== cell.replace(/[ \u3000]/g, '')) talk.change('full-width');
    if (!isCanonical) talk.change(found.kind);
    else if (talk.changes === undefined) talk.change('spaces');
    return found.text;
  };
}

/** How the cells of one field are read. Empty cells are not given to it. */
export function prepareField(field: Field, holder: HolderKind): ReadCell {
  switch (field.kind) {
    case 'string':
    case 'text':
    case 'address':
      return readText(field, holder);
    case 'list':
    case 'record':
      return readItems(field);
    case 'image':
      return readPicture;
    case 'enum':
      return readChoice(field, holder);
    case 'date':
    case 'datetime':
    case 'yearMonth':
      return readDay(field, holder);
    default:
      return readNumber(field, holder);
  }
}
