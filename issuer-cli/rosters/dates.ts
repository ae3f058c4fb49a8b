/** The ways in which offices write dates, each read as one day or not at all. A text that could be two days is none. */
import { addDays, type CalendarDate, isCalendarDate, parseCalendarDate, YinxinError } from '@yinxin/core';
import type { ChangeKind } from './source.ts';

export interface FoundDate {
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY-MM-DDThh:mm`. */
  readonly text: string;
  readonly kind: ChangeKind;
}

/** A date, why it is none, or undefined where it does not look like one. */
export type DateReading = FoundDate | 'ambiguous' | undefined;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const numeralDigits: { readonly [numeral: string]: string } = {
  〇: '0',
  零: '0',
  '○': '0',
  一: '1',
  二: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
};

const yearFirst = /^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号])$/;
const joined = /^(\d{4})(\d{2})(\d{2})$/;
const dayMonthName = /^(\d{1,2})[- /.]?([a-z]{3,9})\.?,?[- /.]?(\d{4})$/i;
const monthNameDay = /^([a-z]{3,9})\.?[- ]?(\d{1,2}),? ?(\d{4})$/i;
const severalReadings = [
  /^\d{1,2}([-/.])\d{1,2}\1(\d{2}|\d{4})$/,
  /^\d{1,2}[- /.]?[a-z]{3,9}\.?[- /.]?\d{2}$/i,
  /^\d{2}年\d{1,2}月(\d{1,2}[日号])?$/,
];
/** What Excel counts as a day of the years 1954 to 2119: five digits. */
const serial = /^[2-7]\d{4}$/;
const chineseDate =
  /^([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?$/;
const timeBehind = /^(.+?)(?:[T ]|(?<=[日号])) ?(\d{1,2})(?::|时|点)(\d{2})(?:分?|(?::|分)(\d{2})(?:\.0+)?秒?)$/;

const pad = (digits: string) => digits.padStart(2, '0');
const join = (year: string, month: string, day: string) => `${year}-${pad(month)}-${pad(day)}`;

/** 一 to 三十一. */
function readNumeral(text: string): string | undefined {
  const parts = /^(?:([一二三])?(十))?([一二三四五六七八九])?$/.exec(text);
  if (!parts || text === '') return undefined;
  const [, tens, ten, ones] = parts;
  const digit = (numeral: string | undefined) => Number(numeral === undefined ? 0 : numeralDigits[numeral]);
  return String((ten === undefined ? 0 : 10 * (tens === undefined ? 1 : digit(tens))) + digit(ones));
}

/** `二〇二六年十一月二十日` in digits; other texts as they are. */
function toDigits(text: string): string {
  const [, year, month, day] = chineseDate.exec(text) ?? [];
  const monthDigits = month === undefined ? undefined : readNumeral(month);
  const dayDigits = day === undefined ? undefined : readNumeral(day);
  if (year === undefined || monthDigits === undefined || (day !== undefined && dayDigits === undefined)) return text;
  const yearDigits = [...year].map((numeral) => numeralDigits[numeral] ?? '').join('');
  return `${yearDigits}年${monthDigits}月${dayDigits === undefined ? '' : `${dayDigits}日`}`;
}

function findMonth(name: string): string | undefined {
  const at = months.indexOf(name.slice(0, 3).toLowerCase());
  const full = [
    'january',
    'february',
    'march',
    'april',
    'may',
    'june',
    'july',
    'august',
    'september',
    'october',
    'november',
    'december',
  ];
  const isName = name.length === 3 || full[at] === name.toLowerCase() || name.toLowerCase() === 'sept';
  return at >= 0 && isName ? String(at + 1) : undefined;
}

/** The day that a spreadsheet counts so; undefined for the 29 February 1900 that Excel invented, and what lies outside. */
export function readSerial(days: number, from1904: boolean): CalendarDate | undefined {
  if (!Number.isInteger(days) || days < 1 || days > 2_958_465 || (!from1904 && days === 60)) return undefined;
  try {
    if (from1904) return addDays(parseCalendarDate('1904-01-01'), days);
    return addDays(parseCalendarDate('1900-01-01'), days - (days < 60 ? 1 : 2));
  } catch (error) {
    if (error instanceof YinxinError) return undefined;
    throw error;
  }
}

function readDay(text: string, from1904: boolean): DateReading {
  if (isCalendarDate(text)) return { text, kind: 'spaces' };
  const [, year, , month, day, cnMonth, cnDay] = yearFirst.exec(text) ?? joined.exec(text)?.toSpliced(2, 0, '') ?? [];
  if (year !== undefined) {
    const date = join(year, month ?? cnMonth ?? '', day ?? cnDay ?? '');
    return isCalendarDate(date) ? { text: date, kind: 'date-form' } : undefined;
  }
  const [, nameDay, name, nameYear] = dayMonthName.exec(text) ?? swap(monthNameDay.exec(text)) ?? [];
  const named = name === undefined ? undefined : findMonth(name);
  if (named !== undefined && nameDay !== undefined && nameYear !== undefined) {
    const date = join(nameYear, named, nameDay);
    return isCalendarDate(date) ? { text: date, kind: 'date-form' } : undefined;
  }
  if (serial.test(text)) {
    const date = readSerial(Number(text), from1904);
    return date === undefined ? undefined : { text: date, kind: 'date-number' };
  }
  return severalReadings.some((pattern) => pattern.test(text)) ? 'ambiguous' : undefined;
}

function swap(match: RegExpExecArray | null): readonly (string | undefined)[] | undefined {
  return match ? [match[0], match[2], match[1], match[3]] : undefined;
}

/** A day. Expects plain digits, no white space at the ends. */
export function readDate(text: string, from1904: boolean): DateReading {
  const plain = toDigits(text);
  const [, day, hour, minute, second] = timeBehind.exec(plain) ?? [];
  if (day === undefined) return readDay(plain.replace(/(?<=\d) (?=[年月日号])|(?<=[年月]) /g, ''), from1904);
  // A day with a time is that day only where no hour is named.
  const found = Number(hour) + Number(minute) + Number(second ?? 0) === 0 ? readDay(day, false) : undefined;
  return typeof found === 'object' ? { text: found.text, kind: 'date-part' } : found;
}

/** `YYYY-MM-DDThh:mm`; seconds other than 00 are refused. */
export function readDatetime(text: string): DateReading {
  const [, day, hour, minute, second] = timeBehind.exec(toDigits(text)) ?? [];
  if (day === undefined || hour === undefined || minute === undefined || Number(second ?? 0) !== 0) return undefined;
  const found = readDay(day, false);
  if (typeof found !== 'object' || Number(hour) > 23 || Number(minute) > 59)
    return found === 'ambiguous' ? found : undefined;
  return { text: `${found.text}T${pad(hour)}:${minute}`, kind: 'date-form' };
}

/** `YYYY-MM`. A full day gives its month where it is the first: so do spreadsheets keep a month. */
export function readYearMonth(text: string, from1904: boolean): DateReading {
  const plain = toDigits(text).replace(/\s/g, '');
  const [, year, mark, month] = /^(\d{4})([-/.年])(\d{1,2})月?$/.exec(plain) ?? /^(\d{4})()(\d{2})$/.exec(plain) ?? [];
  if (year !== undefined && month !== undefined) {
    // Of 2026.10 a spreadsheet leaves 2026.1
    if (mark === '.' && month === '1') return 'ambiguous';
    const found = `${year}-${pad(month)}`;
    return isCalendarDate(`${found}-01`) ? { text: found, kind: 'date-form' } : undefined;
  }
  const day = readDate(text, from1904);
  if (typeof day !== 'object') return day;
  return day.text.endsWith('-01') ? { text: day.text.slice(0, 7), kind: 'date-part' } : undefined;
}
