import { type Instant, type Json, parseInstant, type RegisterRow, type Row } from '@yinxin/core';
import { expect } from 'chai';
import { type Past, toBlockChanges } from '../../../gateway/index/changes.ts';
import { putTime, putVersion } from '../../../gateway/index/entries.ts';
import type { ChangedRow, CountedTransaction } from '../../../gateway/index/replay.ts';
import type { Transaction } from '../../../gateway/ledger/port.ts';
import { issuer, makeKey } from '../../fixtures/certificates.ts';

const earlier = parseInstant('2026-11-20T09:00:00Z');
const time = parseInstant('2026-11-20T10:00:00Z');
const register: RegisterRow = { kind: 'register', issuer, type: 'business-licence', last: 7, time };

const fresh = (row: Row): ChangedRow => ({ row, before: undefined });

/** A transaction that counts; what it wrote is told by its rows. */
const counted = (rows: readonly ChangedRow[], changes: Partial<Transaction> = {}): CountedTransaction => ({
  transaction: {
    txId: 'ab'.repeat(32),
    time,
    valid: true,
    code: 'VALID',
    creator: { msp: 'ShenzhenMSP', id: 'x509' },
    transaction: 'registerEntitlement',
    input: {} satisfies Json,
    writes: [],
    ...changes,
  },
  rows,
});

const past = (before: Instant = earlier, version: Past['version'] = () => undefined): Past => ({
  time: before,
  latest: parseInstant('2026-11-20T12:00:00Z'),
  version,
});

describe('what a block changes in the index', () => {
  it('is nothing but its time for a block of which nothing counts', () => {
    expect(toBlockChanges(3, [], past())).to.deep.equal({
      operations: [putTime(3, earlier)],
      recorded: new Map(),
      rows: [],
      time: earlier,
    });
  });

  it('is the rows that a transaction changed', () => {
    expect(toBlockChanges(3, [counted([fresh(register)])], past()).rows).to.deep.equal([register]);
  });

  it('is nothing in memory for rows that are no part of the registry', () => {
    const organisation: Row = { kind: 'organisation', msp: 'ShenzhenMSP', joined: null, openProposals: [] };
    const changes = toBlockChanges(3, [counted([fresh(organisation)])], past());
    expect(changes).to.deep.equal({ operations: [putTime(3, time)], recorded: new Map(), rows: [], time });
  });

  it('is no ledger time that lies ahead of all clocks, though the transaction counts', () => {
    const ahead = counted([fresh(register)], { time: parseInstant('2099-01-01T00:00:00Z') });
    const { time, rows } = toBlockChanges(3, [ahead], past());
    expect(time).to.equal(earlier);
    expect(rows).to.deep.equal([register]);
  });

  it('is a ledger time that never goes back', () => {
    const late = parseInstant('2026-11-20T11:00:00Z');
    expect(toBlockChanges(3, [counted([])], past(late)).time).to.equal(late);
    expect(toBlockChanges(3, [counted([], { time: late }), counted([])], past()).time).to.equal(late);
  });

  it('is rows in the order in which they will be read again, of one row the last version last', () => {
    const matter = (name: string, zh = name): Row => ({ kind: 'matter', matter: name, name: { zh, en: name } });
    const first = counted([fresh(matter('ab')), fresh(matter('ab-c', 'old'))]);
    const then = counted([fresh(matter('aa')), { row: matter('ab-c', 'new'), before: matter('ab-c', 'old') }]);
    const { rows } = toBlockChanges(3, [first, then], past());
    expect(rows).to.deep.equal([matter('aa'), matter('ab-c', 'old'), matter('ab-c', 'new'), matter('ab')]);
  });

  it('is rows filed by ledger time, each after its last version as written and as filed, be that of the same block', () => {
    const late = parseInstant('2026-11-20T11:00:00Z');
    const from = parseInstant('2026-01-01T00:00:00Z');
    const { row: key } = makeKey(issuer, 'anchor', 'held back', { from, registered: from });
    const retired = { ...key, until: time };
    const reported = { ...retired, compromisedFrom: earlier };
    const { rows, operations } = toBlockChanges(
      3,
      [
        counted([{ row: retired, before: key }], { transaction: 'retireKey' }),
        counted([{ row: reported, before: retired }], { transaction: 'reportCompromise' }),
      ],
      past(late, () => key),
    );
    const filed = { ...retired, until: parseInstant('2026-11-20T11:00:01Z') };
    expect(rows).to.deep.equal([filed, { ...filed, compromisedFrom: earlier }]);
    expect(operations).to.deep.include(putVersion({ ...filed, compromisedFrom: earlier }, 3));
  });

  it('goes on from what was filed where what was written is another thing', () => {
    const window = (until: Instant | null): Row => ({
      kind: 'entitlement',
      issuer,
      type: 'business-licence',
      windows: [{ region: '440300', from: earlier, until }],
    });
    const next = parseInstant('2026-11-20T12:00:00Z');
    const later = parseInstant('2026-11-20T13:00:00Z');
    const end = (until: Instant, filed: Row) =>
      toBlockChanges(
        3,
        [counted([{ row: window(until), before: window(time) }], { transaction: 'endEntitlement' })],
        past(earlier, () => filed),
      ).rows;
    expect(end(later, window(next))).to.deep.equal([window(later)]);
    expect(end(next, window(next))).to.deep.equal([window(next)]);
    expect(end(time, window(next)), 'carried on').to.deep.equal([window(next)]);
  });
});
