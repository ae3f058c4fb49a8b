import type { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import type { Block, Ledger } from '../../../gateway/ledger/port.ts';
import { rejection } from '../port-suite.ts';
import type { AroundBlocks } from './double/peer.ts';
import { startWire } from './double/wire.ts';
import { now, type Opened, withDouble } from './opened.ts';

/** The first `count` blocks. */
async function take(ledger: Ledger, count: number): Promise<readonly Block[]> {
  const taken: Block[] = [];
  for await (const block of ledger.blocks(0, new AbortController().signal)) {
    taken.push(block);
    if (taken.length === count) break;
  }
  return taken;
}

/** A chain of six blocks. */
async function fill({ anchor, found }: Opened): Promise<void> {
  await found();
  for (const first of [1, 2, 3, 4]) await anchor(first);
}

const numbersOf = (blocks: readonly Block[]) => blocks.map(({ number }) => number);

/** Applies to the first stream of blocks; headers alone pass as they are. */
const numberOf = (block: common.Block) => block.getHeader()?.getNumber() ?? -1;

const twice: AroundBlocks = async function* (blocks) {
  for await (const block of blocks) {
    yield block;
    yield block;
  }
};

const swapped: AroundBlocks = async function* (blocks) {
  let held: common.Block | undefined;
  for await (const block of blocks) {
    if (numberOf(block) === 2) held = block;
    else yield block;
    if (numberOf(block) === 3 && held) yield held;
  }
};

const shortened: AroundBlocks = async function* (blocks) {
  for await (const block of blocks) {
    if (numberOf(block) === 3) throw new Error('cut');
    yield block;
  }
};

const changed: AroundBlocks = async function* (blocks) {
  for await (const block of blocks) {
    if (numberOf(block) === 2) block.getHeader()?.setDataHash(Buffer.alloc(32, 1));
    yield block;
  }
};

describe('following a Fabric channel', function () {
  this.timeout(20_000);

  for (const [name, deliver] of [
    ['each block comes twice', twice],
    ['two blocks come in the wrong order', swapped],
    ['the stream is cut', shortened],
  ] as const) {
    it(`gives every block once and in order when ${name}`, () =>
      withDouble(async (opened) => {
        await fill(opened);
        opened.double.peers[0].faults.deliver = deliver;
        expect(numbersOf(await take(opened.ledger, 6))).to.deep.equal([0, 1, 2, 3, 4, 5]);
      }));
  }

  it('goes on when the wire breaks in the middle of a block', () =>
    withDouble(async ({ anchor, double, folder, found }) => {
      await found();
      await anchor(1, 8_192); // a block of some 400,000 bytes
      const [own] = double.peers;
      const wire = await startWire(own.port);
      const peers = double.profile.peers.map((node) =>
        node.name === own.name ? { ...node, address: `127.0.0.1:${wire.port}` } : node,
      );
      const profile = { ...double.profile, peers };
      const ledger = await openFabricLedger({ profile, profileFolder: folder, folder, clock: now });
      try {
        wire.breakAfter(200_000);
        expect(numbersOf(await take(ledger, 3))).to.deep.equal([0, 1, 2]);
        expect(wire.breaks()).to.equal(1);
      } finally {
        await ledger.close();
        wire.close();
      }
    }));

  it('goes on with another city’s peer when its own is killed in mid-stream', () =>
    withDouble(async (opened) => {
      await fill(opened);
      const iterator = opened.ledger.blocks(0, new AbortController().signal)[Symbol.asyncIterator]();
      const numbers = [(await iterator.next()).value, (await iterator.next()).value].map((block) => block?.number);
      opened.double.peers[0].stop();
      for (let count = 2; count < 6; count += 1) numbers.push((await iterator.next()).value?.number);
      expect(numbers).to.deep.equal([0, 1, 2, 3, 4, 5]);
      await iterator.return?.();
    }));

  it('believes no peer of its own whose block does not hold', () =>
    withDouble(async (opened) => {
      await fill(opened);
      opened.double.peers[0].faults.deliver = changed;
      const { code, details } = await rejection(take(opened.ledger, 6));
      expect({ code, ...details }).to.deep.equal({ code: 'LEDGER_DIVERGED', block: 2 });
    }));

  it('confirms what another organisation’s peer holds too', () =>
    withDouble(async (opened) => {
      await fill(opened);
      expect(await opened.ledger.confirmed()).to.equal(6);
    }));
});
