/** Inputs of the contract's reads: one row, a page of rows, a page of a row's history. */
import { issuerPattern, typePattern } from '../body.ts';
import { type MemberReader, memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { parseKeyId } from '../sm2.ts';
import { basisPattern } from '../status.ts';
import { invalid, slugPattern } from './common.ts';
import { mspPattern } from './domains.ts';
import { proposalPattern } from './proposals.ts';
import { regionPattern } from './regions.ts';
import { isRowKind, type RowKey, type RowKind, rowKeys } from './rows.ts';

/** Most items of one page. */
export const maxPageSize = 200;
const partPattern = /^[A-Za-z0-9._-]{1,64}$/;

function reader<Name extends string>(
  names: readonly Name[],
  toKey: (read: MemberReader<Name>) => RowKey,
): (json: Json) => RowKey {
  return (json) => toKey(memberReader(json, 'input', 'INPUT_INVALID', names));
}

const issuerIn = (read: MemberReader<'issuer'>) => read.matching('issuer', issuerPattern);
const typeIn = (read: MemberReader<'type'>) => read.matching('type', typePattern);

/** For each read of one row, the parser of its input to the row's key. @throws YinxinError INPUT_INVALID, MALFORMED_KEY */
export const singleReads = {
  readNetwork: reader([], () => rowKeys.network()),
  readDomain: reader(['domain'], (read) => rowKeys.domain(read.matching('domain', regionPattern))),
  readIssuer: reader(['issuer'], (read) => rowKeys.issuer(issuerIn(read))),
  readKey: reader(['key'], (read) => rowKeys.key(parseKeyId(read.text('key')))),
  readType: reader(['type', 'version'], (read) => rowKeys.type(typeIn(read), read.positive('version'))),
  readBasis: reader(['basis'], (read) => rowKeys.basis(read.matching('basis', basisPattern))),
  readMatter: reader(['matter'], (read) => rowKeys.matter(read.matching('matter', slugPattern))),
  readAgreement: reader(['agreement'], (read) => rowKeys.agreement(read.matching('agreement', slugPattern))),
  readProposal: reader(['proposal'], (read) => rowKeys.proposal(read.matching('proposal', proposalPattern))),
  readOrganisation: reader(['msp'], (read) => rowKeys.organisation(read.matching('msp', mspPattern))),
  readGovernance: reader(['msp'], (read) => rowKeys.governance(read.matching('msp', mspPattern))),
  readEntitlement: reader(['issuer', 'type'], (read) => rowKeys.entitlement(issuerIn(read), typeIn(read))),
  readRegister: reader(['issuer', 'type'], (read) => rowKeys.register(issuerIn(read), typeIn(read))),
  readBatch: reader(['issuer', 'type', 'first'], (read) =>
    rowKeys.batch(issuerIn(read), typeIn(read), read.positive('first')),
  ),
  readStatus: reader(['issuer', 'type', 'entry'], (read) =>
    rowKeys.status(issuerIn(read), typeIn(read), read.positive('entry')),
  ),
} as const;

function readKind(read: MemberReader<'kind'>): RowKind {
  const kind = read.text('kind');
  if (!isRowKind(kind)) throw invalid('kind');
  return kind;
}

function readParts(items: readonly Json[], member: string): readonly string[] {
  return items.map((item) => {
    if (typeof item !== 'string' || !partPattern.test(item)) throw invalid(member);
    return item;
  });
}

function readPageSize(read: MemberReader<'pageSize'>): number {
  const size = read.positive('pageSize');
  if (size > maxPageSize) throw invalid('pageSize', `more than ${maxPageSize}`);
  return size;
}

/** A page of the rows of a kind whose key's parts begin with `prefix`. */
export interface ListInput {
  readonly kind: RowKind;
  readonly prefix: readonly string[];
  readonly pageSize: number;
  /** Parts of the first key of the page, joined by `/`; empty for the first page. */
  readonly bookmark: string;
}

/** @throws YinxinError INPUT_INVALID */
export function parseListInput(json: Json): ListInput {
  const read = memberReader(json, 'input', 'INPUT_INVALID', ['kind', 'prefix', 'pageSize', 'bookmark']);
  const prefix = readParts(read.array('prefix'), 'prefix');
  const bookmark = read.text('bookmark');
  const parts = bookmark === '' ? prefix : readParts(bookmark.split('/'), 'bookmark');
  if (prefix.some((part, at) => parts[at] !== part)) throw invalid('bookmark', 'not of this list');
  return { kind: readKind(read), prefix, pageSize: readPageSize(read), bookmark };
}

/** A page of what was ever written to one row, newest first. */
export interface HistoryInput {
  readonly key: RowKey;
  readonly pageSize: number;
  /** Transaction id of the last item of the page before; empty for the first page. */
  readonly bookmark: string;
}

/** @throws YinxinError INPUT_INVALID */
export function parseHistoryInput(json: Json): HistoryInput {
  const read = memberReader(json, 'input', 'INPUT_INVALID', ['kind', 'parts', 'pageSize', 'bookmark']);
  return {
    key: { kind: readKind(read), parts: readParts(read.array('parts'), 'parts') },
    pageSize: readPageSize(read),
    bookmark: read.matching('bookmark', /^[0-9a-f]{0,64}$/),
  };
}
