import { formatRow, formatRowKey, type Json, parseInstant, type RegisterRow, type Row, rowKeyOf } from '@yinxin/core';
import { expect } from 'chai';
import { toBlockChanges } from '../../../gateway/index/changes.ts';
import { putTime } from '../../../gateway/index/entries.ts';
import type { Block, Transaction } from '../../../gateway/ledger/port.ts';
import { issuer } from '../../fixtures/certificates.ts';

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

describe('what a block changes in the index', () => {
  it('is nothing for a transaction that was ordered and found invalid, its time included', () => {
    const invalid = transaction({ valid: false, code: 'MVCC_READ_CONFLICT' });
    const changes = toBlockChanges(block(invalid), earlier);
    expect(changes).to.deep.equal({ operations: [putTime(3, earlier)], rows: [], time: earlier });
  });

  it('is the rows that a valid transaction wrote', () => {
    expect(toBlockChanges(block(transaction()), earlier).rows).to.deep.equal([register]);
  });

  it('is a ledger time that never goes back', () => {
    const late = parseInstant('2026-11-20T11:00:00Z');
    expect(toBlockChanges(block(transaction()), late).time).to.equal(late);
    expect(toBlockChanges(block(transaction({ time: late }), transaction()), earlier).time).to.equal(late);
  });

  it('is rows in the order in which they will be read again, of one row the last version last', () => {
    const matter = (name: string, zh = name): Row => ({ kind: 'matter', matter: name, name: { zh, en: name } });
    const first = transaction({ writes: writesOf(matter('ab'), matter('ab-c', 'old')) });
    const then = transaction({ writes: writesOf(matter('aa'), matter('ab-c', 'new')) });
    const { rows } = toBlockChanges(block(first, then), earlier);
    expect(rows).to.deep.equal([matter('aa'), matter('ab-c', 'old'), matter('ab-c', 'new'), matter('ab')]);
  });
});
