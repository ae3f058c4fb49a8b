import {
  anchor,
  changeAt,
  changeStatus,
  type Instant,
  type KeyId,
  type KeyRow,
  latestStatus,
  parseInstant,
  rowKeys,
  type Status,
  type StatusChange,
  standingChanges,
} from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import {
  makeAnchorInput,
  makeChange,
  makeLeaves,
  makeStatusInput,
  type StatusParts,
  type TestIssuer,
} from '../../fixtures/network.ts';
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

/** The registry as its readers take it, with one key in other hands. */
const trustIn = (world: World, issuer: TestIssuer, lost: KeyRow) => ({
  key: (key: KeyId) => [lost, issuer.statusKey.row, issuer.anchorKey.row].find((row) => row.key === key),
  managerOf: (name: string) => world.get(rowKeys.issuer(name)),
});

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

  it('is lawful once the reissue has ended, which then remembers what it superseded', () => {
    const { submit, rowOf, statusOf } = reissued();
    submit([revoke(4)]);
    expect(rowOf(4)?.superseded).to.equal(undefined);
    submit([takeUp()]);
    expect([statusOf(1), statusOf(4), rowOf(4)?.superseded]).to.deep.equal(['ACTIVE', 'REVOKED', 1]);
  });

  it('makes each of the two wait for the end of the other', () => {
    const { submit, statusOf, rowOf } = reissued();
    const back = (entry: number, sequence: number, corrects: number) =>
      correct(entry, [sequence, corrects], ['REVOKED', 'ACTIVE']);
    submit([revoke(4)]);
    submit([takeUp()]);
    expectRefusal(() => submit([back(4, 2, 1)]), 'STATUS_STEP_ILLEGAL', { entry: 4, unlessEnded: 1 });
    submit([makeChange(1, now, { sequence: 3 })]);
    expectRefusal(() => submit([back(4, 2, 1)]), 'STATUS_STEP_ILLEGAL', { entry: 4, unlessEnded: 1 });
    submit([revoke(1, 4, { from: 'SUSPENDED' })]);
    submit([back(4, 2, 1)]);
    expect([statusOf(1), statusOf(4)]).to.deep.equal(['REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([correct(1, [5, 4], ['REVOKED', 'SUSPENDED'])]), 'STATUS_STEP_ILLEGAL', { entry: 1 });
    submit([revoke(4, 3)]);
    expect(rowOf(4)?.superseded).to.equal(1);
    submit([correct(1, [5, 4], ['REVOKED', 'SUSPENDED'])]);
    expectRefusal(() => submit([back(4, 4, 3)]), 'STATUS_STEP_ILLEGAL', { entry: 4 });
  });

  it('lets neither be good before the other has ended', () => {
    const { submit } = reissued();
    const back = (effective: Instant) => correct(4, [2, 1], ['REVOKED', 'ACTIVE'], effective);
    submit([revoke(4)]);
    submit([takeUp()]);
    submit([revoke(1, 3, { effective: later })]);
    expectRefusal(() => submit([back(now)]), 'EFFECTIVE_ILLEGAL', { entry: 4, earliest: later });
    submit([back(later)]);
  });

  it('is not done together with the return of the other', () => {
    const { submit, world } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    submit([revoke(1, 3)]);
    const before = world.dump();
    const both = [correct(1, [4, 3], ['REVOKED', 'ACTIVE']), correct(4, [2, 1], ['REVOKED', 'ACTIVE'])];
    expectRefusal(() => submit(both), 'STATUS_STEP_ILLEGAL', { why: 'twice' });
    expect(world.dump()).to.deep.equal(before);
  });

  it('leaves no second reissue, which would bear the identifier of the first', () => {
    const { submit, anchorBatch } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    expectRefusal(() => anchorBatch(5, 1, 1), 'SUPERSESSION_ILLEGAL', { supersedes: 1 });
    submit([makeChange(1, now, { sequence: 3 })]);
    expectRefusal(() => anchorBatch(5, 1, 1), 'SUPERSESSION_ILLEGAL', { supersedes: 1 });
  });

  it('looks at all of a line: one of three at most is in force', () => {
    const { submit, anchorBatch, statusOf, rowOf } = reissued();
    const back = (entry: number, sequence: number, from: Status) =>
      correct(entry, [sequence, sequence - 1], [from, 'ACTIVE']);
    anchorBatch(5, 1, 4);
    submit([revoke(5)]);
    submit([correct(4, [2, 1], ['SUPERSEDED', 'ACTIVE'])]);
    submit([revoke(4, 3)]);
    submit([back(5, 2, 'REVOKED')]);
    expect([1, 4, 5].map(statusOf)).to.deep.equal(['SUPERSEDED', 'REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([takeUp()]), 'STATUS_STEP_ILLEGAL', { entry: 1, unlessEnded: 5 });
    submit([revoke(5, 3)]);
    submit([takeUp()]);
    expect([rowOf(4)?.superseded, rowOf(5)?.superseded]).to.deep.equal([1, 4]);
    expectRefusal(() => submit([back(5, 4, 'REVOKED')]), 'STATUS_STEP_ILLEGAL', { entry: 5, unlessEnded: 1 });
    expectRefusal(() => submit([back(4, 4, 'REVOKED')]), 'STATUS_STEP_ILLEGAL', { entry: 4, unlessEnded: 1 });
    submit([revoke(1, 3)]);
    submit([back(5, 4, 'REVOKED')]);
    expect([1, 4, 5].map(statusOf)).to.deep.equal(['REVOKED', 'REVOKED', 'ACTIVE']);
  });

  it('follows the line where a reissue was reissued after it had come back', () => {
    const { submit, anchorBatch, statusOf } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    submit([revoke(1, 3)]);
    submit([correct(4, [2, 1], ['REVOKED', 'ACTIVE'])]);
    anchorBatch(5, 1, 4);
    const first = correct(1, [4, 3], ['REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([first]), 'STATUS_STEP_ILLEGAL', { entry: 1, unlessEnded: 5 });
    submit([revoke(5)]);
    submit([first]);
    const last = correct(5, [2, 1], ['REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([last]), 'STATUS_STEP_ILLEGAL', { entry: 5, unlessEnded: 1 });
    expect([1, 4, 5].map(statusOf)).to.deep.equal(['ACTIVE', 'SUPERSEDED', 'REVOKED']);
  });

  it('is followed by no reissue from before it took effect', () => {
    const { submit, anchorBatch } = reissued();
    submit([revoke(4)]);
    submit([takeUp()]);
    submit([revoke(1, 3, { effective: later })]);
    submit([correct(4, [2, 1], ['REVOKED', 'ACTIVE'], later)]);
    // from now until then the first one is in force
    expectRefusal(() => anchorBatch(5, 1, 4), 'SUPERSESSION_ILLEGAL', { supersedes: 4 });
  });

  it('is refused where the line is too long to follow', () => {
    const { submit, anchorBatch } = reissued();
    for (let entry = 5; entry <= 20; entry += 1) anchorBatch(entry, 1, entry - 1);
    expectRefusal(() => submit([takeUp()]), 'LIMIT_REACHED', { member: 'supersessions', max: 16 });
  });

  it('reads the whole line and the keys of its changes', () => {
    const { submit, anchorBatch, issuer, world } = reissued();
    anchorBatch(5, 1, 4);
    submit([revoke(5)]);
    const input = (change: StatusChange) => makeStatusInput(issuer, [change], { time: now, batches: [1] });
    const rows = (...entries: readonly number[]) => entries.map((entry) => rowKeys.status(issuer.issuer, type, entry));
    const keys = [issuer.anchorKey, issuer.statusKey].map(({ row }) => rowKeys.key(row.key));
    expect(world.readsOf(changeStatus, input(takeUp()))).to.deep.include.members([...rows(1, 4, 5), ...keys]);
    const suspension = makeChange(1, now, { sequence: 2 });
    expect(world.readsOf(changeStatus, input(suspension))).not.to.deep.include.members(rows(4));
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

describe('a certificate that is taken up again later', () => {
  function takenUp() {
    const context = setting();
    context.submit([revoke(1)]);
    context.submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'], later)]);
    return context;
  }

  it('is suspended or superseded from then on only: before, it has ended', () => {
    const { submit, anchorBatch, rowOf } = takenUp();
    const suspend = (effective: Instant) => makeChange(1, effective, { sequence: 3 });
    expectRefusal(() => submit([suspend(now)]), 'EFFECTIVE_ILLEGAL', { earliest: later });
    expectRefusal(() => anchorBatch(4, 1, 1), 'SUPERSESSION_ILLEGAL');
    submit([suspend(later)]);
    expect(changeAt(rowOf(1)?.changes ?? [], now)?.to).to.equal('REVOKED');
    submit([revoke(1, 4, { from: 'SUSPENDED' })]);
  });

  it('is not resumed from before', () => {
    const { submit } = setting();
    submit([makeChange(1, now)]);
    submit([revoke(1, 2, { from: 'SUSPENDED' })]);
    submit([correct(1, [3, 2], ['REVOKED', 'SUSPENDED'], later)]);
    const resume = (effective: Instant) =>
      makeChange(1, effective, { sequence: 4, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' });
    expectRefusal(() => submit([resume(now)]), 'EFFECTIVE_ILLEGAL', { earliest: later });
    submit([resume(later)]);
  });

  it('is so from the earliest of several corrections: a thief cannot put it off', () => {
    const { world, issuer, submit, anchorBatch } = setting();
    const stolen = makeKey(issuer.issuer, 'status', 'stolen');
    world.put(stolen.row);
    submit([revoke(1)], { key: stolen });
    submit([correct(1, [2, 1], ['REVOKED', 'ACTIVE'], later)], { key: stolen });
    world.put({ ...stolen.row, compromisedFrom: now });
    submit([correct(1, [3, 1], ['REVOKED', 'ACTIVE'])]);
    expect(anchorBatch(4, 1, 1)).to.have.length(3);
  });
});

describe('after a theft', () => {
  it('what the thief did to a reissue and to what it superseded is undone', () => {
    const { world, issuer, anchorBatch, submit, statusOf, rowOf } = setting();
    anchorBatch(4, 1, 1);
    const stolen = makeKey(issuer.issuer, 'status', 'stolen');
    world.put(stolen.row);
    submit([revoke(4)], { key: stolen });
    submit([correct(1, [2, 1], ['SUPERSEDED', 'ACTIVE'])], { key: stolen });
    const lost = { ...stolen.row, compromisedFrom: now };
    world.put(lost);
    const back = correct(4, [2, 1], ['REVOKED', 'ACTIVE']);
    expectRefusal(() => submit([back]), 'STATUS_STEP_ILLEGAL', { unlessEnded: 1 });
    submit([revoke(1, 3)]);
    submit([back]);
    expect([statusOf(1), statusOf(4)]).to.deep.equal(['REVOKED', 'ACTIVE']);
    const trust = trustIn(world, issuer, lost);
    const read = (entry: number) => {
      const known = (rowOf(entry)?.changes ?? []).map((change) => ({ ...change, block: 1, recorded: now }));
      return changeAt(standingChanges(known, trust, issuer.issuer), now)?.to ?? 'ACTIVE';
    };
    expect([read(1), read(4)]).to.deep.equal(['REVOKED', 'ACTIVE']);
    expect(anchorBatch(5, 1, 4)).to.have.length(3);
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
    const standing = standingChanges(known, trustIn(world, issuer, lost), issuer.issuer);
    expect(standing.map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
    expect(changeAt(standing, now)?.to).to.equal('SUSPENDED');
  });

  it('do not soften a revocation by way of one that was taken back', () => {
    const { world, issuer, stolen, submit, rowOf } = tainted();
    world.put(stolen.row);
    submit([makeChange(1, now, { sequence: 3 })], { key: stolen });
    const lost = { ...stolen.row, compromisedFrom: now };
    const known = (rowOf(1)?.changes ?? []).map((change) => ({ ...change, block: 1, recorded: now }));
    const standing = standingChanges(known, trustIn(world, issuer, lost), issuer.issuer);
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
