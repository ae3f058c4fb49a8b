/** A verdict without the ledger: what status lists say, how old they may be, and what they cannot say. */
import { parseInstant, type StatusList, type StatusListClaims, type Trust, toTrust } from '@yinxin/core';
import { readStatusList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { issuer, loadType, makeTrustClaims, now } from '../../fixtures/certificates.ts';
import { fromFile, good, judge } from '../verify/judge.ts';
import { type ListKey, listType, makeListKey, makeLst, nowSeconds, signList } from './signing.ts';

const [home, own] = ['440300', '510100'] as const;
/** The good certificate's entry is 2. */
const lstOf = (status: Parameters<typeof makeLst>[1][number]) =>
  ({ bits: 2, lst: makeLst(10, { 2: status }) }) as const;
const type = loadType(listType);
const hour = 3_600;

describe('a verdict by status lists', () => {
  let homeKey: ListKey;
  let ownKey: ListKey;
  let trust: Trust;
  before(async () => {
    homeKey = await makeListKey(home);
    ownKey = await makeListKey(own);
    trust = toTrust(makeTrustClaims([type], { listKeys: [homeKey.row, ownKey.row], exp: nowSeconds + 100 * 86_400 }));
  });
  const list = async (changes: Partial<StatusListClaims> = {}, key = homeKey): Promise<StatusList> =>
    readStatusList(await signList(key, { status_list: lstOf('ACTIVE'), ...changes }), trust, {
      issuer,
      type: listType,
      domain: own,
    });
  function statusBy(statusLists: readonly StatusList[], at = now, options = {}) {
    const { checks } = judge(fromFile(good.file), { statusLists }, options, trust, at);
    const check = checks.find((one) => one.check === 'status');
    if (check?.outcome === 'passed') return 'passed';
    return check && 'code' in check ? `${check.outcome} ${check.code}` : check?.outcome;
  }

  it('passes an entry that a fresh list calls valid', async () => {
    expect(statusBy([await list()])).to.equal('passed');
  });
  it('tells suspended and superseded, and of the four acts only that one of them ended it', async () => {
    expect(statusBy([await list({ status_list: lstOf('SUSPENDED') })])).to.equal('failed SUSPENDED');
    expect(statusBy([await list({ status_list: lstOf('SUPERSEDED') })])).to.equal('failed SUPERSEDED');
    for (const act of ['REVOKED', 'CANCELLED', 'WITHDRAWN', 'FORFEITED'] as const) {
      expect(statusBy([await list({ status_list: lstOf(act) })]), act).to.equal('failed ENDED');
    }
  });
  it('of two fresh lists takes the stricter word, in whatever order', async () => {
    const lists = await Promise.all([
      list(),
      list({ status_list: lstOf('SUSPENDED') }, ownKey),
      list({ status_list: lstOf('SUPERSEDED') }),
      list({ status_list: lstOf('REVOKED') }, ownKey),
    ]);
    const words = ['passed', 'failed SUSPENDED', 'failed SUPERSEDED', 'failed ENDED'];
    for (const [a, milder] of lists.entries()) {
      for (const [b, stricter] of lists.entries()) {
        expect(statusBy([milder, stricter])).to.equal(words[Math.max(a, b)]);
      }
    }
  });
  it('cannot tell by a stale list: past its end, or older than the type allows', async () => {
    const ended = await list({ iat: nowSeconds - 2 * hour, exp: nowSeconds - 1 });
    expect(statusBy([ended])).to.equal('inconclusive STATUS_STALE');
    const age = type.statusMaxAgeSeconds;
    const old = (iat: number) => list({ iat, exp: nowSeconds + hour });
    expect(statusBy([await old(nowSeconds - age)])).to.equal('passed');
    expect(statusBy([await old(nowSeconds - age - 1)])).to.equal('inconclusive STATUS_STALE');
  });
  it('a stale list that says revoked is no more than stale, and does not hide a fresh one', async () => {
    const stale = await list({ iat: nowSeconds - 2 * hour, exp: nowSeconds - 1, status_list: lstOf('REVOKED') });
    expect(statusBy([stale])).to.equal('inconclusive STATUS_STALE');
    expect(statusBy([stale, await list()])).to.equal('passed');
  });
  it('cannot tell by a list of the future', async () => {
    const ahead = (seconds: number) => list({ iat: nowSeconds + seconds, exp: nowSeconds + 2 * hour });
    expect(statusBy([await ahead(600)])).to.equal('passed');
    expect(statusBy([await ahead(601)])).to.equal('inconclusive STATUS_STALE');
  });
  it('cannot tell of an entry beyond the list', async () => {
    const short = await list({ entries: 1, status_list: { bits: 2, lst: makeLst(1, {}) } });
    expect(statusBy([short])).to.equal('inconclusive ENTRY_BEYOND_LIST');
    expect(statusBy([short, await list()])).to.equal('passed');
  });
  it('cannot tell of another time than the present', async () => {
    const at = parseInstant('2026-11-20T09:59:00Z');
    expect(statusBy([await list()], now, { at })).to.equal('inconclusive STATUS_PRESENT_ONLY');
  });
  it('takes no word of another register, and none where there is no list', async () => {
    const other = { ...(await list()), type: 'driving-licence' };
    expect(statusBy([other])).to.equal('inconclusive STATUS_UNKNOWN');
    expect(statusBy([])).to.equal('inconclusive STATUS_UNKNOWN');
  });
});
