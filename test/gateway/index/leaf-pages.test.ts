/** Inclusion paths out of pages of leaves, and batches packed as the index keeps them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatRow,
  merkleTree,
  parseAnchorStatement,
  parseInstant,
  statementDigest,
  toBase64,
  verifyInclusion,
} from '@yinxin/core';
import { expect } from 'chai';
import { type AnchorRecord, packAnchor, unpackAnchor } from '../../../gateway/index/batch-records.ts';
import { readLeafPages } from '../../../gateway/index/leaf-pages.ts';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { channel } from '../../fixtures/certificates.ts';
import { type LargeLedger, largeRegister, makeLargeLedger } from '../../fixtures/large-ledger.ts';
import { joinLeaves, makeLeaves } from '../../fixtures/network.ts';

const now = parseInstant('2026-06-01T10:00:00Z');
const ref = (entry: number) => ({ ...largeRegister, entry });
/** Around a page, two pages, and the largest that the rules allow. */
const counts = [1, 2, 255, 256, 257, 512, 513, 4_096, 32_768];

describe('leaves in pages', () => {
  let folder: string;
  let large: LargeLedger;
  let readModel: ReadModel;
  const firsts: number[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-pages-'));
    large = await makeLargeLedger(folder);
    let certificates = 0;
    for (const count of counts) {
      firsts.push(certificates + 1);
      certificates += count;
      await large.grow(certificates, count);
    }
    const options = { ledger: large.ledger, channel, rules: networkRules, clock: () => now };
    readModel = await openReadModel({ ...options, folder: join(folder, 'index') });
    await readModel.caughtUpTo(large.height() - 1);
  });
  after(async () => {
    await readModel.close();
    await large.close();
    rmSync(folder, { recursive: true });
  });

  for (const [at, count] of counts.entries()) {
    it(`give the leaves and every path of a batch of ${count}`, async () => {
      const first = firsts[at] ?? 0;
      const leaves = (await readModel.leaves(largeRegister.issuer, largeRegister.type, first)) ?? [];
      expect(leaves).to.have.length(count);
      const tree = merkleTree(leaves);
      const batch = await readModel.batch(ref(first));
      expect(toBase64(tree.root)).to.equal(batch?.row.root);
      const some = [0, 1, 254, 255, 256, 257, count >> 1, count - 2, count - 1].filter((i) => i >= 0 && i < count);
      for (const index of some) {
        const path = await readModel.path(ref(first + index));
        expect(path?.path).to.deep.equal(tree.path(index).map(toBase64));
        expect(path).to.deep.include({ index });
        const { leaf } = path ?? { leaf: new Uint8Array() };
        expect(verifyInclusion(leaf, index, count, path?.path ?? [], batch?.row.root ?? '')).to.equal(true);
        const { anchor } = await readModel.knowledge(ref(first + index));
        expect(anchor?.leaf).to.equal(toBase64(leaf));
      }
    });
  }

  it('give the paths of entries one after another, over the bounds of pages, to the end of their batch', async () => {
    const [, , , , , , first = 0] = firsts; // the batch of 513
    const all = await readModel.paths(ref(first), 10_000);
    expect(all.map(({ index }) => index)).to.deep.equal(Array.from({ length: 513 }, (_, index) => index));
    expect(await readModel.paths(ref(first + 250), 10)).to.deep.equal(all.slice(250, 260));
    expect(await readModel.paths(ref(first + 512), 10)).to.deep.equal(all.slice(512));
    expect(await readModel.paths(ref(first + 256), 1)).to.deep.equal([await readModel.path(ref(first + 256))]);
  });

  it('have none of an entry that the register does not have', async () => {
    const past = { ...largeRegister, entry: 1_000_000 };
    expect(await readModel.path(past)).to.equal(undefined);
    expect(await readModel.paths(past, 5)).to.deep.equal([]);
    expect(await readModel.path({ ...past, entry: 0 })).to.equal(undefined);
    expect(await readModel.path({ ...past, entry: 1, type: 'no-such-type' })).to.equal(undefined);
    expect(await readModel.leaves(largeRegister.issuer, largeRegister.type, 3)).to.equal(undefined);
  });

  it('are read only where they are canonical base64 of whole hashes', async () => {
    const leaves = makeLeaves(300);
    const text = joinLeaves(leaves);
    expect((await readLeafPages(text))?.root).to.equal(toBase64(merkleTree(leaves).root));
    const stray = `${joinLeaves(leaves.slice(0, 1)).slice(0, -2)}9=`;
    for (const bad of [
      '',
      'AA==',
      text.slice(0, -4),
      `${text} `,
      text.replace(/=+$/, ''),
      stray,
      text.replace('+', '-'),
    ]) {
      if (bad !== text) expect(await readLeafPages(bad), bad.slice(-8)).to.equal(undefined);
    }
  });
});

describe('a batch as the index keeps it', () => {
  const key = 'ab'.repeat(16);
  const hash = (byte: number) => Buffer.alloc(32, byte).toString('base64');
  const signature = Buffer.alloc(64, 7);
  const statementOf = (supersedes: string) =>
    `yinxin-anchor/1\nchannel certs\nissuer 11990300DEMA00021E\ntype business-licence/2\nentries 5-9\nroot ${hash(1)}\nsupersedes ${supersedes}\ntime 2026-06-01T09:00:00Z\nkey ${key}\n`;

  function makeRecord(statement: string, digest: string, changes: Partial<AnchorRecord['row']> = {}): AnchorRecord {
    const { issuer, type, typeVersion, first, last, root, key: by } = parseAnchorStatement(statement);
    const txId = 'cd'.repeat(32);
    const named = { issuer, type, typeVersion, first, last, root, key: by, txId };
    const row = { kind: 'batch', ...named, statement: digest, time: now, touched: 0, ...changes } as const;
    const recorded = parseInstant('2026-06-01T10:00:09Z');
    const caller = { msp: 'ShenzhenMSP', id: 'x509::/CN=客户' };
    return {
      row,
      signed: { txId: row.txId, block: 77, time: recorded, caller, statement, signature: toBase64(signature) },
    };
  }
  const come = (record: AnchorRecord) => unpackAnchor(packAnchor(record), record.row.issuer, record.row.type);

  for (const supersedes of ['-', hash(2)]) {
    it(`comes back as it was, ${supersedes === '-' ? 'without' : 'with'} supersessions, in a third of its text`, () => {
      const statement = statementOf(supersedes);
      const record = makeRecord(statement, statementDigest(statement, signature));
      expect(come(record)).to.deep.equal(record);
      expect(formatRow(come(record).row)).to.equal(formatRow(record.row));
      expect(packAnchor(record).length).to.be.lessThan(JSON.stringify(record).length / 2.5);
    });
  }

  it('comes back as it was where no rule of the network would let it through', () => {
    for (const changes of [{ touched: 3 }, { txId: 'short' }, { first: 4 }, { statement: hash(3) }]) {
      const record = makeRecord(statementOf('-'), hash(9), changes);
      expect(come(record)).to.deep.equal(record);
    }
  });
});
