/** The verdict explained: every check with a heading, a sentence and the facts it rests on. */
import { explainChecks, parseInstant, toTrust } from '@yinxin/core';
import { expect } from 'chai';
import { makeTrustClaims } from '../../fixtures/certificates.ts';
import { change, fromFile, good, judge, trust, type } from './judge.ts';

describe('explainChecks', () => {
  const { checks } = judge(fromFile(good.file), { ledger: good.knowledge }, { domain: '440300' });

  it('says every check in order, in both languages, with a sentence', () => {
    const zh = explainChecks(checks, 'zh');
    expect(zh.map(({ check }) => check)).to.deep.equal(checks.map(({ check }) => check));
    expect(zh.map(({ title }) => title)).to.deep.equal([
      '格式',
      '内容',
      '签名',
      '颁发资格',
      '存证',
      '状态',
      '有效期',
      '互认',
    ]);
    for (const { sentence } of zh) expect(sentence).to.match(/^\p{Script=Han}.*。$/u);
    for (const { sentence } of explainChecks(checks, 'en')) expect(sentence).to.match(/^[A-Z].*\.$/);
  });

  const evidence = (name: string, judged = checks, language: 'zh' | 'en' = 'zh') =>
    Object.fromEntries(
      (explainChecks(judged, language).find(({ check }) => check === name)?.evidence ?? []).map(({ label, value }) => [
        label,
        value,
      ]),
    );

  it('names the key and why it may sign, the block and the transaction', () => {
    expect(evidence('signature')).to.include({ 密钥来历: '建网时登记', 依据的时间: '2026-11-20 17:00:00' });
    expect(evidence('anchor')).to.deep.equal({
      由谁证明: '账本',
      区块: '7',
      交易: 'ab'.repeat(32),
      账本时间: '2026-11-20 17:00:00',
    });
    expect(evidence('anchor', checks, 'en')).to.include({ 'Told by': 'the ledger' });
  });

  it('marks a first or recovery key', () => {
    const claims = makeTrustClaims([type]);
    const first = toTrust({ ...claims, keys: claims.keys.map((row) => ({ ...row, vouchedBy: 'first' as const })) });
    const judged = judge(fromFile(good.file), { ledger: good.knowledge }, {}, first).checks;
    expect(evidence('signature', judged)['密钥来历']).to.contain('24 小时');
  });

  it('gives act, basis, document and time of what ended it, with the code', () => {
    const ledger = { ...good.knowledge, changes: [change('REVOKED', 'revoke')] };
    const claims = makeTrustClaims([type]);
    const bases = [
      {
        kind: 'basis',
        basis: 'licence-law-69',
        name: { zh: '行政许可法第六十九条', en: 'Licence Law 69' },
        acts: ['revoke'],
      },
    ] as const;
    const judged = judge(fromFile(good.file), { ledger }, {}, toTrust({ ...claims, bases })).checks;
    expect(evidence('status', judged)).to.include({
      处理: '撤销',
      依据: '行政许可法第六十九条',
      文号: '示范〔2026〕1号',
      生效时间: '2026-11-20 17:30:00',
    });
    expect(explainChecks(judged, 'zh').find(({ check }) => check === 'status')?.code).to.equal('REVOKED');
  });

  it('says what was not checked without evidence', () => {
    const skipped = explainChecks(judge(fromFile(good.file), { ledger: good.knowledge }).checks, 'zh').at(-1);
    expect(skipped).to.deep.equal({
      check: 'recognition',
      outcome: 'skipped',
      title: '互认',
      sentence: '没有查验。',
      evidence: [],
    });
  });

  it('tells of a doubt what is in the way', () => {
    const { checks: doubts } = judge(fromFile(good.file), {}, { at: parseInstant('2026-11-20T09:30:00Z') }, trust);
    const status = explainChecks(doubts, 'en').find(({ check }) => check === 'status');
    expect(status).to.include({ outcome: 'inconclusive', code: 'STATUS_UNKNOWN' });
  });
});
