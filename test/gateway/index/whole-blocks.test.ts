/** Nobody ever sees half a block: not a reader who asks all the time while blocks come in, and not one who comes after the process was killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseInstant, verifyInclusion } from '@yinxin/core';
import { expect } from 'chai';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { Staging } from '../../../gateway/index/staging.ts';
import { type IndexFinding, verifyIndex } from '../../../gateway/index/verify.ts';
import type { Block, Ledger } from '../../../gateway/ledger/port.ts';
import { openStore, type StoreOperation } from '../../../gateway/store.ts';
import { channel } from '../../fixtures/certificates.ts';
import { type LargeLedger, largeRegister, makeLargeLedger } from '../../fixtures/large-ledger.ts';

const now = parseInstant('2026-06-01T10:00:00Z');
const opening = (folder: string, { ledger }: Pick<LargeLedger, 'ledger'>) =>
  openReadModel({ folder, ledger, channel, rules: networkRules, clock: () => now, heartbeatMilliseconds: 20 });

/** After each block: the register's last entry, and how many entries have a change. */
type Expected = readonly { readonly last: number; readonly changed: number }[];

async function readExpected({ ledger }: LargeLedger): Promise<Expected> {
  const { height } = await ledger.info();
  const abort = new AbortController();
  const expected: { last: number; changed: number }[] = [];
  let [last, changed] = [0, 0];
  for await (const { number, transactions } of ledger.blocks(0, abort.signal)) {
    for (const { transaction, event } of transactions) {
      const told = event?.payload as { last?: number; changes?: readonly unknown[] };
      if (transaction === 'anchor') last = told.last ?? 0;
      if (transaction === 'changeStatus') changed += told.changes?.length ?? 0;
    }
    expected.push({ last, changed });
    if (number === height - 1) break;
  }
  return expected;
}

/** Asks once for everything that a block changes, and says what does not belong together. */
async function ask(readModel: ReadModel, expected: Expected): Promise<number> {
  const height = readModel.height();
  const at = expected[height - 1] ?? { last: 0, changed: 0 };
  expect(readModel.register(largeRegister.issuer, largeRegister.type)?.last ?? 0).to.equal(at.last);
  let changed = 0;
  for await (const _ of readModel.statuses(largeRegister.issuer, largeRegister.type, height)) changed += 1;
  expect(changed).to.equal(at.changed);
  expect(await readModel.lastEntry(largeRegister.issuer, largeRegister.type, height)).to.equal(at.last);
  const beyond = await readModel.knowledge({ ...largeRegister, entry: at.last + 1 }, height);
  expect(beyond.anchor).to.equal(undefined);
  if (at.last === 0) return height;
  const ref = { ...largeRegister, entry: at.last };
  const { anchor } = await readModel.knowledge(ref, height);
  const [path, batch] = [await readModel.path(ref), await readModel.batch(ref)];
  if (!anchor || !path || !batch) throw new Error(`entry ${at.last} is in half`);
  const { first, last, root } = batch.row;
  expect(verifyInclusion(path.leaf, path.index, last - first + 1, path.path, root)).to.equal(true);
  const { items } = await readModel.history(ref, 0, 10);
  expect(items[0]?.statement).to.include(`entries ${first}-${last}`);
  return height;
}

/** Stops for a moment now and then, so that what came before is written. */
const pausing = ({ ledger }: LargeLedger): Ledger => ({
  ...ledger,
  async *blocks(from, signal) {
    for await (const block of ledger.blocks(from, signal)) {
      if (block.number % 25 === 24) await wait(30);
      yield block;
    }
  },
});

describe('a reader of the index', () => {
  let folder: string;
  let large: LargeLedger;
  let expected: Expected;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'yinxin-whole-'));
    large = await makeLargeLedger(folder);
    for (let certificates = 900; certificates <= 9_000; certificates += 900) {
      await large.grow(certificates, certificates === 900 ? 600 : 60);
    }
    for (let certificates = 9_001; certificates <= 9_100; certificates += 1) await large.grow(certificates, 1);
    expected = await readExpected(large);
    large.keep();
  });
  after(async () => {
    await large.close();
    rmSync(folder, { recursive: true });
  });

  it('sees blocks whole, one state after another, while they are taken in', async () => {
    const readModel = await opening(join(folder, 'read'), { ledger: pausing(large) });
    const seen = new Set<number>();
    let isDone = false;
    const done = readModel.caughtUpTo(large.height() - 1).then(() => {
      isDone = true;
    });
    const reading = async () => {
      let before = 0;
      while (!isDone) {
        if (readModel.height() > 0) {
          const height = await ask(readModel, expected);
          expect(height).to.be.at.least(before);
          before = height;
          seen.add(height);
        }
        await setImmediate();
      }
    };
    await Promise.all([done, reading(), reading()]);
    await ask(readModel, expected);
    expect(seen.size, 'it was seen on the way').to.be.at.least(5);
    await readModel.close();
  });

  it('finds after a kill -9 in the middle exactly what the blocks up to the checkpoint give, and what follows is taken in', async function () {
    this.timeout(60_000);
    const program = fileURLToPath(new URL('catching-up.ts', import.meta.url));
    const index = join(folder, 'killed');
    const heights: number[] = [];
    for (let kill = 0; kill < 6; kill += 1) {
      const child = spawn(process.execPath, [program, folder, index], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      await wait(60 * Math.random());
      child.kill('SIGKILL');
      await ended;
      const finding = await verifyIndex({ folder: index, ledger: large.ledger, now });
      if (!finding.sound) expect.fail(`${finding.flaw} ${finding.block}`);
      heights.push(finding.height);
    }
    expect(heights).to.deep.equal(heights.toSorted((a, b) => a - b));
    expect(
      heights.some((height) => height < large.height()),
      `in the middle: ${heights}`,
    ).to.equal(true);
    const readModel = await opening(index, large);
    await readModel.ready();
    await ask(readModel, expected);
    await readModel.close();
    expect(await verifyIndex({ folder: index, ledger: large.ledger, now })).to.include({ height: large.height() });
  });

  it('is shown what is staged after one write of all of it, with what stands behind it', async () => {
    const writes: StoreOperation[][] = [];
    let isShown = false;
    const staging = new Staging({
      write: async (operations) => {
        expect(isShown).to.equal(false);
        writes.push([...operations]);
      },
    });
    const del = (key: string): StoreOperation => ({ type: 'del', key });
    staging.add([del('a'), del('b')], () => undefined);
    staging.add([del('c'), del('a')], () => {
      isShown = true;
    });
    expect(await staging.write([del('checkpoint')])).to.equal(0);
    expect(isShown).to.equal(true);
    expect(writes.map((operations) => operations.map(({ key }) => key))).to.deep.equal([['a', 'b', 'c', 'checkpoint']]);
    expect(staging.group).to.equal(1);
  });

  describe('that was restored', () => {
    const sound = () => join(folder, 'sound');
    before(async () => {
      const readModel = await opening(sound(), large);
      await readModel.ready();
      await readModel.close();
    });

    const find = (index: string, ledger = large.ledger): Promise<IndexFinding> =>
      verifyIndex({ folder: index, ledger, now });
    let copies = 0;
    const copy = () => {
      copies += 1;
      const index = join(folder, `copy-${copies}`);
      cpSync(sound(), index, { recursive: true });
      return index;
    };

    it('is what the ledger’s blocks give, also when the ledger has gone on', async () => {
      const { height, newestHash } = await large.ledger.info();
      expect(await find(copy())).to.deep.equal({ sound: true, height, hash: newestHash });
    });

    it('was frozen while blocks went on, and is whole all the same', async () => {
      const readModel = await opening(join(folder, 'frozen'), large);
      while (readModel.height() < 2) await setImmediate();
      const frozen = readModel.freeze();
      await readModel.caughtUpTo(large.height() - 1);
      const index = join(folder, 'thawed');
      const store = await openStore(index);
      for await (const block of frozen.blocks()) {
        const puts = block.map(([key, value]) => ({ type: 'put', key: Buffer.from(key).toString(), value }) as const);
        await store.write(puts);
      }
      await frozen.close();
      await store.close();
      await readModel.close();
      expect(await find(index)).to.include({ sound: true });
    });

    /** One entry of each kind is changed, left out, or one is put in. */
    for (const prefix of [
      'batch/',
      'leaves/',
      'roots/',
      'time/',
      'transaction/',
      'version/',
      'state/\u0000status',
      'state/\u0000register',
    ]) {
      it(`is refused when ${JSON.stringify(prefix)} is not as the blocks say`, async () => {
        const index = copy();
        const store = await openStore(index);
        const found = await store.first(prefix, `${prefix}\u{10ffff}`);
        if (!found) throw new Error('nothing to change');
        const value = Uint8Array.from(found.value);
        value[value.length - 3] = (value.at(-3) ?? 0) ^ 1;
        await store.write([{ type: 'put', key: found.key, value }]);
        await store.close();
        expect(await find(index), 'changed').to.include({ sound: false, flaw: 'content' });
        const again = await openStore(index);
        await again.write([{ type: 'del', key: found.key }]);
        await again.close();
        expect(await find(index), 'left out').to.include({ sound: false });
        const more = await openStore(index);
        await more.write([found, { key: `${prefix}more`, value }].map((entry) => ({ type: 'put', ...entry })));
        await more.close();
        expect(await find(index), 'put in').to.deep.equal({ sound: false, flaw: 'more' });
      });
    }

    it('is refused when it is ahead of the ledger, of another ledger, or of another format', async () => {
      const { ledger } = large;
      const shorter = { ...ledger, info: async () => ({ height: 5, newestHash: '' }) };
      expect(await find(copy(), shorter)).to.deep.equal({ sound: false, flaw: 'ahead' });
      const other = {
        ...ledger,
        async *blocks(from: number, signal: AbortSignal): AsyncGenerator<Block> {
          for await (const block of ledger.blocks(from, signal)) {
            yield block.number === large.height() - 1 ? { ...block, hash: 'f'.repeat(64) } : block;
          }
        },
      };
      expect(await find(copy(), other)).to.deep.equal({ sound: false, flaw: 'other ledger' });
      expect(await find(join(folder, 'empty'))).to.deep.equal({ sound: false, flaw: 'format' });
    });
  });
});
