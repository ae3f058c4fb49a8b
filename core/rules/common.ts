/** What every rule's parser and decision needs: refusals of input, names, rows that must not be there yet. */
import { YinxinError } from '../errors.ts';
import { memberReader } from '../members.ts';
import type { Json, Words } from '../model.ts';
import { basisPattern } from '../status.ts';
import type { RowKey } from './rows.ts';
import type { View } from './rule.ts';

/** Nothing unseen, private or unassigned that could make it look like another, and no number long enough to be anybody's. */
const namePattern = /^(?!.*(?:\p{C}|\p{Nd}{7}))\S(?:.{0,98}\S)?$/u;

/** The code of an agreement or a matter, built like that of a basis. */
export const slugPattern = basisPattern;

/** @throws YinxinError INPUT_INVALID naming the member */
export const invalid = (member: string, why?: string) =>
  new YinxinError('INPUT_INVALID', why === undefined ? { member } : { member, why });

/** A name in both languages, 1 to 100 characters each. */
export function parseName(json: Json): Words {
  const read = memberReader(json, 'name', 'INPUT_INVALID', ['zh', 'en']);
  return { zh: read.matching('zh', namePattern), en: read.matching('en', namePattern) };
}

export function isSameName(one: Words, other: Words): boolean {
  return one.zh === other.zh && one.en === other.en;
}

/** Texts of one pattern, ascending and so each once. @throws YinxinError INPUT_INVALID */
export function parseAscending(items: readonly Json[], pattern: RegExp, member: string): readonly string[] {
  const texts = items.map((item) => {
    if (typeof item !== 'string' || !pattern.test(item)) throw invalid(member);
    return item;
  });
  requireAscending(texts, member);
  return texts;
}

/** @throws YinxinError INPUT_INVALID where two are the same or out of order */
export function requireAscending(texts: readonly string[], member: string): void {
  for (const [at, text] of texts.entries()) {
    const before = texts[at - 1];
    if (before !== undefined && before >= text) throw invalid(member, 'not ascending');
  }
}

/** @throws YinxinError LIMIT_REACHED where there are as many as may be */
export function requireRoom(count: number, max: number, member: string): void {
  if (count >= max) throw new YinxinError('LIMIT_REACHED', { member, max });
}

/** @throws YinxinError ALREADY_EXISTS */
export function requireAbsent(view: View, key: RowKey): void {
  if (view.get(key)) throw existing(key);
}

export const existing = ({ kind, parts }: RowKey) => new YinxinError('ALREADY_EXISTS', { kind, parts });
