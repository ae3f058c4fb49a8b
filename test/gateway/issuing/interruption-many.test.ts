/** A process that ends while several requests are one batch: each is finished and answered, whichever comes first afterwards. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchRequest, BatchSummary } from '@yinxin/core';
import { expect } from 'chai';
import type { Signer } from '../../../gateway/keys/signer.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import type { Vault } from '../../../gateway/vault/vault.ts';
import { licence, makeRows, openWorld, operator, portOf, startClock, useNetworks, type World } from '../world.ts';

/** The process ends here: what is in memory is lost, what was written stays. */
class Cut extends Error {}

const requestOf = (count: number): BatchRequest => ({
  issuer: operator.issuer,
  type: licence.type,
  rows: makeRows(licence, count),
});
const counts = [2, 20, 3];
const keys = ['a', 'b', 'c'];

/** The second batch is that of all requests; `stage` names the moment of it after which nothing works any more. */
type Stage = 'stored nothing' | 'stored' | 'signed' | 'sent' | 'committed' | 'answered nothing' | 'answered';

/** What is before and after which writing to the vault: the first two are those of the batch before. */
const moments: { readonly [nth: number]: readonly [before: Stage, after: Stage] } = {
  3: ['stored nothing', 'stored'],
  4: ['answered nothing', 'answered'],
};

class Process {
  readonly #stage: Stage;
  #isOver = false;
  #puts = 0;
  #anchors = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  ledger(ledger: Ledger, hold: Promise<void>): Ledger {
    return {
      ...portOf(ledger),
      submit: async (...call) => {
        this.#check();
        this.#anchors += 1;
        if (this.#anchors === 1) await hold; // all others come while this one is under way
        if (this.#anchors === 2) this.#end('sent');
        const receipt = await ledger.submit(...call);
        if (this.#anchors === 2) this.#end('committed');
        return receipt;
      },
    };
  }

  signer(signer: Signer): Signer {
    return {
      ...signer,
      signAnchor: (statement) => {
        this.#check();
        if (this.#anchors === 1) this.#end('signed');
        return signer.signAnchor(statement);
      },
    };
  }

  vault(vault: Vault): Vault {
    return new Proxy(vault, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...call: readonly unknown[]) => {
          this.#check();
          return name === 'put' ? this.#put(target, call as Parameters<Vault['put']>) : method.apply(target, call);
        };
      },
    });
  }

  async #put(vault: Vault, call: Parameters<Vault['put']>): Promise<void> {
    this.#puts += 1;
    const [before, after] = moments[this.#puts] ?? [];
    if (before) this.#end(before);
    await vault.put(...call);
    if (after) this.#end(after);
  }

  #end(stage: Stage): void {
    if (stage !== this.#stage) return;
    this.#isOver = true;
    this.#check();
  }

  #check(): void {
    if (this.#isOver) throw new Cut('the process ends');
  }
}

const stages: readonly Stage[] = [
  'stored nothing',
  'stored',
  'signed',
  'sent',
  'committed',
  'answered nothing',
  'answered',
];

/** One request, and while it is under way all others, which come together. */
async function begin(folder: string, stage: Stage): Promise<void> {
  const { promise: hold, resolve } = Promise.withResolvers<void>();
  const process = new Process(stage);
  const world = await openWorld(folder, startClock(), {
    ledger: (ledger) => process.ledger(ledger, hold),
    signer: (signer) => process.signer(signer),
    vault: (vault) => process.vault(vault),
  });
  const first = world.issuing.issue(operator, requestOf(1), 'first');
  await delay(30);
  const others = counts.map((count, at) => world.issuing.issue(operator, requestOf(count), keys[at] ?? ''));
  const outcomes = Promise.allSettled(others);
  await delay(60);
  resolve();
  await first;
  for (const outcome of await outcomes) {
    expect(outcome).to.have.property('status', 'rejected');
    expect(outcome).to.have.property('reason').that.is.instanceOf(Cut);
  }
  await world.close();
}

async function expectAll(world: World, summaries: readonly BatchSummary[]): Promise<void> {
  const total = counts.reduce((sum, count) => sum + count, 1);
  expect(world.readModel.register(operator.issuer, licence.type)?.last).to.equal(total);
  expect(summaries.map(({ first, last }) => last - first + 1)).to.deep.equal(counts);
  const entries = summaries.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
  expect(entries.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: total - 1 }, (_, at) => at + 2));
  for (const { id } of summaries) {
    const { certificates } = await world.issuing.batch(operator, id, 0, 500);
    for (const file of certificates) {
      expect(file).to.have.property('holderToken');
      expect((await world.verifying.verify({ file }, 'anonymous')).verdict.verdict).to.equal('valid');
    }
  }
  expect(await world.vault.listSealed('pending')).to.deep.equal([]);
  expect(await world.vault.listSealed('outbox/')).to.have.length(counts.length + 1);
  expect(await world.vault.get(operator.issuer, licence.type, total + 1)).to.equal(undefined);
}

describe('gateway/issuing: a process that ends while several requests are one batch', () => {
  const newNetwork = useNetworks();

  for (const stage of stages) {
    it(`${stage}: each is issued once, without gap, and answered`, async () => {
      const folder = await newNetwork();
      await begin(folder, stage);
      const again = await openWorld(folder);
      const pending = await again.vault.listSealed('pending-batch/');
      const isPending = stage !== 'stored nothing' && stage !== 'answered';
      expect(pending).to.have.length(isPending ? 1 : 0);
      if (isPending) expect(pending[0]).to.have.nested.property('value.requests').with.length(counts.length);
      if (stage === 'committed') await again.issuing.settle();
      const ask = (at: number) => again.issuing.issue(operator, requestOf(counts[at] ?? 0), keys[at] ?? '');
      const last = await ask(2);
      const summaries = [await ask(0), await ask(1), last];
      expect(await ask(1)).to.deep.equal(summaries[1]);
      await expectAll(again, summaries);
      await again.close();
    });
  }
});
