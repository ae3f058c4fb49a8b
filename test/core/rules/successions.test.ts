import {
  acceptSuccession,
  anchor,
  changeStatus,
  closeIssuer,
  type Instant,
  parseInstant,
  registerEntitlement,
  registerIssuer,
  registerKey,
  rowKeys,
} from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import {
  adminOf,
  chengdu,
  chongqing,
  clientOf,
  deyang,
  makeAnchorInput,
  makeChange,
  makeIssuer,
  makeKeyInput,
  makeNetwork,
  makeStatusInput,
  meishan,
  shenzhen,
  type TestIssuer,
  vouch,
} from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T00:00:00Z');
const lastSecond = parseInstant('2026-06-30T23:59:59Z');
const later = parseInstant('2026-07-01T00:00:00Z');

/** Two bodies of Shenzhen, near and third, and one of Chengdu, far. */
function setting() {
  const world = World.founded(makeNetwork(['business-licence'], 1));
  const [near, far, third] = world.network.issuers;
  if (!third) throw new Error('three bodies');
  const close = (
    body: TestIssuer,
    successor: TestIssuer | null,
    at: Instant = now,
    caller = adminOf(body.domain),
    time = now,
  ) => world.run(closeIssuer, { issuer: body.issuer, at, successor: successor?.issuer ?? null }, caller, time);
  const accept = (body: TestIssuer, caller = adminOf(far.domain), time: Instant = now) =>
    world.run(acceptSuccession, { issuer: body.issuer }, caller, time);
  const rowOf = (body: TestIssuer) => world.get(rowKeys.issuer(body.issuer));
  return { world, near, far, third, close, accept, rowOf };
}

describe('closing a body', () => {
  it('without a successor is done at once, for now or for later', () => {
    const { near, far, close, rowOf } = setting();
    close(near, null);
    expect(rowOf(near)).to.deep.include({ closed: { at: now, successor: null }, offered: null });
    close(far, null, later);
    expect(rowOf(far)?.closed).to.deep.equal({ at: later, successor: null });
  });

  it('with a successor of the same domain is done at once', () => {
    const { near, third, close, rowOf } = setting();
    close(near, third);
    expect(rowOf(near)).to.deep.include({ closed: { at: now, successor: third.issuer }, offered: null });
  });

  it('with a successor elsewhere is an offer, until that one’s administrator accepts', () => {
    const { near, far, close, accept, rowOf } = setting();
    close(near, far);
    expect(rowOf(near)).to.deep.include({ closed: null, offered: { at: now, successor: far.issuer, expires: later } });
    accept(near, adminOf(chengdu), lastSecond);
    expect(rowOf(near)).to.deep.include({ closed: { at: lastSecond, successor: far.issuer }, offered: null });
  });

  it('accepted early takes effect when it was offered for', () => {
    const { near, far, close, accept, rowOf } = setting();
    close(near, far, later);
    accept(near);
    expect(rowOf(near)?.closed?.at).to.equal(later);
  });

  it('with a successor in another domain of the same organisation is an offer too, which it may accept itself', () => {
    const world = World.founded(makeNetwork(['business-licence'], 0, [deyang, meishan]));
    const [here, there] = [makeIssuer(7, deyang), makeIssuer(8, meishan)];
    const admin = adminOf(deyang);
    for (const { issuer, domain: place } of [here, there]) {
      const body = { issuer, domain: place.domain, region: place.domain, name: place.name, from: now };
      world.run(registerIssuer, body, admin, now);
    }
    world.run(closeIssuer, { issuer: here.issuer, at: now, successor: there.issuer }, admin, now);
    const rowOf = () => world.get(rowKeys.issuer(here.issuer));
    expect([rowOf()?.closed, rowOf()?.offered?.successor]).to.deep.equal([null, there.issuer]);
    world.run(acceptSuccession, { issuer: here.issuer }, admin, now);
    expect(rowOf()).to.deep.include({ closed: { at: now, successor: there.issuer }, offered: null });
  });

  it('is offered for thirty days, and then anew', () => {
    const { near, far, close, accept, rowOf } = setting();
    close(near, far);
    expectRefusal(() => accept(near, adminOf(chengdu), later), 'SUCCESSION_ILLEGAL', { why: 'expired' });
    close(near, far, later, adminOf(shenzhen), later);
    accept(near, adminOf(chengdu), later);
    expect(rowOf(near)?.closed?.at).to.equal(later);
  });

  it('is for administrators of its own domain, accepting for those of the successor’s', () => {
    const { near, far, close, accept } = setting();
    for (const caller of [clientOf(shenzhen), adminOf(chengdu), adminOf(chongqing)]) {
      expectRefusal(() => close(near, far, now, caller), 'CALLER_NOT_PERMITTED');
    }
    close(near, far);
    for (const caller of [clientOf(chengdu), adminOf(shenzhen), adminOf(chongqing)]) {
      expectRefusal(() => accept(near, caller), 'CALLER_NOT_PERMITTED');
    }
  });

  it('is not put before now, and not done twice', () => {
    const { near, third, close } = setting();
    expectRefusal(() => close(near, null, parseInstant('2026-05-31T23:59:59Z')), 'INPUT_INVALID', {
      member: 'closing.at',
    });
    close(near, null, later);
    expectRefusal(() => close(near, null, later), 'ISSUER_CLOSED');
    expectRefusal(() => close(near, third), 'ISSUER_CLOSED');
  });

  it('takes the place of an offer that nobody accepted', () => {
    const { near, far, close, accept, rowOf } = setting();
    close(near, far);
    close(near, null, later);
    expect(rowOf(near)).to.deep.include({ closed: { at: later, successor: null }, offered: null });
    expectRefusal(() => accept(near), 'ISSUER_CLOSED');
  });

  it('needs a successor that is known, another and open', () => {
    const { near, far, third, close } = setting();
    expectRefusal(() => close(near, near), 'SUCCESSION_ILLEGAL');
    expectRefusal(() => close(near, makeIssuer(9, shenzhen)), 'SUCCESSION_ILLEGAL');
    close(third, null, later);
    expectRefusal(() => close(near, third), 'SUCCESSION_ILLEGAL');
    close(far, null);
    expectRefusal(() => close(near, far), 'SUCCESSION_ILLEGAL');
  });

  it('accepts nothing that is not offered', () => {
    const { near, accept } = setting();
    expectRefusal(() => accept(near), 'SUCCESSION_ILLEGAL');
    expectRefusal(() => accept(makeIssuer(9, shenzhen)), 'ISSUER_UNKNOWN');
  });

  it('never runs in a circle: of two offers that cross, one is accepted', () => {
    const { near, far, close, accept, rowOf } = setting();
    close(near, far);
    close(far, near);
    accept(near, adminOf(chengdu));
    expectRefusal(() => accept(far, adminOf(shenzhen)), 'SUCCESSION_ILLEGAL');
    expect(rowOf(far)?.closed).to.equal(null);
  });

  it('refuses an acceptance once the successor has a closing on record', () => {
    const { near, far, close, accept } = setting();
    close(near, far);
    close(far, null, later);
    expectRefusal(() => accept(near), 'SUCCESSION_ILLEGAL');
  });

  it('runs on through bodies that were closed after they had taken over', () => {
    const { near, far, third, close, accept, rowOf } = setting();
    close(near, far);
    accept(near);
    close(far, third);
    accept(far, adminOf(shenzhen));
    expect(rowOf(far)?.closed?.successor).to.equal(third.issuer);
    expectRefusal(() => close(third, near), 'SUCCESSION_ILLEGAL');
  });
});

describe('a closed body', () => {
  /** near anchored an entry and is closed in favour of far. */
  function merged(at: Instant = now) {
    const context = setting();
    const { world, near, far, close, accept } = context;
    world.run(anchor, makeAnchorInput(near, { first: 1, time: now }), near.caller, now);
    close(near, far, at);
    accept(near);
    const revoke = (key = far.statusKey, caller = far.caller, time = now) => {
      const change = makeChange(1, time, { to: 'REVOKED', act: 'revoke' });
      return world.run(changeStatus, makeStatusInput(near, [change], { time, batches: [1], key }), caller, time);
    };
    return { ...context, revoke };
  }

  it('anchors, registers and is entitled to nothing more', () => {
    const { world, near } = merged();
    const fresh = makeKey(near.issuer, 'status', 'fresh', { from: now });
    const admin = adminOf(shenzhen);
    const entitlement = { issuer: near.issuer, type: 'business-licence', region: '440300', from: later, until: null };
    expectRefusal(
      () => world.run(anchor, makeAnchorInput(near, { first: 2, time: now }), near.caller, now),
      'ISSUER_CLOSED',
    );
    expectRefusal(
      () => world.run(registerKey, vouch(makeKeyInput(fresh), near.statusKey), admin, now),
      'ISSUER_CLOSED',
    );
    expectRefusal(() => world.run(registerEntitlement, entitlement, admin, now), 'ISSUER_CLOSED');
  });

  it('has its certificates managed by its successor alone', () => {
    const { near, far, revoke } = merged();
    expectRefusal(() => revoke(near.statusKey, far.caller), 'KEY_WRONG_USE');
    expectRefusal(() => revoke(near.statusKey, near.caller), 'CALLER_NOT_PERMITTED');
    expectRefusal(() => revoke(far.statusKey, near.caller), 'CALLER_NOT_PERMITTED');
    expect(revoke().map(({ kind }) => kind)).to.include.members(['batch', 'status']);
  });

  it('has the row of its successor’s key written as it is, where another organisation’s peer has to endorse', () => {
    const { world, far, revoke } = merged();
    const before = world.get(rowKeys.key(far.statusKey.row.key));
    const rows = revoke();
    expect(rows.map(({ kind }) => kind)).to.deep.equal(['batch', 'status', 'key']);
    expect(rows[2]).to.deep.equal(before);
    // within one organisation the batch alone is that organisation's
    const inside = setting();
    inside.world.run(anchor, makeAnchorInput(inside.near, { first: 1, time: now }), inside.near.caller, now);
    inside.close(inside.near, inside.third);
    const key = inside.third.statusKey;
    const input = makeStatusInput(inside.near, [makeChange(1, now)], { time: now, batches: [1], key });
    expect(inside.world.run(changeStatus, input, inside.near.caller, now)).to.have.length(2);
  });

  it('manages them itself until the time of its closing', () => {
    const { near, far, revoke } = merged(later);
    expectRefusal(() => revoke(far.statusKey, far.caller), 'CALLER_NOT_PERMITTED');
    expect(revoke(near.statusKey, near.caller)).to.have.length(2);
    expectRefusal(() => merged(later).revoke(near.statusKey, near.caller, later), 'CALLER_NOT_PERMITTED');
    expect(merged(later).revoke(far.statusKey, far.caller, later)).to.have.length(3);
  });

  it('is changed in view of every row on which that stands', () => {
    const { world, near, far, revoke } = merged();
    revoke();
    const change = makeChange(1, now, { sequence: 2, from: 'REVOKED', to: 'ACTIVE', act: 'correct', corrects: 1 });
    const input = makeStatusInput(near, [change], { time: now, batches: [1], key: near.statusKey });
    const type = 'business-licence';
    expect(world.readsOf(changeStatus, input)).to.deep.include.members([
      ...[near, far].map(({ issuer }) => rowKeys.issuer(issuer)),
      ...['440300', '510100'].map(rowKeys.domain),
      // the key of this change, and that of the one before
      ...[near, far].map(({ statusKey }) => rowKeys.key(statusKey.row.key)),
      rowKeys.entitlement(near.issuer, type),
      rowKeys.basis('licence-law-69'),
      rowKeys.batch(near.issuer, type, 1),
      rowKeys.status(near.issuer, type, 1),
    ]);
  });

  it('is followed through sixteen successions, and not without end', () => {
    const world = World.founded(makeNetwork(['business-licence'], 16));
    const [first, far, ...others] = world.network.issuers;
    world.run(anchor, makeAnchorInput(first, { first: 1, time: now }), first.caller, now);
    const chain = [first, ...others];
    const close = (at: number, successor: TestIssuer | undefined) =>
      world.run(
        closeIssuer,
        { issuer: chain[at]?.issuer, at: now, successor: successor?.issuer ?? null },
        adminOf(shenzhen),
        now,
      );
    for (let at = 0; at < 16; at += 1) close(at, chain[at + 1]);
    const last = chain[16];
    if (!last) throw new Error('seventeen');
    const act = (body: TestIssuer, sequence: number) => {
      const from = sequence === 1 ? 'ACTIVE' : 'SUSPENDED';
      const change = makeChange(1, now, { sequence, from, ...(sequence > 1 && { to: 'REVOKED', act: 'revoke' }) });
      const input = makeStatusInput(first, [change], { time: now, batches: [1], key: body.statusKey });
      return world.run(changeStatus, input, body.caller, now);
    };
    expect(act(last, 1)).to.have.length(2);
    close(16, far);
    world.run(acceptSuccession, { issuer: last.issuer }, adminOf(chengdu), now);
    expectRefusal(() => act(far, 2), 'ISSUER_CLOSED');
  });

  it('is managed by the end of its successions, and by nobody where that was closed for good', () => {
    const { far, third, close, accept, revoke } = merged();
    close(far, third);
    accept(far, adminOf(shenzhen));
    expectRefusal(() => revoke(), 'CALLER_NOT_PERMITTED');
    expect(revoke(third.statusKey, third.caller)).to.have.length(2);
    close(third, null);
    expectRefusal(() => revoke(third.statusKey, third.caller), 'ISSUER_CLOSED');
  });
});
