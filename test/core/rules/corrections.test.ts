import {
  anchor,
  changeAt,
  changeStatus,
  type Instant,
  latestStatus,
  parseInstant,
  rowKeys,
  type Status,
  type StatusChange,
  standingChanges,
} from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import { makeAnchorInput, makeChange, makeLeaves, makeStatusInput, type StatusParts } from '../../fixtures/network.ts';
import { expectRefusal, World } from './world.ts';

const now = parseInstant('2026-06-01T09:00:00Z');
const later = parseInstant('2026-07-01T00:00:00Z');
const type = 'business-licence';

/** A founded world with entries 1–3; entry 4 is a reissue of entry 1, anchored on request. */
function setting() {
  const world = World.founded();
  const [issuer] = world.network.issuers;
  const anchorBatch = (first: number, count: number, supersedes?: number) =>
    world.run(
      anchor,
      makeAnchorInput(issuer, {
        first,
        time: now,
        leaves: makeLeaves(count),
        supersessions: supersedes === undefined ? [] : [{ entry: first, supersedes }],
      }),
      issuer.caller,
      now,
    );
  anchorBatch(1, 3);
  const submit = (changes: readonly StatusChange[], parts: Partial<StatusParts> = {}) =>
    world.run(
      changeStatus,
      makeStatusInput(issuer, changes, {
        time: now,
        batches: changes.map(({ entry }) => (entry > 3 ? entry : 1)),
        ...parts,
      }),
      issuer.caller,
      now,
    );
  const rowOf = (entry: number) => world.get(rowKeys.status(issuer.issuer, type, entry));
  const statusOf = (entry: number) => latestStatus(rowOf(entry)?.changes ?? []);
  return { world, issuer, anchorBatch, submit, rowOf, statusOf };
}

const revoke = (entry: number, sequence = 1, changes: Partial<StatusChange> = {}) =>
  makeChange(entry, now, { sequence, to: 'REVOKED', act: 'revoke', ...changes });

const correct = (
  entry: number,
  [sequence, corrects]: readonly [sequence: number, corrects: number],
  [from, to]: readonly [from: Status, to: Status],
  effective: Instant = now,
) => makeChange(entry, effective, { sequence, from, to, act: 'correct', corrects });

describe('correcting a change', () => {
  it('is a new act, which leaves the mistake on record', () => {
    const { submit, rowOf, statusOf } = setting();
    submit([revoke(1)]);
    submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'])]);
    expect(statusOf(1)).to.equal('ACTIVE');
    expect(rowOf(1)?.changes.map(({ act, corrects }) => [act, corrects])).to.deep.equal([
      ['revoke', undefined],
      ['correct', 1],
    ]);
  });

  it('leaves what the other changes say', () => {
    const { submit, statusOf } = setting();
    submit([makeChange(1, now)]);
    submit([revoke(1, 2, { from: 'SUSPENDED' })]);
    submit([correct(1, [3, 1], ['REVOKED', 'REVOKED'])]);
    expect(statusOf(1)).to.equal('REVOKED');
    submit([correct(1, [4, 2], ['REVOKED', 'ACTIVE'])]);
    expect(statusOf(1)).to.equal('ACTIVE');
    submit([revoke(1, 5)]);
    expect(statusOf(1)).to.equal('REVOKED');
  });

  it('is not before what it corrects', () => {
    const { submit } = setting();
    submit([revoke(1, 1, { effective: later })]);
    expectRefusal(() => submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'])]), 'EFFECTIVE_ILLEGAL', { earliest: later });
    submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'], later)]);
  });

  it('is refused of a correction, of a change twice, of one that is not there, and towards another status', () => {
    const { submit } = setting();
    submit([revoke(1)]);
    const steps = (change: StatusChange) => () => submit([change]);
    expectRefusal(steps(correct(1, [2, 1], ['REVOKED', 'SUSPENDED'])), 'STATUS_STEP_ILLEGAL');
    expectRefusal(steps(correct(1, [2, 1], ['ACTIVE', 'ACTIVE'])), 'STATUS_STEP_ILLEGAL');
    expectRefusal(steps(correct(1, [2, 2], ['REVOKED', 'ACTIVE'])), 'STATUS_STEP_ILLEGAL');
    submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'])]);
    expectRefusal(steps(correct(1, [3, 2], ['ACTIVE', 'REVOKED'])), 'STATUS_STEP_ILLEGAL');
    expectRefusal(steps(correct(1, [3, 1], ['ACTIVE', 'ACTIVE'])), 'STATUS_STEP_ILLEGAL');
    expectRefusal(steps(correct(2, [1, 1], ['ACTIVE', 'ACTIVE'])), 'STATUS_STEP_ILLEGAL');
  });

  it('names what it corrects, and nothing else does', () => {
    const { submit } = setting();
    const { corrects: _corrects, ...nameless } = correct(1, [1, 1], ['ACTIVE', 'ACTIVE']);
    expectRefusal(() => submit([nameless]), 'INPUT_INVALID', { member: 'change.corrects' });
    expectRefusal(() => submit([makeChange(1, now, { corrects: 1 })]), 'INPUT_INVALID', { member: 'change.corrects' });
  });

  it('needs a basis that supports corrections', () => {
    const { submit } = setting();
    submit([revoke(1)]);
    const change = { ...correct(1, [2, 1], ['REVOKED', 'ACTIVE']), basis: 'licence-law-70' };
    expectRefusal(() => submit([change]), 'BASIS_UNKNOWN', { act: 'correct' });
  });
});

describe('correcting a supersession', () => {
  const takeUp = (sequence = 2, effective = now) => correct(1, [sequence, 1], ['SUPERSEDED', 'ACTIVE'], effective);
  function reissued() {
    const context = setting();
    context.anchorBatch(4, 1, 1);
    return context;
  }

  it('is refused while the reissue lives, suspended or superseded too', () => {
    const { submit, anchorBatch } = reissued();
    expectRefusal(() => submit([takeUp()]), 'STATUS_STEP_ILLEGAL', { entry: 1 });
    submit([makeChange(4, now)]);
    expectRefusal(() => submit([takeUp()]), 'STATUS_STEP_ILLEGAL', { entry: 1 });
    anchorBatch(5, 1, 4);
    expectRefusal(() => submit([takeUp()]), 'STATUS_STEP_ILLEGAL', { entry: 1 });
  });

  it('is lawful once the reissue has ended, which then is final', () => {
    const { submit, rowOf, statusOf } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    expect([statusOf(1), statusOf(4), rowOf(4)?.final]).to.deep.equal(['ACTIVE', 'REVOKED', true]);
    expectRefusal(() => submit([correct(4, [2, 1], ['REVOKED', 'ACTIVE'])]), 'STATUS_STEP_ILLEGAL', { entry: 4 });
  });

  it('leaves no second reissue, which would bear the identifier of the first', () => {
    const { submit, anchorBatch } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    expectRefusal(() => anchorBatch(5, 1, 1), 'SUPERSESSION_ILLEGAL', { supersedes: 1 });
  });

  it('does not take effect before the reissue has ended', () => {
    const { submit } = reissued();
    submit([revoke(4, 1, { effective: later })]);
    expectRefusal(() => submit([takeUp()]), 'EFFECTIVE_ILLEGAL', { earliest: later });
    submit([takeUp(2, later)]);
  });

  it('is not slipped through together with the end of the reissue, or with its return', () => {
    const { submit, world } = reissued();
    expectRefusal(() => submit([takeUp(), revoke(4)]), 'STATUS_STEP_ILLEGAL');
    submit([revoke(4)]);
    const before = world.dump();
    const back = correct(4, [2, 1], ['REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([takeUp(), back]), 'STATUS_STEP_ILLEGAL', { why: 'twice' });
    expect(world.dump()).to.deep.equal(before);
  });

  it('is refused again once the end of the reissue was taken back', () => {
    const { submit } = reissued();
    submit([revoke(4)]);
    submit([correct(4, [2, 1], ['REVOKED', 'ACTIVE'])]);
    expectRefusal(() => submit([takeUp()]), 'STATUS_STEP_ILLEGAL');
  });
});

describe('changes by a key with a record of compromise', () => {
  /** Entry 1 was revoked by a good key, and the revocation taken back by one that was reported afterwards. */
  function tainted() {
    const context = setting();
    const stolen = makeKey(context.issuer.issuer, 'status', 'stolen');
    context.world.put(stolen.row);
    context.submit([revoke(1)]);
    context.submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'])], { key: stolen });
    context.world.put({ ...stolen.row, compromisedFrom: now });
    return { ...context, stolen };
  }

  it('may be read either way, for readers alone know when they were made', () => {
    expect(tainted().submit([makeChange(1, now, { sequence: 3 })])).to.have.length(2);
    const { submit, statusOf } = tainted();
    submit([correct(1, [3, 1], ['REVOKED', 'ACTIVE'])]);
    expect(statusOf(1)).to.equal('ACTIVE');
  });

  it('are not both readings at once', () => {
    const { submit } = tainted();
    const mixed = makeChange(1, now, { sequence: 3, from: 'REVOKED', to: 'SUSPENDED' });
    expectRefusal(() => submit([mixed]), 'STATUS_STEP_ILLEGAL');
    expectRefusal(() => submit([correct(1, [3, 1], ['ACTIVE', 'ACTIVE'])]), 'STATUS_STEP_ILLEGAL');
  });

  it('do not take back a suspension under a revocation, for that would be good before the revocation takes effect', () => {
    const { world, issuer, submit, rowOf } = setting();
    const stolen = makeKey(issuer.issuer, 'status', 'stolen');
    world.put(stolen.row);
    submit([makeChange(1, now)]);
    submit([revoke(1, 2, { from: 'SUSPENDED', effective: later })]);
    submit([correct(1, [3, 1], ['REVOKED', 'REVOKED'])], { key: stolen });
    const lost = { ...stolen.row, compromisedFrom: now };
    const known = (rowOf(1)?.changes ?? []).map((change) => ({ ...change, block: 1, recorded: now }));
    const standing = standingChanges(known, { key: (key) => (key === lost.key ? lost : issuer.statusKey.row) });
    expect(standing.map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
    expect(changeAt(standing, now)?.to).to.equal('SUSPENDED');
  });

  it('do not soften a revocation by way of one that was taken back', () => {
    const { world, issuer, stolen, submit, rowOf } = tainted();
    world.put(stolen.row);
    submit([makeChange(1, now, { sequence: 3 })], { key: stolen });
    const lost = { ...stolen.row, compromisedFrom: now };
    const known = (rowOf(1)?.changes ?? []).map((change) => ({ ...change, block: 1, recorded: now }));
    const standing = standingChanges(known, { key: (key) => (key === lost.key ? lost : issuer.statusKey.row) });
    expect(changeAt(standing, now)?.to).to.equal('REVOKED');
  });

  it('count for what they are where they make a certificate good for less', () => {
    const { world, issuer, submit } = setting();
    submit([makeChange(1, now)]);
    world.put({ ...issuer.statusKey.row, compromisedFrom: now });
    const fresh = makeKey(issuer.issuer, 'status', 'fresh');
    world.put(fresh.row);
    const act = (change: StatusChange) => submit([change], { key: fresh });
    expectRefusal(() => act(makeChange(1, now, { sequence: 2 })), 'STATUS_STEP_ILLEGAL');
    act(makeChange(1, now, { sequence: 2, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' }));
  });
});
