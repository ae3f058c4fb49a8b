/** The page's rules that need no browser: what was typed, which look a verdict has, which answers of a server are read. */
import { conclude, doubt, fail, parseInstant, pass, type Verdict } from '@yinxin/core';
import { expect } from 'chai';
import { isCode, normaliseNumber, readEntry } from '../../verifier-web/entry.ts';
import { toAnswer, toKnowledge } from '../../verifier-web/knowledge.ts';
import { decideLook } from '../../verifier-web/look.ts';
import { issueOne, loadType } from '../fixtures/certificates.ts';

/** From STANDARDS of the field: GB/T 36904 identifiers seen in practice. */
const number = '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U';
const plainNumber = '1.2.156.3005.2.11990300DEMA000561003.11990300DEMA00021E.0000000001.001.G';

describe('what is typed into the page', () => {
  it('reads a number with spaces, small letters, full-width characters, and without the shared prefix', () => {
    const bare = number.slice('1.2.156.3005.2.'.length);
    for (const text of [
      number,
      ` ${number} `,
      number.toLowerCase(),
      bare,
      bare.replace(/(.{4})/g, '$1 '),
      number.replace(/\./g, '．'),
    ]) {
      expect(normaliseNumber(text), text).to.equal(number);
    }
  });

  it('puts back the dots where all of them are missing', () => {
    const bare = plainNumber.slice('1.2.156.3005.2.'.length);
    expect(normaliseNumber(bare.replace(/\./g, ''))).to.equal(plainNumber);
  });

  it('says of a number whether it is right, mistyped, unfinished or something else', () => {
    const step = (text: string) => {
      const entry = readEntry(text);
      return entry.kind === 'number' ? entry.state.step : entry.kind;
    };
    expect(step('')).to.equal('empty');
    expect(step(number)).to.equal('good');
    expect(step(number.replace('0403', '0404'))).to.equal('bad-check');
    for (const length of [3, 15, 20, 36, 40, 55, 60, 70])
      expect(step(number.slice(0, length)), `${length}`).to.equal('partial');
    expect(step('hello, world')).to.equal('bad-structure');
    expect(step('9'.repeat(300))).to.equal('code');
  });

  it('counts how far an unfinished number has come', () => {
    const entry = readEntry(number.slice(0, 41));
    expect(entry).to.deep.include({ kind: 'number', state: { step: 'partial', lengths: [21, 4, 0, 0, 0] } });
  });

  it('knows a code by its many digits or its address, and no number for one', () => {
    expect(isCode(`https://verify.example/#${'1'.repeat(300)}`)).to.equal(true);
    expect(isCode(`hTTps;;??${'1'.repeat(300)}\n`)).to.equal(true);
    expect(isCode(number)).to.equal(false);
  });
});

describe('the look of a verdict', () => {
  const none = { kind: 'none' } as const;
  const all = ['format', 'integrity', 'signature', 'issuer', 'anchor', 'status', 'validity', 'recognition'] as const;
  const judge = (...changes: readonly ReturnType<typeof fail>[]): Verdict =>
    conclude(
      all.map((name) => changes.find((check) => check.check === name) ?? pass(name)),
      { required: all },
    );

  it('is green for nothing but a valid verdict', () => {
    expect(decideLook(judge(), none)).to.deep.equal({ tone: 'good', shape: 'tick-circle', word: 'valid' });
    for (const name of all) {
      expect(decideLook(judge(fail(name, 'REVOKED')), none).tone).to.not.equal('good');
      expect(decideLook(judge(doubt(name, 'STATUS_UNKNOWN')), none).tone).to.equal('unsure');
    }
  });

  it('is another shape and word for each end, each wait and each doubt', () => {
    const codes = ['REVOKED', 'CANCELLED', 'WITHDRAWN', 'FORFEITED', 'SUSPENDED', 'SUPERSEDED'] as const;
    const looks = [
      ...codes.map((code) => judge(fail('status', code))),
      judge(fail('validity', 'EXPIRED')),
      judge(fail('validity', 'NOT_YET_VALID')),
      judge(fail('validity', 'NOT_YET_ISSUED')),
      judge(fail('validity', 'CODE_EXPIRED')),
      judge(fail('integrity', 'FIELDS_MISMATCH')),
      judge(fail('issuer', 'NOT_ENTITLED')),
      judge(fail('anchor', 'NOT_ANCHORED')),
      judge(fail('anchor', 'KEY_COMPROMISED')),
      judge(fail('status', 'ENDED')),
      judge(fail('recognition', 'NOT_RECOGNISED')),
      judge(doubt('status', 'STATUS_UNKNOWN')),
      judge(fail('format', 'MALFORMED_FILE')),
      judge(),
    ].map((verdict) => decideLook(verdict, none));
    expect(new Set(looks.map(({ word }) => word))).to.have.property('size', looks.length);
    expect(looks.slice(0, 4).map(({ shape }) => shape)).to.deep.equal(Array(4).fill('cross-octagon'));
    expect(looks.slice(10, 14).map(({ shape }) => shape)).to.deep.equal(Array(4).fill('cross-octagon-hatched'));
  });

  it('is the same for every reason why it is genuine and not recognised', () => {
    for (const code of ['NOT_RECOGNISED', 'MATTER_NOT_COVERED', 'AGREEMENT_NOT_IN_FORCE'] as const) {
      const look = decideLook(judge(fail('recognition', code)), none);
      expect(look).to.deep.equal({ tone: 'caution', shape: 'tick-border', word: 'notRecognised' });
    }
    expect(decideLook(judge(fail('issuer', 'ISSUER_CLOSED')), none).word).to.equal('wrongIssuer');
  });

  it('never accuses what could not be read', () => {
    expect(decideLook(judge(fail('format', 'MALFORMED_CODE')), none)).to.include({
      tone: 'unsure',
      word: 'unreadable',
    });
  });

  it('shows a negative and a hidden conclusion otherwise than a plain yes', () => {
    const negative = decideLook(judge(), { kind: 'negative', value: '不合格' });
    const hidden = decideLook(judge(), { kind: 'hidden' });
    expect([negative.shape, hidden.shape]).to.deep.equal(['tick-square', 'tick-square']);
    expect(decideLook(judge(), { kind: 'positive' }).shape).to.equal('tick-circle');
  });
});

describe('a server’s answer', () => {
  const { file, knowledge } = issueOne(loadType('business-licence'));
  const answer = { verdict: { verdict: 'valid', reason: 'VALID', genuine: 'yes' }, checks: [], knowledge };

  it('is read where it has the right shape', () => {
    expect(toAnswer(JSON.parse(JSON.stringify(answer)))).to.deep.include({ knowledge, verdict: answer.verdict });
  });

  it('is refused where a member is missing, of the wrong kind, or of no known word', () => {
    const change = {
      ...{ sequence: 1, from: 'ACTIVE', to: 'GONE', act: 'revoke', basis: null, document: null, by: null },
      ...{ effective: parseInstant('2026-11-20T00:00:00Z'), time: parseInstant('2026-11-20T00:00:00Z') },
      ...{ key: 'ab'.repeat(16), txId: 'ab', block: 7, recorded: parseInstant('2026-11-20T00:00:00Z') },
    };
    const words = { zh: '示范', en: 'Demo' };
    const certificate = { identifier: file.body.id, typeName: words, issuerName: words };
    expect(toAnswer({ ...JSON.parse(JSON.stringify(answer)), certificate, conclusion: 'hidden' }).conclusion).to.equal(
      'hidden',
    );
    for (const bad of [
      null,
      [],
      {},
      { ...answer, verdict: { verdict: 'valid', reason: 'REVOKED', genuine: 'yes' } },
      { ...answer, verdict: { verdict: 'fine', reason: 'VALID', genuine: 'yes' } },
      { ...answer, checks: [{ check: 'luck', outcome: 'passed' }] },
      { ...answer, checks: [{ check: 'status', outcome: 'failed', code: 'NO_SUCH' }] },
      { ...answer, supersededBy: '1.2.3' },
      { ...answer, certificate },
      { ...answer, certificate: { ...certificate, issuerName: '示范' }, conclusion: 'none' },
      { ...answer, certificate: { ...certificate, successor: { issuer: 'X', name: {} } }, conclusion: 'none' },
      { ...answer, certificate, conclusion: 'maybe' },
    ]) {
      expect(() => toAnswer(bad as never), JSON.stringify(bad)).to.throw();
    }
    const known = toKnowledge(JSON.parse(JSON.stringify({ ...knowledge, changes: [{ ...change, to: 'REVOKED' }] })));
    expect(known.changes).to.deep.equal([{ ...change, to: 'REVOKED' }]);
    for (const bad of [
      { ...knowledge, asOf: 'yesterday' },
      { ...knowledge, height: -1 },
      { ...knowledge, anchor: { ...knowledge.anchor, leaf: 'AA==' } },
      { ...knowledge, changes: [change] },
      { ...knowledge, changes: [{ ...change, to: 'REVOKED', recorded: 'now' }] },
    ]) {
      expect(() => toKnowledge(JSON.parse(JSON.stringify(bad))), JSON.stringify(bad)).to.throw();
    }
  });
});
