/** A verifier's trust over the rows of one height: the same as core makes of a trust list's claims, without copying the registry. */
import {
  type CertificateType,
  findDomainOf,
  findManager,
  type Instant,
  judgeVoucher,
  type KeyId,
  type NetworkRow,
  rowKeys,
  type Trust,
} from '@yinxin/core';
import type { RowsAt } from './versions.ts';

function newestTypes(rows: RowsAt): readonly CertificateType[] {
  const newest = new Map<string, CertificateType>();
  for (const { definition } of rows.all('type')) {
    if (definition.version > (newest.get(definition.type)?.version ?? 0)) newest.set(definition.type, definition);
  }
  return [...newest.values()];
}

/** When the rows were known to hold, and until when one may judge by them. */
export interface TrustTimes {
  readonly height: number;
  readonly asOf: Instant;
  readonly expires: Instant;
}

export function toTrustAt(rows: RowsAt, { channel }: NetworkRow, times: TrustTimes): Trust {
  const issuerOf = (issuer: string) => rows.get('issuer', issuer);
  const keyOf = (key: KeyId) => rows.get('key', key);
  return {
    ...times,
    channel,
    get onlyDomain() {
      return rows.all('domain').length === 1;
    },
    get domains() {
      return rows.all('domain');
    },
    domain: (domain) => rows.get('domain', domain),
    domainOf: (place, at) => findDomainOf(rows.all('domain'), place, at),
    issuer: issuerOf,
    managerOf: (issuer, at) => findManager(issuerOf, issuer, at),
    key: (key) => judgeVoucher(keyOf(key), keyOf),
    listKey: (kid) => rows.get('listKey', kid),
    type: (type, version) => rows.get('type', rowKeys.type(type, version).parts.join('/'))?.definition,
    entitlement: (issuer, type) => rows.get('entitlement', `${issuer}/${type}`),
    basis: (basis) => rows.get('basis', basis),
    get bases() {
      return rows.all('basis');
    },
    matter: (matter) => rows.get('matter', matter),
    get matters() {
      return rows.all('matter');
    },
    get agreements() {
      return rows.all('agreement');
    },
    get types() {
      return newestTypes(rows);
    },
  };
}
