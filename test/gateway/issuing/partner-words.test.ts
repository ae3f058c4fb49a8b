/** Other cities' gateways, asked for their word on a batch: believed only when it is one, and never waited for long. */
import { type AnchoredClaims, epochSeconds, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import type { AnchoredBatch } from '../../../gateway/index/read-model.ts';
import { createPartnerWords } from '../../../gateway/issuing/partner-words.ts';
import { signAnchored } from '../../../gateway/lists/lists.ts';
import { createPartners, type PartnersDeps } from '../../../gateway/partners.ts';
import { chengdu, shenzhen } from '../../fixtures/network.ts';
import { useServers } from '../../fixtures/servers.ts';
import { licence, makeRows, newKey, operator, useWorld, type World } from '../world.ts';

/** What one partner is waited for: short where it never answers, long where a busy machine may take its time. */
const short = 300;
const long = 5_000;

describe('gateway/issuing: partners', function () {
  this.timeout(30_000);
  const world = useWorld();
  const { serve, answering, down } = useServers();
  let batch: AnchoredBatch;
  let other: AnchoredBatch;

  async function issue({ issuing, readModel }: World): Promise<AnchoredBatch> {
    const request = { issuer: operator.issuer, type: licence.type, rows: makeRows(licence, 2) };
    const { issuer, type, first } = await issuing.issue(operator, request, newKey());
    const found = await readModel.batch({ issuer, type, entry: first });
    if (!found) throw new Error('no batch');
    return found;
  }

  before(async () => {
    batch = await issue(world());
    other = await issue(world());
  });

  /** The word of a domain over a batch, as changed. */
  function word(domain: string, { row, block, time }: AnchoredBatch, changes: Partial<AnchoredClaims> = {}) {
    const { keys, signer, readModel } = world();
    const kid = keys.listKeys().find((key) => key.domain === domain)?.kid ?? '';
    const { channel } = readModel.trust();
    const claims = { iss: domain, channel, statement: row.statement, txId: row.txId, block, time, ...changes };
    return signAnchored(signer, kid, claims);
  }

  const ask = (...origins: readonly string[]) => askFor(long, ...origins);

  function askFor(milliseconds: number, ...origins: readonly string[]): Promise<string | undefined> {
    return createWords({ origins: () => origins, milliseconds }).ask(batch, AbortSignal.timeout(20_000));
  }

  const createWords = (deps: PartnersDeps) =>
    createPartnerWords({ partners: createPartners(deps), trust: () => world().readModel.trust() });

  it('give the word of the first that has one, asked for by register and entry', async () => {
    const good = await word(chengdu.domain, batch);
    const paths: (string | undefined)[] = [];
    const partner = await serve((request, response) => {
      paths.push(request.url);
      response.end(good);
    });
    expect(await ask(partner)).to.equal(good);
    expect(paths).to.deep.equal([`/v1/anchorings/${batch.row.issuer}/${batch.row.type}/${batch.row.first}`]);
  });

  it('that are down, slow, busy, redirecting, or cut off in mid-answer are passed over', async () => {
    const good = await word(chengdu.domain, batch);
    const target = await answering(good);
    const partners = [
      await down(),
      await serve(() => undefined),
      await serve((_, response) => void response.writeHead(200).write(good.slice(0, 40))),
      await answering(good, 503),
      await serve((_, response) => response.writeHead(302, { location: `${target}/` }).end()),
      await serve((_, response) => {
        response.writeHead(200, { 'content-length': good.length });
        response.write(good.slice(0, 40), () => response.destroy());
      }),
    ];
    for (const [at, partner] of partners.entries()) {
      const began = performance.now();
      expect(await askFor(short, partner), String(at)).to.equal(undefined);
      expect(performance.now() - began, String(at)).to.be.lessThan(long);
    }
    expect(await askFor(1_000, ...partners, target)).to.equal(good);
  });

  it('that lie are not believed: of another batch, place, time or channel, of one’s own domain, by no key of the ledger', async () => {
    const good = await word(chengdu.domain, batch);
    const lies = [
      await word(chengdu.domain, other),
      await word(chengdu.domain, batch, { block: batch.block + 1 }),
      await word(chengdu.domain, batch, { txId: other.row.txId }),
      await word(chengdu.domain, batch, { time: toInstant(epochSeconds(batch.time) + 1) }),
      await word(chengdu.domain, batch, { channel: 'others' }),
      await word(shenzhen.domain, batch),
      `${good.slice(0, -4)}AAAA`,
      '{}',
      '',
      ' '.repeat(100),
    ];
    for (const [at, lie] of lies.entries()) expect(await ask(await answering(lie)), String(at)).to.equal(undefined);
    expect(await ask(await answering(lies[0] ?? ''), await answering(good))).to.equal(good);
  });

  it('that answer without end are cut off at a few kilobytes, compressed or not', async () => {
    const good = await word(chengdu.domain, batch);
    let sent = 0;
    const endless = await serve((_, response) => {
      response.writeHead(200);
      const more = () => {
        sent += 1_024;
        if (!response.destroyed) response.write('A'.repeat(1_024), () => setImmediate(more));
      };
      more();
    });
    expect(await ask(endless, await answering(good))).to.equal(good);
    expect(sent).to.be.lessThan(20_000_000);
    expect(await ask(await answering(good + ' '.repeat(8_192)))).to.equal(undefined);
  });

  it('are asked in turn, the one that answered last first', async () => {
    const good = await word(chengdu.domain, batch);
    const asked: string[] = [];
    const first = await serve((_, response) => {
      asked.push('first');
      response.writeHead(404).end();
    });
    const second = await serve((_, response) => {
      asked.push('second');
      response.end(good);
    });
    const words = createWords({ origins: () => [first, second], pause: long });
    for (const _ of [1, 2]) expect(await words.ask(batch, AbortSignal.timeout(5_000))).to.equal(good);
    expect(asked).to.deep.equal(['first', 'second', 'second']);
  });

  it('that hang keep nobody from asking the next, and are believed still when they answer after all', async () => {
    const good = await word(chengdu.domain, batch);
    const hanging = await serve(() => undefined);
    const began = performance.now();
    const words = createWords({ origins: () => [hanging, target], milliseconds: 20_000, pause: 20 });
    const target = await answering(good);
    expect(await words.ask(batch, AbortSignal.timeout(20_000))).to.equal(good);
    expect(performance.now() - began).to.be.lessThan(long);
    const slow = await serve((_, response) => void setTimeout(() => response.end(good), 200));
    const late = createWords({ origins: () => [slow, hanging], milliseconds: 20_000, pause: 20 });
    expect(await late.ask(batch, AbortSignal.timeout(20_000))).to.equal(good);
    expect(performance.now() - began).to.be.lessThan(long);
  });
});
