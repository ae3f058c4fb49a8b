/** The fold from checks to a verdict, as laws over all combinations of outcomes. */
import { type Check, type CheckName, checkNames, choosePolicy, conclude } from '@yinxin/core';
import { expect } from 'chai';
import fc from 'fast-check';

const toCheck = (check: CheckName, outcome: Check['outcome']): Check =>
  outcome === 'passed' || outcome === 'skipped' ? { check, outcome } : { check, outcome, code: 'NOT_CHECKED' };
const outcomes = fc.constantFrom('passed', 'skipped', 'failed', 'inconclusive');
const allChecks = fc
  .tuple(...checkNames.map(() => outcomes))
  .map((list) => checkNames.map((name, at) => toCheck(name, list[at] ?? 'skipped')));
const policies = fc.constantFrom(
  choosePolicy({ kind: 'file' }),
  choosePolicy({ kind: 'file', domainNamed: true }),
  choosePolicy({ kind: 'code', offlineCode: true }),
  choosePolicy({ kind: 'number' }),
);
const outcomeOf = (checks: readonly Check[], name: CheckName) => checks.find(({ check }) => check === name)?.outcome;

describe('conclude', () => {
  it('is valid only when every required check passed and none failed', () => {
    fc.assert(
      fc.property(allChecks, policies, (checks, policy) => {
        const { verdict } = conclude(checks, policy);
        const isClear =
          policy.required.every((name) => outcomeOf(checks, name) === 'passed') &&
          checks.every(({ outcome }) => outcome !== 'failed');
        expect(verdict === 'valid').to.equal(isClear);
      }),
    );
  });

  it('is invalid exactly when a check failed: what could not be checked is never shown as fake', () => {
    fc.assert(
      fc.property(allChecks, policies, (checks, policy) => {
        const { verdict } = conclude(checks, policy);
        expect(verdict === 'invalid').to.equal(checks.some(({ outcome }) => outcome === 'failed'));
      }),
    );
  });

  it('calls genuine only what passed integrity, signature, issuer and anchor', () => {
    fc.assert(
      fc.property(allChecks, policies, (checks, policy) => {
        const origin = (['integrity', 'signature', 'issuer', 'anchor'] as const).map((name) => outcomeOf(checks, name));
        const expected = origin.includes('failed')
          ? 'no'
          : origin.every((outcome) => outcome === 'passed')
            ? 'yes'
            : 'unknown';
        expect(conclude(checks, policy).genuine).to.equal(expected);
      }),
    );
  });

  it('does not depend on the order of the checks', () => {
    fc.assert(
      fc.property(allChecks, policies, (checks, policy) => {
        expect(conclude([...checks].reverse(), policy)).to.deep.equal(conclude(checks, policy));
      }),
    );
  });

  it('a required check that nobody made: NOT_CHECKED', () => {
    const made = checkNames.filter((name) => name !== 'status').map((name) => toCheck(name, 'passed'));
    expect(conclude(made, choosePolicy({ kind: 'file' }))).to.include({
      verdict: 'indeterminate',
      reason: 'NOT_CHECKED',
      check: 'status',
    });
  });
});
