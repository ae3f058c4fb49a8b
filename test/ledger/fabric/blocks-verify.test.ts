/** What makes a block hold, over blocks recorded from real networks: everything that is changed in them must be noticed. */
import { hash } from 'node:crypto';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import type { Configuration } from '../../../gateway/ledger/fabric/blocks/configuration.ts';
import { quorumOf } from '../../../gateway/ledger/fabric/blocks/configuration.ts';
import { hashData, parseFabricBlock } from '../../../gateway/ledger/fabric/blocks/fabric-block.ts';
import { bytesField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import { isLinked, verifyContent, verifyGenesis } from '../../../gateway/ledger/fabric/blocks/verify.ts';
import {
  change,
  flip,
  type Network,
  type Recorded,
  readRecorded,
  readSignatures,
  withMetadata,
  withSignatures,
} from './recorded.ts';

/** Verifies blocks from 0 on as they are, and `changed` in place of the one at `at`. */
function verify({ blocks, genesis }: Recorded, at: number, changed: Buffer): Configuration {
  let configuration: Configuration | undefined;
  let before = parseFabricBlock(blocks[0] ?? Buffer.alloc(0), 0);
  for (const [number, bytes] of [...blocks.slice(0, at), changed].entries()) {
    const block = parseFabricBlock(bytes, number);
    if (number > 0 && !isLinked(block, before)) throw new YinxinError('LEDGER_DIVERGED', { block: number });
    configuration = configuration ? verifyContent(block, configuration) : verifyGenesis(block, genesis);
    before = block;
  }
  return configuration ?? expect.fail('no block');
}

function isRefused(recorded: Recorded, at: number, changed: Buffer): boolean {
  try {
    verify(recorded, at, changed);
    return false;
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    expect(error.code).to.equal('LEDGER_DIVERGED');
    expect(error.details['block']).to.equal(at);
    return true;
  }
}

for (const network of ['bft', 'raft'] satisfies Network[]) {
  describe(`blocks of a real network hold together or are refused: ${network}`, function () {
    this.timeout(20_000);

    const recorded = readRecorded(network);
    const { blocks, configurations, genesis, hashes } = recorded;
    const changeOfConfiguration = configurations[1] ?? expect.fail('no change of configuration');
    const last = blocks.length - 1;
    const at = (number: number) => blocks[number] ?? expect.fail('no such block');
    const refuses = (number: number, changed: Buffer) => expect(isRefused(recorded, number, changed)).to.equal(true);

    it('gives every header the hash that the network gave it', () => {
      expect(blocks.map((bytes, number) => parseFabricBlock(bytes, number).hash)).to.deep.equal(hashes);
    });

    it('accepts all, and takes over the configuration with the block that brings it', () => {
      const inForce = blocks.map((bytes, number) => verify(recorded, number, bytes).block);
      expect(inForce).to.deep.equal(
        blocks.map((_, number) => (number < changeOfConfiguration ? 0 : changeOfConfiguration)),
      );
    });

    it('refuses another block 0 than the profile names', () => {
      const genesisBlock = parseFabricBlock(at(0), 0);
      expect(() => verifyGenesis(genesisBlock, '0'.repeat(64)))
        .to.throw(YinxinError)
        .with.property('code', 'LEDGER_DIVERGED');
      expect(() => verifyGenesis(parseFabricBlock(at(1), 1), genesis)).to.throw(YinxinError);
      refuses(
        0,
        change(at(0), ({ envelopes }) => ({ envelopes: envelopes.map((one) => flip(one, 5_000)) })),
      );
    });

    it('refuses a changed byte of any envelope', () => {
      for (const number of [last, changeOfConfiguration]) {
        const { length } = parseFabricBlock(at(number), number).envelopes[0] ?? Buffer.alloc(0);
        for (const place of [0, length >> 1, length - 1]) {
          refuses(
            number,
            change(at(number), ({ envelopes }) => ({ envelopes: envelopes.map((one) => flip(one, place)) })),
          );
        }
      }
    });

    it('refuses an envelope left out, added, or moved', () => {
      refuses(
        last,
        change(at(last), () => ({ envelopes: [] })),
      );
      refuses(
        last,
        change(at(last), ({ envelopes }) => ({ envelopes: [...envelopes, ...envelopes] })),
      );
      const many = blocks.findIndex((bytes, number) => parseFabricBlock(bytes, number).envelopes.length > 1);
      refuses(
        many,
        change(at(many), ({ envelopes }) => ({ envelopes: envelopes.toReversed() })),
      );
    });

    it('refuses envelopes that were run together or cut differently, which hash the same', () => {
      const many = blocks.findIndex((bytes, number) => parseFabricBlock(bytes, number).envelopes.length > 1);
      const joined = change(at(many), ({ envelopes }) => ({ envelopes: [Buffer.concat(envelopes)] }));
      expect(hashData(parseFabricBlock(joined, many))).to.equal(parseFabricBlock(at(many), many).dataHash);
      refuses(many, joined);
      const cut = change(at(many), ({ envelopes }) => {
        const all = Buffer.concat(envelopes);
        return { envelopes: [all.subarray(0, 100), all.subarray(100)] };
      });
      refuses(many, cut);
      refuses(
        last,
        change(at(last), ({ envelopes }) => ({ envelopes: [...envelopes, Buffer.alloc(0)] })),
      );
    });

    it('refuses a data hash that was changed along with the data', () => {
      refuses(
        last,
        change(at(last), ({ envelopes }) => {
          const changed = envelopes.map((one) => flip(one, 100));
          return { envelopes: changed, dataHash: hash('sha256', Buffer.concat(changed), 'buffer') };
        }),
      );
    });

    it('refuses a changed number or previous hash', () => {
      refuses(
        last,
        change(at(last), ({ number }) => ({ number: number + 1 })),
      );
      refuses(
        last,
        change(at(last), ({ previousHash }) => ({ previousHash: flip(previousHash, 3) })),
      );
    });

    it('refuses what orderers note of a block when it is changed', () => {
      const { note } = readSignatures(at(last));
      const metadata = parseFabricBlock(at(last), last).metadata.signatures;
      const place = metadata.indexOf(note);
      for (let bit = 0; bit < note.length; bit += 1)
        refuses(last, withMetadata(at(last), 0, flip(metadata, place + bit)));
    });

    it('refuses a block without signatures, and one whose signatures are another block’s', () => {
      refuses(
        last,
        withSignatures(at(last), () => []),
      );
      refuses(last, withMetadata(at(last), 0, Buffer.alloc(0)));
      refuses(
        last,
        withSignatures(at(last), () => readSignatures(at(last - 1)).signatures),
      );
    });

    it('counts each signature, and refuses as soon as one too few is good', () => {
      const { signatures } = readSignatures(at(last));
      expect(signatures.length).to.equal(network === 'bft' ? 3 : 1);
      for (const [bad] of signatures.entries()) {
        refuses(
          last,
          withSignatures(at(last), (all) => all.filter((_, index) => index !== bad)),
        );
        const flipped = (index: number, bytes: Buffer) => (index === bad ? flip(bytes, bytes.length - 3) : bytes);
        for (const part of ['signature', 'identifier', 'header'] as const) {
          if ((signatures[bad]?.[part].length ?? 0) === 0) continue;
          refuses(
            last,
            withSignatures(at(last), (all) => all.map((one, index) => ({ ...one, [part]: flipped(index, one[part]) }))),
          );
        }
      }
    });

    it('refuses the change of configuration under another order', () => {
      refuses(
        changeOfConfiguration,
        withSignatures(at(changeOfConfiguration), () => []),
      );
      const block = parseFabricBlock(at(changeOfConfiguration), changeOfConfiguration);
      const now = verify(recorded, changeOfConfiguration, at(changeOfConfiguration));
      expect(() => verifyContent(block, now)).to.throw(YinxinError); // it is in force already
      const next = parseFabricBlock(at(last), last);
      expect(() => verifyContent(next, verify(recorded, 0, at(0)))).to.throw(YinxinError); // a configuration was left out
    });

    it('leaves codes and commit hash to the comparison of peers: nobody signed them', () => {
      const changed = withMetadata(withMetadata(at(last), 2, Buffer.from([11])), 4, bytesField(1, Buffer.alloc(32)));
      expect(isRefused(recorded, last, changed)).to.equal(false);
    });
  });
}

describe('signatures of a SmartBFT network', () => {
  const recorded = readRecorded('bft');
  const last = recorded.blocks.length - 1;
  const bytes = recorded.blocks[last] ?? expect.fail('no block');

  it('counts an orderer that signs twice once', () => {
    const changed = withSignatures(bytes, ([first, second]) =>
      [first, second, first, second].flatMap((one) => one ?? []),
    );
    expect(isRefused(recorded, last, changed)).to.equal(true);
  });

  it('takes them in any order, among others that do not count', () => {
    const changed = withSignatures(bytes, (all) => [
      ...all.map((one) => ({ ...one, identifier: Buffer.from([0x08, 0x63]) })),
      ...all.map((one) => ({ ...one, signature: Buffer.from('no signature') })),
      ...all.toReversed(),
    ]);
    expect(isRefused(recorded, last, changed)).to.equal(false);
  });

  it('takes no other network’s', () => {
    const raft = readRecorded('raft');
    const changed = withSignatures(bytes, () => readSignatures(raft.blocks[1] ?? Buffer.alloc(0)).signatures);
    expect(isRefused(recorded, last, changed)).to.equal(true);
    expect(isRefused(recorded, last, raft.blocks[raft.blocks.length - 1] ?? Buffer.alloc(0))).to.equal(true);
  });

  it('needs as many as Fabric does', () => {
    // ComputeBFTQuorum of Fabric's common/policies/bft.go
    expect([1, 2, 3, 4, 5, 6, 7, 10, 13].map(quorumOf)).to.deep.equal([1, 2, 2, 3, 4, 4, 5, 7, 9]);
  });
});
