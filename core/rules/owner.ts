/**
 * Whose a row is: the organisation whose peer has to endorse whatever changes it (Fabric's key-level endorsement policy). What is of the whole
 * network is nobody's, and the channel's own policy guards it; so are status rows, whose batch is its city's.
 */
import { YinxinError } from '../errors.ts';
import type { Row } from '../ledger-model.ts';
import { formatRowKey, type RowKey, type RowKind, type RowOf, rowKeyOf, rowKeys } from './rows.ts';
import type { View } from './rule.ts';

/** Rows that belong to an organisation. */
export const ownedKinds = [
  'domain',
  'organisation',
  'issuer',
  'key',
  'listKey',
  'entitlement',
  'register',
  'batch',
] as const satisfies readonly RowKind[];

/** A row that came to belong to an organisation. */
export interface OwnedRow {
  readonly key: RowKey;
  readonly msp: string;
}

type Ownable = RowOf<(typeof ownedKinds)[number]>;
type Find = <K extends RowKind>(key: RowKey<K>) => RowOf<K> | undefined;

const isOwnable = (row: Row): row is Ownable => ownedKinds.some((kind) => kind === row.kind);

function domainOwner(domain: string, find: Find): string {
  const row = find(rowKeys.domain(domain));
  if (!row) throw new YinxinError('INTERNAL', { kind: 'domain', domain });
  return row.msp;
}

function issuerOwner(issuer: string, find: Find): string {
  const row = find(rowKeys.issuer(issuer));
  if (!row) throw new YinxinError('INTERNAL', { kind: 'issuer', issuer });
  return domainOwner(row.domain, find);
}

function ownerOf(row: Ownable, find: Find): string {
  switch (row.kind) {
    case 'domain':
    case 'organisation':
      return row.msp;
    case 'issuer':
    case 'listKey':
      return domainOwner(row.domain, find);
    case 'key':
    case 'entitlement':
    case 'register':
    case 'batch':
      return issuerOwner(row.issuer, find);
  }
}

/** New, or a domain that goes to another organisation. Any other row stays with its first owner, whatever becomes of its domain. */
function isNewlyOwned(row: Ownable, before: Row | undefined): boolean {
  if (!before) return true;
  return row.kind === 'domain' && before.kind === 'domain' && row.msp !== before.msp;
}

/**
 * The rows that a decision gives an owner, each once as far as may be: a policy set again makes Fabric refuse all else that writes
 * the row in the same block.
 * @throws YinxinError INTERNAL where the row before, or the body or domain that it belongs to, was never read
 */
export function findOwned(view: View, writes: readonly Row[]): readonly OwnedRow[] {
  const written = new Map(writes.map((row) => [formatRowKey(rowKeyOf(row)), row]));
  const find: Find = <K extends RowKind>(key: RowKey<K>) =>
    (written.get(formatRowKey(key)) as RowOf<K> | undefined) ?? view.get(key); // kept under the key of its own kind
  return writes.flatMap((row) => {
    const key = rowKeyOf(row);
    return isOwnable(row) && isNewlyOwned(row, view.get(key)) ? [{ key, msp: ownerOf(row, find) }] : [];
  });
}
