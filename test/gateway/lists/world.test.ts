/** Status lists over a real ledger: what clerks did is what verifiers read, and a file is judged by it without the ledger. */
import { epochSeconds, type Instant, type StatusList, toInstant, toTrust, verify } from '@yinxin/core';
import { readAnchored, readStatusList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { chooseListKey } from '../../../gateway/lists/list-keys.ts';
import { signStatusList } from '../../../gateway/lists/lists.ts';
import { buildStatusList } from '../../../gateway/lists/status-list.ts';
import { issuer } from '../../fixtures/certificates.ts';
import { act, issueFiles, licence, makeRows, useWorld } from '../world.ts';

const [home, own] = ['440300', '510100'] as const;

describe('gateway/lists: over a ledger', () => {
  const world = useWorld();

  async function list(domain: string, moment: Instant = world().clock.now()): Promise<StatusList> {
    const { readModel, keys, signer } = world();
    const claims = await buildStatusList(readModel, { issuer, type: licence.type }, { domain, now: moment });
    if (!claims) throw new Error('no register');
    const kid = chooseListKey(keys, readModel.trust(), domain, toInstant(claims.iat));
    const jws = await signStatusList(signer, kid, claims);
    return readStatusList(jws, toTrust(readModel.trustClaims(own)), { issuer, type: licence.type, domain: own });
  }

  it('a list without entries covers none', async () => {
    expect((await list(home)).entries).to.equal(0);
  });

  it('what was suspended, resumed, revoked and scheduled is told by the issuer’s domain and by the verifier’s own alike', async () => {
    const files = await issueFiles(world(), licence, { rows: makeRows(licence, 5) });
    const [first, second, third, fourth] = files;
    if (!first || !second || !third || !fourth) throw new Error('too few');
    const tomorrow = toInstant(epochSeconds(world().clock.now()) + 3_600);
    await act(world(), first, 'suspend');
    await act(world(), second, 'suspend');
    await act(world(), second, 'resume');
    await act(world(), third, 'revoke');
    await act(world(), fourth, 'revoke', tomorrow);
    for (const domain of [home, own]) {
      const present = await list(domain);
      expect(
        [1, 2, 3, 4, 5].map((entry) => present.statusOf(entry)),
        domain,
      ).to.deep.equal([2, 0, 1, 0, 0]);
      expect([present.entries, present.iss, present.expires]).to.deep.equal([5, domain, tomorrow]);
    }
    const then = await list(home, tomorrow);
    expect(then.statusOf(4)).to.equal(1);
  });

  it('a file is valid or not by a list and another domain’s word on its anchoring, the ledger away', async () => {
    const [good, bad] = await issueFiles(world(), licence, { rows: makeRows(licence, 2) });
    if (!good || !bad) throw new Error('too few');
    await act(world(), bad, 'revoke');
    const trust = toTrust(world().readModel.trustClaims(own));
    const statusLists = [await list(own)];
    for (const [file, expected] of [
      [good, 'passed'],
      [bad, 'failed'],
    ] as const) {
      const anchored = await readAnchored(file.proof.anchored, trust);
      const lookups = { statusLists, ...(anchored && { anchored }) };
      const checks = verify({ kind: 'file', file }, trust, world().clock.now(), lookups);
      const outcomes = new Map(checks.map(({ check, outcome }) => [check, outcome]));
      expect([outcomes.get('anchor'), outcomes.get('status')]).to.deep.equal(['passed', expected]);
    }
  });
});
