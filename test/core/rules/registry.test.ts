import {
  type ErrorCode,
  type Json,
  parseInstant,
  type RegisterDomainInput,
  type RegisterEntitlementInput,
  type RegisterIssuerInput,
  registerDomain,
  registerEntitlement,
  registerIssuer,
  registerType,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import { loadType } from '../../fixtures/certificates.ts';
import { adminOf, chengdu, chongqing, clientOf, foundingTime, makeIssuer, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

type Refusal = readonly [why: string, changes: { readonly [key: string]: Json }, code: ErrorCode, member?: string];

const later = parseInstant('2026-06-01T00:00:00Z');
const name = { zh: '示范', en: 'Demo' };
const stranger = { msp: 'BeijingMSP' };

/** One refusal per row, each leaving the world as it was. */
function refuses(
  rows: readonly Refusal[],
  run: (world: World, changes: { readonly [key: string]: Json }) => unknown,
): void {
  for (const [why, changes, code, member] of rows) {
    it(`refuses ${why}`, () => {
      const world = World.founded();
      const before = world.dump();
      expectRefusal(() => run(world, changes), code, member === undefined ? {} : { member });
      expect(world.dump()).to.deep.equal(before);
    });
  }
}

describe('registering a domain', () => {
  const input: RegisterDomainInput = {
    domain: '330100',
    name: { zh: '杭州市', en: 'Hangzhou' },
    region: '3301',
    msp: 'HangzhouMSP',
  };
  const register = (world: World, changes = {}, caller = adminOf(chengdu)) =>
    world.run(registerDomain, { ...input, ...changes }, caller, later);

  it('lets an administrator of any domain add one', () => {
    expect(register(World.founded())).to.deep.equal([{ kind: 'domain', ...input }]);
  });

  it('refuses clients, strangers, and anybody before the founding', () => {
    expectRefusal(() => register(World.founded(), {}, clientOf(chengdu)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(World.founded(), {}, adminOf(stranger)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(new World()), 'CALLER_NOT_PERMITTED');
  });

  refuses(
    [
      ['a domain that exists', { domain: '440300', region: '44' }, 'ALREADY_EXISTS'],
      ['a domain outside its own region', { region: '3302' }, 'OUTSIDE_REGION'],
      ['a region of three digits', { region: '330' }, 'INPUT_INVALID', 'domain.region'],
      ['a code of five digits', { domain: '33010' }, 'INPUT_INVALID', 'domain.domain'],
      ['a code that begins with 0', { domain: '033010' }, 'INPUT_INVALID', 'domain.domain'],
      ['an MSP with a space', { msp: 'A MSP' }, 'INPUT_INVALID', 'domain.msp'],
      ['an empty name', { name: { zh: '', en: 'x' } }, 'INPUT_INVALID', 'name.zh'],
      ['a name in one language', { name: { zh: '杭州' } }, 'INPUT_INVALID', 'name.en'],
      ['a name of 101 characters', { name: { zh: '杭', en: 'x'.repeat(101) } }, 'INPUT_INVALID', 'name.en'],
      ['an unknown member', { votes: 3 }, 'INPUT_INVALID', 'domain.votes'],
    ],
    register,
  );
});

describe('registering a certificate type', () => {
  const food = loadType('food-business-licence');
  const hygiene = loadType('hygiene-licence');
  const register = (world: World, changes: object = {}, caller = adminOf(chongqing)) =>
    world.run(registerType, { definition: { ...hygiene, ...changes } }, caller, later);

  it('takes version 1 of a new type, then version 2, and keeps both', () => {
    const world = World.founded();
    register(world);
    register(world, { version: 2, statusMaxAgeSeconds: 60 });
    expect(world.get(rowKeys.type(hygiene.type, 1))).to.deep.equal({ kind: 'type', definition: hygiene, from: later });
    expect(world.get(rowKeys.type(hygiene.type, 2))?.definition.statusMaxAgeSeconds).to.equal(60);
  });

  it('refuses clients and strangers', () => {
    expectRefusal(() => register(World.founded(), {}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(World.founded(), {}, adminOf(stranger)), 'CALLER_NOT_PERMITTED');
  });

  refuses(
    [
      ['a version that exists', { type: food.type, code: food.code, codeOrigin: food.codeOrigin }, 'ALREADY_EXISTS'],
      ['a version that leaves a gap', { version: 2 }, 'INPUT_INVALID', 'definition.version'],
      ['the code of another type', { code: food.code, codeOrigin: food.codeOrigin }, 'ALREADY_EXISTS'],
      ['another code for the next version', { type: food.type, version: 2 }, 'INPUT_INVALID', 'definition.code'],
      ['a definition that is not well formed', { face: ['nothing'] }, 'TYPE_INVALID', 'type.face'],
    ],
    register,
  );
});

describe('registering an issuing body', () => {
  const { issuer } = makeIssuer(9, shenzhen);
  const input: RegisterIssuerInput = { issuer, domain: '440300', region: '440305', name, from: later };
  const register = (world: World, changes = {}, caller = adminOf(shenzhen)) =>
    world.run(registerIssuer, { ...input, ...changes }, caller, later);

  it('lets an administrator of its domain add it', () => {
    expect(register(World.founded())).to.deep.equal([{ kind: 'issuer', ...input }]);
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
      [
        'a wrong check digit',
        { issuer: `${issuer.slice(0, 17)}${issuer.endsWith('0') ? '1' : '0'}` },
        'INPUT_INVALID',
        'issuer',
      ],
      ['a code of 17 characters', { issuer: issuer.slice(0, 17) }, 'INPUT_INVALID', 'issuer'],
      ['a time that is none', { from: '2026-02-30T00:00:00Z' }, 'MALFORMED_TIME'],
    ],
    register,
  );
});

describe('registering an entitlement', () => {
  const hygiene = loadType('hygiene-licence');
  const { issuer } = makeIssuer(1, shenzhen);
  const input: RegisterEntitlementInput = { issuer, type: hygiene.type, region: '440305', from: later, until: null };
  const register = (world: World, changes = {}, caller = adminOf(shenzhen)) => {
    world.put({ kind: 'type', definition: hygiene, from: foundingTime });
    return world.run(registerEntitlement, { ...input, ...changes }, caller, later);
  };

  it('makes the entitlement and an empty register', () => {
    expect(register(World.founded())).to.deep.equal([
      { kind: 'entitlement', ...input },
      { kind: 'register', issuer, type: hygiene.type, last: 0, time: later },
    ]);
  });

  it('refuses clients and the administrators of other domains', () => {
    expectRefusal(() => register(World.founded(), {}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(World.founded(), {}, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });

  it('never starts a register again', () => {
    const world = World.founded();
    register(world);
    expectRefusal(() => register(world), 'ALREADY_EXISTS', { kind: 'entitlement' });
  });

  it('holds it to the regions of both the body and its domain', () => {
    const world = World.founded();
    const body = world.get(rowKeys.issuer(issuer));
    if (!body) throw new Error('no such body');
    world.put({ ...body, region: '440306' });
    expectRefusal(() => register(world), 'OUTSIDE_REGION', { of: '440306' });
    world.put({ ...body, region: '440000' });
    expectRefusal(() => register(world, { region: '440400' }), 'OUTSIDE_REGION', { of: '4403' });
  });

  const refusals: readonly Refusal[] = [
    ['an unknown body', { issuer: makeIssuer(9, shenzhen).issuer }, 'ISSUER_UNKNOWN'],
    ['an unknown type', { type: 'no-such-type' }, 'TYPE_UNKNOWN'],
    ['a region outside the body’s', { region: '510100' }, 'OUTSIDE_REGION'],
    ['a region wider than the body’s', { region: '440000' }, 'OUTSIDE_REGION'],
    ['an end that is the beginning', { until: later }, 'INPUT_INVALID', 'until'],
    ['a type that is no slug', { type: 'Hygiene' }, 'INPUT_INVALID', 'entitlement.type'],
  ];
  for (const [why, changes, code, member] of refusals) {
    it(`refuses ${why}`, () => {
      expectRefusal(() => register(World.founded(), changes), code, member === undefined ? {} : { member });
    });
  }
});
