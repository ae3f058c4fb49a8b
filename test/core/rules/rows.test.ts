import { formatRow, formatRowKey, isRowKind, parseRow, type Row, rowKeyOf, rowKeys, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { makeKey } from '../../fixtures/certificates.ts';
import { foundingTime } from '../../fixtures/network.ts';

const row: Row = { kind: 'register', issuer: 'A', type: 'b', last: 7, time: foundingTime };

describe('rows of the ledger', () => {
  it('pads numbers, so that keys sort as numbers do', () => {
    expect(rowKeys.batch('A', 'b', 9).parts).to.deep.equal(['A', 'b', '000000000009']);
    expect(rowKeys.type('b', 10).parts).to.deep.equal(['b', '000010']);
    expect(formatRowKey(rowKeys.status('A', 'b', 9)) < formatRowKey(rowKeys.status('A', 'b', 10))).to.equal(true);
  });

  it('writes keys as Fabric writes composite keys', () => {
    expect(formatRowKey(rowKeys.network())).to.equal('\u0000network\u0000');
    expect(formatRowKey(rowKeys.entitlement('A', 'b'))).to.equal('\u0000entitlement\u0000A\u0000b\u0000');
  });

  it('writes rows as canonical JSON and reads them back', () => {
    expect(formatRow(row)).to.equal(`{"issuer":"A","kind":"register","last":7,"time":"${foundingTime}","type":"b"}`);
    expect(parseRow(formatRow(row))).to.deep.equal(row);
  });

  it('finds the key of a row', () => {
    expect(rowKeyOf(row)).to.deep.equal(rowKeys.register('A', 'b'));
    const key = makeKey('A', 'anchor', 'rows').row;
    expect(rowKeyOf(key)).to.deep.equal(rowKeys.key(key.key));
    const status: Row = { kind: 'status', issuer: 'A', type: 'b', entry: 3, changes: [] };
    const name = { zh: '示', en: 'Demo' };
    const matter: Row = { kind: 'matter', matter: 'm', name };
    expect(rowKeyOf(matter)).to.deep.equal(rowKeys.matter('m'));
    const organisation: Row = { kind: 'organisation', msp: 'M', joined: null, openProposals: ['ab'] };
    expect(rowKeyOf(organisation)).to.deep.equal(rowKeys.organisation('M'));
    const governance: Row = { kind: 'governance', msp: 'M', txId: 'ab' };
    expect(rowKeyOf(governance)).to.deep.equal(rowKeys.governance('M'));
    const basis: Row = { kind: 'basis', basis: 'b-1', name, acts: ['revoke'] };
    expect(rowKeyOf(basis)).to.deep.equal(rowKeys.basis('b-1'));
    expect(rowKeyOf(status)).to.deep.equal(rowKeys.status('A', 'b', 3));
  });

  for (const text of ['', 'null', '[]', '{}', '{"kind":"toString"}', '{"kind":7}']) {
    it(`does not take ${text || 'nothing'} for a row`, () => {
      expect(() => parseRow(text)).to.throw(YinxinError, 'NOT_CANONICAL');
    });
  }

  it('knows kinds by their own names only', () => {
    expect(isRowKind('batch')).to.equal(true);
    expect(isRowKind('constructor')).to.equal(false);
  });
});
