/** What a number of a sheet shows: text, by the number format of its cell (ECMA-376 part 1, 18.8.30). Nothing is rounded. */
import { readSerial } from '../dates.ts';

export type NumberForm =
  | { readonly kind: 'general' }
  /** Year, month and day, or those of them that it shows. */
  | { readonly kind: 'date'; readonly hasDay: boolean; readonly hasTime: boolean }
  | { readonly kind: 'percent' }
  /** So many digits before and behind the point at least. */
  | { readonly kind: 'padded'; readonly digits: number; readonly decimals: number };

const general: NumberForm = { kind: 'general' };

/** Formats that have no code in the file: 14–22, and those of Chinese Excel, 27–36 and 50–58. */
function readBuiltIn(id: number): NumberForm {
  const date = (hasDay: boolean, hasTime = false): NumberForm => ({ kind: 'date', hasDay, hasTime });
  if (id === 22) return date(true, true);
  if (id === 17 || id === 27 || id === 36 || id === 50 || id === 52 || id === 57) return date(false);
  if ((id >= 14 && id <= 16) || (id >= 28 && id <= 31) || (id >= 51 && id <= 58 && id !== 55 && id !== 56))
    return date(true);
  if (id === 9 || id === 10) return { kind: 'percent' };
  return id === 2 || id === 4 ? { kind: 'padded', digits: 1, decimals: 2 } : general;
}

/** By its code, such as `yyyy"年"m"月"d"日"` or `0.00%`; of several sections the first. */
function readCode(code: string): NumberForm {
  const bare =
    code
      .replace(/"[^"]*"|\\.|_.|\*./g, '')
      .replace(/\[[^\]]*\]/g, '')
      .split(';')[0] ?? '';
  const letters = bare.toLowerCase().replace(/am\/pm|a\/p|上午\/下午|general|g\/通用格式/g, '');
  if (/y/.test(letters) || (/m/.test(letters) && /d/.test(letters)))
    return { kind: 'date', hasDay: /d/.test(letters), hasTime: /h/.test(letters) };
  if (bare.includes('%')) return { kind: 'percent' };
  const [, digits, decimals] = /^[#,]*(0+)(?:\.(0+))?$/.exec(bare.trim()) ?? [];
  return digits === undefined ? general : { kind: 'padded', digits: digits.length, decimals: decimals?.length ?? 0 };
}

/** The form of a format's number, with its code where the file gives one. */
export function readForm(id: number, code: string | undefined): NumberForm {
  return code === undefined ? readBuiltIn(id) : readCode(code);
}

/** Fifteen significant digits are what spreadsheets keep; without exponent. */
function toDecimal(number: number): string {
  const text = String(Number(number.toPrecision(15)));
  const [, sign, whole, fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const places = Number(exponent);
  if (places >= 0) return `${sign}${whole}${fraction}${'0'.repeat(Math.max(0, places - fraction.length))}`;
  return `${sign}0.${'0'.repeat(-places - 1)}${whole}${fraction}`;
}

function pad(text: string, digits: number, decimals: number): string {
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = text.slice(sign.length).split('.');
  const shown = fraction.padEnd(decimals, '0');
  return `${sign}${whole.padStart(digits, '0')}${shown === '' ? '' : `.${shown}`}`;
}

const two = (number: number) => String(number).padStart(2, '0');

function toDate(
  number: number,
  { hasDay, hasTime }: { hasDay: boolean; hasTime: boolean },
  from1904: boolean,
): string | undefined {
  const seconds = Math.round(number * 86_400);
  const date = readSerial(Math.floor(seconds / 86_400), from1904);
  if (date === undefined) return undefined;
  if (hasTime) {
    const time = seconds - Math.floor(seconds / 86_400) * 86_400;
    const end = time % 60 === 0 ? '' : `:${two(time % 60)}`;
    return `${date}T${two(Math.floor(time / 3_600))}:${two(Math.floor(time / 60) % 60)}${end}`;
  }
  return hasDay ? date : date.slice(0, 7);
}

export interface ShownNumber {
  readonly text: string;
  readonly isDate: boolean;
  /** Sixteen digits and more: the last ones are not what was typed. */
  readonly isLost: boolean;
}

/** From 10^15 on a spreadsheet keeps fewer digits than a number has. */
const firstLost = 1e15;

/** `value` as the file writes it; undefined where it is no number. */
export function showNumber(value: string, form: NumberForm, from1904: boolean): ShownNumber | undefined {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return undefined;
  if (Math.abs(number) >= firstLost) return { text: value, isDate: false, isLost: true };
  if (form.kind === 'date') {
    const text = toDate(number, form, from1904);
    if (text !== undefined) return { text, isDate: true, isLost: false };
  }
  if (form.kind === 'percent') return { text: `${toDecimal(number * 100)}%`, isDate: false, isLost: false };
  const plain = toDecimal(number);
  const text = form.kind === 'padded' ? pad(plain, form.digits, form.decimals) : plain;
  return { text, isDate: false, isLost: false };
}
