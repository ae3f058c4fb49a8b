/** Whose signatures count, by the forms of policy that Fabric's tools write, with organisations made here: those who belong, and those who only look like it. */
import { sign } from 'node:crypto';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { type Configuration, parseConfiguration } from '../../../gateway/ledger/fabric/blocks/configuration.ts';
import { parseFabricBlock } from '../../../gateway/ledger/fabric/blocks/fabric-block.ts';
import { MalformedMessage } from '../../../gateway/ledger/fabric/blocks/protobuf.ts';
import { bytesField, numberField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import { isWellSigned } from '../../../gateway/ledger/fabric/blocks/signatures.ts';
import { verifyContent } from '../../../gateway/ledger/fabric/blocks/verify.ts';
import { makePair, type Pair } from './double/certificates.ts';
import { formatMsp, type Member, makeMember, makeOrganisation, type Organisation } from './double/organisations.ts';
import { formatBlock, formatCall } from './made.ts';
import { flip, formatSignatures, withMetadata } from './recorded.ts';

const entry = (field: number, key: string, value: Buffer) =>
  bytesField(field, [bytesField(1, key), bytesField(2, value)]);
const group = (name: string, ...fields: Buffer[]) => entry(2, name, Buffer.concat(fields));
const value = (name: string, bytes: Uint8Array) => entry(3, name, bytesField(2, bytes));
const policy = (name: string, type: number, bytes: Buffer) =>
  entry(4, name, bytesField(2, [numberField(1, type), bytesField(2, bytes)]));

const rolePrincipal = (msp: string, role: number) =>
  bytesField(3, [bytesField(2, [bytesField(1, msp), numberField(2, role)])]);
const identityPrincipal = (msp: string, pem: string) =>
  bytesField(3, [numberField(1, 2), bytesField(2, [bytesField(1, msp), bytesField(2, pem)])]);
const signedBy = (index: number) => numberField(1, index);
const outOf = (needed: number, ...rules: Buffer[]) =>
  bytesField(2, [numberField(1, needed), ...rules.map((rule) => bytesField(2, rule))]);
const signaturePolicy = (rule: Buffer, ...principals: Buffer[]) => Buffer.concat([bytesField(2, rule), ...principals]);
const implicit = (rule: number) => Buffer.concat([bytesField(1, 'Writers'), numberField(2, rule)]);
const [any, all, majority] = [0, 1, 2];
const roles = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 };

const writersOf = ({ msp }: Organisation) => signaturePolicy(outOf(1, signedBy(0)), rolePrincipal(msp, roles.orderer));

interface MadeChannel {
  readonly organisations: readonly Organisation[];
  /** Fields of the group of the ordering service. */
  readonly orderer: readonly Buffer[];
}

function makeConfiguration({ organisations, orderer }: MadeChannel): Configuration {
  const members = organisations.map((one) =>
    group(one.msp, value('MSP', formatMsp(one)), policy('Writers', 1, writersOf(one))),
  );
  const channel = group('Orderer', ...members, ...orderer);
  return parseConfiguration(bytesField(2, channel), 0, '');
}

const raft = (type: number, bytes: Buffer) => [
  value('ConsensusType', bytesField(1, 'etcdraft')),
  policy('BlockValidation', type, bytes),
];

function bft(...consenters: readonly (readonly [id: number, msp: string, pem: string])[]) {
  const list = consenters.map(([id, msp, pem]) =>
    bytesField(1, [numberField(1, id), bytesField(4, msp), bytesField(5, pem)]),
  );
  return [value('ConsensusType', bytesField(1, 'BFT')), value('Orderers', Buffer.concat(list))];
}

const block = formatBlock([formatCall({})], [0]);
const { header } = parseFabricBlock(block, 5);
const note = bytesField(1, numberField(1, 0));
const none = Buffer.alloc(0);

/** Signed as a Raft orderer does, with its certificate beside. */
function signed(configuration: Configuration, ...signers: readonly Member[]): boolean {
  const signatures = signers.map(({ identity, key }) => {
    const creator = bytesField(1, identity);
    const signature = sign('sha256', Buffer.concat([note, creator, header]), key);
    return { header: creator, signature, identifier: none };
  });
  const bytes = withMetadata(block, 0, formatSignatures(note, signatures));
  return isWellSigned(parseFabricBlock(bytes, 5), configuration);
}

/** Signed as SmartBFT consenters do, each under a number. */
function signedByNumbers(configuration: Configuration, ...signers: readonly (readonly [number, Pair])[]): boolean {
  const signatures = signers.map(([id, { key }]) => {
    const identifier = Buffer.concat([numberField(1, id), bytesField(2, 'nonce')]);
    return { header: none, signature: sign('sha256', Buffer.concat([note, identifier, header]), key), identifier };
  });
  const bytes = withMetadata(block, 0, formatSignatures(note, signatures));
  return isWellSigned(parseFabricBlock(bytes, 5), configuration);
}

const [province, city, third] = ['ProvinceOrdererMSP', 'CityOrdererMSP', 'ThirdOrdererMSP'].map(makeOrganisation) as [
  Organisation,
  Organisation,
  Organisation,
];
const organisations = [province, city, third];
const orderers = organisations.map((one) => makeMember(one, 'orderer')) as [Member, Member, Member];
const [ofProvince, ofCity, ofThird] = orderers;

describe('a policy of block validation', () => {
  it('any, most or all organisations’ writers: each organisation once', () => {
    const needed = [
      [any, 1],
      [majority, 2],
      [all, 3],
    ] as const;
    for (const [rule, least] of needed) {
      const configuration = makeConfiguration({ organisations, orderer: raft(3, implicit(rule)) });
      for (const count of [0, 1, 2, 3]) {
        expect(signed(configuration, ...orderers.slice(0, count))).to.equal(count >= least);
      }
      expect(signed(configuration, ofCity, ofCity, makeMember(city, 'orderer'))).to.equal(least === 1);
    }
  });

  it('so many out of the named: nobody counts twice', () => {
    const rule = outOf(2, signedBy(0), signedBy(0), signedBy(1));
    const principals = [rolePrincipal(province.msp, roles.member), rolePrincipal(city.msp, roles.member)];
    const configuration = makeConfiguration({ organisations, orderer: raft(1, signaturePolicy(rule, ...principals)) });
    expect(signed(configuration, ofProvince)).to.equal(false);
    expect(signed(configuration, ofProvince, ofProvince)).to.equal(false);
    expect(signed(configuration, ofProvince, ofThird)).to.equal(false);
    expect(signed(configuration, ofProvince, ofCity)).to.equal(true);
    expect(signed(configuration, ofProvince, makeMember(province, 'orderer'))).to.equal(true);
  });

  it('a certificate named itself', () => {
    const named = identityPrincipal(province.msp, ofProvince.certificate);
    const configuration = makeConfiguration({ organisations, orderer: raft(1, signaturePolicy(signedBy(0), named)) });
    expect(signed(configuration, ofProvince)).to.equal(true);
    expect(signed(configuration, makeMember(province, 'orderer'))).to.equal(false);
  });

  it('is satisfied by nobody when it is missing, asks for nothing, or has a form that is not known', () => {
    const unknown = bytesField(3, [numberField(1, 1), bytesField(2, [bytesField(1, province.msp)])]);
    const forms = [
      [value('ConsensusType', bytesField(1, 'etcdraft'))],
      raft(1, signaturePolicy(outOf(0))),
      raft(1, signaturePolicy(signedBy(0), unknown)),
      raft(1, signaturePolicy(signedBy(7), rolePrincipal(province.msp, roles.member))),
      raft(1, signaturePolicy(signedBy(0), rolePrincipal('NobodyMSP', roles.member))),
      raft(3, implicit(7)),
      raft(3, Buffer.concat([bytesField(1, 'Nothing'), numberField(2, any)])),
      raft(2, none),
    ];
    for (const orderer of forms)
      expect(signed(makeConfiguration({ organisations, orderer }), ...orderers)).to.equal(false);
    const empty = makeConfiguration({ organisations: [], orderer: raft(3, implicit(all)) });
    expect(signed(empty, ...orderers)).to.equal(false);
  });
});

describe('who belongs to an organisation', () => {
  const configuration = makeConfiguration({ organisations: [province], orderer: raft(3, implicit(any)) });
  const past = { from: new Date('2001-01-01'), to: new Date('2002-01-01') };

  it('whoever its authority certified as an orderer, even if that has run out since', () => {
    expect(signed(configuration, ofProvince)).to.equal(true);
    expect(signed(configuration, makeMember(province, 'orderer', past))).to.equal(true);
  });

  it('nobody of another role, another organisation, or another authority of the same name', () => {
    for (const role of ['client', 'peer', 'admin', 'member']) {
      expect(signed(configuration, makeMember(province, role))).to.equal(false);
    }
    expect(signed(configuration, ofCity)).to.equal(false);
    expect(signed(configuration, makeMember(makeOrganisation(province.msp), 'orderer'))).to.equal(false);
  });

  it('not the authority itself, nor one whose certificate it did not make but copies it', () => {
    expect(
      signed(configuration, { ...ofProvince, ...province.authority, identity: identityOf(province.authority) }),
    ).to.equal(false);
    const selfMade = makePair(ofProvince.name);
    expect(signed(configuration, { ...ofProvince, ...selfMade, identity: identityOf(selfMade) })).to.equal(false);
    const nonsense = { ...ofProvince, identity: Buffer.from('nonsense') };
    expect(() => signed(configuration, nonsense)).to.throw(MalformedMessage);
  });

  it('whoever an authority under its root certified, and none under one that is no authority', () => {
    const { authority } = province;
    const middle = makePair([['CN', 'middle']], authority, undefined, true);
    const noAuthority = makePair([['CN', 'middle']], authority);
    const under = (issuer: Pair) => {
      const pair = makePair(ofProvince.name, issuer);
      return { ...ofProvince, ...pair, identity: identityOf(pair) };
    };
    const known = (pair: Pair) => {
      const units = bytesField(11, [numberField(1, 1), bytesField(5, [bytesField(2, 'orderer')])]);
      const authorities = [bytesField(2, authority.certificate), bytesField(3, pair.certificate)];
      const msp = bytesField(2, [bytesField(1, province.msp), ...authorities, units]);
      const member = group(province.msp, value('MSP', msp), policy('Writers', 1, writersOf(province)));
      return parseConfiguration(bytesField(2, group('Orderer', member, ...raft(3, implicit(any)))), 0, '');
    };
    expect(signed(known(middle), under(middle))).to.equal(true);
    expect(signed(known(middle), ofProvince)).to.equal(true);
    expect(signed(configuration, under(middle))).to.equal(false);
    expect(signed(known(noAuthority), under(noAuthority))).to.equal(false);
    const stranger = makePair([['CN', 'middle']], undefined, undefined, true);
    expect(signed(known(stranger), under(stranger))).to.equal(false);
  });

  it('not by a certificate whose own signature is damaged', () => {
    const der = Buffer.from(ofProvince.certificate.replace(/-----[^-]+-----/g, ''), 'base64');
    const damaged = flip(der, der.length - 1).toString('base64');
    const certificate = `-----BEGIN CERTIFICATE-----\n${damaged}\n-----END CERTIFICATE-----\n`;
    expect(signed(configuration, { ...ofProvince, identity: identityOf({ ...ofProvince, certificate }) })).to.equal(
      false,
    );
  });

  it('not by a certificate whose key is of no kind that is known', () => {
    const hex = Buffer.from(ofProvince.certificate.replace(/-----[^-]+-----/g, ''), 'base64').toString('hex');
    const unknown = Buffer.from(hex.replace('06072a8648ce3d0201', '06072a8648ce3d0209'), 'hex').toString('base64');
    const certificate = `-----BEGIN CERTIFICATE-----\n${unknown}\n-----END CERTIFICATE-----\n`;
    expect(signed(configuration, { ...ofProvince, identity: identityOf({ ...ofProvince, certificate }) })).to.equal(
      false,
    );
  });

  it('not by the authority itself, where every member may sign', () => {
    const rule = signaturePolicy(signedBy(0), rolePrincipal(province.msp, roles.member));
    const open = makeConfiguration({ organisations: [province], orderer: raft(1, rule) });
    expect(signed(open, makeMember(province, 'client'))).to.equal(true);
    expect(signed(open, { ...ofProvince, ...province.authority, identity: identityOf(province.authority) })).to.equal(
      false,
    );
  });

  const identityOf = ({ certificate }: Pair) =>
    Buffer.concat([bytesField(1, province.msp), bytesField(2, certificate)]);
});

describe('a change of configuration', () => {
  const change = (sequence: number) => {
    const channel = bytesField(2, group('Orderer', ...raft(3, implicit(any))));
    const config = [bytesField(1, [numberField(1, sequence), channel])];
    const payload = [
      bytesField(1, [bytesField(1, [numberField(1, 1), bytesField(4, 'certs')])]),
      bytesField(2, config),
    ];
    const bytes = formatBlock([Buffer.concat([bytesField(1, payload), bytesField(2, 'signature')])], [0]);
    const ownNote = bytesField(1, numberField(1, 5));
    const creator = bytesField(1, ofProvince.identity);
    const { header: ownHeader } = parseFabricBlock(bytes, 5);
    const signature = sign('sha256', Buffer.concat([ownNote, creator, ownHeader]), ofProvince.key);
    const signatures = formatSignatures(ownNote, [{ header: creator, signature, identifier: none }]);
    return parseFabricBlock(withMetadata(bytes, 0, signatures), 5);
  };

  it('counts one further: none can be left out, and none comes again', () => {
    const configuration = makeConfiguration({ organisations: [province], orderer: raft(3, implicit(any)) });
    expect(verifyContent(change(1), configuration)).to.include({ block: 5, sequence: 1 });
    for (const sequence of [0, 2, 3])
      expect(() => verifyContent(change(sequence), configuration)).to.throw(YinxinError);
  });
});

describe('consenters of SmartBFT', () => {
  const members = [1, 2, 3, 4].map(() => makeMember(province, 'orderer'));
  const numbered = members.map((member, index) => [index + 1, member] as const);
  const consenters = members.map(({ certificate }, index) => [index + 1, province.msp, certificate] as const);
  const configuration = makeConfiguration({ organisations: [province], orderer: bft(...consenters) });

  it('make a quorum of three out of four, by their numbers', () => {
    expect(signedByNumbers(configuration, ...numbered)).to.equal(true);
    expect(signedByNumbers(configuration, ...numbered.slice(1))).to.equal(true);
    expect(signedByNumbers(configuration, ...numbered.slice(2))).to.equal(false);
    const swapped = numbered.map(([id, member]) => [(id % 4) + 1, member] as const);
    expect(signedByNumbers(configuration, ...swapped)).to.equal(false);
  });

  it('are not others of the same organisation', () => {
    const [first = ofProvince, second = ofProvince] = members;
    const other = makeMember(province, 'orderer');
    expect(signedByNumbers(configuration, [1, first], [2, second], [3, other], [5, other])).to.equal(false);
    expect(signed(configuration, ...members)).to.equal(false); // with certificates beside, as SmartBFT never does
  });

  it('count once under two numbers, and not at all when their organisation disowns them', () => {
    const [first = ofProvince, second = ofProvince] = members;
    const twice = [
      consenters[0],
      [2, province.msp, first.certificate],
      consenters[2],
      consenters[3],
    ] as typeof consenters;
    const doubled = makeConfiguration({ organisations: [province], orderer: bft(...twice) });
    expect(signedByNumbers(doubled, [1, first], [2, first], ...numbered.slice(2, 3))).to.equal(false);
    const foreign = consenters.map(([id, , pem]) => [id, city.msp, pem] as const);
    const disowned = makeConfiguration({ organisations: [province, city], orderer: bft(...foreign) });
    expect(signedByNumbers(disowned, ...numbered)).to.equal(false);
    expect(signedByNumbers(disowned, [1, second])).to.equal(false);
  });

  it('have a number each: the first who has it', () => {
    const [first = ofProvince, second = ofProvince] = members;
    const impostor = [1, province.msp, makeMember(province, 'orderer').certificate] as const;
    const contested = makeConfiguration({
      organisations: [province],
      orderer: bft(...consenters.slice(0, 2), impostor),
    });
    expect(signedByNumbers(contested, [1, first], [2, second])).to.equal(true);
  });

  it('are found behind whatever nonsense one of them has put before, as peers find them', () => {
    const [first = ofProvince] = members;
    const sign1 = (id: number | bigint, { key }: Pair) => {
      const identifier = Buffer.concat([numberField(1, id), bytesField(2, 'nonce')]);
      return { header: none, signature: sign('sha256', Buffer.concat([note, identifier, header]), key), identifier };
    };
    const good = numbered.slice(1).map(([id, member]) => sign1(id, member));
    const unknown = { ...sign1(9, first), identifier: numberField(1, 1n << 60n) };
    const junk = Array.from({ length: 100 }, () => ({ ...sign1(2, first) }));
    const bytes = withMetadata(block, 0, formatSignatures(note, [unknown, ...junk, ...good]));
    expect(isWellSigned(parseFabricBlock(bytes, 5), configuration)).to.equal(true);
  });

  it('cannot be told from nonsense', () => {
    const bytes = withMetadata(block, 0, formatSignatures(note, [{ header: none, signature: none, identifier: none }]));
    expect(isWellSigned(parseFabricBlock(bytes, 5), configuration)).to.equal(false);
  });
});
