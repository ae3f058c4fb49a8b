/** A mapping file: how the columns of a registry's own export become the fields of a type. JSON, `yinxin-mapping/1`. */
import { isJsonObject, type Json, parseJson, YinxinError } from '@yinxin/core';
import { readBytes } from '../files.ts';

export interface Mapping {
  /** The type's slug, where the file names it. */
  readonly type: string | undefined;
  /** The registry's heading → the field's key, label or metadata name, or `supersedes`. */
  readonly columns: ReadonlyMap<string, string>;
  /** The field's key, label or metadata name → a value for every row. */
  readonly constants: ReadonlyMap<string, string>;
  /** Headings that are not read. */
  readonly ignored: ReadonlySet<string>;
}

const maxMappingBytes = 1024 * 1024;
const format = 'yinxin-mapping/1';
const members = ['format', 'type', 'columns', 'constants', 'ignored'];

function refuse(why: string, name: string): YinxinError {
  return new YinxinError('ROSTER_MAPPING', { why, name: name.slice(0, 40) });
}

function readTexts(json: Json | undefined, member: string): ReadonlyMap<string, string> {
  if (json === undefined) return new Map();
  if (!isJsonObject(json)) throw refuse('member', member);
  return new Map(
    Object.entries(json).map(([name, value]): [string, string] => {
      if (typeof value !== 'string') throw refuse('member', `${member}: ${name}`);
      return [name, value];
    }),
  );
}

function readNames(json: Json | undefined): ReadonlySet<string> {
  if (json === undefined) return new Set();
  if (!Array.isArray(json)) throw refuse('member', 'ignored');
  return new Set(
    json.map((name) => {
      if (typeof name !== 'string') throw refuse('member', 'ignored');
      return name;
    }),
  );
}

/** Reads a mapping; whether it fits a type and a roster is `matchColumns`'s to say. @throws YinxinError ROSTER_MAPPING with `{why, name}` */
export function parseMapping(json: Json): Mapping {
  if (!isJsonObject(json)) throw refuse('json', '');
  const unknown = Object.keys(json).find((name) => !members.includes(name));
  if (unknown !== undefined) throw refuse('member', unknown);
  if (json['format'] !== format) throw refuse('format', String(json['format'] ?? ''));
  const type = json['type'];
  if (type !== undefined && typeof type !== 'string') throw refuse('member', 'type');
  const columns = readTexts(json['columns'], 'columns');
  const ignored = readNames(json['ignored']);
  for (const name of ignored) if (columns.has(name)) throw refuse('twice', name);
  return { type, columns, constants: readTexts(json['constants'], 'constants'), ignored };
}

/** @throws YinxinError FILE_UNREADABLE, TOO_LARGE, ROSTER_MAPPING */
export async function readMapping(path: string): Promise<Mapping> {
  const bytes = await readBytes(path, maxMappingBytes);
  try {
    return parseMapping(parseJson(bytes));
  } catch (error) {
    if (error instanceof YinxinError && error.code !== 'ROSTER_MAPPING') throw refuse('json', '');
    throw error;
  }
}
