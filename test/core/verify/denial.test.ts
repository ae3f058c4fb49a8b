/** What a reader of the ledger that has no such certificate does to the checks. */
import { applyDenial, type Check, checkNames, conclude, pass } from '@yinxin/core';
import { expect } from 'chai';

describe('a ledger that has no such certificate', () => {
  const passed: readonly Check[] = checkNames.map((name) => pass(name));
  const judge = (checks: readonly Check[]) => conclude(checks, { required: checkNames });

  it('makes it invalid: not anchored', () => {
    expect(judge(applyDenial(passed, undefined))).to.include({
      verdict: 'invalid',
      reason: 'NOT_ANCHORED',
      genuine: 'no',
    });
    expect(judge(applyDenial(passed, { outcome: 'invalid' })).verdict).to.equal('invalid');
  });

  it('is doubt about the status where another domain proved that it is anchored', () => {
    const claims = { channel: 'certs', statement: '', txId: '', block: 1, time: '2026-11-20T00:00:00Z' } as never;
    expect(judge(applyDenial(passed, { outcome: 'verified', claims }))).to.include({
      verdict: 'indeterminate',
      reason: 'LEDGER_BEHIND',
      genuine: 'yes',
    });
  });
});
