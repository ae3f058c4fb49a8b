/** The registry in memory: domains, issuers, keys, entitlements, types and the heads of registers, as the index holds them. */
import {
  epochSeconds,
  type Instant,
  type IssuerRow,
  type RegisterRow,
  type Row,
  type RowKind,
  type RowOf,
  rowKeyOf,
  type Trust,
  type TrustClaims,
  toInstant,
  toTrust,
  YinxinError,
} from '@yinxin/core';

/** Kinds that stay few enough for memory. */
export const registryKinds: readonly RowKind[] = [
  'network',
  'domain',
  'issuer',
  'key',
  'listKey',
  'type',
  'entitlement',
  'register',
];

/** How long after it was known to hold a registry may be judged by. */
const trustSeconds = 86_400;

/** When the registry was known to be the ledger's, and at what height. */
export interface Knowledge {
  readonly height: number;
  readonly asOf: Instant;
}

const nameOf = (row: Row) => rowKeyOf(row).parts.join('/');

export class Registry {
  readonly #rows = new Map<RowKind, Map<string, Row>>();
  /** Type slugs by their 21-character codes. */
  readonly #slugs = new Map<string, string>();
  /** Indexing the rows takes a while, changing the time does not. */
  #indexed: Trust | undefined;
  #trust: Trust | undefined;

  set(row: Row): void {
    const ofKind = this.#rows.get(row.kind) ?? new Map<string, Row>();
    this.#rows.set(row.kind, ofKind.set(nameOf(row), row));
    if (row.kind === 'type') this.#slugs.set(row.definition.code, row.definition.type);
    if (row.kind !== 'register') this.#indexed = undefined;
  }

  #all<K extends RowKind>(kind: K): readonly RowOf<K>[] {
    return [...(this.#rows.get(kind)?.values() ?? [])] as RowOf<K>[]; // `set` files each under its kind
  }

  register(issuer: string, type: string): RegisterRow | undefined {
    const row = this.#rows.get('register')?.get(`${issuer}/${type}`);
    return row?.kind === 'register' ? row : undefined;
  }

  issuer(issuer: string): IssuerRow | undefined {
    const row = this.#rows.get('issuer')?.get(issuer);
    return row?.kind === 'issuer' ? row : undefined;
  }

  /** The type with this 21-character code. */
  slug(typeCode: string): string | undefined {
    return this.#slugs.get(typeCode);
  }

  /** @throws YinxinError NOT_READY before the network was founded */
  claims(domain: string, { height, asOf }: Knowledge): TrustClaims {
    const [network] = this.#all('network');
    if (!network) throw new YinxinError('NOT_READY');
    const iat = epochSeconds(asOf);
    return {
      iss: domain,
      channel: network.channel,
      height,
      iat,
      exp: iat + trustSeconds,
      domains: this.#all('domain'),
      issuers: this.#all('issuer'),
      keys: this.#all('key'),
      listKeys: this.#all('listKey'),
      entitlements: this.#all('entitlement'),
      types: this.#all('type'),
    };
  }

  /** @throws YinxinError NOT_READY before the network was founded */
  trust(known: Knowledge): Trust {
    const { height, asOf } = known;
    if (!this.#indexed) {
      this.#indexed = toTrust(this.claims('', known));
      this.#trust = undefined;
    }
    if (this.#trust?.height !== height || this.#trust.asOf !== asOf) {
      this.#trust = { ...this.#indexed, height, asOf, expires: toInstant(epochSeconds(asOf) + trustSeconds) };
    }
    return this.#trust;
  }
}
