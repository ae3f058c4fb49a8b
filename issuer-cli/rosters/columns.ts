/** Which column of a roster holds which field: by label, key or metadata name, in any order, or as a mapping file says. */
import {
  type CertificateType,
  checkValue,
  type Field,
  type FieldValue,
  type FieldValues,
  YinxinError,
} from '@yinxin/core';
import { CellTalk, type Pictures, prepareField, type ReadCell } from './cells.ts';
import type { Mapping } from './mapping.ts';
import type { SourceRow } from './source.ts';

/** How one field gets its value from a row. */
export interface Step {
  readonly field: Field;
  readonly column: number;
  readonly read: ReadCell;
}

export interface Columns {
  readonly type: CertificateType;
  readonly header: readonly string[];
  /** By column; undefined where it holds no field. */
  readonly fields: readonly (Field | undefined)[];
  /** The column that names the certificate which a row reissues; −1 without one. */
  readonly supersedes: number;
  /** Headings of columns that are not read; to be shown. */
  readonly ignored: readonly string[];
  /** Values that the mapping gives to every row. */
  readonly constants: FieldValues;
  /** In the order of the type. */
  readonly steps: readonly Step[];
  readonly width: number;
  /** Columns whose long numbers are known to be as they were typed (`findExactDigits`). Default: none. */
  readonly exact?: ReadonlySet<number>;
}

const supersedesNames = ['supersedes', '原证照标识', 'superseded certificate', 'yzzbs'];
const reasonNames = ['原因', 'reason'];
/** GB/T 36903 names of what the type or the ledger tells anyway. */
const ignoredTags = ['zzmc', 'zzlxdm', 'zzbfjgdm', 'czztdmlx', 'czztdmlxdm', 'zzzt'];

/** What people write for the same label: full-width brackets, spaces, other capitals, a star for “required”. */
export function foldLabel(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s\u200b\ufeff]+/g, '')
    .replace(/^\*|\*$/g, '')
    .toLowerCase();
}

const folded = (names: readonly string[]) => new Set(names.map(foldLabel));
const supersedesFolded = folded(supersedesNames);
const reasonsFolded = folded(reasonNames);
const ignoredFolded = folded(ignoredTags);

/** The field that a key, a label or a metadata name (`ZZBH`, or `KZ_` and the key or label) means. */
export function findField(type: CertificateType, name: string): Field | undefined {
  const namesOf = ({ key, label, tag }: Field) => [key, label.zh, label.en, ...(tag === undefined ? [] : [tag])];
  const exact = type.fields.find((field) => namesOf(field).includes(name));
  if (exact) return exact;
  const wanted = foldLabel(name);
  const find = (text: string) => type.fields.find((field) => namesOf(field).some((own) => foldLabel(own) === text));
  return find(wanted) ?? (wanted.startsWith('kz_') ? find(wanted.slice('kz_'.length)) : undefined);
}

const noPictures: Pictures = new Map();

/** Whether this heads the reasons of a failed roster. */
export function isReason(heading: string): boolean {
  return reasonsFolded.has(foldLabel(heading));
}

type Meaning = Field | 'supersedes' | 'ignored' | 'reason' | undefined;

function findMeaning(type: CertificateType, name: string, mapping: Mapping | undefined): Meaning {
  const mapped = mapping?.columns.get(name) ?? mapping?.columns.get(name.trim());
  if (mapped !== undefined) return findNamed(type, mapped);
  if (mapping?.ignored.has(name) || mapping?.ignored.has(name.trim())) return 'ignored';
  const field = findField(type, name);
  if (field) return field;
  const wanted = foldLabel(name);
  if (supersedesFolded.has(wanted)) return 'supersedes';
  if (isReason(name)) return 'reason';
  return ignoredFolded.has(wanted) ? 'ignored' : undefined;
}

/** What a mapping's column means. @throws YinxinError ROSTER_MAPPING */
function findNamed(type: CertificateType, name: string): Field | 'supersedes' {
  const field = findField(type, name);
  if (field) return field;
  if (supersedesFolded.has(foldLabel(name))) return 'supersedes';
  throw new YinxinError('ROSTER_MAPPING', { why: 'field-unknown', name: name.slice(0, 40), type: type.type });
}

/** Tells a header from a title above it: at least half of what stands in it is known. */
export function readHeadings(
  type: CertificateType | undefined,
  mapping: Mapping | undefined,
): ((cells: readonly string[]) => boolean) | undefined {
  if (type === undefined) return undefined;
  return (cells) => {
    const written = cells.filter((cell) => cell.trim() !== '');
    const known = written.filter((cell) => findMeaning(type, cell, mapping) !== undefined);
    return known.length > 0 && known.length * 2 >= written.length;
  };
}

function findConstants(type: CertificateType, mapping: Mapping | undefined, taken: ReadonlySet<Field>): FieldValues {
  const constants: { [key: string]: FieldValue } = {};
  for (const [name, text] of mapping?.constants ?? []) {
    const field = findField(type, name);
    if (!field)
      throw new YinxinError('ROSTER_MAPPING', { why: 'field-unknown', name: name.slice(0, 40), type: type.type });
    if (taken.has(field) || constants[field.key] !== undefined)
      throw new YinxinError('ROSTER_MAPPING', { why: 'twice', name: name.slice(0, 40) });
    const talk = new CellTalk(noPictures, undefined);
    const value = text === '' ? undefined : prepareField(field, type.holder.kind)(text, talk);
    if (talk.problem !== undefined || value === undefined)
      throw new YinxinError('ROSTER_MAPPING', {
        why: 'constant-invalid',
        name: name.slice(0, 40),
        code: talk.problem ?? 'FIELD_MISSING',
      });
    constants[field.key] = checkValue(field, value, type.holder.kind);
  }
  return constants;
}

function checkMapping(type: CertificateType, header: readonly string[], mapping: Mapping): void {
  if (mapping.type !== undefined && mapping.type !== type.type)
    throw new YinxinError('ROSTER_MAPPING', { why: 'other-type', name: mapping.type, type: type.type });
  const written = new Set(header.map((name) => name.trim()));
  for (const name of mapping.columns.keys()) {
    if (!written.has(name.trim()))
      throw new YinxinError('ROSTER_MAPPING', { why: 'column-missing', name: name.slice(0, 40) });
  }
}

/** A type whose roster this could be: every required field there, and more of the columns known. */
function findOther(
  type: CertificateType,
  header: readonly string[],
  others: readonly CertificateType[],
): CertificateType | undefined {
  const countKnown = (candidate: CertificateType) =>
    header.filter((name) => typeof findMeaning(candidate, name, undefined) === 'object').length;
  const own = countKnown(type);
  return others.find((candidate) => {
    if (candidate.type === type.type) return false;
    const known = header.map((name) => findField(candidate, name));
    return countKnown(candidate) > own && candidate.fields.every((field) => !field.required || known.includes(field));
  });
}

const shorten = (name: string, column: number) => (name.trim() === '' ? `#${column + 1}` : name.slice(0, 40));

/**
 * The field of each column. `others` are the types among which the roster's own is looked for where it is none of `type`.
 * @throws YinxinError ROSTER_TYPE_OTHER with `{type, other, name}`; ROSTER_MAPPING with `{why, name}`; ROSTER_HEADER with `{type, unknown, repeated,
 * missing}`: headings, and labels of required fields; or with `{type, headless}` where no column is known: what stands there may be somebody's data
 */
export function matchColumns(
  type: CertificateType,
  header: readonly string[],
  mapping?: Mapping,
  others: readonly CertificateType[] = [],
): Columns {
  if (mapping) checkMapping(type, header, mapping);
  const meanings = header.map((name) => findMeaning(type, name, mapping));
  const last = meanings.length - 1;
  const lastName = header[last];
  // The field's own label may be “reason”; behind all others it is the reason of a failed roster.
  if (last >= 0 && lastName !== undefined && meanings.indexOf(meanings[last]) < last && isReason(lastName))
    meanings[last] = 'reason';
  const fields = meanings.map((meaning) => (typeof meaning === 'object' ? meaning : undefined));
  const taken = new Set(fields.filter((field) => field !== undefined));
  const constants = findConstants(type, mapping, taken);
  const unknown = header.map(shorten).filter((_, column) => meanings[column] === undefined);
  const repeated = header
    .filter((_, column) => {
      const meaning = meanings[column];
      return (typeof meaning === 'object' || meaning === 'supersedes') && meanings.indexOf(meaning) < column;
    })
    .map((name) => name.slice(0, 40));
  const missing = type.fields.filter(
    (field) => field.required && !taken.has(field) && constants[field.key] === undefined,
  );
  if (unknown.length + repeated.length + missing.length > 0) {
    const other = findOther(type, header, others);
    if (other)
      throw new YinxinError('ROSTER_TYPE_OTHER', { type: type.type, other: other.type, name: { ...other.name } });
    if (meanings.every((meaning) => meaning === undefined))
      throw new YinxinError('ROSTER_HEADER', { type: type.type, headless: true });
    throw new YinxinError('ROSTER_HEADER', {
      type: type.type,
      unknown,
      repeated,
      missing: missing.map(({ label }) => ({ ...label })),
    });
  }
  return {
    type,
    header,
    fields,
    supersedes: meanings.indexOf('supersedes'),
    ignored: header.filter((_, column) => meanings[column] === 'ignored'),
    constants,
    steps: type.fields.map((field) => ({
      field,
      column: fields.indexOf(field),
      read: prepareField(field, type.holder.kind),
    })),
    width: header.length,
  };
}

/** Names in the columns of pictures, of some rows. */
export function listPictures(columns: Columns, rows: Iterable<SourceRow>): ReadonlySet<string> {
  const names = new Set<string>();
  const places = [...columns.fields.entries()].filter(([, field]) => field?.kind === 'image').map(([column]) => column);
  if (places.length === 0) return names;
  for (const { cells } of rows) {
    for (const column of places) {
      const name = cells[column] ?? '';
      if (name !== '') names.add(name);
    }
  }
  return names;
}
