/** What a reader without the holder's consent may see of a value. Applied where the values are, before anything is sent. */
import { isCitizenId, isUscc } from './check-digits.ts';
import type { FieldValues } from './fields.ts';
import type { CertificateType, FieldValue, MaskRule } from './model.ts';

/** Anyone; an authenticated reader with a stated purpose; the holder, the issuer, or a reader with consent. */
export type MaskLevel = 'public' | 'purpose' | 'full';
/** `null`: not shown at all. */
export type MaskedValues = { readonly [key: string]: FieldValue | null };

const hidden = '****';

/** Keeps `first` and `last` characters and the length; all asterisks where that would leave nothing hidden. */
function keepEnds(text: string, first: number, last: number): string {
  const characters = [...text];
  const stars = characters.length - first - last;
  if (stars < 1) return '*'.repeat(characters.length);
  return characters.slice(0, first).join('') + '*'.repeat(stars) + characters.slice(characters.length - last).join('');
}

/** `张**`: always two asterisks, so that the length of a name does not show. */
function maskName(text: string): string {
  return `${[...text].slice(0, 1).join('')}**`;
}

/** An organisation's credit code is public; a citizen's number that happens to be well formed as one is not. */
function maskIdNumber(text: string, level: MaskLevel): string {
  if (isUscc(text) && !isCitizenId(text)) return text;
  return level === 'purpose' && text.length >= 18 ? keepEnds(text, 4, 2) : keepEnds(text, 1, 1);
}

/** `138****5678`; of shorter numbers the last two digits. */
function maskPhone(text: string): string {
  return text.length >= 11 ? `${text.slice(0, 3)}${hidden}${text.slice(-4)}` : `${hidden}${text.slice(-2)}`;
}

function keepTail(text: string): string {
  const characters = [...text];
  const shown = Math.min(4, Math.floor(characters.length / 2));
  return hidden + characters.slice(characters.length - shown).join('');
}

/** `粤B***12`. */
function maskPlate(text: string): string {
  const characters = [...text];
  if (characters.length < 6) return '***';
  return `${characters.slice(0, 2).join('')}***${characters.slice(-2).join('')}`;
}

// A place name holds no digit and none of the words for what lies below a district.
const word = '[^0-9０-９A-Za-z\\s路街巷号弄栋楼室村]{0,12}?';
const province = new RegExp(`^.${word}(?:省|自治区|特别行政区)`, 'u');
const city = new RegExp(`^.${word}(?:市|自治州|地区|盟)`, 'u');
const district = new RegExp(`^.${word}(?:区|县|旗|市)`, 'u');
/** Ends of names that look like a district's and name an estate. */
const estate = /(?:小区|社区|园区|校区|厂区|库区|片区|院区|街区)$/;

/** `深圳市示范区****`: province, city and district as far as they are written, nothing below them. */
function maskAddress(text: string): string {
  let shown = '';
  for (const level of [province, city, district]) {
    const part = level.exec(text.slice(shown.length))?.[0];
    if (part !== undefined && !estate.test(part)) shown += part;
  }
  return shown + hidden;
}

function maskBirthDate(text: string): string | null {
  return /^\d{4}-/.test(text) ? text.slice(0, 4) : null;
}

function maskText(rule: Exclude<MaskRule, 'none' | 'hide'>, text: string, level: MaskLevel): string | null {
  switch (rule) {
    case 'name':
      return maskName(text);
    case 'idNumber':
      return maskIdNumber(text, level);
    case 'phone':
      return maskPhone(text);
    case 'address':
      return maskAddress(text);
    case 'bankAccount':
    case 'tail4':
      return keepTail(text);
    case 'plate':
      return maskPlate(text);
    case 'birthDate':
      return maskBirthDate(text);
  }
}

/** One value under one rule; of lists and records each item. `null` means hidden. Only `idNumber` differs between `public` and `purpose`. */
export function maskValue(rule: MaskRule, value: FieldValue, level: MaskLevel = 'public'): FieldValue | null {
  if (level === 'full' || rule === 'none') return value;
  if (rule === 'hide') return null;
  if (typeof value === 'string') return maskText(rule, value, level);
  if (isItems(value)) return value.map((item) => maskText(rule, item, level) ?? hidden);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskText(rule, item, level) ?? hidden]));
}

function isItems(value: Exclude<FieldValue, string>): value is readonly string[] {
  return Array.isArray(value);
}

/** The values that are there, masked by the type's rules, in the type's order. A value of no field of the type is left out. */
export function maskFields(type: CertificateType, values: FieldValues, level: MaskLevel): MaskedValues {
  const masked: { [key: string]: FieldValue | null } = {};
  for (const field of type.fields) {
    const value = values[field.key];
    if (value !== undefined) masked[field.key] = maskValue(field.mask, value, level);
  }
  return masked;
}
