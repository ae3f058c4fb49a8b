import {
  type Instant,
  issuerNameAt,
  parseInstant,
  type RegisterIssuerInput,
  registerIssuer,
  renameIssuer,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  chengdu,
  clientOf,
  deyang,
  makeIssuer,
  makeNetwork,
  meishan,
  shenzhen,
} from '../../fixtures/network.ts';
import { expectRefusal, refuses, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const name = { zh: '示范', en: 'Demo' };
const { issuer } = makeIssuer(9, shenzhen);

describe('registering an issuing body', () => {
  const input: RegisterIssuerInput = { issuer, domain: '440300', region: '440305', name, from: now };
  const register = (world: World, changes = {}, caller = adminOf(shenzhen)) =>
    world.run(registerIssuer, { ...input, ...changes }, caller, now);

  it('lets an administrator of its domain add it', () => {
    const row = { kind: 'issuer', ...input, formerNames: [], closed: null, offered: null };
    expect(register(World.founded())).to.deep.equal([row]);
  });

  it('refuses clients and the administrators of other domains', () => {
    expectRefusal(() => register(World.founded(), {}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(World.founded(), {}, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });

  refuses(
    [
      ['one that exists', { issuer: makeIssuer(1, shenzhen).issuer }, 'ALREADY_EXISTS'],
      ['a domain that does not exist', { domain: '330100' }, 'NOT_FOUND'],
      ['a region outside the domain', { region: '440400' }, 'OUTSIDE_REGION'],
      ['a region wider than the domain', { region: '440000' }, 'OUTSIDE_REGION'],
      [
        'a wrong check digit',
        { issuer: `${issuer.slice(0, 17)}${issuer.endsWith('0') ? '1' : '0'}` },
        'INPUT_INVALID',
        'issuer',
      ],
      ['a code of 17 characters', { issuer: issuer.slice(0, 17) }, 'INPUT_INVALID', 'issuer'],
      ['a time that is none', { from: '2026-02-30T00:00:00Z' }, 'MALFORMED_TIME'],
      ['a body that comes closed', { closed: null }, 'INPUT_INVALID', 'issuer.closed'],
    ],
    register,
  );

  it('keeps a province out of a city that is a domain of its own', () => {
    const sichuan = { ...deyang, domain: '510000', region: '51' };
    const world = World.founded(makeNetwork(['business-licence'], 0, [sichuan, deyang]));
    const of = (domain: string, region: string) => () => register(world, { domain, region }, adminOf(deyang));
    expectRefusal(of('510000', '510104'), 'OUTSIDE_REGION', { of: '510000' });
    expectRefusal(of('510000', '510600'), 'OUTSIDE_REGION', { of: '510000' });
    expectRefusal(of('510600', '510000'), 'OUTSIDE_REGION', { of: '510600' });
    expect(of('510000', '511400')()).to.have.length(1);
  });

  it('holds two domains of one organisation apart', () => {
    const world = World.founded(makeNetwork(['business-licence'], 0, [deyang, meishan]));
    const of = (domain: string) => () => register(world, { domain, region: '511402' }, adminOf(deyang));
    expectRefusal(of('510600'), 'OUTSIDE_REGION');
    expect(of('511400')()).to.have.length(1);
  });
});

describe('renaming an issuing body', () => {
  const setting = () => {
    const world = World.founded();
    const [first] = world.network.issuers;
    const rename = (zh: string, time: Instant = now, caller = adminOf(shenzhen)) =>
      world.run(renameIssuer, { issuer: first.issuer, name: { zh, en: 'Demo' } }, caller, time);
    return { world, key: rowKeys.issuer(first.issuer), rename };
  };

  it('keeps every former name until when it held', () => {
    const { world, key, rename } = setting();
    rename('甲');
    rename('乙', parseInstant('2026-07-01T00:00:00Z'));
    const row = world.get(key);
    if (!row) throw new Error('no body');
    expect(row.formerNames.map(({ name: { zh }, until }) => [zh, until])).to.deep.equal([
      ['深圳市', now],
      ['甲', '2026-07-01T00:00:00Z'],
    ]);
    expect(issuerNameAt(row, parseInstant('2026-05-31T23:59:59Z')).zh).to.equal('深圳市');
    expect(issuerNameAt(row, now).zh).to.equal('甲');
    expect(issuerNameAt(row, parseInstant('2026-07-01T00:00:00Z')).zh).to.equal('乙');
  });

  it('never puts a name’s end before an earlier one’s, whatever the clocks say', () => {
    const { world, key, rename } = setting();
    rename('甲');
    rename('乙', parseInstant('2026-05-31T23:55:00Z'));
    expect(world.get(key)?.formerNames.map(({ until }) => until)).to.deep.equal([now, now]);
  });

  it('is done thirty-two times at most', () => {
    const { world, key, rename } = setting();
    for (let turn = 1; turn <= 32; turn += 1) rename(`机构${turn}`);
    expectRefusal(() => rename('甲'), 'LIMIT_REACHED', { member: 'formerNames', max: 32 });
    expect(world.get(key)?.formerNames).to.have.length(32);
  });

  it('refuses its present name, other callers, unknown and closed bodies', () => {
    const { world, key, rename } = setting();
    rename('甲');
    expectRefusal(() => rename('甲'), 'ALREADY_EXISTS');
    expectRefusal(() => rename('乙', now, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => rename('乙', now, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => world.run(renameIssuer, { issuer, name }, adminOf(shenzhen), now), 'ISSUER_UNKNOWN');
    const row = world.get(key);
    if (!row) throw new Error('no body');
    world.put({ ...row, closed: { at: now, successor: null } });
    expectRefusal(() => rename('乙'), 'ISSUER_CLOSED');
  });
});
