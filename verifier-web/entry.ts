/** What was typed, pasted or scanned: a code or a number, and how far a number has come. Lenient in writing, strict in the check character. */
import { parseIdentifier, YinxinError } from '@yinxin/core';

export type Entry =
  | { readonly kind: 'empty' }
  | { readonly kind: 'code'; readonly digits: number }
  | { readonly kind: 'number'; readonly text: string; readonly state: NumberState };

export type NumberState =
  | { readonly step: 'good' | 'bad-check' | 'bad-structure' }
  /** Lengths so far of type, issuer, serial, version, check. */
  | { readonly step: 'partial'; readonly lengths: readonly number[] };

const oid = '1.2.156.3005.2.';
/** Shortest run of digits that may be a code; no number is as long. */
const codeDigits = /[0-9]{200,}\s*$/;

/** Whether a text is for `presentCode`: it ends in very many digits, or is an address of this page. */
export function isCode(text: string): boolean {
  return codeDigits.test(text) || text.includes('#');
}

/** Full-width characters and lower case as one types them, without spaces; with the prefix that all numbers share, and the dots where only they are missing. */
export function normaliseNumber(text: string): string {
  const plain = text
    .replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[。．]/g, '.')
    .replace(/[\s\u00a0\u3000-]/g, '')
    .toUpperCase();
  const dotted = plain.replace(
    /^([0-9A-Z]{18}[0-9]{3})([0-9A-Z]{18})([0-9]{10})([0-9]{3})([0-9A-Z])$/,
    '$1.$2.$3.$4.$5',
  );
  return dotted.startsWith('1.2.') || oid.startsWith(dotted) ? dotted : oid + dotted;
}

const patterns = [/^[0-9A-Z]{1,21}$/, /^[0-9A-Z]{1,18}$/, /^[0-9A-Z]{1,32}$/, /^[0-9]{1,3}$/, /^[0-9A-Z]$/];

function readNumber(text: string): NumberState {
  try {
    parseIdentifier(text);
    return { step: 'good' };
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    if (error.details['reason'] === 'check character') return { step: 'bad-check' };
  }
  if (oid.startsWith(text)) return { step: 'partial', lengths: [0, 0, 0, 0, 0] };
  const parts = text.startsWith(oid) ? text.slice(oid.length).split('.') : [];
  const last = parts.length - 1;
  const fits = parts.every((part, at) => (part === '' && at === last) || patterns[at]?.test(part) === true);
  if (parts.length === 0 || parts.length > 5 || !fits) return { step: 'bad-structure' };
  return { step: 'partial', lengths: patterns.map((_, at) => parts[at]?.length ?? 0) };
}

export function readEntry(text: string): Entry {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'empty' };
  if (isCode(trimmed)) return { kind: 'code', digits: /[0-9]*$/.exec(trimmed)?.[0].length ?? 0 };
  const number = normaliseNumber(trimmed);
  return { kind: 'number', text: number, state: readNumber(number) };
}
