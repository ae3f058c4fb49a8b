import { calendarDateAt, formatRowKey, type Instant, type Row, rowKeys, type Subject, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { domains, organisationNames, plus, typePool } from './cast.ts';
import { isEndorsed } from './endorsement.ts';
import { all, type Change, day, type History } from './facts.ts';
import type { Sent } from './judging.ts';
import { findRivalry, isHaunted, liftedBy } from './lines.ts';
import { transactionNames } from './oracle.ts';
import type { Simulated } from './peer.ts';
import { changesOf, domainsNow, hasJoined, issuerFact } from './questions.ts';
import { Random } from './random.ts';
import { ask, type Question, tell, trustOf } from './verdict.ts';
import { foundWorld, tick, type World } from './world.ts';

const seeds = 12;
const stepsEach = 500;
/** When not all have acted yet. */
const earlyOn = 20;

/** How often each transaction was taken and refused, and each reason given. */
class Tally {
  readonly counts = new Map<string, number>();
  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }
}

const organisationKey = (msp: string) => formatRowKey(rowKeys.organisation(msp));

type Watching = Pick<World, 'peer' | 'oracle'>;
interface Watched {
  readonly tally: Tally;
  readonly seed: number;
}

/** Both are asked; a disagreement names everything that repeats it. */
async function step({ peer, oracle }: Watching, sent: Sent, tally: Tally, seed: number): Promise<void> {
  const happened = oracle.judge(sent);
  const written = await peer.simulate(sent);
  const refusal = written instanceof YinxinError ? written : undefined;
  if ((happened === undefined) !== (refusal !== undefined)) {
    const { name, caller, time, clock, input } = sent;
    const said = refusal ? `${refusal.code} ${JSON.stringify(refusal.details)}` : 'accepts';
    expect.fail(
      `seed ${seed}: the contract ${said}, the model ${happened ? 'accepts' : 'refuses'}: ${JSON.stringify({ name, caller, time, clock, input })}`,
    );
  }
  tally.add(`${sent.name} ${refusal ? 'refused' : 'taken'}`);
  if (refusal) tally.add(refusal.code);
  if (!happened || written instanceof YinxinError) return;
  watchEndorsement({ peer, oracle }, sent, written, { tally, seed });
  oracle.add(happened, sent, peer.commit(sent, written));
  for (const one of happened) if (one.fact === 'change') watchLine(oracle.history, one, tally, seed);
}

/**
 * On Fabric the acting organisation's peer must endorse, and not alone; rows get an owner once. What a domain anchored or may
 * anchor before it went to another organisation still is the first one's. The act by which an organisation joins makes its rows its own.
 */
function watchEndorsement(
  { peer, oracle: { history } }: Watching,
  sent: Sent,
  made: Simulated,
  watched: Watched,
): void {
  const { name, caller } = sent;
  const written = [...made.writes.keys(), ...made.policies.keys()];
  const endorsedBy = (msps: readonly string[]) => isEndorsed(written, (key) => peer.ownersOf(key), new Set(msps));
  const about = `seed ${watched.seed}: ${name} by ${caller.msp} of ${JSON.stringify(written)}`;
  expect(endorsedBy(organisationNames), `${about}, endorsed by all`).to.equal(true);
  expect(endorsedBy([caller.msp]), `${about}, endorsed by itself alone`).to.equal(false);
  for (const [key, owners] of made.policies) {
    if (owners.length > 1) watched.tally.add('nobody’s any more');
    if (!key.startsWith('\u0000domain')) expect(peer.ownersOf(key), `${about}, owned before`).to.equal(undefined);
  }
  const isIssuing = name === 'anchor' || name === 'changeStatus';
  if (isIssuing && hasTakenOver(history, caller.msp)) return;
  if (!isIssuing && !hasJoined(history, caller.msp)) {
    expect(made.policies.get(organisationKey(caller.msp)), about).to.deep.equal([caller.msp]);
    watched.tally.add('joining');
    return;
  }
  const others = organisationNames.filter((msp) => msp !== caller.msp);
  expect(endorsedBy(others), `${about}, endorsed by all others`).to.equal(false);
  watched.tally.add(`${name} watched`);
}

/** The domain to which a row belongs; undefined for what is of the whole network, or shows only that something happened. */
function domainOfRow(row: Row, history: History): string | undefined {
  switch (row.kind) {
    case 'issuer':
    case 'listKey':
      return row.domain;
    case 'key':
    case 'entitlement':
    case 'register':
    case 'batch':
      return issuerFact(history, row.issuer)?.domain;
    default:
      return undefined;
  }
}

/** Nobody changes what a domain has without the organisation that speaks for it, or did when the row was made. */
function watchOwners({ peer, oracle: { history } }: Watching, { tally, seed }: Watched): void {
  for (const [key, row] of peer.entries()) {
    const about = `seed ${seed}: the owner of ${JSON.stringify(key)}`;
    const owners = peer.ownersOf(key);
    if (row.kind === 'organisation' || row.kind === 'domain') {
      const isJoined = hasJoined(history, row.msp);
      if (row.kind === 'organisation') expect(row.joined !== null, about).to.equal(isJoined);
      if (isJoined) expect(owners, about).to.deep.equal([row.msp]);
      else if (owners)
        expect(
          owners.filter((msp) => hasJoined(history, msp)),
          about,
        ).not.to.be.empty;
      tally.add(isJoined ? 'own' : 'nobody’s');
      continue;
    }
    const domain = domainOfRow(row, history);
    const speakers = all(history, 'domain', (fact) => fact.domain === domain).map(({ msp }) => msp);
    if (speakers.length === 0) expect(owners, about).to.equal(undefined);
    else expect(speakers, about).to.include(owners?.join());
  }
}

/** Whether a domain of the organisation was another's before. */
function hasTakenOver(history: History, msp: string): boolean {
  const own = domainsNow(history).filter((domain) => domain.msp === msp);
  return all(history, 'domain').some((fact) => fact.msp !== msp && own.some(({ domain }) => domain === fact.domain));
}

/** The one thing above all: whatever was accepted, of certificates that took each other's place one is in force. */
function watchLine(history: History, change: Change, tally: Tally, seed: number): void {
  const { issuer, type, entry, act } = change;
  expect(findRivalry(history, change, entry), `seed ${seed}: two of a line, ${JSON.stringify(change)}`).to.equal(
    undefined,
  );
  const lifted = liftedBy(changesOf(history, issuer, type, entry), change);
  if (lifted?.by !== undefined) tally.add('superseded one taken up');
  else if (lifted && isHaunted(history, change, entry)) tally.add('reissue taken up');
  else if (act === 'supersede' && changesOf(history, issuer, type, entry).some((one) => one.act === 'correct')) {
    tally.add('reissue after a correction');
  }
}

/** A certificate that may exist, asked about at any time, anywhere, for anything. */
function question(random: Random, { peer, oracle }: World, clock: Instant): Question | undefined {
  const batch = random.pickAny(all(oracle.history, 'batch'));
  const type = typePool.find((one) => one.type === batch?.type && one.version === batch.version);
  if (!batch || !type) return undefined;
  const changed = all(oracle.history, 'change', (one) => one.issuer === batch.issuer && one.type === batch.type);
  const entry = random.chance(0.6)
    ? (random.pickAny(changed)?.entry ?? batch.first)
    : batch.first + random.below(batch.last - batch.first + (random.chance(0.1) ? 9 : 1));
  const subject: Subject = {
    ...{ type, issuer: batch.issuer, entry, issuedAt: plus(batch.time, random.pick([0, 0, -day, day])) },
    validFrom: calendarDateAt(plus(batch.time, random.pick([-day, 0, 20 * day]))),
    validUntil: random.chance(0.5) ? null : calendarDateAt(plus(batch.time, random.pick([30, 300]) * day)),
  };
  const now = plus(peer.time > clock ? peer.time : clock, 1);
  const span = random.pick([3 * day, 60 * day, 400 * day]);
  return {
    ...{ subject, now },
    at: random.chance(0.4) ? undefined : plus(now, random.below(span) - Math.floor(span * 0.8)),
    place: random.chance(0.2) ? undefined : random.pick([...domains.map(({ domain }) => domain), '510603', '990100']),
    matter: random.pick([undefined, 'company-opening', 'medical-care-elsewhere']),
  };
}

describe('the rules and their model', function () {
  this.timeout(90_000);
  const tally = new Tally();
  const reasons = new Tally();

  for (let seed = 1; seed <= seeds; seed += 1) {
    it(`agree on a random history, transaction by transaction and verdict by verdict (seed ${seed})`, async () => {
      const random = new Random(seed);
      const world = await foundWorld(random);
      let clock = plus(world.peer.time, 60);
      for (let at = 0; at < stepsEach; at += 1) {
        clock = tick(random, clock, plus);
        await step(world, world.author.write(world.oracle.history, clock), tally, seed);
        if (at === earlyOn) watchOwners(world, { tally, seed });
        if (at % 6 !== 5) continue;
        const trust = trustOf(world.peer, plus(clock, 700));
        for (let asked = 0; asked < 4; asked += 1) {
          const put = question(random, world, plus(clock, 700));
          if (!put) continue;
          const told = tell(world.oracle.history, put);
          const { subject, ...rest } = put;
          const about = JSON.stringify({ ...rest, ...subject, type: subject.type.type });
          expect(ask(world.peer, trust, put), `seed ${seed}: ${about}`).to.deep.equal(told);
          reasons.add(told.reason);
        }
      }
      watchOwners(world, { tally, seed });
    });
  }

  it('met every transaction both ways, and many reasons', () => {
    for (const name of transactionNames) {
      expect(tally.of(`${name} taken`), `${name} taken`).to.be.greaterThan(0);
      expect(tally.of(`${name} refused`), `${name} refused`).to.be.greaterThan(0);
      expect(tally.of(`${name} watched`), `${name} watched`).to.be.greaterThan(0);
    }
    const steps = transactionNames.reduce(
      (sum, name) => sum + tally.of(`${name} taken`) + tally.of(`${name} refused`),
      0,
    );
    expect(steps).to.be.at.least(5_000);
    for (const met of ['superseded one taken up', 'reissue taken up', 'reissue after a correction']) {
      expect(tally.of(met), met).to.be.greaterThan(2);
    }
    for (const met of ['joining', 'own', 'nobody’s', 'nobody’s any more']) {
      expect(tally.of(met), met).to.be.greaterThan(2);
    }
    expect(reasons.counts.size).to.be.at.least(15);
  });
});
