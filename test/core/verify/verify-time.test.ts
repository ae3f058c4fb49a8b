/** Verification: keys, entitlement, status and validity at the time that counts, and what could not be checked. */
import {
  type Body,
  choosePolicy,
  conclude,
  fromBase64,
  type KnownChange,
  type LedgerKnowledge,
  type Lookups,
  parseCalendarDate,
  parseInstant,
  statementDigest,
  toBase64,
  toTrust,
  verify,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  anchorKey,
  codeKey,
  exampleValues,
  issueBatch,
  issueOne,
  makeKey,
  makeTrustClaims,
  now,
} from '../../fixtures/certificates.ts';
import { change, fromFile, good, judge, reasonOf, trust, type } from './judge.ts';

describe('verify: keys and entitlement at the time that counts', () => {
  const values = exampleValues(type);
  const withClaims = (changes: Parameters<typeof makeTrustClaims>[1]) => toTrust(makeTrustClaims([type], changes));
  const reasonBy = (by: typeof trust, issued = good) =>
    judge(fromFile(issued.file), { ledger: issued.knowledge }, {}, by).verdict.reason;
  const keyRow = (changes: Partial<typeof anchorKey.row>) => withClaims({ keys: [{ ...anchorKey.row, ...changes }] });

  it('a key that the ledger does not know', () => {
    expect(reasonBy(withClaims({ keys: [] }))).to.equal('KEY_UNKNOWN');
  });
  it('a key that a list older than the signature does not know: could not check, never fake', () => {
    const older = withClaims({ keys: [], iat: Date.parse('2026-11-20T08:00:00Z') / 1000 });
    expect(judge(fromFile(good.file), { ledger: good.knowledge }, {}, older).verdict).to.include({
      verdict: 'indeterminate',
      reason: 'KEY_UNKNOWN_YET',
      genuine: 'unknown',
    });
  });
  it('a type or body that a list older than the certificate does not know: could not check', () => {
    const iat = Date.parse('2026-11-20T08:00:00Z') / 1000;
    expect(reasonBy(withClaims({ iat, types: [] }))).to.equal('TRUST_OUTDATED');
    expect(reasonBy(withClaims({ iat, issuers: [] }))).to.equal('TRUST_OUTDATED');
    expect(reasonBy(withClaims({ types: [] }))).to.equal('TYPE_UNKNOWN');
  });
  it('a key of another use', () => {
    const [issued] = issueBatch([{ type, values, entry: 1 }], { key: codeKey.row.key }, codeKey);
    expect(issued && reasonBy(trust, issued)).to.equal('KEY_WRONG_USE');
  });
  it('a key of another issuer', () => {
    const foreign = makeKey('11990300DEMA00013K', 'anchor', 'foreign');
    const [issued] = issueBatch([{ type, values, entry: 1 }], { key: foreign.row.key }, foreign);
    expect(issued && reasonBy(withClaims({ keys: [foreign.row] }), issued)).to.equal('KEY_WRONG_USE');
  });
  it('a key outside its window', () => {
    expect(reasonBy(keyRow({ from: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('KEY_NOT_IN_WINDOW');
    expect(reasonBy(keyRow({ until: parseInstant('2026-11-20T09:00:00Z') }))).to.equal('KEY_NOT_IN_WINDOW');
    expect(reasonBy(keyRow({ until: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('VALID');
  });
  it('a key compromised before; what was anchored before the compromise stands', () => {
    expect(reasonBy(keyRow({ compromisedFrom: parseInstant('2026-11-20T09:00:00Z') }))).to.equal('KEY_COMPROMISED');
    expect(reasonBy(keyRow({ compromisedFrom: parseInstant('2026-11-20T09:00:01Z') }))).to.equal('VALID');
  });
  it('an issuer not entitled to the type, or not yet', () => {
    expect(reasonBy(withClaims({ entitlements: [] }))).to.equal('NOT_ENTITLED');
    const [entitlement] = makeTrustClaims([type]).entitlements;
    if (!entitlement) throw new Error('no entitlement');
    const from = parseInstant('2026-11-21T00:00:00Z');
    const windows = [{ region: '440300', from, until: null }];
    expect(reasonBy(withClaims({ entitlements: [{ ...entitlement, windows }] }))).to.equal('NOT_ENTITLED');
    expect(reasonBy(withClaims({ issuers: [] }))).to.equal('ISSUER_UNKNOWN');
  });
});

describe('verify: status, validity and what could not be checked', () => {
  const knows = (changes: readonly KnownChange[], more: Partial<LedgerKnowledge> = {}) => ({
    ledger: { ...good.knowledge, changes, ...more },
  });

  const ended = [
    ['SUSPENDED', 'suspend'],
    ['SUPERSEDED', 'supersede'],
    ['CANCELLED', 'cancel'],
    ['REVOKED', 'revoke'],
    ['WITHDRAWN', 'withdraw'],
    ['FORFEITED', 'forfeit'],
  ] as const;
  for (const [status, act] of ended) {
    it(`${status} is its own answer, and genuine`, () => {
      const { verdict } = judge(fromFile(good.file), knows([change(status, act)]));
      expect(verdict).to.include({ verdict: 'invalid', reason: status, genuine: 'yes' });
      expect(verdict.details).to.include({ document: '示范〔2026〕1号', act });
    });
  }

  it('a resumed certificate is in force, and the past keeps its answer', () => {
    const changes = [
      change('SUSPENDED', 'suspend'),
      change('ACTIVE', 'resume', { sequence: 2, from: 'SUSPENDED', effective: parseInstant('2026-11-20T09:45:00Z') }),
    ];
    expect(judge(fromFile(good.file), knows(changes)).verdict.reason).to.equal('VALID');
    const at = parseInstant('2026-11-20T09:40:00Z');
    expect(judge(fromFile(good.file), knows(changes), { at }).verdict.reason).to.equal('SUSPENDED');
  });

  it('a revocation that takes effect tomorrow does not count today', () => {
    const changes = [change('REVOKED', 'revoke', { effective: parseInstant('2026-11-21T00:00:00Z') })];
    expect(judge(fromFile(good.file), knows(changes)).verdict.reason).to.equal('VALID');
    const at = parseInstant('2026-11-21T00:00:00Z');
    expect(judge(fromFile(good.file), knows(changes), { at }).verdict.reason).to.equal('REVOKED');
  });

  it('status knowledge older than the type allows is no knowledge', () => {
    const { verdict } = judge(fromFile(good.file), knows([], { asOf: parseInstant('2026-10-01T00:00:00Z') }));
    expect(verdict).to.include({ verdict: 'indeterminate', reason: 'STATUS_STALE', genuine: 'yes' });
  });

  it('expired and not yet valid are two answers', () => {
    const [old] = issueBatch([
      { type, values: exampleValues(type), entry: 1, body: lasting('2020-01-01', '2025-01-01') },
    ]);
    const [young] = issueBatch([{ type, values: exampleValues(type), entry: 1, body: lasting('2027-01-01', null) }]);
    expect(old && reasonOf(old.file, old.knowledge)).to.equal('EXPIRED');
    expect(young && reasonOf(young.file, young.knowledge)).to.equal('NOT_YET_VALID');
  });

  it('a ledger that does not hold it: not anchored', () => {
    const { anchor: _, ...without } = good.knowledge;
    expect(reasonOf(good.file, without)).to.equal('NOT_ANCHORED');
    expect(
      reasonOf(good.file, issueOne(type, { ...exampleValues(type), holderName: '深圳另一示范有限公司' }).knowledge),
    ).to.equal('NOT_ANCHORED');
  });

  it('without trust nothing is judged', () => {
    const checks = verify(fromFile(good.file), undefined, now, { ledger: good.knowledge });
    const verdict = conclude(checks, choosePolicy({ kind: 'file' }));
    expect(verdict).to.include({ verdict: 'indeterminate', reason: 'TRUST_MISSING', genuine: 'unknown' });
  });

  it('past the end of the trust list nothing is valid', () => {
    const later = parseInstant('2026-11-25T00:00:00Z');
    const ledger = { ...good.knowledge, asOf: later };
    expect(judge(fromFile(good.file), { ledger }, {}, trust, later).verdict).to.include({
      verdict: 'indeterminate',
      reason: 'TRUST_EXPIRED',
    });
  });

  describe('without the ledger', () => {
    const digest = statementDigest(good.file.proof.statement, fromBase64(good.file.proof.signature));
    const claims = {
      iss: '510100',
      channel: 'certs',
      statement: digest,
      txId: 'ab'.repeat(32),
      block: 7,
      time: parseInstant('2026-11-20T09:00:00Z'),
    };
    const anchored = (changes: Partial<typeof claims>): Lookups => ({
      anchored: { outcome: 'verified', claims: { ...claims, ...changes } },
    });
    const reason = (lookups: Lookups) => judge(fromFile(good.file), lookups).verdict;

    it('another domain’s word proves authenticity and anchoring; status could not be checked', () => {
      expect(reason(anchored({}))).to.include({ verdict: 'indeterminate', reason: 'STATUS_UNKNOWN', genuine: 'yes' });
    });
    it('without it neither signing time nor anchoring is proven', () => {
      expect(reason({})).to.include({ verdict: 'indeterminate', reason: 'ANCHOR_UNPROVEN', genuine: 'unknown' });
    });
    it('the issuer’s own domain alone does not suffice', () => {
      expect(reason(anchored({ iss: '440300' }))).to.include({
        verdict: 'indeterminate',
        reason: 'ANCHORED_BY_OWN_DOMAIN',
      });
    });
    it('in a block that this reader has not come to: could not check, never not anchored', () => {
      const { anchor: _, ...behind } = good.knowledge;
      const at = (block: number) => reason({ ...anchored({ block }), ledger: behind });
      expect(at(good.knowledge.height)).to.include({ verdict: 'indeterminate', reason: 'LEDGER_BEHIND' });
      expect(at(good.knowledge.height - 1)).to.include({ verdict: 'invalid', reason: 'NOT_ANCHORED' });
    });
    it('signed by a list key that the trust list does not have, nobody can say', () => {
      const lookups: Lookups = { anchored: { outcome: 'unknown-key' }, ledger: good.knowledge };
      expect(reason(lookups)).to.include({ verdict: 'indeterminate', reason: 'ANCHORED_KEY_UNKNOWN' });
    });
    it('of another statement or channel it is a forgery, with or without the ledger', () => {
      for (const bad of [anchored({ statement: toBase64(new Uint8Array(32)) }), anchored({ channel: 'other' })]) {
        expect(reason(bad)).to.include({ verdict: 'invalid', reason: 'ANCHORED_INVALID', genuine: 'no' });
        expect(reason({ ...bad, ledger: good.knowledge }).reason).to.equal('ANCHORED_INVALID');
      }
      expect(reason({ anchored: { outcome: 'invalid' }, ledger: good.knowledge }).reason).to.equal('ANCHORED_INVALID');
    });
  });
});

function lasting(from: string, until: string | null): Partial<Body> {
  return { validFrom: parseCalendarDate(from), validUntil: until === null ? null : parseCalendarDate(until) };
}
