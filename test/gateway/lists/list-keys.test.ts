/** Which list key signs: of those held here and in force on the ledger the oldest. */
import { type DomainRow, type ListKeyRow, parseInstant, toTrust } from '@yinxin/core';
import { expect } from 'chai';
import { chooseListKey, chooseWitness, findListKeys, isWitness } from '../../../gateway/lists/list-keys.ts';
import { founded, issuer, makeTrustClaims, now } from '../../fixtures/certificates.ts';
import { expectRefusal } from '../support.ts';

const [home, other, third] = ['440300', '510100', '810000'] as const;
const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as const;
const spring = parseInstant('2026-04-01T00:00:00Z');

function row(kid: string, changes: Partial<ListKeyRow> = {}): ListKeyRow {
  return { kind: 'listKey', domain: home, kid, jwk, from: founded, until: null, compromisedFrom: null, ...changes };
}

const domain = (code: string, msp: string): DomainRow => {
  return { kind: 'domain', domain: code, name: { zh: code, en: code }, region: code.slice(0, 4), msp, from: founded };
};
const domains = [domain(home, 'ShenzhenMSP'), domain(other, 'ChengduMSP'), domain(third, 'HongKongMSP')];

function setUp(rows: readonly ListKeyRow[], held = rows) {
  return { keys: { listKeys: () => held }, trust: toTrust(makeTrustClaims([], { listKeys: rows, domains })) };
}

function choose(...rows: readonly ListKeyRow[]): string {
  const { keys, trust } = setUp(rows);
  return chooseListKey(keys, trust, home, now);
}

describe('gateway/lists: the key that signs', () => {
  it('is the oldest, within one second the first by name', () => {
    expect(choose(row('b', { from: spring }), row('c'), row('a', { from: spring }))).to.equal('c');
    expect(choose(row('c'), row('b'), row('d'))).to.equal('b');
  });

  it('is the next one where the oldest has ended, not begun, or has any record of compromise', () => {
    const next = row('b', { from: spring });
    for (const changes of [{ until: now }, { until: spring }, { compromisedFrom: now }, { compromisedFrom: founded }]) {
      expect(choose(row('a', changes), next), JSON.stringify(changes)).to.equal('b');
    }
    expect(choose(row('a', { from: parseInstant('2026-11-20T10:00:01Z') }), next)).to.equal('b');
    expect(choose(row('a', { until: parseInstant('2026-11-20T10:00:01Z') }), next)).to.equal('a');
  });

  it('is by the time that the list bears, not by the clock', () => {
    const { keys, trust } = setUp([row('a', { until: spring }), row('b', { from: spring })]);
    expect(chooseListKey(keys, trust, home, founded)).to.equal('a');
    expect(chooseListKey(keys, trust, home, spring)).to.equal('b');
  });

  it('is held here and on the ledger for the very domain', async () => {
    const { keys, trust } = setUp([row('a'), row('b', { domain: other })], [row('b'), row('c')]);
    expect(findListKeys(keys, trust, now)).to.deep.equal([]);
    const { details } = await expectRefusal('SIGNING_KEY_MISSING', () => chooseListKey(keys, trust, home, now));
    expect(details).to.deep.equal({ domain: home });
  });

  it('of a witness is another domain’s oldest, always of the same domain', () => {
    const rows = [
      row('a'),
      row('b', { domain: third }),
      row('c', { domain: other, from: spring }),
      row('d', { domain: other, from: spring }),
    ];
    const { keys, trust } = setUp(rows);
    expect(trust.issuer(issuer)?.domain).to.equal(home);
    expect(chooseWitness(keys, trust, issuer, now)?.kid).to.equal('c');
    expect(chooseWitness(keys, trust, issuer, founded)?.kid).to.equal('b');
    expect(chooseWitness({ listKeys: () => [row('a')] }, trust, issuer, now)).to.equal(undefined);
  });

  it('of a witness is of another organisation, where there is another', () => {
    const among = (...rows: readonly DomainRow[]) => toTrust(makeTrustClaims([], { domains: rows }));
    const neighbour = domain('440400', 'ShenzhenMSP');
    const province = among(...domains, neighbour);
    expect(['440300', '440400', '510100'].map((code) => isWitness(province, code, issuer))).to.deep.equal([
      false,
      false,
      true,
    ]);
    const alone = among(domain(home, 'ShenzhenMSP'), neighbour);
    expect(['440300', '440400'].map((code) => isWitness(alone, code, issuer))).to.deep.equal([false, true]);
    expect(isWitness(among(domain(home, 'ShenzhenMSP')), home, issuer)).to.equal(true);
    expect(isWitness(province, '999999', issuer)).to.equal(false);
  });
});
