import { expect } from 'chai';
import { noHash, type Proposal } from '../../gateway/ledger/embedded/block.ts';
import { Orderer } from '../../gateway/ledger/embedded/orderer.ts';
import { LedgerStore } from '../../gateway/ledger/embedded/store.ts';
import { foundingTime, seededRandom } from '../fixtures/network.ts';
import { withFolder } from './folder.ts';
import { rejection } from './port-suite.ts';

const random = seededRandom('orderer');

const propose = (inputText = '{}'): Proposal => ({
  txId: Buffer.from(random(32)).toString('hex'),
  time: foundingTime,
  creator: { msp: 'M', id: 'x' },
  transaction: 't',
  inputText,
  simulated: { reads: new Map(), ranges: [], writes: new Map() },
});

const withOrderer = (run: (orderer: Orderer, store: LedgerStore) => Promise<void>) =>
  withFolder(async (folder) => {
    const store = await LedgerStore.open(folder);
    await run(new Orderer(store, { height: 0, hash: noHash }, () => undefined), store);
    await store.close();
  });

describe('the orderer of the embedded ledger', () => {
  it('bounds a block by its bytes', () =>
    withOrderer(async (orderer) => {
      const large = JSON.stringify('x'.repeat(5_000_000));
      const ordered = await Promise.all(
        [propose(), propose(large), propose(large), propose()].map((item) => orderer.order(item)),
      );
      expect(ordered.map(({ block }) => block)).to.deep.equal([0, 1, 2, 2]);
    }));

  it('leaves open what a failed write held, and orders nothing after it', () =>
    withOrderer(async (orderer, store) => {
      await orderer.order(propose());
      await store.close();
      const lost = propose();
      const [first, second] = await Promise.all([lost, propose()].map((item) => rejection(orderer.order(item))));
      expect(first).to.deep.include({ code: 'COMMIT_UNKNOWN', details: { txId: lost.txId } });
      expect(second?.code).to.equal('LEDGER_UNREACHABLE');
      expect((await rejection(orderer.order(propose()))).code).to.equal('LEDGER_UNREACHABLE');
      expect(orderer.tip.height).to.equal(1);
    }));
});
