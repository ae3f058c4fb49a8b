import {
  type AnchorInput,
  anchor,
  type ErrorCode,
  fromBase64,
  type Json,
  maxBatchLeaves,
  parseInstant,
  type RecordedChange,
  type Row,
  rowKeys,
  type Supersession,
  statementDigest,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  type AnchorParts,
  adminOf,
  chengdu,
  clientOf,
  makeAnchorInput,
  makeIssuer,
  makeLeaves,
  shenzhen,
  unknownKey,
} from '../../fixtures/network.ts';
import { expectRefusal, txId, World } from './world.ts';

const now = parseInstant('2026-06-01T09:00:00Z');
const type = 'business-licence';

/** A founded world in which entries 1–3 are anchored. */
function setting() {
  const world = World.founded();
  const [issuer, other] = world.network.issuers;
  const run = (input: unknown, caller = issuer.caller, time = now) => world.run(anchor, input, caller, time);
  const submit = (parts: Partial<AnchorParts>) => run(makeAnchorInput(issuer, { first: 4, time: now, ...parts }));
  run(makeAnchorInput(issuer, { first: 1, time: now, leaves: makeLeaves(3) }));
  return { world, issuer, other, run, submit };
}
type Setting = ReturnType<typeof setting>;

const change = (
  sequence: number,
  to: RecordedChange['to'],
  from: RecordedChange['from'] = 'ACTIVE',
): RecordedChange => ({
  sequence,
  from,
  to,
  act: 'suspend',
  basis: null,
  document: null,
  effective: now,
  by: null,
  time: now,
  key: unknownKey,
  txId,
});

describe('anchoring a batch', () => {
  it('moves the register’s head and keeps one small row', () => {
    const { world, issuer } = setting();
    const input = makeAnchorInput(issuer, { first: 4, time: now, leaves: makeLeaves(5) });
    world.run(anchor, input, issuer.caller, now);
    expect(world.get(rowKeys.register(issuer.issuer, type))).to.include({ last: 8, time: now });
    expect(world.get(rowKeys.batch(issuer.issuer, type, 4))).to.deep.include({
      typeVersion: 1,
      first: 4,
      last: 8,
      statement: statementDigest(input.statement, fromBase64(input.signature)),
      key: issuer.anchorKey.row.key,
      txId,
      time: now,
      touched: 0,
    });
  });

  it('reads every row that it stands on, so that it does not commit after one of them has changed', () => {
    const { world, issuer } = setting();
    const input = makeAnchorInput(issuer, { first: 4, time: now, supersessions: [{ entry: 4, supersedes: 1 }] });
    expect(world.readsOf(anchor, input)).to.deep.include.members([
      rowKeys.issuer(issuer.issuer),
      rowKeys.domain('440300'),
      rowKeys.key(issuer.anchorKey.row.key),
      rowKeys.entitlement(issuer.issuer, type),
      rowKeys.register(issuer.issuer, type),
      rowKeys.type(type, 1),
      rowKeys.type(type, 2),
      rowKeys.status(issuer.issuer, type, 1),
    ]);
  });

  it('lets any identity of the domain’s organisation send it', () => {
    const { issuer, run } = setting();
    const rows = run(makeAnchorInput(issuer, { first: 4, time: now }), adminOf(shenzhen));
    expect(rows).to.have.length(2);
  });

  it('takes registers of other types and bodies as their own', () => {
    const { other, run, submit } = setting();
    submit({ first: 1, type: 'food-business-licence' });
    run(makeAnchorInput(other, { first: 1, time: now }), clientOf(chengdu));
  });

  it('supersedes an older entry, suspended or not', () => {
    const { world, issuer, submit } = setting();
    world.put({ kind: 'status', issuer: issuer.issuer, type, entry: 2, changes: [change(1, 'SUSPENDED')] });
    const supersessions = [
      { entry: 4, supersedes: 1 },
      { entry: 5, supersedes: 2 },
    ];
    submit({ leaves: makeLeaves(2), supersessions });
    const changesOf = (entry: number) => world.get(rowKeys.status(issuer.issuer, type, entry))?.changes;
    const key = issuer.anchorKey.row.key;
    const superseded = {
      to: 'SUPERSEDED',
      act: 'supersede',
      basis: null,
      document: null,
      effective: now,
      time: now,
      key,
      txId,
    };
    expect(changesOf(1)).to.deep.equal([{ ...superseded, sequence: 1, from: 'ACTIVE', by: 4 }]);
    expect(changesOf(2)?.[1]).to.deep.equal({ ...superseded, sequence: 2, from: 'SUSPENDED', by: 5 });
  });

  it('bounds statement time by ten minutes either way', () => {
    for (const time of ['2026-06-01T09:10:00Z', '2026-06-01T08:50:00Z']) setting().submit({ time: parseInstant(time) });
    for (const time of ['2026-06-01T09:10:01Z', '2026-06-01T08:49:59Z']) {
      expectRefusal(() => setting().submit({ time: parseInstant(time) }), 'STATEMENT_TIME');
    }
  });

  it('does not let the register’s time go back', () => {
    const { issuer, run } = setting();
    const before = parseInstant('2026-06-01T08:59:59Z');
    const input = makeAnchorInput(issuer, { first: 4, time: before });
    expectRefusal(() => run(input, issuer.caller, before), 'STATEMENT_TIME', { notBefore: now });
  });

  const statements: readonly [
    why: string,
    parts: Partial<AnchorParts>,
    code: ErrorCode,
    details?: { readonly [key: string]: Json },
  ][] = [
    ['another channel', { statement: { channel: 'other' } }, 'CHANNEL_MISMATCH'],
    ['entries that repeat', { first: 3 }, 'ENTRY_NOT_NEXT', { expected: 4 }],
    ['entries that skip', { first: 5 }, 'ENTRY_NOT_NEXT', { expected: 4 }],
    ['more leaves than a transaction may carry', { statement: { last: 4 + maxBatchLeaves } }, 'BATCH_TOO_LARGE'],
    ['fewer leaves than entries', { statement: { last: 5 } }, 'INPUT_INVALID', { member: 'leaves' }],
    ['a root of other leaves', { statement: { root: `${'A'.repeat(43)}=` } }, 'ROOT_MISMATCH'],
    ['a type version that does not exist', { statement: { typeVersion: 2 } }, 'TYPE_UNKNOWN'],
    ['a type the body is not entitled to', { type: 'hygiene-licence', first: 1 }, 'NOT_ENTITLED'],
    ['an unknown body', { statement: { issuer: '11990300DEMA99999X' } }, 'ISSUER_UNKNOWN'],
    ['an unknown key', { statement: { key: unknownKey } }, 'KEY_UNKNOWN'],
    ['a key for statuses', { key: makeIssuer(1, shenzhen).statusKey }, 'KEY_WRONG_USE'],
    ['a key of another body', { key: makeIssuer(2, chengdu).anchorKey }, 'KEY_WRONG_USE'],
  ];
  for (const [why, parts, code, details] of statements) {
    it(`refuses ${why}`, () => {
      const { world, submit } = setting();
      const before = world.dump();
      expectRefusal(() => submit(parts), code, details);
      expect(world.dump()).to.deep.equal(before);
    });
  }

  const rows: readonly [why: string, code: ErrorCode, row: (s: Setting) => Row | undefined][] = [
    ['a retired key', 'KEY_NOT_IN_WINDOW', ({ issuer }) => ({ ...issuer.anchorKey.row, until: now })],
    [
      'a key not yet in force',
      'KEY_NOT_IN_WINDOW',
      ({ issuer }) => ({ ...issuer.anchorKey.row, from: parseInstant('2026-06-01T09:00:01Z') }),
    ],
    ['a compromised key', 'KEY_COMPROMISED', ({ issuer }) => ({ ...issuer.anchorKey.row, compromisedFrom: now })],
    [
      'a compromised key under an earlier timestamp',
      'KEY_COMPROMISED',
      ({ issuer }) => ({ ...issuer.anchorKey.row, compromisedFrom: parseInstant('2026-12-31T00:00:00Z') }),
    ],
    [
      'an entitlement that has ended',
      'NOT_ENTITLED',
      ({ world, issuer }) => {
        const row = world.get(rowKeys.entitlement(issuer.issuer, type));
        return row && { ...row, windows: row.windows.map((window) => ({ ...window, until: now })) };
      },
    ],
    [
      'a window that has not begun',
      'NOT_ENTITLED',
      ({ world, issuer }) => {
        const row = world.get(rowKeys.entitlement(issuer.issuer, type));
        const from = parseInstant('2026-06-01T09:00:01Z');
        return row && { ...row, windows: row.windows.map((window) => ({ ...window, from })) };
      },
    ],
    [
      'a body that is closed',
      'ISSUER_CLOSED',
      ({ world, issuer }) => {
        const row = world.get(rowKeys.issuer(issuer.issuer));
        return row && { ...row, closed: { at: now, successor: null } };
      },
    ],
    [
      'a body that does not act yet',
      'ISSUER_UNKNOWN',
      ({ world, issuer }) => {
        const row = world.get(rowKeys.issuer(issuer.issuer));
        return row && { ...row, from: parseInstant('2026-06-02T00:00:00Z') };
      },
    ],
  ];
  for (const [why, code, toRow] of rows) {
    it(`refuses ${why}`, () => {
      const context = setting();
      const row = toRow(context);
      if (!row) throw new Error('no such row');
      context.world.put(row);
      expectRefusal(() => context.submit({}), code);
    });
  }

  it('takes a version for seven days after the next one, and the next one at once', () => {
    const sevenDaysAgo = '2026-05-25T09:00:00Z';
    for (const [from, isEnded] of [
      [sevenDaysAgo, true],
      ['2026-05-25T09:00:01Z', false],
    ] as const) {
      const { world, submit } = setting();
      const first = world.get(rowKeys.type(type, 1));
      if (!first) throw new Error('no type');
      world.put({ kind: 'type', definition: { ...first.definition, version: 2 }, from: parseInstant(from) });
      if (isEnded) expectRefusal(() => submit({}), 'TYPE_VERSION_ENDED', { next: from });
      else submit({});
      submit({ first: isEnded ? 4 : 5, statement: { typeVersion: 2 } });
    }
  });

  it('refuses callers of other organisations', () => {
    const { issuer, run } = setting();
    expectRefusal(
      () => run(makeAnchorInput(issuer, { first: 4, time: now }), adminOf(chengdu)),
      'CALLER_NOT_PERMITTED',
    );
  });

  const supersessions: readonly [why: string, list: readonly Supersession[], status?: RecordedChange['to']][] = [
    ['an entry of the same batch', [{ entry: 5, supersedes: 4 }]],
    ['an entry that does not exist yet', [{ entry: 4, supersedes: 9 }]],
    [
      'the same entry twice',
      [
        { entry: 4, supersedes: 1 },
        { entry: 5, supersedes: 1 },
      ],
    ],
    ['by an entry of another batch', [{ entry: 6, supersedes: 1 }]],
    ['by an entry of an earlier batch', [{ entry: 3, supersedes: 1 }]],
    [
      'out of order',
      [
        { entry: 5, supersedes: 1 },
        { entry: 4, supersedes: 2 },
      ],
    ],
    ['an entry superseded before', [{ entry: 4, supersedes: 1 }], 'SUPERSEDED'],
    ['a revoked entry', [{ entry: 4, supersedes: 1 }], 'REVOKED'],
    ['a cancelled entry', [{ entry: 4, supersedes: 1 }], 'CANCELLED'],
  ];
  for (const [why, list, status] of supersessions) {
    it(`refuses to supersede ${why}`, () => {
      const { world, issuer, submit } = setting();
      if (status) world.put({ kind: 'status', issuer: issuer.issuer, type, entry: 1, changes: [change(1, status)] });
      expectRefusal(() => submit({ leaves: makeLeaves(2), supersessions: list }), 'SUPERSESSION_ILLEGAL');
    });
  }

  it('refuses to supersede what had ended, when its end was lifted by a key with a record of compromise', () => {
    const { world, issuer, submit } = setting();
    const lifted = { ...change(2, 'ACTIVE', 'REVOKED'), act: 'correct' as const, corrects: 1 };
    const changes = [
      { ...change(1, 'REVOKED'), act: 'revoke' as const },
      { ...lifted, key: issuer.statusKey.row.key },
    ];
    world.put({ kind: 'status', issuer: issuer.issuer, type, entry: 1, changes });
    world.put({ ...issuer.statusKey.row, compromisedFrom: now });
    expectRefusal(() => submit({ supersessions: [{ entry: 4, supersedes: 1 }] }), 'SUPERSESSION_ILLEGAL');
    world.put(issuer.statusKey.row);
    expect(submit({ supersessions: [{ entry: 4, supersedes: 1 }] })).to.have.length(3);
  });

  it('refuses supersessions that the statement does not sign', () => {
    const { issuer, run } = setting();
    const input = makeAnchorInput(issuer, { first: 4, time: now });
    const wider = { ...input, supersessions: [{ entry: 4, supersedes: 1 }] };
    expectRefusal(() => run(wider), 'INPUT_INVALID', { member: 'statement', why: 'supersedes' });
  });

  const inputs: readonly [why: string, change: (input: AnchorInput) => unknown, code: ErrorCode][] = [
    [
      'a signature of 63 bytes',
      (input) => ({ ...input, signature: input.signature.slice(0, 84) }),
      'MALFORMED_SIGNATURE',
    ],
    ['an empty signature', (input) => ({ ...input, signature: '' }), 'MALFORMED_SIGNATURE'],
    ['a signature of zeros', (input) => ({ ...input, signature: `${'A'.repeat(86)}==` }), 'SIGNATURE_INVALID'],
    [
      'a signature of other text',
      (input) => ({ ...input, statement: input.statement.replace('09:00:00Z', '09:00:01Z') }),
      'SIGNATURE_INVALID',
    ],
    [
      'a statement with a line too many',
      (input) => ({ ...input, statement: `${input.statement}note x\n` }),
      'MALFORMED_STATEMENT',
    ],
    [
      'leaves that are not base64',
      (input) => ({ ...input, leaves: input.leaves.replace(/^./, '*') }),
      'MALFORMED_TEXT',
    ],
    ['another leaf', (input) => ({ ...input, leaves: Buffer.alloc(32).toString('base64') }), 'ROOT_MISMATCH'],
    ['an unknown member', (input) => ({ ...input, note: 1 }), 'INPUT_INVALID'],
    ['a missing member', ({ leaves, ...input }) => input, 'INPUT_INVALID'],
    [
      'a supersession of entry 0',
      (input) => ({ ...input, supersessions: [{ entry: 4, supersedes: 0 }] }),
      'INPUT_INVALID',
    ],
    [
      'more supersessions than leaves can be',
      (input) => ({ ...input, supersessions: Array(maxBatchLeaves + 1).fill(0) }),
      'BATCH_TOO_LARGE',
    ],
  ];
  for (const [why, alter, code] of inputs) {
    it(`refuses ${why}`, () => {
      const { issuer, run } = setting();
      expectRefusal(() => run(alter(makeAnchorInput(issuer, { first: 4, time: now }))), code);
    });
  }

  it('takes as many leaves as it says', function () {
    this.timeout(10_000);
    const { world, issuer, submit } = setting();
    submit({ leaves: makeLeaves(maxBatchLeaves) });
    expect(world.get(rowKeys.register(issuer.issuer, type))?.last).to.equal(3 + maxBatchLeaves);
  });
});
