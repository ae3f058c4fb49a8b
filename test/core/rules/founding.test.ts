import { type FoundInput, found, parseInstant, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  bases,
  chengdu,
  clientOf,
  foundingTime,
  listKidOf,
  makeKeyInput,
  matters,
  shenzhen,
  vouch,
} from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const founding = (changes: Partial<FoundInput> = {}, caller = adminOf(shenzhen), world = new World()) =>
  world.run(found, { ...world.network.found, ...changes }, caller, foundingTime);

describe('the founding transaction', () => {
  it('makes every row of the first day', () => {
    const world = World.founded();
    const [first] = world.network.issuers;
    expect(world.get(rowKeys.network())).to.deep.equal({ kind: 'network', channel: 'certs', founded: foundingTime });
    expect(world.get(rowKeys.domain('510100'))).to.include({ msp: 'ChengduMSP', from: foundingTime });
    const organisation = { kind: 'organisation', openProposals: [] };
    for (const [msp, joined] of [
      ['ShenzhenMSP', foundingTime],
      ['ChengduMSP', null],
    ] as const) {
      expect(world.get(rowKeys.organisation(msp))).to.deep.equal({ ...organisation, msp, joined });
    }
    expect(world.get(rowKeys.type('business-licence', 1))?.from).to.equal(foundingTime);
    expect(world.get(rowKeys.key(first.anchorKey.row.key))).to.deep.equal(first.anchorKey.row);
    expect(world.get(rowKeys.listKey(listKidOf('440300')))?.domain).to.equal('440300');
    expect(world.get(rowKeys.entitlement(first.issuer, 'business-licence'))?.windows).to.have.length(1);
    expect(world.get(rowKeys.basis('licence-law-70'))?.acts).to.deep.equal(['cancel']);
    expect(world.get(rowKeys.matter('company-opening'))?.name.zh).to.equal('企业开办');
    expect(world.get(rowKeys.register(first.issuer, 'business-licence'))).to.include({ last: 0, time: foundingTime });
  });

  it('happens once', () => {
    const world = World.founded();
    const before = world.dump();
    expectRefusal(() => founding({}, adminOf(shenzhen), world), 'ALREADY_EXISTS', { kind: 'network' });
    expect(world.dump()).to.deep.equal(before);
  });

  it('is for administrators of one of its domains', () => {
    expectRefusal(() => founding({}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => founding({}, adminOf({ msp: 'BeijingMSP' })), 'CALLER_NOT_PERMITTED');
  });

  it('is for the channel it is sent on', () => {
    expectRefusal(() => founding({ channel: 'other' }), 'CHANNEL_MISMATCH');
  });

  it('lets no key vouch', () => {
    const [{ anchorKey, statusKey }] = new World().network.issuers;
    const keys = [makeKeyInput(anchorKey), vouch(makeKeyInput(statusKey), anchorKey)];
    expectRefusal(() => founding({ keys }), 'INPUT_INVALID', { member: 'vouchedBy' });
  });

  it('applies its parts in order: nothing may stand on what it does not found', () => {
    expectRefusal(() => founding({ domains: [shenzhen] }), 'NOT_FOUND', { domain: chengdu.domain });
    expectRefusal(() => founding({ issuers: [] }), 'ISSUER_UNKNOWN');
    expectRefusal(() => founding({ types: [] }), 'TYPE_UNKNOWN');
    expectRefusal(() => founding({ domains: [shenzhen, shenzhen, chengdu] }), 'ALREADY_EXISTS', { kind: 'domain' });
  });

  it('makes no row twice', () => {
    const [basis] = bases;
    const [matter] = matters;
    if (!basis || !matter) throw new Error('no basis');
    const other = { ...basis, acts: ['cancel'] as const };
    expectRefusal(() => founding({ bases: [basis, other] }), 'ALREADY_EXISTS', { kind: 'basis' });
    expectRefusal(() => founding({ matters: [matter, matter] }), 'ALREADY_EXISTS', { kind: 'matter' });
    const [first, second] = new World().network.found.entitlements;
    if (!first || !second) throw new Error('no entitlement');
    const ended = { ...first, until: parseInstant('2026-02-01T00:00:00Z') };
    expectRefusal(() => founding({ entitlements: [ended, { ...first, from: ended.until }] }), 'ALREADY_EXISTS', {
      kind: 'entitlement',
    });
  });

  it('leaves nothing half done', () => {
    const world = new World();
    expectRefusal(() => founding({ types: [] }, adminOf(shenzhen), world), 'TYPE_UNKNOWN');
    expect(world.dump()).to.deep.equal([]);
  });

  it('knows its members', () => {
    const world = new World();
    const run = (input: unknown) => world.run(found, input, adminOf(shenzhen), foundingTime);
    expectRefusal(() => run({ ...world.network.found, agreements: [] }), 'INPUT_INVALID', {
      member: 'found.agreements',
    });
    expectRefusal(() => run({ channel: 'certs' }), 'INPUT_INVALID', { member: 'found.domains' });
    expectRefusal(() => run(null), 'INPUT_INVALID');
  });
});
