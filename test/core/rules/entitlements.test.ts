import {
  endEntitlement,
  type Instant,
  parseInstant,
  type RegisterEntitlementInput,
  registerEntitlement,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import { loadType } from '../../fixtures/certificates.ts';
import { adminOf, chengdu, clientOf, foundingTime, makeIssuer, makeNetwork, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal, refuses, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const july = parseInstant('2026-07-01T00:00:00Z');
const august = parseInstant('2026-08-01T00:00:00Z');
const hygiene = loadType('hygiene-licence');
const { issuer } = makeIssuer(1, shenzhen);
const { type } = hygiene;
const input: RegisterEntitlementInput = { issuer, type, region: '440305', from: now, until: null };

const prepare = (world: World) => world.put({ kind: 'type', definition: hygiene, from: foundingTime });
function prepared(): World {
  const world = World.founded();
  prepare(world);
  return world;
}
const register = (world: World, changes = {}, caller = adminOf(shenzhen)) =>
  world.run(registerEntitlement, { ...input, ...changes }, caller, now);
const end = (world: World, until: Instant, time: Instant = now, caller = adminOf(shenzhen)) =>
  world.run(endEntitlement, { issuer, type, until }, caller, time);
const windowsOf = (world: World) => world.get(rowKeys.entitlement(issuer, type))?.windows;

describe('registering an entitlement', () => {
  it('makes the entitlement and an empty register', () => {
    expect(register(prepared())).to.deep.equal([
      { kind: 'entitlement', issuer, type, windows: [{ region: '440305', from: now, until: null }] },
      { kind: 'register', issuer, type, last: 0, time: now },
    ]);
  });

  it('adds a window after the last one, and never starts the register again', () => {
    const world = prepared();
    register(world, { until: july });
    const rows = register(world, { region: '440300', from: july });
    expect(rows.map(({ kind }) => kind)).to.deep.equal(['entitlement']);
    expect(windowsOf(world)).to.deep.equal([
      { region: '440305', from: now, until: july },
      { region: '440300', from: july, until: null },
    ]);
  });

  it('refuses windows that overlap the last one, or come before it', () => {
    const world = prepared();
    register(world, { from: july, until: august });
    for (const window of [
      { from: july, until: august },
      { from: parseInstant('2026-07-31T23:59:59Z'), until: null },
      { from: now, until: july },
    ]) {
      expectRefusal(() => register(world, window), 'ALREADY_EXISTS', { kind: 'entitlement' });
    }
    register(world, { from: august });
    expectRefusal(() => register(world, { from: parseInstant('2027-08-01T00:00:00Z') }), 'ALREADY_EXISTS');
  });

  it('adds sixty-four windows at most', () => {
    const world = prepared();
    for (let turn = 0; turn < 64; turn += 1) {
      register(world, { from: now });
      end(world, now);
    }
    expectRefusal(() => register(world, { from: now }), 'LIMIT_REACHED', { member: 'windows', max: 64 });
  });

  it('refuses clients and the administrators of other domains', () => {
    expectRefusal(() => register(prepared(), {}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register(prepared(), {}, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });

  it('holds it to the regions of both the body and its domain', () => {
    const world = prepared();
    const body = world.get(rowKeys.issuer(issuer));
    if (!body) throw new Error('no such body');
    world.put({ ...body, region: '440306' });
    expectRefusal(() => register(world), 'OUTSIDE_REGION', { of: '440306' });
    world.put({ ...body, region: '440000' });
    expectRefusal(() => register(world, { region: '440400' }), 'OUTSIDE_REGION', { of: '440300' });
  });

  it('keeps out of a district that has become a domain of its own', () => {
    const district = { ...shenzhen, domain: '440305', region: '440305', msp: 'NanshanMSP' };
    const world = World.founded(makeNetwork([type], 0, [district]));
    end(world, now);
    expectRefusal(() => register(world), 'OUTSIDE_REGION', { of: '440300' });
    expect(register(world, { region: '440306' })).to.have.length(1);
  });

  refuses(
    [
      ['an unknown body', { issuer: makeIssuer(9, shenzhen).issuer }, 'ISSUER_UNKNOWN'],
      ['an unknown type', { type: 'no-such-type' }, 'TYPE_UNKNOWN'],
      ['a region outside the body’s', { region: '510100' }, 'OUTSIDE_REGION'],
      ['a region wider than the body’s', { region: '440000' }, 'OUTSIDE_REGION'],
      ['an end that is the beginning', { until: now }, 'INPUT_INVALID', 'until'],
      ['a type that is no slug', { type: 'Hygiene' }, 'INPUT_INVALID', 'entitlement.type'],
    ],
    register,
    prepare,
  );
});

describe('ending an entitlement', () => {
  it('shortens the last window', () => {
    const world = prepared();
    register(world);
    end(world, august);
    end(world, july);
    expect(windowsOf(world)).to.deep.equal([{ region: '440305', from: now, until: july }]);
    register(world, { from: july });
    expect(windowsOf(world)).to.have.length(2);
  });

  it('leaves a window that has not begun empty', () => {
    const world = prepared();
    register(world, { from: july });
    end(world, now);
    expect(windowsOf(world)).to.deep.equal([{ region: '440305', from: july, until: july }]);
  });

  it('is not put in the past, nor back to later, and not done twice', () => {
    const world = prepared();
    register(world);
    expectRefusal(() => end(world, parseInstant('2026-05-31T23:59:59Z')), 'INPUT_INVALID', { earliest: now });
    end(world, july);
    expectRefusal(() => end(world, july), 'INPUT_INVALID', { before: july });
    expectRefusal(() => end(world, august), 'INPUT_INVALID', { before: july });
    expectRefusal(() => end(world, august, august), 'INPUT_INVALID', { before: july });
  });

  it('is for administrators of the body’s domain, of an entitlement that exists', () => {
    const world = prepared();
    expectRefusal(() => end(world, july), 'NOT_FOUND', { kind: 'entitlement' });
    register(world);
    expectRefusal(() => end(world, july, now, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => end(world, july, now, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });
});
