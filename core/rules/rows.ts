/** Rows of the ledger: their keys (a Fabric composite key of kind and parts) and their texts (canonical JSON, RFC 8785). */
import { YinxinError } from '../errors.ts';
import { canonicalize } from '../jcs.ts';
import type { Row } from '../ledger-model.ts';
import type { Json, KeyId } from '../model.ts';

export type RowKind = Row['kind'];
export type RowOf<K extends RowKind> = Extract<Row, { readonly kind: K }>;

/** Names one row. No part is empty or holds U+0000. */
export interface RowKey<K extends RowKind = RowKind> {
  readonly kind: K;
  readonly parts: readonly string[];
}

const versionDigits = 6;
const entryDigits = 12;

function toKey<K extends RowKind>(kind: K, ...parts: readonly string[]): RowKey<K> {
  return { kind, parts };
}

/** Padded, so that the order of keys is the order of numbers. */
const pad = (number: number, digits: number) => String(number).padStart(digits, '0');

/** The key of each kind's row. */
export const rowKeys = {
  network: () => toKey('network'),
  domain: (domain: string) => toKey('domain', domain),
  issuer: (issuer: string) => toKey('issuer', issuer),
  key: (key: KeyId) => toKey('key', key),
  listKey: (kid: string) => toKey('listKey', kid),
  type: (type: string, version: number) => toKey('type', type, pad(version, versionDigits)),
  basis: (basis: string) => toKey('basis', basis),
  matter: (matter: string) => toKey('matter', matter),
  agreement: (agreement: string) => toKey('agreement', agreement),
  proposal: (txId: string) => toKey('proposal', txId),
  organisation: (msp: string) => toKey('organisation', msp),
  governance: (msp: string) => toKey('governance', msp),
  entitlement: (issuer: string, type: string) => toKey('entitlement', issuer, type),
  register: (issuer: string, type: string) => toKey('register', issuer, type),
  batch: (issuer: string, type: string, first: number) => toKey('batch', issuer, type, pad(first, entryDigits)),
  status: (issuer: string, type: string, entry: number) => toKey('status', issuer, type, pad(entry, entryDigits)),
} as const satisfies { readonly [K in RowKind]: (...parts: never[]) => RowKey<K> };

export function isRowKind(text: unknown): text is RowKind {
  return typeof text === 'string' && Object.prototype.hasOwnProperty.call(rowKeys, text);
}

/** The key under which a row is kept. */
export function rowKeyOf(row: Row): RowKey {
  switch (row.kind) {
    case 'network':
      return rowKeys.network();
    case 'domain':
      return rowKeys.domain(row.domain);
    case 'issuer':
      return rowKeys.issuer(row.issuer);
    case 'key':
      return rowKeys.key(row.key);
    case 'listKey':
      return rowKeys.listKey(row.kid);
    case 'type':
      return rowKeys.type(row.definition.type, row.definition.version);
    case 'basis':
      return rowKeys.basis(row.basis);
    case 'matter':
      return rowKeys.matter(row.matter);
    case 'agreement':
      return rowKeys.agreement(row.agreement);
    case 'proposal':
      return rowKeys.proposal(row.proposal);
    case 'organisation':
      return rowKeys.organisation(row.msp);
    case 'governance':
      return rowKeys.governance(row.msp);
    case 'entitlement':
      return rowKeys.entitlement(row.issuer, row.type);
    case 'register':
      return rowKeys.register(row.issuer, row.type);
    case 'batch':
      return rowKeys.batch(row.issuer, row.type, row.first);
    case 'status':
      return rowKeys.status(row.issuer, row.type, row.entry);
  }
}

/** The key as Fabric's `createCompositeKey` writes it. */
export function formatRowKey({ kind, parts }: RowKey): string {
  return `\u0000${[kind, ...parts].join('\u0000')}\u0000`;
}

/** Canonical JSON. */
export function formatRow(row: Row): string {
  return canonicalize(row as unknown as Json); // every row is JSON; interfaces merely lack the index signature
}

/**
 * Reads a value of the world state. The contract alone writes there, from parsed input: only the kind is checked again.
 * @throws YinxinError NOT_CANONICAL when it is no row
 */
export function parseRow(text: string): Row {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new YinxinError('NOT_CANONICAL');
  }
  if (typeof json !== 'object' || json === null || !('kind' in json) || !isRowKind(json.kind)) {
    throw new YinxinError('NOT_CANONICAL');
  }
  return json as Row; // see above: written by formatRow
}
