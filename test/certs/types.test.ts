/** The 38 types: each well formed, and together without clashes. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { isUscc } from '../../core/check-digits.ts';
import { checkValues } from '../../core/field-kinds.ts';
import { acts, basisPattern } from '../../core/status.ts';
import { parseCalendarDate } from '../../core/time.ts';
import { deriveValidity } from '../../core/validity.ts';
import {
  catalogueAgreements,
  catalogueBases,
  catalogueIssuers,
  catalogueMatters,
  readJson,
  readText,
  readType,
  typeNames,
} from './catalogue.ts';

const types = typeNames.map(readType);
const matchesSchema = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readText('type.schema.json')));

describe('certs/types', () => {
  it('has the 38 types of the first catalogue, or more', () => {
    expect(typeNames).to.have.length.of.at.least(38);
  });

  for (const name of typeNames) {
    it(`${name} passes schema and parseType, and is written in their form`, () => {
      const json = readJson(`types/${name}.json`);
      expect(matchesSchema(json), JSON.stringify(matchesSchema.errors)).to.equal(true);
      const type = readType(name);
      expect(type.type).to.equal(name);
      expect(type).to.deep.equal(json);
      expect(readText(`types/${name}.json`)).to.equal(`${JSON.stringify(type, null, 2)}\n`);
    });

    it(`${name} has examples that make a certificate with dates`, () => {
      const type = readType(name);
      const values = Object.fromEntries(type.fields.map((field) => [field.key, field.example]));
      expect(checkValues(type, values)).to.deep.equal(values);
      expect(deriveValidity(type, values, parseCalendarDate('2026-11-20')).validFrom <= '2026-11-20').to.equal(true);
    });
  }

  it('gives every type a code of its own', () => {
    expect(new Set(types.map((type) => type.code)).size).to.equal(types.length);
  });

  it('keeps faces small and free of what is hidden from others', () => {
    for (const type of types) {
      expect(type.face.length, type.type).to.be.within(2, 4);
      const masks = type.fields.filter((field) => type.face.includes(field.key)).map((field) => field.mask);
      expect(masks, type.type).not.to.include('hide');
    }
  });

  it('asks for the holder’s name in every claim', () => {
    for (const type of types) expect(type.claim, type.type).to.include('holderName');
  });

  it('makes only what is about organisations public', () => {
    for (const type of types) expect(type.lookup === 'public', type.type).to.equal(type.holder.kind === 'organization');
  });

  it('has four legacy types with successors that exist, and three types that may say no', () => {
    expect(types.filter((type) => type.legacy)).to.have.length(4);
    expect(types.filter((type) => type.conclusion !== undefined)).to.have.length(3);
    for (const type of types) if (type.successor !== undefined) expect(typeNames).to.include(type.successor);
  });

  it('allows no code without the ledger for identity, property or what gets revoked', () => {
    const offline = types.filter((type) => type.offlineCode).map((type) => type.type);
    expect(offline).to.deep.equal([
      'provident-fund-proof',
      'road-transport-qualification',
      'senior-citizen-card',
      'social-insurance-proof',
      'special-operation-certificate',
      'tax-payment-proof',
      'teacher-qualification',
      'veteran-card',
    ]);
  });
});

describe('certs/issuers.json', () => {
  const { domains, issuers } = catalogueIssuers;

  const bodiesOf = (domain: string) => issuers.filter((issuer) => issuer.domain === domain).length;

  it('has Shenzhen first with its 18 bodies, five cities with fewer, and two that verify only', () => {
    expect(domains[0]?.domain).to.equal('440300');
    expect(domains.map(({ domain }) => [domain, bodiesOf(domain)])).to.deep.equal([
      ['440300', 18],
      ['510100', 6],
      ['500000', 6],
      ['510600', 2],
      ['511400', 1],
      ['512000', 1],
      ['810000', 0],
      ['820000', 0],
    ]);
  });

  it('has one organisation for the smaller cities of a province, and one each for the others', () => {
    const smaller = domains.filter(({ msp }) => msp === 'SichuanMSP').map(({ domain }) => domain);
    expect(smaller).to.deep.equal(['510600', '511400', '512000']);
    expect(new Set(domains.map(({ msp }) => msp)).size).to.equal(6);
  });

  it('gives every body a valid demonstration code of its own and a region inside its domain', () => {
    expect(new Set(issuers.map((issuer) => issuer.issuer)).size).to.equal(issuers.length);
    for (const { issuer, region, domain } of issuers) {
      expect(isUscc(issuer), issuer).to.equal(true);
      expect(issuer.slice(2, 8)).to.equal('990300');
      const prefix = domains.find((candidate) => candidate.domain === domain)?.region ?? 'none';
      expect(region.startsWith(prefix), issuer).to.equal(true);
    }
  });

  it('names only types that exist, and exactly one body of Shenzhen for each', () => {
    for (const { types: names } of issuers) expect(typeNames).to.include.members([...names]);
    const ofShenzhen = issuers.filter((issuer) => issuer.domain === '440300').flatMap((issuer) => issuer.types);
    expect([...ofShenzhen].sort()).to.deep.equal(typeNames);
  });
});

describe('certs/bases.json and matters.json', () => {
  it('have codes that the ledger takes, each once, and a basis for every act', () => {
    const codes = catalogueBases.map(({ basis }) => basis);
    expect(new Set(codes).size).to.equal(codes.length);
    for (const basis of codes) expect(basis).to.match(basisPattern);
    expect(new Set(catalogueBases.flatMap((basis) => basis.acts))).to.deep.equal(new Set(acts));
    const matters = catalogueMatters.map(({ matter }) => matter);
    expect(new Set(matters).size).to.equal(matters.length);
    for (const matter of matters) expect(matter).to.match(/^[a-z][a-z0-9-]{1,63}$/);
  });
});

describe('certs/agreements.json', () => {
  const [chengyu, greaterBay] = catalogueAgreements;

  it('has thirteen kinds between Chengdu, Chongqing, Deyang, Meishan and Ziyang, and Shenzhen with Hong Kong and Macao', () => {
    expect(chengyu?.parties.map(({ domain }) => domain)).to.deep.equal([
      '500000',
      '510100',
      '510600',
      '511400',
      '512000',
    ]);
    expect(chengyu?.types).to.have.length(13);
    expect(greaterBay?.parties.map(({ domain }) => domain)).to.deep.equal(['440300', '810000', '820000']);
    expect(catalogueAgreements).to.have.length(2);
  });

  it('names known domains, types and matters, in order and each once, and every matter somewhere', () => {
    const ascending = (items: readonly string[]) => [...new Set(items)].sort();
    const domains = catalogueIssuers.domains.map(({ domain }) => domain);
    const matters = catalogueMatters.map(({ matter }) => matter);
    for (const { parties, types: names, matters: named } of catalogueAgreements) {
      const cities = parties.map(({ domain }) => domain);
      expect(domains).to.include.members(cities);
      expect(typeNames).to.include.members([...names]);
      for (const list of [cities, names, named]) expect(list).to.deep.equal(ascending(list));
    }
    expect(ascending(catalogueAgreements.flatMap((agreement) => agreement.matters))).to.deep.equal(ascending(matters));
  });

  it('has telephones that cannot be called', () => {
    for (const { phone } of catalogueAgreements.flatMap(({ parties }) => parties)) expect(phone).to.match(/^000-0000 /);
  });
});
