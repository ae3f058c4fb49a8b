/**
 * Whose a row is: the organisation whose peer has to endorse whatever changes it (Fabric's key-level endorsement policy). What is of the whole
 * network is nobody's, and the channel's own policy guards it; so are status rows, whose batch is its city's; and so are the rows `domain` and
 * `organisation` of an organisation that others named and that has not joined: it may be a mistake, and nobody could ever endorse for it.
 */
import { YinxinError } from '../errors.ts';
import type { DomainRow, OrganisationRow, Row } from '../ledger-model.ts';
import { organisationsOf } from './permission.ts';
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

/** A row that came to belong to an organisation; or from one to nobody, where a peer of any one of several is asked for. */
export interface OwnedRow {
  readonly key: RowKey;
  readonly msps: readonly string[];
}

type Ownable = RowOf<(typeof ownedKinds)[number]>;
/** Of an organisation itself. */
type Named = DomainRow | OrganisationRow;
type Find = <K extends RowKind>(key: RowKey<K>) => RowOf<K> | undefined;

const isOwnable = (row: Row): row is Ownable => ownedKinds.some((kind) => kind === row.kind);
const isNamed = (row: Ownable): row is Named => row.kind === 'domain' || row.kind === 'organisation';

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

function ownerOf(row: Exclude<Ownable, Named>, find: Find): string {
  switch (row.kind) {
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

/** The organisation named, once it has joined. */
function joinedOf({ msp }: Named, find: Find): string | undefined {
  return (find(rowKeys.organisation(msp))?.joined ?? null) === null ? undefined : msp;
}

/**
 * Fabric's gateway cannot have anything endorsed that writes a row with an empty policy. So a row that was one's and is nobody's any more asks for
 * a peer of whichever organisation, which adds nothing to what the channel's policy asks for.
 */
function namedOwners(row: Named, view: View, find: Find): readonly string[] {
  const before = view.get(rowKeyOf(row) as RowKey<Named['kind']>); // the kinds of such rows are of such keys
  const owner = before && joinedOf(before, (key) => view.get(key));
  const next = joinedOf(row, find);
  if (next === owner) return [];
  return next === undefined ? [...organisationsOf(view)].sort() : [next];
}

/** For a row that came to have owners. Any other than a domain stays with its first one, whatever becomes of its domain. */
function newOwners(row: Ownable, view: View, find: Find): readonly string[] {
  if (isNamed(row)) return namedOwners(row, view, find);
  return view.get(rowKeyOf(row)) ? [] : [ownerOf(row, find)];
}

/**
 * The rows that a decision gives an owner, each once as far as may be: a policy set again makes Fabric refuse all else that writes
 * the row in the same block.
 * @throws YinxinError INTERNAL where the row before, or the body, domain or organisation that it belongs to, was never read
 */
export function findOwned(view: View, writes: readonly Row[]): readonly OwnedRow[] {
  const written = new Map(writes.map((row) => [formatRowKey(rowKeyOf(row)), row]));
  const find: Find = <K extends RowKind>(key: RowKey<K>) =>
    (written.get(formatRowKey(key)) as RowOf<K> | undefined) ?? view.get(key); // kept under the key of its own kind
  return writes.flatMap((row) => {
    const msps = isOwnable(row) ? newOwners(row, view, find) : [];
    return msps.length === 0 ? [] : [{ key: rowKeyOf(row), msps }];
  });
}
