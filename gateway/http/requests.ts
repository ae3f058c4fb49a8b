/** Bodies of requests, from JSON to the shapes of core/api.ts. A certificate file or code in them is not looked at here: what is wrong with one is a finding. */
import {
  type CertificateFile,
  type DuplicatesRequest,
  type ErasureRequest,
  type FieldValue,
  isAct,
  isJsonObject,
  isKeyUse,
  type Json,
  type JsonObject,
  type KeyRequest,
  type MemberReader,
  memberReader,
  type ProposalRow,
  parseIdentifier,
  parseInstant,
  type StatusChangeRequest,
  type VaultRotationRequest,
  type VerificationRequest,
  YinxinError,
} from '@yinxin/core';
import { maxRows } from '../issuing/request.ts';

export const maxChanges = 1_000;
export const maxPurposeCharacters = 200;
/** A version 40 symbol holds 7,089 digits; before them stands a short address. */
export const maxCodeCharacters = 8_192;
export const domainPattern = /^[1-9]\d{5}$/;
/** A slug, as a type's. */
export const matterPattern = /^[a-z][a-z0-9-]{1,63}$/;

const invalid = (member: string) => new YinxinError('INPUT_INVALID', { member });

export function readText<Name extends string>(read: MemberReader<Name>, name: Name, maxCharacters: number): string {
  const text = read.text(name);
  if (text.length === 0 || [...text].length > maxCharacters) throw invalid(name);
  return text;
}

type OptionName = 'at' | 'height' | 'domain' | 'matter' | 'purpose' | 'explain';
export type VerificationOptions = Pick<VerificationRequest, OptionName>;
const optionNames = ['at', 'height', 'domain', 'matter', 'purpose', 'explain'] as const satisfies readonly OptionName[];

function readOptions(
  read: MemberReader<OptionName>,
  readers: { readonly height: () => number; readonly explain: () => boolean },
): VerificationOptions {
  return {
    ...(read.has('at') && { at: parseInstant(read.text('at')) }),
    ...(read.has('height') && { height: readers.height() }),
    ...(read.has('domain') && { domain: read.matching('domain', domainPattern) }),
    ...(read.has('matter') && { matter: read.matching('matter', matterPattern) }),
    ...(read.has('purpose') && { purpose: readText(read, 'purpose', maxPurposeCharacters) }),
    ...(read.has('explain') && { explain: readers.explain() }),
  };
}

/** What every verification may say besides, from a query. @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function readVerificationQuery(
  query: (names: typeof optionNames) => MemberReader<OptionName>,
): VerificationOptions {
  const read = query(optionNames);
  return readOptions(read, {
    height: () => Number(read.matching('height', /^[1-9]\d{0,14}$/)),
    explain: () => read.matching('explain', /^(true|false)$/) === 'true',
  });
}

function isFieldValue(json: Json): json is Json & FieldValue {
  if (typeof json === 'string') return true;
  const items = Array.isArray(json) ? json : isJsonObject(json) ? Object.values(json) : [undefined];
  return items.every((item) => typeof item === 'string');
}

function readValues(json: Json, where: string): { readonly [key: string]: FieldValue } {
  if (!isJsonObject(json)) throw invalid(where);
  const values: [string, FieldValue][] = Object.entries(json).map(([key, value]) => {
    if (!isFieldValue(value)) throw invalid(`${where}.${key.slice(0, 64)}`);
    return [key, value];
  });
  return Object.fromEntries(values);
}

const verificationMembers = ['file', 'code', 'identifier', 'claims', 'leaf', ...optionNames] as const;

/** Exactly one of file, code and identifier. @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseVerificationRequest(json: Json): VerificationRequest {
  const read = memberReader(json, 'verification', 'INPUT_INVALID', verificationMembers);
  const given = (['file', 'code', 'identifier'] as const).filter((name) => read.has(name));
  if (given.length !== 1) throw invalid('file, code or identifier');
  if (!read.has('identifier') && (read.has('claims') || read.has('leaf'))) throw invalid('identifier');
  const options = readOptions(read, { height: () => read.positive('height'), explain: () => read.boolean('explain') });
  if (read.has('file')) return { file: read.object('file') as unknown as CertificateFile, ...options }; // read by verifying, which answers with a finding
  if (read.has('code')) return { code: readText(read, 'code', maxCodeCharacters), ...options };
  if (read.has('claims') && read.has('leaf')) throw invalid('claims or leaf');
  const identifier = readText(read, 'identifier', 128);
  if (read.has('leaf')) return { identifier, leaf: read.text('leaf'), ...options };
  return { identifier, ...(read.has('claims') && { claims: readValues(read.value('claims'), 'claims') }), ...options };
}

function parseChange(json: Json): StatusChangeRequest['changes'][number] {
  const names = ['identifier', 'act', 'basis', 'document', 'effective', 'corrects'] as const;
  const read = memberReader(json, 'changes', 'INPUT_INVALID', names);
  const act = read.text('act');
  if (!isAct(act)) throw invalid('changes.act');
  if (read.has('corrects') && act !== 'correct') throw invalid('changes.corrects');
  return {
    identifier: parseIdentifier(read.text('identifier')).identifier,
    act,
    basis: readText(read, 'basis', 64),
    document: readText(read, 'document', 64),
    ...(read.has('effective') && { effective: parseInstant(read.text('effective')) }),
    ...(read.has('corrects') && { corrects: read.positive('corrects') }),
  };
}

/** @throws YinxinError INPUT_INVALID, TOO_MANY_ROWS, MALFORMED_IDENTIFIER, MALFORMED_TIME */
export function parseStatusChangeRequest(json: Json): StatusChangeRequest {
  const read = memberReader(json, 'request', 'INPUT_INVALID', ['issuer', 'changes']);
  const changes = read.array('changes');
  if (changes.length > maxChanges) throw new YinxinError('TOO_MANY_ROWS', { maxRows: maxChanges });
  if (changes.length === 0) throw invalid('request.changes');
  return { issuer: readText(read, 'issuer', 18), changes: changes.map(parseChange) };
}

/** @throws YinxinError INPUT_INVALID, TOO_MANY_ROWS */
export function parseDuplicatesRequest(json: Json): DuplicatesRequest {
  const read = memberReader(json, 'request', 'INPUT_INVALID', ['issuer', 'type', 'rows']);
  const rows = read.array('rows');
  if (rows.length > maxRows) throw new YinxinError('TOO_MANY_ROWS', { maxRows });
  return {
    issuer: readText(read, 'issuer', 18),
    type: readText(read, 'type', 64),
    rows: rows.map((row) => ({
      values: readValues(memberReader(row, 'rows', 'INPUT_INVALID', ['values']).value('values'), 'rows.values'),
    })),
  };
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_IDENTIFIER */
export function parseErasureRequest(json: Json): ErasureRequest {
  const read = memberReader(json, 'erasure', 'INPUT_INVALID', ['identifier', 'document']);
  return {
    identifier: parseIdentifier(read.text('identifier')).identifier,
    document: readText(read, 'document', 64),
  };
}

/** @throws YinxinError INPUT_INVALID */
export function parseRotationRequest(json: Json): VaultRotationRequest {
  const read = memberReader(json, 'rotation', 'INPUT_INVALID', ['issuer']);
  return { issuer: readText(read, 'issuer', 18) };
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseKeyRequest(json: Json): KeyRequest {
  const read = memberReader(json, 'key', 'INPUT_INVALID', ['issuer', 'use', 'from', 'until', 'recovery']);
  const use = read.text('use');
  if (!isKeyUse(use)) throw invalid('key.use');
  return {
    issuer: readText(read, 'issuer', 18),
    use,
    ...(read.has('from') && { from: parseInstant(read.text('from')) }),
    ...(read.has('until') && { until: parseInstant(read.text('until')) }),
    ...(read.has('recovery') && { recovery: read.boolean('recovery') }),
  };
}

/** A request that says all by its path. @throws YinxinError INPUT_INVALID for any member */
export function parseNoMembers(json: Json): void {
  memberReader(json, 'body', 'INPUT_INVALID', []);
}

/** Nothing is asked but a key. @throws YinxinError INPUT_INVALID for any member */
export function parseListKeyRequest(json: Json): JsonObject {
  memberReader(json, 'listKey', 'INPUT_INVALID', []);
  return {};
}

export const proposalStates = ['open', 'adopted', 'withdrawn', 'expired'] as const;

/** @throws YinxinError INPUT_INVALID */
export function readProposalState(read: MemberReader<'state'>): ProposalRow['state'] {
  const state = proposalStates.find((known) => known === read.text('state'));
  if (!state) throw invalid('query.state');
  return state;
}

/** A page of a list: `after` from 0, `limit` from 1. @throws YinxinError INPUT_INVALID */
export function readPage(
  read: MemberReader<'after' | 'limit'>,
  maxLimit: number,
): { readonly after: number; readonly limit: number } {
  const natural = (name: 'after' | 'limit', fallback: number) =>
    read.has(name) ? Number(read.matching(name, /^(0|[1-9]\d{0,14})$/)) : fallback;
  const limit = natural('limit', Math.min(100, maxLimit));
  if (limit < 1 || limit > maxLimit) throw invalid('query.limit');
  return { after: natural('after', 0), limit };
}
