/** How far another organisation holds the same blocks: what the read model calls up to date, what is signed, and what happens when the others lag, are away, or hold something else. */
import { join } from 'node:path';
import { type CertificateFile, epochSeconds, type StatusListClaims, type TrustClaims, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { createAnchoringSource } from '../../../gateway/http/anchorings.ts';
import { createStatusListSource } from '../../../gateway/http/status-lists.ts';
import { createTrustListSource } from '../../../gateway/http/trust-list.ts';
import { openReadModel } from '../../../gateway/index/open.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import type { Block, Ledger } from '../../../gateway/ledger/port.ts';
import { channel, issuer } from '../../fixtures/certificates.ts';
import { chengdu } from '../../fixtures/network.ts';
import { expectRefusal } from '../support.ts';
import { act, issueFile, licence, openWorld, portOf, startClock, until, useNetworks, type World } from '../world.ts';

const domain = '440300';
const away = () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE'));
const diverged = () => Promise.reject(new YinxinError('LEDGER_DIVERGED', { block: 1 }));
const soon = 20;

/** Another organisation that holds as much as a test lets it. */
function makeOther() {
  const other = {
    /** How many blocks it holds; undefined for all. */
    holds: undefined as number | undefined,
    asked: 0,
    answer: undefined as (() => Promise<never>) | undefined,
    inFrontOf: (ledger: Ledger): Ledger => ({
      ...portOf(ledger),
      async confirmed() {
        other.asked += 1;
        const height = await ledger.confirmed();
        return other.answer ? other.answer() : Math.min(other.holds ?? height, height);
      },
    }),
  };
  return other;
}

describe('what another organisation holds too', () => {
  const newNetwork = useNetworks();
  let world: World;
  let other: ReturnType<typeof makeOther>;
  let folder: string;
  let file: CertificateFile;
  beforeEach(async () => {
    folder = await newNetwork();
    other = makeOther();
    world = await openWorld(folder, startClock(), { ledger: other.inFrontOf });
    file = await issueFile(world, licence);
    await world.readModel.confirmedUpTo(world.readModel.height() - 1);
  });
  afterEach(() => world.close());

  const ref = () => ({ issuer: file.body.issuer, type: file.body.type, entry: file.body.entry });
  const reopen = async () => {
    await world.close();
    world = await openWorld(folder, world.clock, { ledger: other.inFrontOf });
  };
  /** Lists that are not signed but told. */
  function makeLists() {
    const { readModel, clock } = world;
    const tell = async (claims: TrustClaims | StatusListClaims) => JSON.stringify(claims);
    const trustList = createTrustListSource({ readModel, domain, clock: clock.now, sign: tell });
    const statusLists = createStatusListSource({ readModel, domain, clock: clock.now, sign: tell });
    const read = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));
    return {
      trust: async () => read((await trustList.current()).bytes) as TrustClaims,
      status: async () =>
        read((await statusLists.current(issuer, licence.type))?.document.bytes) as StatusListClaims | undefined,
    };
  }

  it('is all that an embedded ledger holds, at once', async () => {
    const { readModel, clock } = world;
    clock.advance(60);
    await act(world, file, 'suspend');
    await readModel.confirmedUpTo(readModel.height() - 1);
    expect(readModel.confirmedHeight()).to.equal(readModel.height());
    await until(() => readModel.asOf() === clock.now());
  });

  it('bounds what is signed: lists are as of that height, and bear the time of the last agreement', async () => {
    const { readModel, clock } = world;
    const lists = makeLists();
    const height = readModel.height();
    other.holds = height;
    clock.advance(60);
    await act(world, file, 'suspend');
    const asOf = readModel.asOf(); // a heartbeat before the act may have moved it
    const second = await issueFile(world, licence);
    clock.advance(60);
    expect(readModel.height()).to.equal(height + 2);
    expect(readModel.confirmedHeight()).to.equal(height);
    const [trust, status] = [await lists.trust(), await lists.status()];
    expect(trust).to.include({ height, iat: epochSeconds(asOf) });
    expect(status).to.include({ height, entries: 1, iat: epochSeconds(asOf) });
    expect(readModel.asOf()).to.equal(asOf);
    expect(readModel.fault(), 'a peer may lag').to.equal(undefined);
    expect((await readModel.knowledge(ref())).changes, 'answers are of all blocks').to.have.length(1);

    other.holds = height + 1;
    await readModel.confirmedUpTo(height);
    expect(await lists.status()).to.include({ height: height + 1, entries: 1, iat: epochSeconds(asOf) });
    other.holds = undefined;
    await readModel.confirmedUpTo(height + 1);
    await until(() => readModel.asOf() === clock.now());
    expect(await lists.status()).to.include({ height: height + 2, entries: 2, iat: epochSeconds(clock.now()) });
    expect(await readModel.lastEntry(issuer, licence.type, height)).to.equal(second.body.entry - 1);
  });

  it('may be waited for, until it is so, for a time only, or until the index is closed', async () => {
    const { readModel } = world;
    const height = readModel.height();
    other.holds = height;
    await act(world, file, 'suspend');
    await readModel.confirmedUpTo(height - 1);
    await expectRefusal('LEDGER_UNREACHABLE', () => readModel.confirmedUpTo(height, soon));
    const waiting = readModel.confirmedUpTo(height, 5_000);
    other.holds = undefined;
    await waiting;
    expect(readModel.confirmedHeight()).to.equal(height + 1);
    const never = expectRefusal('LEDGER_UNREACHABLE', () => readModel.confirmedUpTo(height + 1));
    await world.close();
    await never;
  });

  it('is asked soon for those who wait, and at the heartbeat otherwise', async () => {
    const { readModel } = world;
    const options = { folder: join(folder, 'slow'), ledger: other.inFrontOf(world.ledger), channel };
    const slow = await openReadModel({
      ...options,
      rules: networkRules,
      clock: world.clock.now,
      heartbeatMilliseconds: 60_000,
    });
    await slow.ready();
    const height = readModel.height();
    other.holds = height;
    await act(world, file, 'suspend');
    await slow.caughtUpTo(height);
    const waiting = slow.confirmedUpTo(height);
    setTimeout(() => {
      other.holds = undefined;
    }, soon);
    await waiting;
    await slow.close();
  });

  it('is not known while no other city answers: nothing newer is called up to date or signed; verdicts go on until they are too old', async () => {
    const { readModel, clock, verifying } = world;
    const lists = makeLists();
    const [height, asOf] = [readModel.height(), readModel.asOf()];
    other.answer = away;
    clock.advance(600);
    await act(world, file, 'suspend');
    const { asked } = other;
    await until(() => other.asked > asked + 1);
    expect([readModel.asOf(), readModel.confirmedHeight(), readModel.height()]).to.deep.equal([
      asOf,
      height,
      height + 1,
    ]);
    expect(readModel.fault()).to.equal(undefined);
    expect(await lists.trust()).to.include({ height, iat: epochSeconds(asOf) });
    const reason = async () => (await verifying.byNumber(file.body.id, 'anonymous')).verdict.reason;
    expect(await reason()).to.equal('SUSPENDED');
    await act(world, file, 'resume');
    expect(await reason()).to.equal('VALID');
    clock.advance(90_000);
    expect(await reason()).to.equal('STATUS_STALE');

    other.answer = undefined;
    await until(() => readModel.asOf() === clock.now());
    expect(await reason()).to.equal('VALID');
    expect(await lists.trust()).to.include({ height: height + 2, iat: epochSeconds(clock.now()) });
  });

  it('is remembered over a new start, so that nothing older is signed than before', async () => {
    const height = world.readModel.height();
    await world.readModel.confirmedUpTo(height - 1);
    await new Promise((resolve) => setTimeout(resolve, 150)); // some heartbeats in which nothing happens
    other.answer = away;
    await reopen();
    expect(world.readModel.confirmedHeight()).to.equal(height);
    expect(await makeLists().trust()).to.include({ height });
  });

  it('is another thing: a fault that stays; answers go on, and nothing more is signed', async () => {
    const { readModel, clock, verifying } = world;
    const [lists, fresh] = [makeLists(), makeLists()];
    const [trust, status] = [await lists.trust(), await lists.status()];
    const asOf = readModel.asOf();
    const height = readModel.height();
    other.answer = diverged;
    await until(() => readModel.fault() !== undefined);
    expect(readModel.fault()).to.include({ code: 'LEDGER_DIVERGED' });
    other.answer = undefined;
    await world.ledger.submit({ msp: 'ShenzhenMSP', role: 'admin' }, 'propose', {
      action: 'registerMatter',
      input: { matter: 'any', name: { zh: '示范事项', en: 'Demo matter' } },
    });
    clock.advance(700);
    await new Promise((resolve) => setTimeout(resolve, 120)); // two heartbeats
    expect([readModel.height(), readModel.asOf()]).to.deep.equal([height, asOf]);
    expect(readModel.fault()).to.include({ code: 'LEDGER_DIVERGED' });
    expect((await verifying.byNumber(file.body.id, 'anonymous')).verdict.reason).to.equal('VALID');
    await expectRefusal('LEDGER_DIVERGED', () => readModel.confirmedUpTo(height - 1));
    await expectRefusal('LEDGER_DIVERGED', () => readModel.caughtUpTo(height));
    await expectRefusal('LEDGER_DIVERGED', () => readModel.readyToSign());
    expect([await lists.trust(), await lists.status()], 'what was signed before').to.deep.equal([trust, status]);
    await expectRefusal('LEDGER_DIVERGED', () => fresh.trust());
    await expectRefusal('LEDGER_DIVERGED', () => fresh.status());
    const anchorings = createAnchoringSource({ ...world, domain: chengdu.domain });
    await expectRefusal('LEDGER_DIVERGED', () => anchorings.current(ref()));
  });

  it('is what is seen now: that it was seen once says nothing of there being no more', async () => {
    const { readModel, clock } = world;
    const [asOf, height] = [readModel.asOf(), readModel.height()];
    other.holds = height - 1;
    clock.advance(60);
    const { asked } = other;
    await until(() => other.asked > asked + 2);
    expect([readModel.asOf(), readModel.confirmedHeight()]).to.deep.equal([asOf, height]);
    other.holds = undefined;
    await until(() => readModel.asOf() === clock.now());
  });

  it('is nothing that blocks tell which do not hold: that fault stays too', async () => {
    const { clock } = world;
    const ledger: Ledger = {
      ...portOf(world.ledger),
      async *blocks(from, signal) {
        for await (const block of world.ledger.blocks(from, signal)) {
          if (block.number === 1) await diverged();
          yield block;
        }
      },
    };
    const options = { folder: join(folder, 'other'), ledger, channel, rules: networkRules, clock: clock.now };
    const readModel = await openReadModel({ ...options, heartbeatMilliseconds: 10 });
    await expectRefusal('LEDGER_DIVERGED', () => readModel.ready());
    await expectRefusal('LEDGER_DIVERGED', () => readModel.readyToSign());
    expect(readModel.height()).to.equal(1);
    expect(readModel.trust().issuer(issuer)?.domain).to.equal(domain);
    expect(readModel.fault()).to.include({ code: 'LEDGER_DIVERGED' });
    await readModel.close();
  });

  it('keeps nobody waiting: while the others do not answer, blocks are taken in all the same', async () => {
    const { readModel } = world;
    const answer = Promise.withResolvers<never>();
    other.answer = () => answer.promise;
    const { asked } = other;
    await until(() => other.asked > asked);
    for (const name of ['suspend', 'resume'] as const) await act(world, file, name);
    expect((await readModel.knowledge(ref())).changes).to.have.length(2);
    expect(readModel.confirmedHeight()).to.equal(readModel.height() - 2);
    other.answer = undefined;
    answer.reject(new YinxinError('LEDGER_UNREACHABLE'));
    await readModel.confirmedUpTo(readModel.height() - 1);
  });
});

describe('blocks without transactions of ours', () => {
  const newNetwork = useNetworks();

  /** Before every block of the ledger two more, and two after the last. */
  function padding(ledger: Ledger): Ledger {
    const empty = (number: number, previousHash: string): Block => ({
      number,
      previousHash,
      dataHash: '',
      hash: `empty ${number}`,
      transactions: [],
    });
    const hashOf = (number: number) => (number % 3 === 2 ? `of ${number}` : `empty ${number}`);
    return {
      ...portOf(ledger),
      async info() {
        const { height } = await ledger.info();
        return { height: 3 * height + 2, newestHash: hashOf(3 * height + 1) };
      },
      confirmed: async () => 3 * (await ledger.confirmed()) + 2,
      async *blocks(from, signal) {
        let number = 0;
        const { height } = await ledger.info();
        const next = (block?: Block): Block => {
          const made = block
            ? { ...block, number, previousHash: hashOf(number - 1), hash: hashOf(number) }
            : empty(number, hashOf(number - 1));
          number += 1;
          return made;
        };
        for await (const block of ledger.blocks(0, signal)) {
          for (const made of [next(), next(), next(block)]) if (made.number >= from) yield made;
          if (block.number === height - 1) break;
        }
        for (const made of [next(), next()]) if (made.number >= from) yield made;
        if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    };
  }

  it('change nothing but heights', async () => {
    const folder = await newNetwork();
    const world = await openWorld(folder);
    const file = await issueFile(world, licence);
    await act(world, file, 'suspend');
    const { height } = await world.ledger.info();
    const options = { ledger: padding(world.ledger), channel, rules: networkRules, clock: world.clock.now };
    const open = async () => {
      const opened = await openReadModel({ ...options, folder: join(folder, 'padded'), heartbeatMilliseconds: 20 });
      await opened.ready();
      return opened;
    };
    let padded = await open();
    const { issuer: body, type, entry } = file.body;
    const ref = { issuer: body, type, entry };
    for (const _opened of ['built', 'opened again']) {
      expect(padded.height()).to.equal(3 * height + 2);
      expect(padded.confirmedHeight()).to.equal(3 * height + 2);
      expect(padded.time()).to.equal(world.readModel.time());
      expect((await padded.stateDigest()).digest).to.equal((await world.readModel.stateDigest()).digest);
      for (const asked of [1, 2]) await expectRefusal('HEIGHT_UNKNOWN', () => padded.trust(asked));
      expect(padded.trust(3).issuer(issuer)?.domain).to.equal(domain);
      const anchoredAt = (await padded.batch(ref))?.block ?? 0;
      expect(anchoredAt % 3).to.equal(2);
      expect(await padded.lastEntry(body, type, anchoredAt)).to.equal(0);
      expect(await padded.lastEntry(body, type, anchoredAt + 1)).to.equal(1);
      for (const more of [1, 2, 3]) {
        const knowledge = await padded.knowledge(ref, anchoredAt + more);
        expect([knowledge.anchor?.block, knowledge.changes.length]).to.deep.equal([anchoredAt, 0]);
        expect(knowledge.time).to.equal(world.readModel.time());
      }
      expect((await padded.knowledge(ref)).changes).to.have.length(1);
      expect((await padded.history(ref, 0, 10)).items.map(({ block }) => block)).to.deep.equal([
        anchoredAt,
        anchoredAt + 3,
      ]);
      await padded.close();
      padded = await open();
    }
    await padded.close();
    await world.close();
  });
});
