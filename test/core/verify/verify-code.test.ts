/** Verification of codes: each finding has a case that yields exactly it. */
import {
  type CertificateType,
  choosePolicy,
  conclude,
  type Lookups,
  parseInstant,
  presentCode,
  toBase64,
  toTrust,
  verify,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  anchorKey,
  codeKey,
  exampleValues,
  issueOne,
  loadType,
  makeCode,
  makeTrustClaims,
  now,
} from '../../fixtures/certificates.ts';
import { good, judge, trust, type } from './judge.ts';

describe('verify: codes', () => {
  const reason = (
    changes: Parameters<typeof makeCode>[3],
    lookups: Lookups = { ledger: good.knowledge },
    key = codeKey,
    by = trust,
  ) => judge(presentCode(makeCode(good.file, type, 'open', changes, key).digits), lookups, {}, by).verdict;

  it('past its own expiry', () => {
    expect(reason({ expires: parseInstant('2026-11-20T09:59:59Z') })).to.include({
      reason: 'CODE_EXPIRED',
      genuine: 'yes',
    });
    expect(reason({ expires: parseInstant('2026-11-20T10:00:00Z') }).reason).to.equal('VALID');
  });
  it('signed in the future', () => {
    expect(reason({ signedAt: parseInstant('2026-11-20T10:10:01Z') }).reason).to.equal('KEY_NOT_IN_WINDOW');
  });
  it('with a body that is not the ledger’s', () => {
    expect(reason({ validUntil: null, entry: 2, fields: toBase64(new Uint8Array(32)) }).reason).to.equal(
      'NOT_ANCHORED',
    );
  });
  it('with another face', () => {
    const salt = new Uint8Array(16);
    const face = { kind: 'open', salt, values: type.face.map((key) => String(exampleValues(type)[key])) } as const;
    expect(reason({ face }).reason).to.equal('NOT_ANCHORED');
  });
  it('of another channel, of another entry', () => {
    expect(reason({ channel: 'other' }).reason).to.equal('CHANNEL_MISMATCH');
    expect(reason({ entry: 3 }).reason).to.equal('VERSION_MISMATCH');
  });
  it('of a certificate newer than what this reader of the ledger has seen: could not check, never not anchored', () => {
    const { anchor: _, ...behind } = good.knowledge;
    const time = parseInstant('2026-11-20T08:59:59Z');
    expect(reason({}, { ledger: { ...behind, time } })).to.include({
      verdict: 'indeterminate',
      reason: 'LEDGER_BEHIND',
    });
    expect(reason({}, { ledger: behind })).to.include({ verdict: 'invalid', reason: 'NOT_ANCHORED' });
  });
  it('by a key that is not for codes', () => {
    expect(reason({ key: anchorKey.row.key }, { ledger: good.knowledge }, anchorKey).reason).to.equal('KEY_WRONG_USE');
  });
  it('offline, a type that needs the ledger says so', () => {
    expect(type.offlineCode).to.equal(false);
    expect(reason({}, {})).to.include({ verdict: 'indeterminate', reason: 'OFFLINE_CODE_REFUSED' });
  });
  it('offline, a key with any record of compromise verifies nothing; online what it signed before stands', () => {
    const keys = [anchorKey.row, { ...codeKey.row, compromisedFrom: parseInstant('2026-11-20T09:30:00Z') }];
    const by = toTrust(makeTrustClaims([type], { keys }));
    expect(reason({}, {}, codeKey, by).reason).to.equal('CODE_KEY_TAINTED');
    expect(reason({}, { ledger: good.knowledge }, codeKey, by).reason).to.equal('VALID');
  });
  it('offline, a type with offlineCode is held up by status alone', () => {
    const offline: CertificateType = loadType('teacher-qualification');
    expect(offline.offlineCode).to.equal(true);
    const issued = issueOne(offline);
    const by = toTrust(makeTrustClaims([offline]));
    const { anchor: _, ...behind } = issued.knowledge;
    const early = { ...behind, time: parseInstant('2026-11-20T08:00:00Z') };
    const digits = makeCode(issued.file, offline, 'open').digits;
    for (const [lookups, reason] of [
      [{}, 'STATUS_UNKNOWN'],
      [{ ledger: early }, 'LEDGER_BEHIND'],
    ] as const) {
      const checks = verify(presentCode(digits), by, now, lookups);
      const verdict = conclude(checks, choosePolicy({ kind: 'code', offlineCode: true }));
      expect(verdict).to.include({ verdict: 'indeterminate', reason, check: 'status' });
    }
  });
});
