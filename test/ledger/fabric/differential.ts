/**
 * Drives a real Fabric network and the embedded ledger with the same random transactions and compares whatever they answer. Fabric goes first, since only
 * its client makes transaction ids; the embedded ledger is then given the same id and time. The model (test/model) is the third voice.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromHex, type Instant, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { openEmbeddedLedger } from '../../../gateway/ledger/embedded/ledger.ts';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { readProfile } from '../../../gateway/ledger/opening.ts';
import type { Block, Ledger, Receipt, Transaction } from '../../../gateway/ledger/port.ts';
import { adminOf, channel, chengdu, chongqing, makeIssuer, shenzhen } from '../../fixtures/network.ts';
import type { Sent } from '../../model/judging.ts';
import { Oracle } from '../../model/oracle.ts';
import { Random } from '../../model/random.ts';
import { Signatures } from '../../model/signatures.ts';
import { founded, founding } from '../../model/world.ts';
import { type Endorsed, Mirror } from './differential-mirror.ts';
import {
  type Outcome,
  parse,
  settle,
  tell,
  tellProposal,
  tellRefusal,
  tellTransaction,
} from './differential-outcome.ts';
import { Reading } from './differential-reading.ts';
import { clockNow, Writer } from './differential-writer.ts';

/** Of those that are refused, in flight at a time. */
const together = 8;
/** Of those that the model refuses, how many are sent. */
const refusedShare = 0.3;
/** Of those that may touch the same rows as others of the round, how many are sent. */
const metShare = 0.25;

const issuing = ['anchor', 'changeStatus'];

/** Acts of one organisation count in one row; whatever is issued is a matter of one body's. */
function mayMeet(one: Sent, other: Sent): boolean {
  const [isIssuing, isOtherIssuing] = [one, other].map(({ name }) => issuing.includes(name));
  if (isIssuing !== isOtherIssuing) return false;
  return isIssuing ? issuerOf(one) === issuerOf(other) : one.caller.msp === other.caller.msp;
}

const issuerOf = ({ input }: Sent) => /issuer ([0-9A-Z]{18})/.exec(input)?.[1];

/** By an organisation's administrator, now. The id comes with Fabric's answer. */
function makeSent(by: { readonly msp: string }, name: string, input: unknown): Sent {
  const clock = clockNow();
  return { name, input: JSON.stringify(input), caller: adminOf(by), time: clock, clock, txId: '' };
}

/** One that was sent, and what Fabric said. */
interface Flight {
  readonly sent: Sent;
  readonly outcome: Outcome<Receipt>;
}

const idOf = ({ outcome }: Flight): string | undefined => {
  if ('answer' in outcome) return outcome.answer.txId;
  const { code, details } = outcome.refusal;
  return code === 'CONFLICT' && typeof details['txId'] === 'string' ? details['txId'] : undefined;
};

export interface DifferentialOptions {
  /** Path of a profile with the identities of Shenzhen, Chengdu, Chongqing and Sichuan. */
  readonly profile: string;
  readonly seed: number;
}

export class Differential {
  readonly fabric: Ledger;
  readonly embedded: Ledger;
  /** How often each transaction was taken, each refusal and each validation code given. */
  readonly tally = new Map<string, number>();
  readonly #seed: number;
  readonly #random: Random;
  readonly #oracle: Oracle;
  readonly #writer: Writer;
  readonly #reading: Reading;
  readonly #mirror: Mirror;
  readonly #folder: string;
  readonly #abort = new AbortController();
  readonly #blocks: AsyncIterator<Block>;
  readonly #times: Times;

  private constructor(parts: Parts, seed: number) {
    const signatures = new Signatures();
    this.fabric = parts.fabric;
    this.embedded = parts.embedded;
    this.#mirror = parts.mirror;
    this.#folder = parts.folder;
    this.#times = parts.times;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#oracle = new Oracle(signatures);
    this.#writer = new Writer(this.#random, signatures, this.#oracle);
    this.#reading = new Reading(this.#random);
    this.#blocks = this.fabric.blocks(0, this.#abort.signal)[Symbol.asyncIterator]();
  }

  /** Founds the network on both. */
  static async begin({ profile, seed }: DifferentialOptions): Promise<Differential> {
    const differential = new Differential(await openParts(profile), seed);
    try {
      await differential.#send([makeSent(shenzhen, 'found', founding)]);
      return differential;
    } catch (error) {
      await differential.close();
      throw error;
    }
  }

  count(name: string, by = 1): void {
    this.tally.set(name, (this.tally.get(name) ?? 0) + by);
  }

  counted(name: string): number {
    return this.tally.get(name) ?? 0;
  }

  /** Writes until `size` lawful transactions are there, which are in flight together, after those that the model refuses. Then as many questions. */
  async round(size: number): Promise<void> {
    const [lawful, unlawful]: [Sent[], Sent[]] = [[], []];
    while (lawful.length < size) {
      const { sent, isLawful } = this.#writer.write();
      if (!isLawful) {
        if (this.#random.chance(refusedShare)) unlawful.push(sent);
      } else if (!lawful.some((other) => mayMeet(sent, other)) || this.#random.chance(metShare)) {
        lawful.push(sent);
      }
    }
    for (let at = 0; at < unlawful.length; at += together) await this.#refuse(unlawful.slice(at, at + together));
    await this.#send(lawful);
    await this.#read(size);
  }

  /** Of a founded network of three: a domain is amended, which nobody reads by its key, while another transaction reads all domains. */
  async roundOfPhantoms(turn: number): Promise<void> {
    const name = { zh: `成都市${turn}`, en: 'Chengdu' };
    const amendment = { action: 'amendDomain', input: { ...chengdu, name } };
    const [proposal = ''] = await this.#send([makeSent(chengdu, 'propose', amendment)]);
    const { issuer } = makeIssuer(100 + turn, shenzhen);
    const body = { issuer, domain: shenzhen.domain, region: shenzhen.domain, name, from: clockNow() };
    const meeting = [makeSent(chongqing, 'approve', { proposal }), makeSent(shenzhen, 'registerIssuer', body)];
    await this.#send(meeting, 20 * (turn % 4));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#blocks.return?.();
    await Promise.all([this.fabric.close(), this.embedded.close(), this.#mirror.close()]);
    await rm(this.#folder, { recursive: true });
  }

  #about({ name, caller, time, clock, input }: Sent): string {
    return `seed ${this.#seed}: ${JSON.stringify({ name, caller, time, clock, input })}`;
  }

  /** They write nothing, so that each meets the same state. */
  async #refuse(unlawful: readonly Sent[]): Promise<void> {
    const outcomes = await Promise.all(unlawful.map((sent) => this.#submitToFabric(sent)));
    for (const [at, sent] of unlawful.entries()) {
      const about = this.#about(sent);
      const outcome = outcomes[at] ?? expect.fail();
      if ('answer' in outcome) return expect.fail(`Fabric took what the model refuses: ${about}`);
      expect(tell(await this.#submitToEmbedded(sent)), about).to.deep.equal(tell(outcome));
      this.count(`${sent.name} refused`);
      this.count(outcome.refusal.code);
    }
  }

  /**
   * In flight together, each so many milliseconds after the one before. What came of them is then taken in, block by block.
   * @returns the ids of those that were ordered
   */
  async #send(lawful: readonly Sent[], apart = 0): Promise<readonly string[]> {
    const flights = await Promise.all(
      lawful.map(async (sent, at) => {
        if (apart > 0) await wait(at * apart);
        const outcome = await this.#submitToFabric(sent);
        return { sent, outcome };
      }),
    );
    const identified = flights.map((flight) => {
      const txId = idOf(flight);
      return txId === undefined ? flight : { ...flight, sent: { ...flight.sent, txId } };
    });
    const ordered = new Map(
      identified.flatMap((one) => (idOf(one) === undefined ? [] : [[one.sent.txId, one] as const])),
    );
    const base = await this.#endorseAll([...ordered.values()]);
    let refused = identified.filter((one) => idOf(one) === undefined);
    let isFirst = true;
    while (ordered.size > 0) {
      const transactions = await this.#nextTransactions();
      const mine = transactions.map(({ txId }) => ordered.get(txId) ?? expect.fail(`nobody sent ${txId}`));
      await this.#takeBlock(transactions, mine, base, isFirst);
      for (const { txId } of transactions) ordered.delete(txId);
      refused = await this.#notYetRefused(refused);
      isFirst = false;
    }
    const [unexplained] = refused;
    if (unexplained) {
      const { outcome, sent } = unexplained;
      expect.fail(`Fabric alone says ${JSON.stringify(tell(outcome))}: ${this.#about(sent)}`);
    }
    return identified.flatMap((flight) => idOf(flight) ?? []);
  }

  /** On the state before all of them. */
  async #endorseAll(flights: readonly Flight[]): Promise<ReadonlyMap<string, Endorsed>> {
    const all = new Map<string, Endorsed>();
    for (const { sent } of flights) all.set(sent.txId, await this.#endorse(sent));
    return all;
  }

  async #endorse(sent: Sent): Promise<Endorsed> {
    const endorsed = await this.#mirror.endorse(sent);
    if (endorsed instanceof YinxinError) {
      expect.fail(`only the embedded contract refuses, ${JSON.stringify(tellRefusal(endorsed))}: ${this.#about(sent)}`);
    }
    return endorsed;
  }

  /** Of the next block that holds any. */
  async #nextTransactions(): Promise<readonly Transaction[]> {
    for (;;) {
      const { value, done } = await this.#blocks.next();
      if (done === true) return expect.fail('the blocks ended');
      if (value.transactions.length > 0) return value.transactions;
    }
  }

  /**
   * What is in a later block than the first may have been endorsed before the first or after it. A valid one reads the same on either state or is endorsed again
   * here; of an invalid one only that it is invalid can be foretold.
   */
  async #takeBlock(
    transactions: readonly Transaction[],
    flights: readonly Flight[],
    base: ReadonlyMap<string, Endorsed>,
    isFirst: boolean,
  ): Promise<void> {
    const codes = transactions.map(({ code }) => code);
    const about = flights.map(({ sent }) => this.#about(sent)).join('\n');
    const endorsed = transactions.map(({ txId }) => base.get(txId) ?? expect.fail(txId));
    let judged = await this.#mirror.judge(endorsed);
    for (const [at, { sent }] of flights.entries()) {
      if (isFirst || codes[at] !== 'VALID' || judged[at] === 'VALID') continue;
      endorsed[at] = await this.#endorse(sent);
      judged = await this.#mirror.judge(endorsed);
      this.count('endorsed between blocks');
    }
    const toldCodes = (all: readonly string[]) => (isFirst ? all : all.map((code) => code === 'VALID'));
    expect(toldCodes(judged), about).to.deep.equal(toldCodes(codes));
    for (const [at, transaction] of transactions.entries()) {
      const { proposal } = endorsed[at] ?? expect.fail();
      if (!isFirst && !transaction.valid) continue;
      expect(tellTransaction(transaction), about).to.deep.equal(tellProposal(proposal, codes[at] ?? ''));
    }
    await this.#mirror.commit(endorsed, codes);
    for (const [at, flight] of flights.entries()) await this.#follow(flight, codes[at] ?? '');
  }

  /** The embedded ledger after Fabric: what was valid, in its order. */
  async #follow({ sent, outcome }: Flight, code: string): Promise<void> {
    const about = this.#about(sent);
    this.count(code);
    if (code !== 'VALID') {
      expect(tell(outcome), about).to.deep.equal({ code: 'CONFLICT', details: { txId: sent.txId, code } });
      return;
    }
    if ('refusal' in outcome) return expect.fail(`valid, and ${outcome.refusal.code}: ${about}`);
    const { result, time, txId } = outcome.answer;
    const own = await this.#submitToEmbedded(sent);
    if ('refusal' in own) return expect.fail(`only the embedded ledger refuses, ${own.refusal.code}: ${about}`);
    expect({ ...own.answer, block: 0 }, about).to.deep.equal({ block: 0, result, time, txId });
    this.count(`${sent.name} taken`);
    const happened = sent.name === 'found' ? founded : this.#oracle.judge(sent);
    if (!happened) return expect.fail(`the model refuses: ${about}`);
    this.#oracle.add(happened, sent, own.answer.block);
  }

  /** Without those of which the state as it is now explains the refusal: they were endorsed after others of the round. */
  async #notYetRefused(flights: readonly Flight[]): Promise<Flight[]> {
    const left: Flight[] = [];
    for (const flight of flights) {
      const endorsed = await this.#mirror.endorse(flight.sent);
      const isSame =
        endorsed instanceof YinxinError &&
        JSON.stringify(tellRefusal(endorsed)) === JSON.stringify(tellRefusalOf(flight));
      if (isSame) this.count('refused in flight');
      else left.push(flight);
    }
    return left;
  }

  #submitToFabric({ caller, name, input, time }: Sent): Promise<Outcome<Receipt>> {
    this.#times.fabric = time;
    return settle(this.fabric.submit({ msp: caller.msp, role: roleOf(caller.role) }, name, parse(input)));
  }

  #submitToEmbedded({ caller, name, input, time, clock, txId }: Sent): Promise<Outcome<Receipt>> {
    this.#times.set(time, clock, txId);
    return settle(this.embedded.submit({ msp: caller.msp, role: roleOf(caller.role) }, name, parse(input)));
  }

  /** Any questions, to both. */
  async #read(count: number): Promise<void> {
    const asked = Array.from({ length: count }, () => this.#reading.ask(this.#oracle.history));
    this.#times.fabric = clockNow();
    this.#times.set(clockNow(), clockNow(), '');
    const answers = await Promise.all(
      asked.map(async ({ caller, name, input }) => ({
        fabric: await settle(this.fabric.evaluate(caller, name, input)),
        embedded: await settle(this.embedded.evaluate(caller, name, input)),
      })),
    );
    for (const [at, { name, input }] of asked.entries()) {
      const { fabric, embedded } = answers[at] ?? expect.fail();
      expect(tell(embedded), `seed ${this.#seed}: ${name} ${JSON.stringify(input)}`).to.deep.equal(tell(fabric));
      this.count(`${name} ${'answer' in fabric ? 'answered' : fabric.refusal.code}`);
    }
  }
}

const tellRefusalOf = ({ outcome }: Flight) => ('refusal' in outcome ? tellRefusal(outcome.refusal) : undefined);

function roleOf(role: Sent['caller']['role']): 'admin' | 'client' {
  if (role === 'admin' || role === 'client') return role;
  throw new Error('no gateway has such an identity');
}

/** What both ledgers are told of time, and the embedded one of ids. */
class Times {
  fabric: Instant = clockNow();
  #next: Instant[] = [];
  #id = '';

  /** `time` dates the next transaction; from then on the contract's own clock says `clock`. An empty id: none that matters. */
  set(time: Instant, clock: Instant, id: string): void {
    this.#next = [time, clock];
    this.#id = id;
  }

  /** The adapter asks once for the transaction, then the contract for itself. */
  readonly embedded = (): Instant => {
    const [next = clockNow(), ...rest] = this.#next;
    if (rest.length > 0) this.#next = rest;
    return next;
  };

  readonly random = (bytes: number): Uint8Array => (this.#id === '' ? new Uint8Array(bytes) : fromHex(this.#id));
}

interface Parts {
  readonly folder: string;
  readonly times: Times;
  readonly fabric: Ledger;
  readonly embedded: Ledger;
  readonly mirror: Mirror;
}

async function openParts(profile: string): Promise<Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-differential-'));
  const times = new Times();
  const fabric = await openFabricLedger({
    profile: await readProfile(profile, 'profile'),
    profileFolder: join(profile, '..'),
    folder: join(folder, 'fabric'),
    clock: () => times.fabric,
  });
  const options = { folder: join(folder, 'embedded'), channel, clock: times.embedded, random: times.random };
  const embedded = await openEmbeddedLedger(options);
  return { folder, times, fabric, embedded, mirror: await Mirror.open(join(folder, 'mirror'), clockNow()) };
}
