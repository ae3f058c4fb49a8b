/** The body of `POST /v1/batches`, from bytes to the shape of core/api.ts. What is wrong with a value is not looked at here: that is a finding of its row. */
import {
  type BatchRequest,
  fromUtf8,
  isJsonObject,
  type Json,
  memberReader,
  parseJson,
  YinxinError,
} from '@yinxin/core';

/** Rows that one request may carry. */
export const maxRows = 4_096;
/** Of a request: 4,096 rows of 4 kB. */
export const maxRequestBytes = 16 * 1_048_576;
/** Code points of issuer and type. */
const longest = { issuer: 18, type: 64 } as const;

const invalid = (member: string) => new YinxinError('INPUT_INVALID', { member });

/**
 * The platform's own parser is several times as fast as the strict one. What it reads and writes back to the same text has no key twice and nothing in
 * another spelling; backslashes, and the one control character that it lets through, are left to the strict one, as is everything that it refuses.
 */
function parsePlain(text: string): Json | undefined {
  if (text.includes('\\') || text.includes('\u007f')) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFieldValue(json: Json): boolean {
  if (typeof json === 'string') return true;
  const items = Array.isArray(json) ? json : isJsonObject(json) ? Object.values(json) : [undefined];
  return items.every((item) => typeof item === 'string');
}

function checkRow(row: Json): void {
  if (!isJsonObject(row)) throw invalid('rows');
  for (const name in row) if (name !== 'values' && name !== 'supersedes') throw invalid(`rows.${name.slice(0, 64)}`);
  const { values, supersedes } = row as { readonly values?: Json; readonly supersedes?: Json };
  if (!isJsonObject(values)) throw invalid('rows.values');
  for (const key in values) {
    if (!isFieldValue(values[key] ?? null)) throw invalid(`rows.values.${key.slice(0, 64)}`);
  }
  if (supersedes !== undefined && typeof supersedes !== 'string') throw invalid('rows.supersedes');
}

/**
 * @throws YinxinError INPUT_INVALID, TOO_MANY_ROWS, and as core's `parseJson`
 */
export function parseBatchRequest(bytes: Uint8Array): BatchRequest {
  const json = parsePlain(fromUtf8(bytes)) ?? parseJson(bytes, { maxBytes: maxRequestBytes });
  const read = memberReader(json, 'batch', 'INPUT_INVALID', ['issuer', 'type', 'rows', 'stock']);
  const rows = read.array('rows');
  if (rows.length > maxRows) throw new YinxinError('TOO_MANY_ROWS', { maxRows });
  if (rows.length === 0) throw invalid('batch.rows');
  for (const row of rows) checkRow(row);
  const text = (name: 'issuer' | 'type') => {
    const found = read.text(name);
    if (found.length === 0 || [...found].length > longest[name]) throw invalid(name);
    return found;
  };
  return {
    issuer: text('issuer'),
    type: text('type'),
    rows: rows as unknown as BatchRequest['rows'], // each was checked; its `supersedes` is looked up as it is
    ...(read.has('stock') && { stock: read.boolean('stock') }),
  };
}
