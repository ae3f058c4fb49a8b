/** The registry in memory, with its past: what rows said at any height, as a verifier's trust; and the heads of registers. */
import {
  type AgreementRow,
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

/** Kinds that are kept in memory: of proposals the newest version, of agreements those that all parties have approved, of others every one. */
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
export const maxProposals = 50;
export const maxAgreements = 200;

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

  /** The newest versions, in the order in which they came to be. */
  readonly #proposals = new Map<string, ProposalRow>();
  readonly #agreements = new Map<string, AgreementRow>();

  /** Rows as they are filed; blocks come in order. */
  set(row: Row, block: number): void {
    switch (row.kind) {
      case 'register':
        this.#registers.set(nameOf(row), row);
        return;
      case 'proposal':
        this.#proposals.set(row.proposal, row);
        return;
      case 'agreement':
        this.#agreements.set(row.agreement, row);
        if (row.approved === null) return;
        break;
      case 'type':
        this.#slugs.set(row.definition.code, row.definition.type);
        break;
    }
    this.#versions.add(row, block);
    if (this.#changed.at(-1) !== block) this.#changed.push(block);
  }

  /** The newest version of the same row. */
  version(row: Row): Row | undefined {
    return row.kind === 'agreement' ? this.#agreements.get(row.agreement) : this.#versions.newest(row);
  }

  register(issuer: string, type: string): RegisterRow | undefined {
    return this.#registers.get(`${issuer}/${type}`);
  }

  /** A register is made with its entitlement. */
  hasRegister(issuer: string, type: string, height: number): boolean {
    return this.#rowsAt(height).get('entitlement', `${issuer}/${type}`) !== undefined;
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
  proposals(state?: ProposalRow['state']): readonly ProposalRow[] {
    const found = [...this.#proposals.values()].reverse();
    return found.filter((row) => state === undefined || row.state === state).slice(0, maxProposals);
  }

  /** Approved or not, newest first. */
  agreements(): readonly AgreementRow[] {
    return [...this.#agreements.values()].reverse().slice(0, maxAgreements);
  }

  agreement(agreement: string): AgreementRow | undefined {
    return this.#agreements.get(agreement);
  }
}

function requireNetwork(rows: RowsAt): NetworkRow {
  const [network] = rows.all('network');
  if (!network) throw new YinxinError('NOT_READY');
  return network;
}
