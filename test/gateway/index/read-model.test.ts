import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateFile, epochSeconds, parseIdentifier, toBase64, toLeaf, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { openReadModel } from '../../../gateway/index/open.ts';
import type { ReadModel } from '../../../gateway/index/read-model.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import { verifyIndex } from '../../../gateway/index/verify.ts';
import type { Block, Ledger } from '../../../gateway/ledger/port.ts';
import { channel } from '../../fixtures/certificates.ts';
import { expectRefusal } from '../support.ts';
import {
  act,
  driving,
  issueFile,
  issueFiles,
  licence,
  makeRows,
  openWorld,
  portOf,
  startClock,
  until,
  useNetworks,
  type World,
} from '../world.ts';

const refOf = ({ body: { issuer, type, entry } }: CertificateFile) => ({ issuer, type, entry });

async function fill(world: World): Promise<readonly CertificateFile[]> {
  const files = [...(await issueFiles(world, licence, { rows: makeRows(licence, 5) }))];
  files.push(await issueFile(world, driving));
  const [first, second] = files;
  if (!first || !second) throw new Error('nothing was issued');
  await act(world, second, 'suspend');
  const rows = makeRows(licence, 1).map((row) => ({ ...row, supersedes: first.body.id }));
  return [...files, ...(await issueFiles(world, licence, { rows }))];
}

/** What it says of every height. */
async function tellHeights(readModel: ReadModel, [first]: readonly CertificateFile[]) {
  if (!first) throw new Error('nothing was issued');
  const { issuer, type } = refOf(first);
  const told = [];
  for (let height = 1; height <= readModel.height(); height += 1) {
    const { asOf: _, ...knowledge } = await readModel.knowledge(refOf(first), height);
    const { iat: _iat, exp: _exp, ...claims } = readModel.trustClaims('510100', height);
    const statuses = [];
    for await (const changed of readModel.statuses(issuer, type, height)) statuses.push(changed);
    told.push({ knowledge, claims, statuses });
  }
  return told;
}

/** Everything that the read model says, but for when it last asked. */
async function tell(readModel: ReadModel, files: readonly CertificateFile[]) {
  const told = [];
  for (const file of files) {
    const ref = refOf(file);
    const { asOf: _, ...knowledge } = await readModel.knowledge(ref);
    told.push({
      knowledge,
      found: await readModel.findEntry(parseIdentifier(file.body.id)),
      batch: await readModel.batch(ref),
      history: await readModel.history(ref, 0, 100),
      register: readModel.register(ref.issuer, ref.type),
    });
  }
  const { iat, exp, ...claims } = readModel.trustClaims('510100');
  const heights = await tellHeights(readModel, files);
  return { told, heights, claims, seconds: exp - iat, time: readModel.time(), height: readModel.height() };
}

/** A ledger that gives its blocks as `change` makes them. */
const changing = (ledger: Ledger, change: (block: Block) => Block): Ledger => ({
  ...portOf(ledger),
  async *blocks(from, signal) {
    for await (const block of ledger.blocks(from, signal)) yield change(block);
  },
});

const opening = ({ clock }: World) => ({ channel, rules: networkRules, clock: clock.now });

describe('the read model', () => {
  const newNetwork = useNetworks();

  it('knows leaf, batch, transaction and changes of every entry', async () => {
    const world = await openWorld(await newNetwork());
    const files = await fill(world);
    for (const file of files) {
      const { anchor } = await world.readModel.knowledge(refOf(file));
      expect(anchor?.leaf).to.equal(toBase64(toLeaf(file.body)));
    }
    const [first, second, , , , , reissue] = files;
    if (!first || !second || !reissue) throw new Error('too few');
    const superseded = await world.readModel.knowledge(refOf(first));
    expect(superseded.changes.map(({ act: name, by }) => [name, by])).to.deep.equal([['supersede', 6]]);
    expect((await world.readModel.knowledge(refOf(second))).changes).to.have.length(1);
    expect((await world.readModel.knowledge(refOf(reissue))).anchor?.supersedes).to.equal(1);
    await world.close();
  });

  it('grows by what each block says, and by nothing before it', async () => {
    const world = await openWorld(await newNetwork());
    const told = await tellHeights(world.readModel, await fill(world));
    expect(told[0]).to.deep.include({ statuses: [] });
    expect(told[0]?.knowledge).to.not.have.property('anchor');
    expect(told[1]?.knowledge.anchor?.block).to.equal(1);
    const counts = told.map(({ statuses }) => statuses.map(({ entry }) => entry).join());
    expect([...new Set(counts)]).to.deep.equal(['', '2', '1,2']);
    for (const { statuses, knowledge } of told) {
      const changes = [...statuses.flatMap((changed) => changed.changes), ...knowledge.changes];
      for (const { block, recorded } of changes) {
        expect(block).to.be.lessThan(knowledge.height);
        expect(recorded <= knowledge.time).to.equal(true);
      }
    }
    await world.close();
  });

  it('has no anchor for an entry past the end of the register, or of a body without one', async () => {
    const world = await openWorld(await newNetwork());
    const file = await issueFile(world, licence);
    const past = await world.readModel.knowledge({ ...refOf(file), entry: 2 });
    expect(past).to.not.have.property('anchor');
    const elsewhere = await world.readModel.knowledge({ ...refOf(file), issuer: 'Z'.repeat(18) });
    expect(elsewhere).to.not.have.property('anchor');
    await world.close();
  });

  it('finds a reissue by following supersessions, and never an entry by a number that was not given', async () => {
    const world = await openWorld(await newNetwork());
    const files = await fill(world);
    const reissue = files.at(-1);
    if (!reissue) throw new Error('nothing');
    const parsed = parseIdentifier(reissue.body.id);
    expect(await world.readModel.findEntry(parsed)).to.deep.equal(refOf(reissue));
    for (const other of [
      { ...parsed, version: 3 },
      { ...parsed, version: 1, serial: '0000000006' },
      { ...parsed, version: 1, serial: '0000000007' },
      { ...parsed, version: 1, serial: '1' },
      { ...parsed, version: 1, typeCode: `${parsed.typeCode.slice(0, 18)}999` },
    ]) {
      expect(await world.readModel.findEntry(other), JSON.stringify(other)).to.equal(undefined);
    }
    await world.close();
  });

  it('tells what happened in order, page by page, with statement and caller', async () => {
    const world = await openWorld(await newNetwork());
    const file = await issueFile(world, licence);
    await act(world, file, 'suspend');
    await act(world, file, 'resume');
    const all = await world.readModel.history(refOf(file), 0, 10);
    expect(all.items.map(({ event }) => event)).to.deep.equal(['anchored', 'status-changed', 'status-changed']);
    expect(all.next).to.equal(null);
    expect(all.items[0]?.statement).to.equal(file.proof.statement);
    expect(all.items[0]?.caller.msp).to.equal('ShenzhenMSP');
    expect(all.items[1]?.change?.act).to.equal('suspend');
    const page = await world.readModel.history(refOf(file), 1, 1);
    expect(page).to.deep.equal({ items: [all.items[1]], next: 2 });
    await world.close();
  });

  it('gives the same answers after it was deleted and rebuilt', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const files = await fill(world);
    const before = await tell(world.readModel, files);
    await world.close();
    rmSync(join(folder, 'index'), { recursive: true });
    const again = await openWorld(folder);
    expect(await tell(again.readModel, files)).to.deep.equal(before);
    await again.close();
  });

  it('is found to be what the ledger’s blocks give, reissues, governance and all', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const files = await fill(world);
    const [, second] = files;
    if (!second) throw new Error('too few');
    await act(world, second, 'resume');
    const height = world.readModel.height();
    await world.readModel.close();
    const found = await verifyIndex({ folder: join(folder, 'index'), ledger: world.ledger, now: world.clock.now() });
    expect(found).to.include({ sound: true, height });
    await world.ledger.close();
  });

  it('goes on behind its checkpoint when it is opened again, and answers before it heard from the ledger', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const files = await fill(world);
    const before = await tell(world.readModel, files);
    const height = world.readModel.height();
    await world.readModel.close();
    const froms: number[] = [];
    const ledger: Ledger = {
      ...portOf(world.ledger),
      info: () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE')),
      blocks(from, signal) {
        froms.push(from);
        return world.ledger.blocks(from, signal);
      },
    };
    const again = await openReadModel({ ...opening(world), folder: join(folder, 'index'), ledger });
    expect(await tell(again, files)).to.deep.equal(before);
    expect(froms).to.deep.equal([height]);
    await again.close();
    await world.ledger.close();
  });

  it('refuses a block whose link does not hold, and takes in nothing after it', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    await fill(world);
    const changed = changing(world.ledger, (block) =>
      block.number === 2 ? { ...block, previousHash: 'f'.repeat(64) } : block,
    );
    const other = await openReadModel({ ...opening(world), folder: join(folder, 'other'), ledger: changed });
    await expectRefusal('LEDGER_DAMAGED', () => other.ready());
    await expectRefusal('LEDGER_DAMAGED', () => other.caughtUpTo(2));
    expect(other.height()).to.equal(2);
    expect(other.fault()).to.include({ code: 'LEDGER_DAMAGED' });
    await other.close();
    await world.close();
  });

  it('refuses a block that was left out', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    await fill(world);
    const ledger: Ledger = { ...portOf(world.ledger), blocks: (from, signal) => world.ledger.blocks(from + 1, signal) };
    const other = await openReadModel({ ...opening(world), folder: join(folder, 'other'), ledger });
    await expectRefusal('LEDGER_DAMAGED', () => other.ready());
    await other.close();
    await world.close();
  });

  it('refuses a ledger that is shorter than the index, or has another block at its top', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const { height } = await world.ledger.info();
    await fill(world);
    await world.readModel.close();
    for (const info of [
      { height, newestHash: '0'.repeat(64) },
      { ...(await world.ledger.info()), newestHash: '1' },
    ]) {
      const ledger: Ledger = { ...portOf(world.ledger), info: async () => info };
      const other = await openReadModel({ ...opening(world), folder: join(folder, 'index'), ledger });
      await expectRefusal('LEDGER_DAMAGED', () => other.ready());
      await other.close();
    }
    await world.ledger.close();
  });

  it('says since when it has not heard from the ledger, and lets its trust expire thirty days later', async () => {
    const clock = startClock();
    const away = { is: false };
    const world = await openWorld(await newNetwork(), clock, {
      ledger: (ledger) => ({
        ...portOf(ledger),
        info: () => (away.is ? Promise.reject(new YinxinError('LEDGER_UNREACHABLE')) : ledger.info()),
      }),
    });
    const file = await issueFile(world, licence);
    away.is = true;
    const asOf = world.readModel.asOf();
    clock.advance(90_000);
    await new Promise((resolve) => setTimeout(resolve, 120)); // two heartbeats of the test's world
    expect(world.readModel.asOf()).to.equal(asOf);
    expect((await world.readModel.knowledge(refOf(file))).asOf).to.equal(asOf);
    expect(epochSeconds(world.readModel.trust().expires)).to.equal(epochSeconds(asOf) + 30 * 86_400);
    const reason = async () => (await world.verifying.byNumber(file.body.id, 'anonymous')).verdict.reason;
    expect(await reason()).to.equal('STATUS_STALE');
    clock.advance(30 * 86_400);
    expect(await reason()).to.equal('TRUST_EXPIRED');
    expect(world.readModel.fault()).to.include({ code: 'LEDGER_UNREACHABLE' });
    away.is = false;
    await until(() => world.readModel.asOf() === clock.now());
    expect(world.readModel.fault()).to.equal(undefined);
    await world.close();
  });

  it('follows on after the stream of blocks broke off', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    await fill(world);
    let breaks = 2;
    const ledger: Ledger = {
      ...portOf(world.ledger),
      async *blocks(from, signal) {
        for await (const block of world.ledger.blocks(from, signal)) {
          yield block;
          breaks -= 1;
          if (breaks >= 0) throw new YinxinError('LEDGER_UNREACHABLE');
        }
      },
    };
    const options = { ...opening(world), folder: join(folder, 'other'), ledger };
    const other = await openReadModel({ ...options, heartbeatMilliseconds: 10 });
    await other.ready();
    expect(breaks).to.be.lessThan(0);
    expect(other.height()).to.equal(world.readModel.height());
    await other.close();
    await world.close();
  });

  it('waits no longer once it is closed', async () => {
    const world = await openWorld(await newNetwork());
    const waiting = expectRefusal('LEDGER_UNREACHABLE', () => world.readModel.caughtUpTo(1_000));
    await world.close();
    await waiting;
  });
});
