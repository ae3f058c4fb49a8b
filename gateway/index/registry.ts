/** The registry in memory, with its past: what rows said at any height, as a verifier's trust; and the heads of registers. */
import {
  epochSeconds,
  type Instant,
  type IssuerRow,
  type NetworkRow,
  type ProposalRow,
  type RegisterRow,
  type Row,
  type RowKind,
  type Trust,
  type TrustClaims,
  toInstant,
  YinxinError,
} from '@yinxin/core';
import { toTrustAt } from './trust.ts';
import { nameOf, type RowsAt, Versions } from './versions.ts';

/** Kinds of which every version is kept: few enough for memory. */
export const registryKinds: readonly RowKind[] = [
  'network',
  'domain',
  'issuer',
  'key',
  'listKey',
  'type',
  'entitlement',
  'basis',
  'matter',
  'agreement',
  'proposal',
];

/** How long after it was known to hold a registry may be judged by; without the ledger each type bounds it further. */
const trustSeconds = 30 * 86_400;
/** States of the registry whose lists are kept. */
const maxStates = 16;
export const maxProposals = 200;

/** What is asked for, and when the registry was last known to be the ledger's. */
export interface Knowledge {
  readonly height: number;
  readonly asOf: Instant;
}

export class Registry {
  readonly #versions = new Versions();
  readonly #registers = new Map<string, RegisterRow>();
  /** Type slugs by their 21-character codes. */
  readonly #slugs = new Map<string, string>();
  /** Blocks that changed what a trust holds, ascending. Between two of them every height has the same rows. */
  readonly #changed: number[] = [];
  /** By the last such block, in order of use. */
  readonly #states = new Map<number, RowsAt>();

  /** Blocks come in order. */
  set(row: Row, block: number): void {
    if (row.kind === 'register') {
      this.#registers.set(nameOf(row), row);
      return;
    }
    this.#versions.add(row, block);
    if (row.kind === 'type') this.#slugs.set(row.definition.code, row.definition.type);
    if (row.kind !== 'proposal' && this.#changed.at(-1) !== block) this.#changed.push(block);
  }

  register(issuer: string, type: string): RegisterRow | undefined {
    return this.#registers.get(`${issuer}/${type}`);
  }

  issuer(issuer: string, height: number): IssuerRow | undefined {
    return this.#rowsAt(height).get('issuer', issuer);
  }

  /** The type with this 21-character code. */
  slug(typeCode: string): string | undefined {
    return this.#slugs.get(typeCode);
  }

  isFounded(height: number): boolean {
    return this.#rowsAt(height).all('network').length > 0;
  }

  /** @throws YinxinError NOT_READY before the network was founded */
  claims(domain: string, { height, asOf }: Knowledge): TrustClaims {
    const rows = this.#rowsAt(height);
    const { channel } = requireNetwork(rows);
    const iat = epochSeconds(asOf);
    return {
      iss: domain,
      channel,
      height,
      iat,
      exp: iat + trustSeconds,
      domains: rows.all('domain'),
      issuers: rows.all('issuer'),
      keys: rows.all('key'),
      listKeys: rows.all('listKey'),
      entitlements: rows.all('entitlement'),
      types: rows.all('type'),
      bases: rows.all('basis'),
      matters: rows.all('matter'),
      agreements: rows.all('agreement'),
    };
  }

  /** @throws YinxinError NOT_READY before the network was founded */
  trust({ height, asOf }: Knowledge): Trust {
    const rows = this.#rowsAt(height);
    const expires = toInstant(epochSeconds(asOf) + trustSeconds);
    return toTrustAt(rows, requireNetwork(rows), { height, asOf, expires });
  }

  #rowsAt(height: number): RowsAt {
    const block = this.#changed.findLast((changed) => changed < height) ?? -1;
    const rows = this.#states.get(block) ?? this.#versions.at(block + 1);
    this.#states.delete(block);
    this.#states.set(block, rows);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= maxStates) break;
      this.#states.delete(oldest);
    }
    return rows;
  }

  /** Newest first. */
  proposals(height: number, state?: ProposalRow['state']): readonly ProposalRow[] {
    const found = this.#versions
      .at(height)
      .all('proposal')
      .filter((row) => state === undefined || row.state === state)
      .map((row) => ({ row, block: this.#versions.firstBlock(row) }));
    found.sort(
      (a, b) => b.block - a.block || compare(b.row.time, a.row.time) || compare(a.row.proposal, b.row.proposal),
    );
    return found.slice(0, maxProposals).map(({ row }) => row);
  }
}

function requireNetwork(rows: RowsAt): NetworkRow {
  const [network] = rows.all('network');
  if (!network) throw new YinxinError('NOT_READY');
  return network;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
