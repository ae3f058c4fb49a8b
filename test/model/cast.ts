/** Everybody and everything that may appear in a random history: few, so that they meet often. */
import { type CertificateType, type KeyUse, type RegisterDomainInput, toInstant } from '@yinxin/core';
import { loadType, makeKey, type TestKey } from '../fixtures/certificates.ts';
import {
  chengdu,
  chongqing,
  deyang,
  foundingTime,
  listJwkOf,
  listKidOf,
  makeIssuer,
  meishan,
  shenzhen,
  type TestIssuer,
} from '../fixtures/network.ts';
import { day, seconds } from './facts.ts';

export const plus = (time: string, amount: number) => toInstant(seconds(time) + amount);

const sichuan: RegisterDomainInput = {
  domain: '510000',
  name: { zh: '四川省', en: 'Sichuan' },
  region: '51',
  msp: 'SichuanMSP',
};
/** The first three found the network; the others join when they are voted in. */
export const domains: readonly RegisterDomainInput[] = [shenzhen, chengdu, chongqing, sichuan, deyang, meishan];
export const founders = domains.slice(0, 3);
export const organisationNames = [...new Set(domains.map(({ msp }) => msp)), 'BeijingMSP'];

/** The first two are there from the beginning. */
export const bodies: readonly TestIssuer[] = [shenzhen, chengdu, shenzhen, chongqing, deyang, sichuan].map(
  (domain, at) => makeIssuer(at + 1, domain),
);

const uses: readonly KeyUse[] = ['anchor', 'status', 'code'];
/** Keys that are not registered at the founding: one of each use for every body. */
export const spareKeys: readonly TestKey[] = bodies.flatMap(({ issuer }) =>
  uses.map((use) => makeKey(issuer, use, `spare ${issuer} ${use}`)),
);
export const keys: readonly TestKey[] = [
  ...bodies.flatMap(({ anchorKey, statusKey, codeKey }) => [anchorKey, statusKey, codeKey]),
  ...spareKeys,
];

export const listPairs = ['440300', '510100', '500000', '510600', '510107'].map((domain) => ({
  domain,
  kid: listKidOf(domain),
  jwk: listJwkOf(domain),
}));

const [licence, food] = ['business-licence', 'food-business-licence'].map(loadType);
if (!licence || !food) throw new Error('two types');
const hygiene = loadType('hygiene-licence');
const [first, ...rest] = hygiene.fields;
if (!first) throw new Error('no field');
const version = (definition: CertificateType, number: number, changes: Partial<CertificateType> = {}) => ({
  ...definition,
  ...changes,
  version: number,
});
export const foundingTypes: readonly CertificateType[] = [licence, food];
/** Later versions, two of which change a meaning and must never be taken. */
export const typePool: readonly CertificateType[] = [
  ...foundingTypes,
  hygiene,
  version(licence, 2, { statusMaxAgeSeconds: day }),
  version(licence, 3),
  version(hygiene, 2, {
    holder: { ...hygiene.holder, kind: hygiene.holder.kind === 'either' ? 'organization' : 'either' },
  }),
  version(hygiene, 2, { fields: [{ ...first, tag: first.tag === 'ZZMC' ? 'ZZBZ' : 'ZZMC' }, ...rest] }),
  version(hygiene, 2, { statusMaxAgeSeconds: 60 }),
  version(hygiene, 3),
];

export const beginning = foundingTime;
