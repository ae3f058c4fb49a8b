/** Canonical JSON (RFC 8785) of the few values that Yinxin hashes and signs, and the strict reader (RFC 8259) of everything from outside. */
import { fromUtf8, utf8 } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { JsonReader } from './json-reader.ts';
import type { Json } from './model.ts';
import { checkText } from './text.ts';

export interface JsonLimits {
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Levels of arrays and objects, default 16. */
  readonly maxDepth?: number;
}

const defaultDepth = 16;
/** Levels that are written at most. */
const maxWrittenDepth = 64;

/**
 * Keys sorted by UTF-16 code units, no white space, text exactly as given.
 * @throws YinxinError MALFORMED_TEXT on a lone surrogate or a control character but LF; NOT_CANONICAL on a number that is not a safe integer or is −0, and on what is not JSON
 */
export function canonicalize(value: Json, depth = maxWrittenDepth): string {
  switch (typeof value) {
    case 'string':
      return formatText(value);
    case 'number':
      return formatNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth < 1) throw new YinxinError('NOT_CANONICAL', { reason: 'nested too deeply' });
      return Array.isArray(value)
        ? formatArray(value, depth - 1)
        : formatObject(value as { readonly [key: string]: Json }, depth - 1); // isArray does not narrow readonly arrays away
    default:
      throw new YinxinError('NOT_CANONICAL', { reason: 'not a JSON value' });
  }
}

/** UTF-8 of `canonicalize`. @throws as canonicalize */
export function canonicalBytes(value: Json): Uint8Array {
  return utf8(canonicalize(value));
}

/** Nothing to escape and nothing to refuse: almost every text, and half of the cost of serialising without this. */
const plainText = /^[ !#-[\]-~\u0080-\ud7ff\ue000-\uffff]*$/;

/** The last text that needed escapes: all files of a batch carry the same statement. */
let escaped = { text: '', formatted: '""' };

function formatText(text: string): string {
  if (text === escaped.text) return escaped.formatted;
  if (plainText.test(text)) return `"${text}"`;
  checkText(text);
  escaped = { text, formatted: JSON.stringify(text) };
  return escaped.formatted;
}

function formatNumber(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new YinxinError('NOT_CANONICAL', { reason: 'a number that is not a safe integer' });
  }
  return String(value);
}

function formatArray(items: readonly Json[], depth: number): string {
  let text = '[';
  for (let at = 0; at < items.length; at += 1) {
    if (at > 0) text += ',';
    text += canonicalize(items[at] as Json, depth); // in range; a hole is refused as not JSON
  }
  return `${text}]`;
}

function formatObject(object: { readonly [key: string]: Json }, depth: number): string {
  let text = '{';
  for (const key of sortKeys(Object.keys(object))) {
    if (text.length > 1) text += ',';
    text += `${formatText(key)}:${canonicalize(object[key] as Json, depth)}`; // an own key; undefined is refused as not JSON
  }
  return `${text}}`;
}

/** Keys by UTF-16 code units; what is parsed from canonical bytes is in order already. Sorts in place. */
export function sortKeys(keys: string[]): string[] {
  for (let at = 1; at < keys.length; at += 1) if ((keys[at - 1] ?? '') > (keys[at] ?? '')) return keys.sort();
  return keys;
}

/**
 * Reads JSON of text, safe integers, true, false, null, arrays and objects (which have no prototype, so `__proto__` and
 * `constructor` are keys like any other). Nothing is known of its shape yet.
 * @throws YinxinError TOO_LARGE, TOO_DEEP, DUPLICATE_KEY, MALFORMED_TEXT (UTF-8, lone surrogate, control character), NOT_CANONICAL (any other number), else MALFORMED_JSON with the offset in UTF-16 units
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): Json {
  return parseText(toText(bytes, limits), limits);
}

/**
 * Like parseJson, and the bytes are exactly the canonical ones. What the platform's own parser reads and comes back to the same text is
 * canonical: no key twice, no other number, no other spelling. Only what does not is read by the strict reader, which says why.
 * @throws as parseJson, and YinxinError NOT_CANONICAL
 */
export function parseCanonical(bytes: Uint8Array, limits: JsonLimits = {}): Json {
  const text = toText(bytes, limits);
  const value = parsePlain(text);
  if (value !== undefined && isCanonical(value, text, limits)) return value;
  parseText(text, limits);
  throw new YinxinError('NOT_CANONICAL');
}

function parsePlain(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function isCanonical(value: Json, text: string, { maxDepth = defaultDepth }: JsonLimits): boolean {
  try {
    return canonicalize(value, maxDepth) === text;
  } catch {
    return false;
  }
}

function toText(bytes: Uint8Array, { maxBytes = 1_048_576 }: JsonLimits): string {
  if (bytes.length > maxBytes) throw new YinxinError('TOO_LARGE', { maxBytes });
  return fromUtf8(bytes);
}

function parseText(text: string, { maxDepth = defaultDepth }: JsonLimits): Json {
  return new JsonReader(text, maxDepth).readAll();
}
