import {
  formatRow,
  formatRowKey,
  type Instant,
  type Json,
  parseInstant,
  type RegisterRow,
  type Row,
  rowKeyOf,
} from '@yinxin/core';
import { expect } from 'chai';
import { type Past, toBlockChanges } from '../../../gateway/index/changes.ts';
import { dropRaw, putRaw, putTime, putVersion } from '../../../gateway/index/entries.ts';
import type { Block, Transaction } from '../../../gateway/ledger/port.ts';
import { issuer, makeKey } from '../../fixtures/certificates.ts';

const earlier = parseInstant('2026-11-20T09:00:00Z');
const time = parseInstant('2026-11-20T10:00:00Z');
const register: RegisterRow = { kind: 'register', issuer, type: 'business-licence', last: 7, time };

const writesOf = (...rows: readonly Row[]) =>
  rows.map((row) => ({ key: formatRowKey(rowKeyOf(row)), value: formatRow(row) }));

const transaction = (changes: Partial<Transaction> = {}): Transaction => ({
  txId: 'ab'.repeat(32),
  time,
  valid: true,
  code: 'VALID',
  creator: { msp: 'ShenzhenMSP', id: 'x509' },
  transaction: 'registerEntitlement',
  input: {} satisfies Json,
  writes: writesOf(register),
  ...changes,
});

const block = (...transactions: readonly Transaction[]): Block => ({
  number: 3,
  previousHash: '',
  dataHash: '',
  hash: '',
  transactions,
});

const past = (before: Instant = earlier, version: Past['version'] = () => undefined): Past => ({
  time: before,
  version,
});
const asWritten = (row: Row) => ({ raw: row, filed: row });

describe('what a block changes in the index', () => {
  it('is nothing for a transaction that was ordered and found invalid, its time included', () => {
    const invalid = transaction({ valid: false, code: 'MVCC_READ_CONFLICT' });
    const changes = toBlockChanges(block(invalid), past());
    expect(changes).to.deep.equal({ operations: [putTime(3, earlier)], rows: [], time: earlier });
  });

  it('is the rows that a valid transaction wrote', () => {
    expect(toBlockChanges(block(transaction()), past()).rows).to.deep.equal([asWritten(register)]);
  });

  it('is a ledger time that never goes back', () => {
    const late = parseInstant('2026-11-20T11:00:00Z');
    expect(toBlockChanges(block(transaction()), past(late)).time).to.equal(late);
    expect(toBlockChanges(block(transaction({ time: late }), transaction()), past()).time).to.equal(late);
  });

  it('is rows in the order in which they will be read again, of one row the last version last', () => {
    const matter = (name: string, zh = name): Row => ({ kind: 'matter', matter: name, name: { zh, en: name } });
    const first = transaction({ writes: writesOf(matter('ab'), matter('ab-c', 'old')) });
    const then = transaction({ writes: writesOf(matter('aa'), matter('ab-c', 'new')) });
    const { rows } = toBlockChanges(block(first, then), past());
    expect(rows).to.deep.equal(
      [matter('aa'), matter('ab-c', 'old'), matter('ab-c', 'new'), matter('ab')].map(asWritten),
    );
  });

  it('is rows filed by ledger time, each after its last version, be that of the same block; what was written is kept beside it', () => {
    const late = parseInstant('2026-11-20T11:00:00Z');
    const from = parseInstant('2026-01-01T00:00:00Z');
    const { row: key } = makeKey(issuer, 'anchor', 'held back', { from, registered: from });
    const retired = { ...key, until: time };
    const reported = { ...retired, compromisedFrom: earlier };
    const report = transaction({ transaction: 'reportCompromise', writes: writesOf(reported) });
    const changes = toBlockChanges(
      block(transaction({ transaction: 'retireKey', writes: writesOf(retired) }), report),
      past(late, () => asWritten(key)),
    );
    const filed = { ...retired, until: parseInstant('2026-11-20T11:00:01Z') };
    expect(changes.rows).to.deep.equal([
      { raw: retired, filed },
      { raw: reported, filed: { ...filed, compromisedFrom: earlier } },
    ]);
    expect(changes.operations).to.deep.include(putVersion({ ...filed, compromisedFrom: earlier }, 3));
    expect(changes.operations).to.deep.include(putRaw(reported));
  });

  it('is a row in two shapes for as long only as these differ', () => {
    const window = (until: Instant | null): Row => ({
      kind: 'entitlement',
      issuer,
      type: 'business-licence',
      windows: [{ region: '440300', from: earlier, until }],
    });
    const next = parseInstant('2026-11-20T12:00:00Z');
    const before = { raw: window(time), filed: window(next) };
    const written = (row: Row) => [transaction({ transaction: 'endEntitlement', writes: writesOf(row) })] as const;
    const same = toBlockChanges(
      block(...written(window(next))),
      past(earlier, () => before),
    );
    expect(same.rows).to.deep.equal([asWritten(window(next))]);
    expect(same.operations.slice(0, -1)).to.deep.equal([putVersion(window(next), 3), dropRaw(window(next))]);
    const usual = toBlockChanges(
      block(...written(window(next))),
      past(earlier, () => asWritten(window(null))),
    );
    expect(usual.operations.slice(0, -1)).to.deep.equal([putVersion(window(next), 3)]);
  });
});
