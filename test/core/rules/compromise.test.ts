import { anchor, parseInstant, registerKey, reportCompromise, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import {
  adminOf,
  chengdu,
  clientOf,
  makeAnchorInput,
  makeKeyInput,
  shenzhen,
  unknownKey,
  vouch,
} from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const thirtyDaysAgo = parseInstant('2026-05-02T00:00:00Z');

function setting() {
  const world = World.founded();
  const [issuer] = world.network.issuers;
  const { key } = issuer.anchorKey.row;
  const report = (from: string, caller = adminOf(shenzhen), of = key) =>
    world.run(reportCompromise, { key: of, from }, caller, now);
  const recorded = () => world.get(rowKeys.key(key))?.compromisedFrom;
  return { world, issuer, key, report, recorded };
}

describe('reporting a compromise', () => {
  it('says since when, up to thirty days back', () => {
    for (const from of [now, thirtyDaysAgo]) {
      const { report, recorded } = setting();
      report(from);
      expect(recorded()).to.equal(from);
    }
  });

  it('is refused in the future, and more than thirty days back', () => {
    const { report } = setting();
    expectRefusal(() => report('2026-06-01T00:00:01Z'), 'COMPROMISE_ILLEGAL', { why: 'in the future' });
    expectRefusal(() => report('2026-05-01T23:59:59Z'), 'COMPROMISE_ILLEGAL', { why: 'more than 30 days back' });
  });

  it('is done once: only a majority moves it, earlier or later', () => {
    const { world, key, report, recorded } = setting();
    report(thirtyDaysAgo);
    for (const from of [thirtyDaysAgo, now, '2026-05-03T00:00:00Z']) {
      expectRefusal(() => report(from), 'COMPROMISE_ILLEGAL', { why: 'recorded before' });
    }
    world.adopt({ action: 'recordCompromise', input: { key, from: parseInstant('2026-01-05T00:00:00Z') } }, now);
    expect(recorded()).to.equal('2026-01-05T00:00:00Z');
    expectRefusal(() => report(now), 'COMPROMISE_ILLEGAL');
  });

  it('is for administrators of the body’s domain', () => {
    const { report } = setting();
    expectRefusal(() => report(now, clientOf(shenzhen)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => report(now, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => report(now, adminOf(shenzhen), unknownKey), 'KEY_UNKNOWN');
  });

  it('leaves a key that signs nothing and vouches for none, under any timestamp', () => {
    const { world, issuer, report } = setting();
    report(now);
    const early = parseInstant('2026-05-31T00:00:00Z');
    const batch = makeAnchorInput(issuer, { first: 1, time: early });
    expectRefusal(() => world.run(anchor, batch, issuer.caller, early), 'KEY_COMPROMISED');
    const fresh = makeKey(issuer.issuer, 'anchor', 'fresh', { from: early });
    const input = vouch(makeKeyInput(fresh), issuer.anchorKey);
    expectRefusal(() => world.run(registerKey, input, adminOf(shenzhen), early), 'KEY_COMPROMISED');
  });
});
