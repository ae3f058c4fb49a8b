import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Limiter } from '../../../gateway/ledger/fabric/limiter.ts';
import { makeNetwork } from '../../fixtures/network.ts';
import { rejection } from '../port-suite.ts';
import { hang, hasty, statuses, times, until, withDouble } from './opened.ts';

const { founder } = makeNetwork();

describe('which peer of a Fabric network is asked', function () {
  this.timeout(20_000);

  it('is one’s own while it answers', () =>
    withDouble(async ({ double, found, ledger }) => {
      await found();
      await ledger.evaluate(founder, 'readNetwork', {});
      expect(double.peers.map(({ calls }) => calls.length > 0)).to.deep.equal([true, false, false]);
    }));

  it('is another city’s when one’s own is gone, and one’s own again when it is back', () =>
    withDouble(async ({ double, found, ledger }) => {
      const [own, other] = double.peers;
      await found();
      own.stop();
      expect(await ledger.evaluate(founder, 'readNetwork', {})).to.include({ kind: 'network' });
      expect(other.calls).to.include('evaluate');
      expect((await ledger.info()).height).to.equal(2);
      await own.start();
      own.calls.length = 0;
      await until(async () => {
        const seen = other.calls.length;
        await ledger.evaluate(founder, 'readNetwork', {});
        return other.calls.length === seen;
      });
      expect(own.calls.length).to.be.greaterThan(0);
    }));

  it('is another city’s when one’s own hangs, which is waited for once and not by every call', () =>
    withDouble(async ({ double, found, ledger }) => {
      await found();
      double.peers[0].faults.evaluate = hang;
      const began = performance.now();
      for (let call = 0; call < 5; call += 1) await ledger.evaluate(founder, 'readNetwork', {});
      expect(performance.now() - began).to.be.within(hasty.evaluateCall - 50, 2 * hasty.evaluateCall);
    }));

  it('submits through another city’s peer when one’s own is gone', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].stop();
      expect((await found()).block).to.equal(1);
      expect(double.peers[1].calls).to.include('submit');
    }));

  it('hands a transaction to another peer when it certainly never reached the one that had it endorsed', () =>
    withDouble(async ({ double, found }) => {
      const [own, other] = double.peers;
      own.faults.submit = times(1, statuses.noConnection);
      expect((await found()).block).to.equal(1);
      expect([own, other].map(({ calls }) => calls.filter((call) => call === 'submit').length)).to.deep.equal([1, 1]);
    }));

  it('is none when all are gone, and says so soon', () =>
    withDouble(
      async ({ double, found, ledger }) => {
        for (const peer of double.peers) peer.stop();
        const error = await rejection(found());
        expect(error).to.deep.include({ code: 'LEDGER_UNREACHABLE', details: { why: 'peer away' } });
        const others = [ledger.info(), ledger.transaction('0'.repeat(64)), ledger.confirmed()];
        const errors = await Promise.all(others.map((asking) => rejection(asking)));
        expect(errors.map(({ code }) => code)).to.deep.equal(Array(3).fill('LEDGER_UNREACHABLE'));
      },
      { patience: { ...hasty, endorse: 60_000 } },
    ));

  it('is not one whose certificate names another', () =>
    withDouble(
      async ({ double, ledger }) => {
        await ledger.info();
        expect(double.peers.map(({ calls }) => calls.length)).to.deep.equal([0, 1, 0]);
      },
      {
        change: (profile) => ({
          ...profile,
          peers: profile.peers.map((node, at) => (at === 0 ? { ...node, serverName: 'peer.elsewhere' } : node)),
        }),
      },
    ));

  it('is asked by the name that the profile gives', () =>
    withDouble(
      async ({ double, ledger }) => {
        await ledger.info();
        expect(double.peers[0].calls).to.deep.equal(['evaluate']);
      },
      {
        change: (profile) => ({
          ...profile,
          peers: profile.peers.map((node) => ({ ...node, serverName: 'localhost' })),
        }),
      },
    ));

  it('is not asked more than it takes at a time', async () => {
    const limiter = new Limiter(3);
    let [running, most] = [0, 0];
    const call = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => limiter.run(call)));
    await Promise.allSettled([limiter.run(() => Promise.reject(new Error('no')))]);
    expect([most, running]).to.deep.equal([3, 0]);
    expect(await limiter.run(async () => 'free')).to.equal('free');
  });

  it('sees no more than two hundred calls at a time', () =>
    withDouble(
      async ({ double, found, ledger }) => {
        await found();
        let [running, most] = [0, 0];
        double.peers[0].faults.evaluate = async (run) => {
          running += 1;
          most = Math.max(most, running);
          await wait(100);
          const answer = await run();
          running -= 1;
          return answer;
        };
        await Promise.all(Array.from({ length: 300 }, () => ledger.evaluate(founder, 'readNetwork', {})));
        expect(most).to.be.within(2, 200);
      },
      { patience: { ...hasty, evaluateCall: 10_000 } },
    ));
});

describe('closing a Fabric ledger', function () {
  this.timeout(20_000);

  it('waits for what is in flight', () =>
    withDouble(async ({ double, found, ledger }) => {
      const founding = found();
      await until(() => double.peers[0].calls.includes('endorse'));
      await ledger.close();
      expect((await founding).block).to.equal(1);
    }));

  it('does not wait for what only passes', () =>
    withDouble(
      async ({ double, found, ledger }) => {
        for (const { faults } of double.peers) faults.endorse = times(Number.POSITIVE_INFINITY, statuses.noPeers);
        const founding = rejection(found());
        await until(() => double.peers[0].calls.length > 2);
        await ledger.close();
        expect((await founding).code).to.equal('LEDGER_UNREACHABLE');
      },
      { patience: { ...hasty, endorse: 60_000 } },
    ));
});
