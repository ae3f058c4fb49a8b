import {
  type Act,
  acts,
  anchor,
  changeStatus,
  type ErrorCode,
  FetchedRows,
  type Json,
  maxStatusChanges,
  parseInstant,
  type RecordedChange,
  rowKeys,
  type Status,
  type StatusChange,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  chengdu,
  makeAnchorInput,
  makeChange,
  makeIssuer,
  makeLeaves,
  makeStatusInput,
  type StatusParts,
  shenzhen,
  unknownKey,
} from '../../fixtures/network.ts';
import { expectRefusal, txId, World } from './world.ts';

const now = parseInstant('2026-06-01T09:00:00Z');
const type = 'business-licence';
const statuses: readonly Status[] = [
  'ACTIVE',
  'SUSPENDED',
  'SUPERSEDED',
  'CANCELLED',
  'REVOKED',
  'WITHDRAWN',
  'FORFEITED',
];
type Step = Exclude<Act, 'correct'>;
const ends: { readonly [act in Step]: Status } = {
  suspend: 'SUSPENDED',
  resume: 'ACTIVE',
  cancel: 'CANCELLED',
  revoke: 'REVOKED',
  withdraw: 'WITHDRAWN',
  forfeit: 'FORFEITED',
};
/** 暂停 only what is in force, 恢复 only what is suspended, end what has not ended. */
const isLegal = (from: Status, act: Step) =>
  act === 'suspend'
    ? from === 'ACTIVE'
    : act === 'resume'
      ? from === 'SUSPENDED'
      : from === 'ACTIVE' || from === 'SUSPENDED';

/** A founded world with entries 1–3 and 4–5 of business-licence and 1 of food-business-licence. */
function setting() {
  const world = World.founded();
  const [issuer] = world.network.issuers;
  const batch = (first: number, count: number, of = type) =>
    world.run(
      anchor,
      makeAnchorInput(issuer, { first, time: now, type: of, leaves: makeLeaves(count) }),
      issuer.caller,
      now,
    );
  batch(1, 3);
  batch(4, 2);
  batch(1, 1, 'food-business-licence');
  const run = (input: unknown, caller = issuer.caller) => world.run(changeStatus, input, caller, now);
  const submit = (changes: readonly StatusChange[], parts: Partial<StatusParts> = {}) =>
    run(makeStatusInput(issuer, changes, { time: now, batches: changes.map(() => 1), ...parts }));
  const changesOf = (entry: number) => world.get(rowKeys.status(issuer.issuer, type, entry))?.changes ?? [];
  const touchedOf = (first: number, of = type) => world.get(rowKeys.batch(issuer.issuer, of, first))?.touched;
  return { world, issuer, run, submit, changesOf, touchedOf };
}

describe('changing statuses', () => {
  it('records act, basis, document, dates, key and transaction', () => {
    const { issuer, submit, changesOf } = setting();
    submit([makeChange(2, parseInstant('2026-07-01T00:00:00Z'))]);
    const { type: _type, entry: _entry, ...rest } = makeChange(2, parseInstant('2026-07-01T00:00:00Z'));
    expect(changesOf(2)).to.deep.equal([{ ...rest, by: null, time: now, key: issuer.statusKey.row.key, txId }]);
  });

  it('changes many under one signature, and touches each batch once', () => {
    const { submit, changesOf, touchedOf } = setting();
    const food = makeChange(1, now, { type: 'food-business-licence' });
    submit([makeChange(1, now), makeChange(3, now), makeChange(5, now), food], { batches: [1, 1, 4, 1] });
    expect([1, 3, 5].map((entry) => changesOf(entry).length)).to.deep.equal([1, 1, 1]);
    expect([touchedOf(1), touchedOf(4), touchedOf(1, 'food-business-licence')]).to.deep.equal([1, 1, 1]);
  });

  it('adds to what was recorded before', () => {
    const { submit, changesOf, touchedOf } = setting();
    submit([makeChange(1, now)]);
    submit([makeChange(1, now, { sequence: 2, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' })]);
    expect(changesOf(1).map(({ sequence, to }) => [sequence, to])).to.deep.equal([
      [1, 'SUSPENDED'],
      [2, 'ACTIVE'],
    ]);
    expect(touchedOf(1)).to.equal(2);
  });

  for (const from of statuses) {
    for (const act of acts.filter((one): one is Step => one !== 'correct')) {
      it(`${isLegal(from, act) ? 'allows' : 'refuses'} to ${act} what is ${from}`, () => {
        const { world, issuer, submit, changesOf } = setting();
        const before: RecordedChange = {
          ...makeChange(1, now, { to: from }),
          by: null,
          time: now,
          key: unknownKey,
          txId,
        };
        world.put({ kind: 'status', issuer: issuer.issuer, type, entry: 1, changes: [before] });
        const run = () => submit([makeChange(1, now, { sequence: 2, from, act, to: ends[act] })]);
        if (!isLegal(from, act)) return expectRefusal(run, 'STATUS_STEP_ILLEGAL', { from, act });
        run();
        return expect(changesOf(1)[1]).to.include({ from, act, to: ends[act] });
      });
    }
  }

  const lists: readonly [
    why: string,
    changes: readonly StatusChange[],
    code: ErrorCode,
    details?: { readonly [key: string]: Json },
    batches?: readonly number[],
  ][] = [
    [
      'a sequence number of the past',
      [makeChange(1, now), makeChange(2, now, { sequence: 2 })],
      'SEQUENCE_STALE',
      { entry: 2, expected: 1 },
    ],
    [
      'a status that is not the present one',
      [makeChange(1, now, { from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' })],
      'STATUS_STEP_ILLEGAL',
      { from: 'ACTIVE' },
    ],
    ['an act that does not lead there', [makeChange(1, now, { to: 'REVOKED' })], 'STATUS_STEP_ILLEGAL'],
    ['an entry that no batch holds', [makeChange(9, now)], 'NOT_FOUND', { entry: 9 }],
    ['a batch that does not hold the entry', [makeChange(4, now)], 'NOT_FOUND', { entry: 4 }, [1]],
    ['a batch after the entry', [makeChange(2, now)], 'NOT_FOUND', { entry: 2 }, [4]],
    ['a hint in the middle of a batch', [makeChange(2, now)], 'NOT_FOUND', { entry: 2 }, [2]],
    ['an entry of another type', [makeChange(2, now, { type: 'food-business-licence' })], 'NOT_FOUND', { entry: 2 }],
    ['entries that descend', [makeChange(2, now), makeChange(1, now)], 'INPUT_INVALID', { member: 'changes' }],
    ['an entry that repeats', [makeChange(1, now), makeChange(1, now)], 'INPUT_INVALID', { member: 'changes' }],
    [
      'types that descend',
      [makeChange(1, now, { type: 'food-business-licence' }), makeChange(2, now)],
      'INPUT_INVALID',
      { member: 'changes' },
    ],
    ['no change at all', [], 'INPUT_INVALID', { member: 'changes' }],
    [
      'more changes than one signature may carry',
      Array.from({ length: maxStatusChanges + 1 }, (_, at) => makeChange(at + 1, now)),
      'INPUT_INVALID',
      { member: 'changes' },
    ],
    ['a hint too few', [makeChange(1, now), makeChange(2, now)], 'INPUT_INVALID', { member: 'batches' }, [1]],
    ['a hint of 0', [makeChange(1, now)], 'INPUT_INVALID', { member: 'batches' }, [0]],
    [
      'a basis that holds a number long enough to be somebody’s',
      [makeChange(1, now, { basis: 'zhang-440301199001011234' })],
      'INPUT_INVALID',
      { member: 'change.basis' },
    ],
    ['a basis that is not registered', [makeChange(1, now, { basis: 'licence-law-8' })], 'BASIS_UNKNOWN'],
    ['a basis of another act', [makeChange(1, now, { basis: 'licence-law-70' })], 'BASIS_UNKNOWN', { act: 'suspend' }],
    [
      'an effect more than 366 days ahead',
      [makeChange(1, parseInstant('2027-06-02T09:00:01Z'))],
      'EFFECTIVE_ILLEGAL',
      { entry: 1 },
    ],
    ['a basis in free text', [makeChange(1, now, { basis: '他做错了' })], 'INPUT_INVALID', { member: 'change.basis' }],
    [
      'a document that is no official number',
      [makeChange(1, now, { document: '张三的来信' })],
      'INPUT_INVALID',
      { member: 'change.document' },
    ],
    ['a type that is no slug', [makeChange(1, now, { type: 'A/b' })], 'INPUT_INVALID', { member: 'change.type' }],
  ];
  for (const [why, changes, code, details, batches] of lists) {
    it(`refuses ${why}, and all with it`, () => {
      const { world, submit } = setting();
      const before = world.dump();
      expectRefusal(() => submit(changes, batches ? { batches } : {}), code, details);
      expect(world.dump()).to.deep.equal(before);
    });
  }

  const statements: readonly [why: string, parts: Partial<StatusParts>, code: ErrorCode][] = [
    ['another channel', { statement: { channel: 'other' } }, 'CHANNEL_MISMATCH'],
    ['an unknown body', { statement: { issuer: '11990300DEMA99999X' } }, 'ISSUER_UNKNOWN'],
    ['another count', { statement: { count: 2 } }, 'INPUT_INVALID'],
    ['other changes', { statement: { changes: `${'A'.repeat(43)}=` } }, 'INPUT_INVALID'],
    ['a time of yesterday', { time: parseInstant('2026-06-01T08:49:59Z') }, 'STATEMENT_TIME'],
    ['a time of tomorrow', { time: parseInstant('2026-06-01T09:10:01Z') }, 'STATEMENT_TIME'],
    ['an unknown key', { statement: { key: unknownKey } }, 'KEY_UNKNOWN'],
    ['a key for anchoring', { key: makeIssuer(1, shenzhen).anchorKey }, 'KEY_WRONG_USE'],
    ['a key of another body', { key: makeIssuer(2, chengdu).statusKey }, 'KEY_WRONG_USE'],
  ];
  for (const [why, parts, code] of statements) {
    it(`refuses a statement of ${why}`, () => {
      const { submit } = setting();
      expectRefusal(() => submit([makeChange(1, now)], parts), code);
    });
  }

  it('refuses a retired and a compromised key', () => {
    for (const [changes, code] of [
      [{ until: now }, 'KEY_NOT_IN_WINDOW'],
      [{ compromisedFrom: now }, 'KEY_COMPROMISED'],
      // recorded, though the transaction's timestamp says earlier
      [{ compromisedFrom: parseInstant('2026-12-31T00:00:00Z') }, 'KEY_COMPROMISED'],
    ] as const) {
      const { world, issuer, submit } = setting();
      world.put({ ...issuer.statusKey.row, ...changes });
      expectRefusal(() => submit([makeChange(1, now)]), code);
    }
  });

  it('takes effect up to 366 days ahead, or in the past', () => {
    const { submit, changesOf } = setting();
    const far = parseInstant('2027-06-02T09:00:00Z');
    const past = parseInstant('2025-01-01T00:00:00Z');
    submit([makeChange(1, far), makeChange(2, past)]);
    expect([changesOf(1)[0]?.effective, changesOf(2)[0]?.effective]).to.deep.equal([far, past]);
  });

  it('lifts a suspension not before it begins', () => {
    const { submit, changesOf } = setting();
    const july = parseInstant('2026-07-01T00:00:00Z');
    const resume = { sequence: 2, from: 'SUSPENDED', to: 'ACTIVE', act: 'resume' } as const;
    submit([makeChange(1, july)]);
    const early = parseInstant('2026-06-30T23:59:59Z');
    expectRefusal(() => submit([makeChange(1, early, resume)]), 'EFFECTIVE_ILLEGAL', { earliest: july });
    submit([makeChange(1, july, resume)]);
    expect(changesOf(1)).to.have.length(2);
  });

  it('is refused again once it was made: its sequence number is used', () => {
    const { issuer, run } = setting();
    const input = makeStatusInput(issuer, [makeChange(1, now)], { time: now, batches: [1] });
    run(input);
    expectRefusal(() => run(input), 'SEQUENCE_STALE', { entry: 1, expected: 2 });
  });

  it('needs an entitlement on record, though it may have ended', () => {
    const { world, issuer, submit, changesOf } = setting();
    const until = parseInstant('2026-02-01T00:00:00Z');
    const windows = [{ region: '440300', from: parseInstant('2026-01-01T00:00:00Z'), until }];
    world.put({ kind: 'entitlement', issuer: issuer.issuer, type, windows });
    submit([makeChange(1, now)]);
    expect(changesOf(1)).to.have.length(1);
    const food = makeChange(1, now, { type: 'food-business-licence' });
    world.remove(rowKeys.entitlement(issuer.issuer, 'food-business-licence'));
    expectRefusal(() => submit([food]), 'NOT_ENTITLED');
  });

  it('refuses callers of other organisations', () => {
    const { issuer, run } = setting();
    const input = makeStatusInput(issuer, [makeChange(1, now)], { time: now, batches: [1] });
    expectRefusal(() => run(input, adminOf(chengdu)), 'CALLER_NOT_PERMITTED');
  });

  it('refuses signatures that do not hold', () => {
    const { issuer, run } = setting();
    const input = makeStatusInput(issuer, [makeChange(1, now)], { time: now, batches: [1] });
    expectRefusal(() => run({ ...input, signature: '' }), 'MALFORMED_SIGNATURE');
    expectRefusal(
      () => run({ ...input, statement: input.statement.replace('09:00:00Z', '09:00:01Z') }),
      'SIGNATURE_INVALID',
    );
  });

  it('lets a revocation through while batches are being anchored', () => {
    const { world, issuer } = setting();
    const input = makeStatusInput(issuer, [makeChange(1, now)], { time: now, batches: [1] });
    const written = world.run(changeStatus, input, issuer.caller, now).map(({ kind }) => kind);
    expect(written).to.have.members(['batch', 'status']);
    const needed = changeStatus.needs(
      changeStatus.parse(JSON.parse(JSON.stringify(input)) as Json),
      new FetchedRows(),
      issuer.caller,
    ).keys;
    expect(needed.map(({ kind }) => kind)).not.to.include('register');
  });
});
