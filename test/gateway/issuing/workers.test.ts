/** What is computed beside the main thread: the same as in it; a worker that dies is replaced, and leaves nothing half done. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import {
  type BatchRequest,
  type CertificateFile,
  formatCertificateFile,
  merkleTree,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import type { FileLines } from '../../../gateway/issuing/issuing.ts';
import { createPathReader, growTree, rootOf } from '../../../gateway/issuing/tree.ts';
import { createPool } from '../../../gateway/issuing/workers/pool.ts';
import { Workbench } from '../../../gateway/issuing/workers/workbench.ts';
import { expectRefusal } from '../support.ts';
import { food, licence, makeRows, newKey, openWorld, operator, startClock, useNetworks, type World } from '../world.ts';

const bulk = 300;
const requestOf = (count: number, type = licence): BatchRequest => ({
  issuer: operator.issuer,
  type: type.type,
  rows: makeRows(type, count),
});

async function read({ lines }: FileLines): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of lines) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

const toLines = (files: readonly CertificateFile[]) =>
  files.map((file) => `${Buffer.from(formatCertificateFile(file)).toString('utf8')}\n`).join('');

/** All files of a request as one JSON answer after another gives them. */
async function readAll({ issuing }: World, id: string): Promise<readonly CertificateFile[]> {
  const files: CertificateFile[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: { readonly certificates: readonly CertificateFile[]; readonly next: number | null } =
      await issuing.batch(operator, id, after, 500);
    files.push(...page.certificates);
    after = page.next;
  }
  return files;
}

describe('gateway/issuing: files as lines', () => {
  const newNetwork = useNetworks();

  for (const workers of [0, 1]) {
    it(`are exactly the files’ canonical bytes in the order of the rows, at once and read again; workers: ${workers}`, async () => {
      const folder = await newNetwork();
      const world = await openWorld(folder, startClock(), { workers });
      const { issuing } = world;
      const [one, many, other] = await Promise.all(
        [requestOf(1), requestOf(bulk), requestOf(40)].map((request) =>
          issuing.issueLines(operator, request, newKey()),
        ),
      );
      for (const asked of [one, many, other]) {
        if (!asked) throw new Error('nothing was issued');
        const text = await read(asked);
        const { id } = asked.head;
        const files = await readAll(world, id);
        expect(text === toLines(files), 'what was still held').to.equal(true);
        expect(files.every(({ holderToken }) => holderToken !== undefined)).to.equal(true);
        const again = await issuing.batchLines(operator, id, 0, 4_096);
        expect((await read(again)) === text, 'out of the vault').to.equal(true);
        expect(again.head).to.deep.equal({ ...asked.head, next: null });
      }
      const { verdict } = await world.verifying.verify(
        { file: (await readAll(world, many?.head.id ?? ''))[255] ?? ({} as CertificateFile) },
        'anonymous',
      );
      expect(verdict.verdict).to.equal('valid');
      await world.close();
    });
  }

  it('come page by page, from a part of a batch, and after a restart', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    await world.issuing.issue(operator, requestOf(2), newKey());
    const { id, first } = await world.issuing.issue(operator, requestOf(5), newKey());
    await world.close();
    const again = await openWorld(folder);
    const { head, lines } = await again.issuing.batchLines(operator, id, first, 2);
    expect(head).to.include({ id, next: first + 2 });
    const files = await readAll(again, id);
    expect(await read({ head, lines })).to.equal(toLines(files.slice(1, 3)));
    await again.close();
  });

  it('are given to one who asks again with the same key, also while the first is under way', async () => {
    const world = await openWorld(await newNetwork());
    const asked = () => world.issuing.issueLines(operator, requestOf(3), 'same');
    const [a, b] = await Promise.all([asked(), asked()]);
    const text = await read(a);
    expect(await read(b)).to.equal(text);
    expect(await read(await asked())).to.equal(text);
    await world.close();
  });
});

describe('gateway/issuing: a worker that dies', () => {
  const newNetwork = useNetworks();

  /** The next worker that is started. */
  const nextWorker = () => new Promise<Worker>((resolve) => process.once('worker', resolve));

  it('is replaced; its requests are refused as worth another try, and nothing of them is stored; a counter’s goes on', async () => {
    const world = await openWorld(await newNetwork(), startClock(), { workers: 1 });
    const { issuing, vault, readModel } = world;
    const started = nextWorker();
    const lost = [
      expectRefusal('WORKER_LOST', () => issuing.issue(operator, requestOf(bulk), 'first')),
      expectRefusal('WORKER_LOST', () => issuing.issue(operator, requestOf(bulk, food), 'second')),
    ];
    await (await started).terminate();
    const small = await issuing.issue(operator, requestOf(2), newKey());
    await Promise.all(lost);
    expect(small.last).to.equal(2);
    expect(await vault.listSealed('pending')).to.deep.equal([]);
    expect(await vault.listSealed('request/')).to.have.length(1);
    const again = await issuing.issue(operator, requestOf(bulk), 'first');
    expect([again.first, again.last]).to.deep.equal([3, bulk + 2]);
    expect((await issuing.issue(operator, requestOf(bulk, food), 'second')).last).to.equal(bulk);
    expect(readModel.register(operator.issuer, licence.type)?.last).to.equal(bulk + 2);
    await world.close();
  });

  it('is refused what it held: another does not know it', async () => {
    const pool = createPool(1, (bytes) => new Uint8Array(bytes));
    const started = nextWorker();
    const bytes = Buffer.from(JSON.stringify(requestOf(bulk)));
    const lane = pool.lane(bytes.length);
    expect(await lane.run('read', { draft: 1, bytes })).to.include({ type: licence.type, rows: bulk });
    await (await started).terminate();
    const issuedAt = startClock().now();
    await expectRefusal('WORKER_LOST', () => lane.run('check', { draft: 1, type: licence, issuedAt }));
    const next = pool.lane(bytes.length);
    expect(next === lane).to.equal(false);
    await expectRefusal('WORKER_LOST', () => next.run('check', { draft: 1, type: licence, issuedAt }));
    await pool.close();
  });

  it('gives the refusals of a job as they are', async () => {
    const pool = createPool(1, (bytes) => new Uint8Array(bytes));
    const bytes = Buffer.alloc(40_000, '{');
    const error = await expectRefusal('MALFORMED_JSON', () => pool.lane(bytes.length).run('read', { draft: 1, bytes }));
    expect(error).to.be.instanceOf(YinxinError);
    expect(error.details).to.have.property('offset');
    await pool.close();
  });
});

describe('gateway/issuing: bulk jobs', () => {
  it('are done one at a time, also those that come while one that waited is done', async () => {
    let running = 0;
    let most = 0;
    const turn = async () => {
      running += 1;
      most = Math.max(most, running);
      await nextTurn();
      running -= 1;
    };
    const bench = new Workbench((bytes) => new Uint8Array(bytes), turn);
    const grow = () => bench.run('tree', { leaves: new Uint8Array(32 * 8_192) });
    const [first, second] = [grow(), grow()];
    await first;
    await Promise.all([second, grow()]);
    expect(most).to.equal(1);
  });
});

describe('gateway/issuing: the tree of a batch', () => {
  it('is core’s, for any number of leaves', async () => {
    for (const size of [1, 2, 3, 5, 8, 13, 64, 100]) {
      const leaves = Array.from({ length: size }, (_, at) => new Uint8Array(32).fill(at + 1));
      const tree = await growTree(Buffer.concat(leaves), async () => undefined);
      const expected = merkleTree(leaves);
      const path = createPathReader(tree);
      expect(rootOf(tree)).to.deep.equal(expected.root);
      for (const at of leaves.keys()) expect(path(at)).to.deep.equal(expected.path(at).map(toBase64));
      expect(() => path(size)).to.throw('MALFORMED_PROOF');
    }
  });
});
