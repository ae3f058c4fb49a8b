/** Statements: the short ASCII texts that an issuer signs with SM2 (core/FORMATS.md). What is parsed re-serialises to itself. */

import { sm3 } from '#sm3';
import { ascii, concat, fromBase64, toBase64, utf8 } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { canonicalBytes } from './jcs.ts';
import type {
  AnchorStatement,
  Instant,
  KeyUse,
  PossessionStatement,
  Statement,
  StatusChange,
  StatusStatement,
  Supersession,
} from './model.ts';
import { parseKeyId } from './sm2.ts';
import { parseInstant } from './time.ts';

const tag = (name: string) => concat(ascii(name), new Uint8Array(1));
const statementTag = tag('yinxin-statement');
const supersessionsTag = tag('yinxin-supersessions');
const changesTag = tag('yinxin-changes');

/** Longest statement that is read, in characters; the longest lawful one is under 700. */
const maxStatementLength = 2048;

function lines(statement: Statement): readonly (readonly [string, string])[] {
  switch (statement.format) {
    case 'yinxin-anchor/1':
      return [
        ['channel', statement.channel],
        ['issuer', statement.issuer],
        ['type', `${statement.type}/${statement.typeVersion}`],
        ['entries', `${statement.first}-${statement.last}`],
        ['root', statement.root],
        ['supersedes', statement.supersedes ?? '-'],
        ['time', statement.time],
        ['key', statement.key],
      ];
    case 'yinxin-status/1':
      return [
        ['channel', statement.channel],
        ['issuer', statement.issuer],
        ['count', String(statement.count)],
        ['changes', statement.changes],
        ['time', statement.time],
        ['key', statement.key],
      ];
    case 'yinxin-key/1':
      return [
        ['channel', statement.channel],
        ['issuer', statement.issuer],
        ['use', statement.use],
        ['publickey', statement.publicKey],
        ['time', statement.time],
      ];
  }
}

/** The text that is signed: a format line, then `name value` lines, each ending in LF. */
export function formatStatement(statement: Statement): string {
  return `${statement.format}\n${lines(statement)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')}`;
}

const malformed = (why: string) => new YinxinError('MALFORMED_STATEMENT', { why });

/** Reads a text into its `name → value` lines; throws MALFORMED_STATEMENT. */
function readLines(text: string, format: Statement['format']): (name: string) => string {
  if (text.length > maxStatementLength) throw malformed('too long');
  const [first, ...rest] = text.split('\n');
  if (first !== format) throw malformed('format');
  const values = new Map<string, string>();
  for (const line of rest.slice(0, -1)) {
    const match = /^([a-z]+) ([!-~]+)$/.exec(line);
    const name = match?.[1];
    const value = match?.[2];
    if (name === undefined || value === undefined || values.has(name)) throw malformed('line');
    values.set(name, value);
  }
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw malformed(name);
    return value;
  };
}

function decimal(text: string): number {
  const value = Number(text);
  if (!/^[1-9]\d{0,15}$/.test(text) || !Number.isSafeInteger(value)) throw malformed('decimal');
  return value;
}

function pair(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  if (at < 1) throw malformed(`no ${separator}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Every statement must come back byte for byte, which refuses added, repeated and re-ordered lines. */
function readStatement<S extends Statement>(text: string, read: () => S): S {
  let statement: S;
  try {
    statement = read();
  } catch (error) {
    if (error instanceof YinxinError && error.code !== 'MALFORMED_STATEMENT') throw malformed(error.code);
    throw error;
  }
  if (formatStatement(statement) !== text) throw malformed('does not re-serialise to itself');
  return statement;
}

function hash(text: string): string {
  fromBase64(text, 32);
  return text;
}

/** @throws YinxinError MALFORMED_STATEMENT */
export function parseAnchorStatement(text: string): AnchorStatement {
  return readStatement(text, () => {
    const get = readLines(text, 'yinxin-anchor/1');
    const [type, version] = pair(get('type'), '/');
    const [first, last] = pair(get('entries'), '-');
    const statement: AnchorStatement = {
      format: 'yinxin-anchor/1',
      channel: get('channel'),
      issuer: get('issuer'),
      type,
      typeVersion: decimal(version),
      first: decimal(first),
      last: decimal(last),
      root: hash(get('root')),
      supersedes: get('supersedes') === '-' ? null : hash(get('supersedes')),
      time: parseInstant(get('time')),
      key: parseKeyId(get('key')),
    };
    if (statement.last < statement.first) throw malformed('entries');
    return statement;
  });
}

/** @throws YinxinError MALFORMED_STATEMENT */
export function parseStatusStatement(text: string): StatusStatement {
  return readStatement(text, () => {
    const get = readLines(text, 'yinxin-status/1');
    return {
      format: 'yinxin-status/1',
      channel: get('channel'),
      issuer: get('issuer'),
      count: decimal(get('count')),
      changes: hash(get('changes')),
      time: parseInstant(get('time')),
      key: parseKeyId(get('key')),
    };
  });
}

export function isKeyUse(text: string): text is KeyUse {
  return text === 'anchor' || text === 'status' || text === 'code';
}

/** @throws YinxinError MALFORMED_STATEMENT */
export function parsePossessionStatement(text: string): PossessionStatement {
  return readStatement(text, () => {
    const get = readLines(text, 'yinxin-key/1');
    const use = get('use');
    if (!isKeyUse(use)) throw malformed('use');
    fromBase64(get('publickey'), 65);
    const time: Instant = parseInstant(get('time'));
    return {
      format: 'yinxin-key/1',
      channel: get('channel'),
      issuer: get('issuer'),
      use,
      publicKey: get('publickey'),
      time,
    };
  });
}

/** SM3("yinxin-statement" ‖ 0x00 ‖ statement ‖ signature) in base64: names a signed statement. */
export function statementDigest(text: string, signature: Uint8Array): string {
  return toBase64(sm3(concat(statementTag, utf8(text), signature)));
}

/** The `supersedes` value of an anchor statement; null for none. Items ascend by entry. */
export function digestSupersessions(supersessions: readonly Supersession[]): string | null {
  if (supersessions.length === 0) return null;
  const list = supersessions.map(({ entry, supersedes }) => ({ entry, supersedes }));
  return toBase64(sm3(concat(supersessionsTag, canonicalBytes(list))));
}

/** The `changes` value of a status statement. Items ascend by type and entry. */
export function digestChanges(changes: readonly StatusChange[]): string {
  const list = changes.map(({ type, entry, sequence, from, to, act, basis, document, effective, corrects }) => ({
    type,
    entry,
    sequence,
    from,
    to,
    act,
    basis,
    document,
    effective,
    ...(corrects !== undefined && { corrects }),
  }));
  return toBase64(sm3(concat(changesTag, canonicalBytes(list))));
}
