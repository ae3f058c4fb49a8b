/** Another domain's word on a batch, where this gateway holds no other domain's key: asked of partners, kept, and asked for again until it comes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CertificateFile } from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { expect } from 'chai';
import type { AnchoredBatch } from '../../../gateway/index/read-model.ts';
import { createIssuing } from '../../../gateway/issuing/create.ts';
import type { Issuing, IssuingDeps } from '../../../gateway/issuing/issuing.ts';
import { signAnchored } from '../../../gateway/lists/lists.ts';
import { chengdu, shenzhen } from '../../fixtures/network.ts';
import { licence, makeRows, newKey, openWorld, operator, useNetworks, type World } from '../world.ts';

describe('gateway/issuing: the word of another domain', function () {
  this.timeout(20_000);
  const newNetwork = useNetworks();
  let folder: string;
  let world: World;
  let issuing: Issuing;
  /** Whether the partner gives its word, and how often it was asked. */
  let partner: { gives: boolean; asked: number };

  beforeEach(async () => {
    folder = await newNetwork();
    partner = { gives: false, asked: 0 };
    await open();
  });
  afterEach(async () => {
    await issuing.close();
    await world.close();
  });

  /** A gateway that holds the keys of its own city alone. */
  async function open(): Promise<void> {
    world = await openWorld(folder);
    const { keys, clock } = world;
    const own = {
      sm2Keys: () => keys.sm2Keys(),
      listKeys: () => keys.listKeys().filter(({ domain }) => domain === shenzhen.domain),
    };
    const rest = { clock: clock.now, publicUrl: () => '', wait: async () => undefined };
    issuing = createIssuing({ ...world, ...rest, keys: own, words: { ask } } satisfies IssuingDeps);
  }

  async function reopen(): Promise<void> {
    await issuing.close();
    await world.close();
    await open();
  }

  async function ask({ row, block, time }: AnchoredBatch): Promise<string | undefined> {
    partner.asked += 1;
    const { keys, signer, readModel } = world;
    const kid = keys.listKeys().find(({ domain }) => domain === chengdu.domain)?.kid ?? '';
    const { channel } = readModel.trust();
    const { statement, txId } = row;
    return partner.gives
      ? signAnchored(signer, kid, { iss: chengdu.domain, channel, statement, txId, block, time })
      : undefined;
  }

  const issue = async () =>
    (
      await issuing.issue(
        operator,
        { issuer: operator.issuer, type: licence.type, rows: makeRows(licence, 2) },
        newKey(),
      )
    ).id;
  const read = async (id: string) => (await issuing.batch(operator, id, 0, 2)).certificates;
  const outcomes = async (files: readonly CertificateFile[]) => {
    const trust = world.readModel.trust();
    const read = await Promise.all(files.map(({ proof }) => readAnchored(proof.anchored, trust)));
    return read.map((found) => (found?.outcome === 'verified' ? found.claims.iss : found?.outcome));
  };

  it('is in the files when a partner gives it, and is asked for once', async () => {
    partner.gives = true;
    const id = await issue();
    expect(await outcomes(await read(id))).to.deep.equal([chengdu.domain, chengdu.domain]);
    expect(partner.asked).to.equal(1);
    const [file] = await read(id);
    expect((await issuing.certificate(operator, file?.body.id ?? '')).proof.anchored).to.equal(file?.proof.anchored);
    expect(partner.asked).to.equal(1);
  });

  it('keeps nobody waiting: the batch is issued, and its files are there without the word', async () => {
    const began = performance.now();
    const id = await issue();
    expect(performance.now() - began).to.be.lessThan(2_000);
    expect(await outcomes(await read(id))).to.deep.equal([undefined, undefined]);
    const again = performance.now();
    expect(await outcomes(await read(id))).to.deep.equal([undefined, undefined]);
    expect(again - began).to.be.lessThan(3_000);
    expect(performance.now() - again, 'waited for again').to.be.lessThan(900);
  });

  it('is had for every batch of many that are issued at once', async () => {
    partner.gives = true;
    const ids: string[] = [];
    for (let count = 0; count < 40; count += 1) ids.push(await issue());
    for (const id of ids) expect(await outcomes(await read(id)), id).to.deep.equal([chengdu.domain, chengdu.domain]);
    expect(partner.asked).to.equal(ids.length);
  });

  it('comes later, by itself', async () => {
    const id = await issue();
    await read(id);
    partner.gives = true;
    await issuing.settle();
    for (let tries = 0; tries < 100 && (await outcomes(await read(id)))[0] === undefined; tries += 1) await delay(20);
    expect(await outcomes(await read(id))).to.deep.equal([chengdu.domain, chengdu.domain]);
  });

  it('is asked for again by the next process, and by whoever wants the files', async () => {
    const [first, second] = [await issue(), await issue()];
    await reopen();
    partner.gives = true;
    expect(await outcomes(await read(first))).to.deep.equal([chengdu.domain, chengdu.domain]);
    await reopen();
    const asked = partner.asked;
    await issuing.settle();
    for (let tries = 0; tries < 100 && partner.asked === asked; tries += 1) await delay(20);
    await delay(50);
    partner.gives = false;
    expect(await outcomes(await read(second)), 'kept').to.deep.equal([chengdu.domain, chengdu.domain]);
    expect(await world.vault.listSealed('wordless-batch/')).to.deep.equal([]);
    await reopen();
    const before = partner.asked;
    await issuing.settle();
    await delay(50);
    expect(partner.asked, 'nothing is wanted any more').to.equal(before);
  });

  it('is forgotten about when the service is closed in the middle of asking', async () => {
    const id = await issue();
    await issuing.close();
    const asked = partner.asked;
    await delay(200);
    expect(partner.asked).to.equal(asked);
    expect(await outcomes(await read(id))).to.deep.equal([undefined, undefined]);
  });
});
