import {
  type ErrorCode,
  type Instant,
  type Json,
  parseInstant,
  type RegisterListKeyInput,
  registerListKey,
  reportListKeyCompromise,
  retireListKey,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import { adminOf, chengdu, clientOf, listKidOf, shenzhen } from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const july = parseInstant('2026-07-01T00:00:00Z');
const kid = listKidOf('440300');

describe('registering a list key', () => {
  const input: RegisterListKeyInput = {
    domain: '440300',
    kid: 'K'.repeat(43),
    jwk: { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) },
    from: now,
    until: null,
  };
  const register = (changes: object = {}, caller = adminOf(shenzhen), world = World.founded()) =>
    world.run(registerListKey, { ...input, ...changes }, caller, now);

  it('lets an administrator of the domain add it', () => {
    expect(register()).to.deep.equal([{ kind: 'listKey', ...input, compromisedFrom: null }]);
  });

  const refusals: readonly [
    why: string,
    changes: object,
    code: ErrorCode,
    details: { readonly [key: string]: Json },
  ][] = [
    ['a key that exists', { kid }, 'ALREADY_EXISTS', { kind: 'listKey' }],
    ['a key that another domain has', { kid: listKidOf('510100') }, 'ALREADY_EXISTS', { kind: 'listKey' }],
    ['an unknown domain', { domain: '330100' }, 'NOT_FOUND', { kind: 'domain' }],
    ['a window that began before', { from: '2026-05-31T23:49:59Z' }, 'INPUT_INVALID', { member: 'from' }],
    ['another curve', { jwk: { ...input.jwk, crv: 'P-384' } }, 'INPUT_INVALID', { member: 'jwk.crv' }],
    ['a private key', { jwk: { ...input.jwk, d: 'd'.repeat(43) } }, 'INPUT_INVALID', { member: 'jwk.d' }],
    ['a short thumbprint', { kid: 'K' }, 'INPUT_INVALID', { member: 'listKey.kid' }],
  ];
  for (const [why, changes, code, details] of refusals) {
    it(`refuses ${why}`, () => expectRefusal(() => register(changes), code, details));
  }

  it('refuses clients and the administrators of other domains', () => {
    expectRefusal(() => register({}, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => register({}, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });
});

describe('a list key', () => {
  const retire = (world: World, until: Instant, caller = adminOf(shenzhen)) =>
    world.run(retireListKey, { kid, until }, caller, now);
  const report = (world: World, from: string, caller = adminOf(shenzhen)) =>
    world.run(reportListKeyCompromise, { kid, from }, caller, now);

  it('is retired by its domain, never in the past or back to later', () => {
    const world = World.founded();
    retire(world, july);
    expect(world.get(rowKeys.listKey(kid))?.until).to.equal(july);
    expectRefusal(() => retire(world, july), 'INPUT_INVALID', { before: july });
    expectRefusal(() => retire(world, parseInstant('2026-05-31T23:59:59Z')), 'INPUT_INVALID', { earliest: now });
  });

  it('is reported as compromised by its domain, once, from a time of the last thirty days', () => {
    const world = World.founded();
    expectRefusal(() => report(world, '2026-06-01T00:00:01Z'), 'COMPROMISE_ILLEGAL');
    expectRefusal(() => report(world, '2026-05-01T23:59:59Z'), 'COMPROMISE_ILLEGAL');
    report(world, '2026-05-02T00:00:00Z');
    expect(world.get(rowKeys.listKey(kid))?.compromisedFrom).to.equal('2026-05-02T00:00:00Z');
    expectRefusal(() => report(world, '2026-05-03T00:00:00Z'), 'COMPROMISE_ILLEGAL');
  });

  it('is nobody else’s to retire or report', () => {
    const world = World.founded();
    for (const caller of [clientOf(shenzhen), adminOf(chengdu)]) {
      expectRefusal(() => retire(world, july, caller), 'CALLER_NOT_PERMITTED');
      expectRefusal(() => report(world, now, caller), 'CALLER_NOT_PERMITTED');
    }
    const unknown = 'K'.repeat(43);
    const at = { until: july };
    expectRefusal(() => world.run(retireListKey, { kid: unknown, ...at }, adminOf(shenzhen), now), 'KEY_UNKNOWN');
    expectRefusal(
      () => world.run(reportListKeyCompromise, { kid: unknown, from: now }, adminOf(shenzhen), now),
      'KEY_UNKNOWN',
    );
  });
});
