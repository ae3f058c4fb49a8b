/** Following a chain through peers that fail, lie or come back: recorded blocks of a SmartBFT network, from peers in this process. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { FabricBlocks } from '../../../gateway/ledger/fabric/blocks/fabric-blocks.ts';
import type { Pace } from '../../../gateway/ledger/fabric/blocks/pace.ts';
import { bytesField, numberField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import type { Block } from '../../../gateway/ledger/port.ts';
import { withFolder } from '../folder.ts';
import { makeBlock, makeGenesis, makeOrdering, type SignedBlock } from './double/blocks.ts';
import { formatCall } from './made.ts';
import { change, flip, formatSignatures, readRecorded, withMetadata, withSignatures } from './recorded.ts';
import { ScriptedPeer } from './scripted-peer.ts';

const recorded = readRecorded('bft');
const { blocks, configurations, genesis, hashes } = recorded;
const height = blocks.length;
const numbers = (from: number, to = height - 1) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const at = (number: number) => blocks[number] ?? expect.fail('no such block');

const pace: Pace = { answer: 80, quiet: 30, comeback: 20, firstPause: 2, longestPause: 10, window: 4 };

const ownPeer = (held = blocks) => new ScriptedPeer(held, configurations);
const otherPeer = (held = blocks) => new ScriptedPeer(held, configurations, { name: 'peer.chengdu', isOwn: false });

const openBlocks = (folder: string, sources: readonly ScriptedPeer[], changes: Partial<Pace> = {}) =>
  FabricBlocks.open({ sources, genesis, chaincode: 'yinxin', folder, pace: { ...pace, ...changes } });

/** Reads up to block `to`, and does something after each. */
async function read(
  opened: FabricBlocks,
  from: number,
  { to = height - 1, after = () => undefined }: { to?: number; after?: (block: Block) => void | Promise<void> } = {},
): Promise<readonly Block[]> {
  const taken: Block[] = [];
  for await (const block of opened.blocks(from, new AbortController().signal)) {
    taken.push(block);
    await after(block);
    if (block.number === to) break;
  }
  return taken;
}

async function faultOf(promise: Promise<unknown>): Promise<YinxinError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  return expect.fail('did not throw');
}

const numbersOf = (taken: readonly Block[]) => taken.map(({ number }) => number);

/** The same block with other codes, which nobody signs. */
const withCodes = (number: number, ...codes: number[]) => withMetadata(at(number), 2, Buffer.from(codes));

describe('following the blocks of a channel', function () {
  this.timeout(20_000);

  it('gives all of them, linked, from wherever it is told to begin', () =>
    withFolder(async (folder) => {
      const opened = await openBlocks(folder, [ownPeer()]);
      const taken = await read(opened, 0);
      expect(taken.map(({ hash }) => hash)).to.deep.equal(hashes);
      expect(taken.slice(1).map(({ previousHash }) => previousHash)).to.deep.equal(hashes.slice(0, -1));
      for (const from of numbers(0)) expect(numbersOf(await read(opened, from))).to.deep.equal(numbers(from));
      await opened.close();
    }));

  it('begins anew with one’s own peer where another city’s gave nothing but a false beginning', async () => {
    const codes = withCodes(4, 11);
    const hash = change(at(4), ({ dataHash }) => ({ dataHash: flip(dataHash, 0) }));
    for (const false4 of [codes, hash]) {
      await withFolder(async (folder) => {
        const [own, liar] = [ownPeer(), otherPeer(blocks.with(4, false4))];
        liar.send = ({ headersOnly }, held) => (headersOnly ? held : ['hang']);
        own.away(true);
        const opened = await openBlocks(folder, [own, liar]);
        const reading = read(opened, 5);
        await delay(60);
        own.away(false);
        expect(numbersOf(await reading)).to.deep.equal(numbers(5));
        await opened.close();
      });
    }
  });

  it('leaves a peer that sends without end what was not asked for', () =>
    withFolder(async (folder) => {
      const endless = otherPeer();
      endless.send = ({ headersOnly }, held) => (headersOnly ? held : Array.from({ length: 1_000 }, () => at(0)));
      const opened = await openBlocks(folder, [endless, otherPeer()]);
      expect(numbersOf(await read(opened, 1))).to.deep.equal(numbers(1));
      await opened.close();
    }));

  it('waits at the end, and ends when told to', () =>
    withFolder(async (folder) => {
      const peer = ownPeer(blocks.slice(0, 5));
      const opened = await openBlocks(folder, [peer]);
      const abort = new AbortController();
      const iterator = opened.blocks(5, abort.signal);
      const next = iterator.next();
      await delay(100);
      peer.push(at(5));
      expect((await next).value).to.include({ number: 5 });
      const last = iterator.next();
      abort.abort();
      expect((await last).done).to.equal(true);
      const other = opened.blocks(6, new AbortController().signal).next();
      await delay(20);
      await opened.close();
      expect((await other).done).to.equal(true);
    }));

  it('asks for no more than a window at a time, however slowly it is read', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      const opened = await openBlocks(folder, [peer], { window: 2 });
      await read(opened, 0, {
        after: ({ number }) => {
          const asked = peer.requests.filter(({ headersOnly }) => !headersOnly).map(({ to }) => to);
          expect(Math.max(...asked)).to.be.lessThan(number + 2);
        },
      });
      await opened.close();
    }));

  it('drops blocks that come twice and puts those right that come in another order', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      peer.send = (_, [first, ...rest]) => [...rest.toReversed(), ...rest, ...(first ? [first, first] : []), at(0)];
      const opened = await openBlocks(folder, [peer]);
      expect(numbersOf(await read(opened, 0))).to.deep.equal(numbers(0));
      await opened.close();
    }));

  it('asks again for what was left out or cut off', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      let round = 0;
      peer.send = ({ headersOnly }, items) => {
        round += headersOnly ? 0 : 1;
        if (headersOnly || round % 3 === 0) return items;
        return round % 3 === 1 ? items.filter((_, index) => index !== 1) : [...items.slice(0, 1), 'cut'];
      };
      const opened = await openBlocks(folder, [peer]);
      expect(numbersOf(await read(opened, 0))).to.deep.equal(numbers(0));
      expect(round).to.be.greaterThan(3);
      await opened.close();
    }));
});

describe('a channel whose blocks do not hold', function () {
  this.timeout(20_000);

  const refused = async (number: number, changed: Buffer, from = 0) =>
    withFolder(async (folder) => {
      const opened = await openBlocks(folder, [ownPeer(blocks.with(number, changed))]);
      const taken: number[] = [];
      const fault = await faultOf(read(opened, from, { after: (block) => void taken.push(block.number) }));
      await opened.close();
      expect(fault.code).to.equal('LEDGER_DIVERGED');
      expect(fault.details).to.deep.equal({ block: number });
      expect(taken).to.deep.equal(numbers(from, number - 1));
    });

  it('is left at the first block that is damaged, unsigned or of another channel', async () => {
    await refused(0, readRecorded('raft').blocks[0] ?? Buffer.alloc(0));
    await refused(
      3,
      change(at(3), ({ envelopes }) => ({ envelopes: envelopes.map((one) => flip(one, 50)) })),
    );
    await refused(
      5,
      withSignatures(at(5), ([first]) => (first ? [first] : [])),
    );
    await refused(
      7,
      withSignatures(at(7), () => []),
    );
    await refused(4, withCodes(4, 0, 0));
    await refused(
      6,
      withSignatures(at(6), () => []),
      6,
    );
  });

  it('is left where another genesis was expected', () =>
    withFolder(async (folder) => {
      const raft = readRecorded('raft');
      const peer = new ScriptedPeer(raft.blocks, raft.configurations);
      const opened = await openBlocks(folder, [peer]);
      expect((await faultOf(read(opened, 0))).details).to.deep.equal({ block: 0 });
      expect((await faultOf(read(opened, 3))).code).to.equal('LEDGER_DIVERGED');
      await opened.close();
    }));

  it('is left where orderers signed two blocks of one number', () =>
    withFolder(async (folder) => {
      const ordering = makeOrdering();
      const first = makeGenesis('certs', ordering, []);
      const grow = (before: SignedBlock, txId: string) =>
        makeBlock({ ordering, before, envelopes: [formatCall({ txId })], codes: [0] });
      const [one, other] = [grow(first, '1'), grow(first, '2')];
      const bytesOf = ({ block }: SignedBlock) => Buffer.from(block.serializeBinary());
      const open = async (chain: readonly SignedBlock[]) => {
        const sources = [new ScriptedPeer(chain.map(bytesOf), [0])];
        return FabricBlocks.open({ sources, genesis: first.hash.toString('hex'), chaincode: 'yinxin', folder, pace });
      };
      expect(await read(await open([first, other, grow(other, '3')]), 0, { to: 2 })).to.have.length(3);
      expect((await faultOf(read(await open([first, one, grow(other, '3')]), 0))).details).to.deep.equal({ block: 2 });
    }));

  it('is left where a peer answers with another block than it was asked for, or names a configuration that is none', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      peer.send = ({ from, headersOnly }, items) => (headersOnly && from === 4 ? [at(5)] : items);
      const opened = await openBlocks(folder, [peer]);
      expect((await faultOf(read(opened, 5))).details).to.deep.equal({ block: 4 });
      const note = bytesField(1, numberField(1, 3));
      peer.send = ({ from, headersOnly }, items) =>
        headersOnly && from === 4 ? [withMetadata(at(4), 0, formatSignatures(note, []))] : items;
      expect((await faultOf(read(opened, 5))).details).to.deep.equal({ block: 3 });
      await opened.close();
    }));

  it('is left when a peer sends what is no block', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      peer.send = ({ from }, items) => (from === 4 ? items.map(() => Buffer.from('no block')) : items);
      const opened = await openBlocks(folder, [peer]);
      expect((await faultOf(read(opened, 4))).details).to.deep.equal({ block: 4 });
      await opened.close();
    }));

  it('counts as out of reach when peers answer and never give the next block', () =>
    withFolder(async (folder) => {
      const peer = ownPeer();
      peer.send = ({ headersOnly }, items) => (headersOnly ? items : items.slice(1));
      const opened = await openBlocks(folder, [peer]);
      expect((await faultOf(read(opened, 4))).code).to.equal('LEDGER_UNREACHABLE');
      await opened.close();
    }));
});

describe('the configuration in force', function () {
  this.timeout(20_000);

  const readFolder = async (folder: string) =>
    JSON.parse(await readFile(join(folder, 'configuration.json'), 'utf8')) as { block: number; hash: string };

  it('is kept before a later block is given out', () =>
    withFolder(async (folder) => {
      const opened = await openBlocks(folder, [ownPeer()]);
      await read(opened, 0, {
        after: async ({ number }) => {
          const { block, hash } = await readFolder(folder);
          expect(block).to.equal(number < 7 ? 0 : 7);
          expect(hash).to.equal(hashes[block]);
        },
      });
      await opened.close();
    }));

  it('is found again from block 0 when it was lost, by configuration blocks alone', async () => {
    for (const damage of [(path: string) => rm(path), (path: string) => writeFile(path, '{"half":')]) {
      await withFolder(async (folder) => {
        await (await openBlocks(folder, [ownPeer()])).close();
        await read(await openBlocks(folder, [ownPeer()]), 0);
        await damage(join(folder, 'configuration.json'));
        const peer = ownPeer();
        const opened = await openBlocks(folder, [peer]);
        expect(numbersOf(await read(opened, 8))).to.deep.equal([8]);
        expect((await readFolder(folder)).block).to.equal(7);
        const whole = peer.requests.filter(({ headersOnly }) => !headersOnly).map(({ from }) => from);
        expect(whole).to.deep.equal([0, 7, 8]);
        await opened.close();
      });
    }
  });

  it('is taken from what was kept, whatever a peer says of the past', () =>
    withFolder(async (folder) => {
      const first = await openBlocks(folder, [ownPeer()]);
      await read(first, 0);
      await first.close();
      const peer = ownPeer();
      const opened = await openBlocks(folder, [peer]);
      await read(opened, 8);
      expect(peer.requests.filter(({ headersOnly }) => !headersOnly).map(({ from }) => from)).to.deep.equal([8]);
      await opened.close();
      const record = await readFolder(folder);
      await writeFile(join(folder, 'configuration.json'), JSON.stringify({ ...record, hash: '0'.repeat(64) }));
      const again = await openBlocks(folder, [ownPeer()]);
      expect((await faultOf(read(again, 7))).details).to.deep.equal({ block: 7 });
      await again.close();
    }));
});

describe('several peers', function () {
  this.timeout(20_000);

  it('are unreachable only when none answers', () =>
    withFolder(async (folder) => {
      const [own, other] = [ownPeer(), otherPeer()];
      own.away(true);
      const opened = await openBlocks(folder, [own, other]);
      expect(numbersOf(await read(opened, 0))).to.deep.equal(numbers(0));
      other.isHanging = true;
      expect((await faultOf(read(opened, 0))).code).to.equal('LEDGER_UNREACHABLE');
      await opened.close();
    }));

  it('take over from one that goes away, hangs or loses its stream, and give way when it is back', async () => {
    for (const fault of ['away', 'hang', 'stream'] as const) {
      await withFolder(async (folder) => {
        const [own, other] = [ownPeer(blocks.slice(0, 4)), otherPeer(blocks.slice(0, 4))];
        const opened = await openBlocks(folder, [own, other]);
        const taken: number[] = [];
        const reading = read(opened, 0, { after: ({ number }) => void taken.push(number) });
        while (taken.length < 4) await delay(5);
        if (fault === 'away') own.away(true);
        if (fault === 'hang') own.isHanging = true;
        if (fault === 'stream') own.send = ({ headersOnly }, items) => (headersOnly ? items : ['hang']);
        own.push(at(4), at(5), at(6));
        other.push(at(4), at(5), at(6));
        while (taken.length < 7) await delay(5);
        own.send = (_, items) => items;
        own.isHanging = false;
        own.away(false);
        await delay(150);
        own.push(at(7), at(8)); // and nothing from the other any more
        expect(numbersOf(await reading)).to.deep.equal(numbers(0));
        await opened.close();
      });
    }
  });

  it('a block of another city’s peer that does not hold is passed over while one’s own answers later', () =>
    withFolder(async (folder) => {
      const damaged = withSignatures(at(5), () => []);
      const [own, other, third] = [ownPeer(), otherPeer(blocks.with(5, damaged)), otherPeer()];
      own.away(true);
      const opened = await openBlocks(folder, [own, other, third]);
      expect(numbersOf(await read(opened, 0))).to.deep.equal(numbers(0));
      third.away(true);
      expect((await faultOf(read(opened, 5))).details).to.deep.equal({ block: 5 });
      await opened.close();
    }));

  it('another city’s peer that holds the last block otherwise is passed over', () =>
    withFolder(async (folder) => {
      const [own, other, third] = [ownPeer(), otherPeer(blocks.with(7, withCodes(7, 11))), otherPeer()];
      const opened = await openBlocks(folder, [own, other, third]);
      const after = ({ number }: Block) => own.away(number >= 5);
      const taken = await read(opened, 0, { after });
      expect(numbersOf(taken)).to.deep.equal(numbers(0));
      expect(other.requests.filter(({ headersOnly }) => !headersOnly)).to.deep.equal([]);
      await opened.close();
    }));

  it('one’s own peer that lags cannot say yet, and says so later', () =>
    withFolder(async (folder) => {
      const [own, other] = [ownPeer(), otherPeer()];
      own.away(true);
      const opened = await openBlocks(folder, [own, other]);
      await read(opened, 0);
      own.blocks = blocks.slice(0, 3);
      own.away(false);
      expect(numbersOf(await read(opened, 0))).to.deep.equal(numbers(0));
      expect(await opened.confirmed()).to.equal(0);
      own.push(...blocks.slice(3));
      await read(opened, 8);
      expect(await opened.confirmed()).to.equal(height);
      await opened.close();
    }));

  it('one’s own peer has the last word on codes that another city’s told, also after a restart', async () => {
    for (const isRestarted of [false, true]) {
      await withFolder(async (folder) => {
        const liar = otherPeer(blocks.with(5, withCodes(5, 0, 0)));
        const own = ownPeer();
        own.away(true);
        const opened = await openBlocks(folder, [own, liar]);
        const [anchors] = await read(opened, 5, { to: 5 });
        expect(anchors?.transactions.map(({ code }) => code)).to.deep.equal(['VALID', 'VALID']);
        expect((await faultOf(opened.confirmed())).code).to.equal('LEDGER_UNREACHABLE');
        own.away(false);
        if (isRestarted) await opened.close();
        const again = isRestarted ? await openBlocks(folder, [own]) : opened;
        expect((await faultOf(read(again, 6))).details).to.deep.equal({ block: 5 });
        await again.close();
      });
    }
  });

  it('codes that one’s own peer bears out are forgotten, whoever told them', () =>
    withFolder(async (folder) => {
      const [own, other] = [ownPeer(), otherPeer()];
      own.away(true);
      const opened = await openBlocks(folder, [own, other]);
      await read(opened, 0, { to: 6 });
      own.away(false);
      expect(await opened.confirmed()).to.equal(0);
      await read(opened, 7);
      expect(await opened.confirmed()).to.equal(height);
      expect(JSON.parse(await readFile(join(folder, 'unchecked.json'), 'utf8'))).to.deep.include({ runs: [] });
      await opened.close();
    }));

  it('a note of such codes that cannot be read is no empty one', () =>
    withFolder(async (folder) => {
      for (const text of ['{', '{"format":"yinxin-fabric-unchecked/1","runs":[{}]}', '{"format":"other","runs":[]}']) {
        await writeFile(join(folder, 'unchecked.json'), text);
        expect((await faultOf(openBlocks(folder, [ownPeer()]))).code).to.equal('LEDGER_DAMAGED');
      }
    }));
});

describe('what another organisation confirms', function () {
  this.timeout(20_000);

  const confirmed = (own: ScriptedPeer, ...others: ScriptedPeer[]) =>
    withFolder(async (folder) => {
      const opened = await openBlocks(folder, [own, ...others]);
      try {
        return await opened.confirmed();
      } finally {
        await opened.close();
      }
    });

  it('is what both peers hold, in two or three headers', async () => {
    const [own, other] = [ownPeer(), otherPeer()];
    expect(await confirmed(own, other)).to.equal(height);
    expect([...own.requests, ...other.requests]).to.have.length(2);
    expect(await confirmed(ownPeer(blocks.slice(0, 6)), otherPeer())).to.equal(6);
    expect(await confirmed(ownPeer(), otherPeer(blocks.slice(0, 3)))).to.equal(3);
    expect([...own.requests, ...other.requests].every(({ headersOnly }) => headersOnly)).to.equal(true);
  });

  it('is asked of the next organisation when the first is behind or away', async () => {
    const away = otherPeer();
    away.away(true);
    expect(await confirmed(ownPeer(), away, otherPeer(blocks.slice(0, 3)), otherPeer())).to.equal(height);
    expect((await faultOf(confirmed(ownPeer(), away))).code).to.equal('LEDGER_UNREACHABLE');
    expect((await faultOf(confirmed(ownPeer()))).code).to.equal('LEDGER_UNREACHABLE');
  });

  it('is not told while one’s own peer is away, or holds less than before: another’s word would be its alone', () =>
    withFolder(async (folder) => {
      const [own, other] = [ownPeer(blocks.slice(0, 5)), otherPeer()];
      const opened = await openBlocks(folder, [own, other]);
      expect(await opened.confirmed()).to.equal(5);
      own.away(true);
      expect((await faultOf(opened.confirmed())).code).to.equal('LEDGER_UNREACHABLE');
      own.away(false);
      own.blocks = blocks.slice(0, 4);
      expect((await faultOf(opened.confirmed())).code).to.equal('LEDGER_UNREACHABLE');
      own.blocks = blocks.slice(0, 5);
      expect(await opened.confirmed()).to.equal(5);
      await opened.close();
      expect((await faultOf(opened.confirmed())).code).to.equal('LEDGER_UNREACHABLE');
    }));

  it('is enough from one organisation, whatever another says', async () => {
    const last = height - 1;
    const liar = () => otherPeer(blocks.with(last, withCodes(last, 11)));
    expect(await confirmed(ownPeer(), liar(), otherPeer())).to.equal(height);
    expect(await confirmed(ownPeer(), otherPeer(), liar())).to.equal(height);
    expect((await faultOf(confirmed(ownPeer(), liar(), liar()))).details).to.deep.equal({ block: last });
    const away = otherPeer();
    away.away(true);
    expect((await faultOf(confirmed(ownPeer(), liar(), away))).details).to.deep.equal({ block: last });
  });

  it('is a divergence from then on when a hash, a code or a commit hash differs', async () => {
    const last = height - 1;
    const others = [
      change(at(last), ({ dataHash }) => ({ dataHash: flip(dataHash, 0) })),
      withCodes(last, 11),
      withMetadata(at(last), 4, Buffer.from([0x0a, 1, 0])),
    ];
    for (const changed of others) {
      await withFolder(async (folder) => {
        const other = otherPeer(blocks.with(last, changed));
        const opened = await openBlocks(folder, [ownPeer(), other]);
        expect((await faultOf(opened.confirmed())).details).to.deep.equal({ block: last });
        other.blocks = [...blocks];
        expect((await faultOf(opened.confirmed())).code).to.equal('LEDGER_DIVERGED');
        await opened.close();
      });
    }
  });
});
