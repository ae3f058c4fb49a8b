import {
  acts,
  anchor,
  changeStatus,
  type Instant,
  latestStatus,
  parseInstant,
  rowKeys,
  type StatusChange,
  stepChange,
  withoutRaising,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import { World } from '../core/rules/world.ts';
import { makeKey, type TestKey } from '../fixtures/certificates.ts';
import { makeAnchorInput, makeChange, makeStatusInput, type TestIssuer } from '../fixtures/network.ts';
import { plus } from './cast.ts';
import type { History } from './facts.ts';
import { findRivalry } from './lines.ts';
import { Random } from './random.ts';

const type = 'business-licence';
const seeds = 12;
const stepsEach = 150;
const maxEntries = 6;

/** One register of a few certificates, most of them reissues of each other, and four status keys of which three may be lost. */
class Register {
  readonly #random: Random;
  readonly #world = World.founded();
  readonly #body: TestIssuer;
  readonly #keys: readonly TestKey[];
  readonly #lost = new Set<string>();
  #clock: Instant = parseInstant('2026-06-01T00:00:00Z');
  #last = 0;

  constructor(random: Random) {
    this.#random = random;
    [this.#body] = this.#world.network.issuers;
    const others = ['a', 'b', 'c'].map((name) => makeKey(this.#body.issuer, 'status', name));
    this.#keys = [this.#body.statusKey, ...others];
    for (const { row } of this.#keys) this.#world.put(row);
  }

  /** One transaction of any kind. @throws YinxinError where the rules refuse it */
  step(): void {
    const random = this.#random;
    this.#clock = plus(this.#clock, random.pick([0, 0, 100, 3600]));
    const kind = random.below(20);
    if (this.#last === 0 || (kind < 4 && this.#last < maxEntries)) this.#anchor();
    else if (kind === 4) this.#lose(random.pick(this.#keys.slice(1)));
    else this.#change();
  }

  #changesOf(entry: number) {
    return this.#world.get(rowKeys.status(this.#body.issuer, type, entry))?.changes ?? [];
  }

  #anchor(): void {
    const [first, time] = [this.#last + 1, this.#clock];
    const supersessions = this.#last === 0 ? [] : [{ entry: first, supersedes: 1 + this.#random.below(this.#last) }];
    this.#world.run(anchor, makeAnchorInput(this.#body, { first, time, supersessions }), this.#body.caller, time);
    this.#last = first;
  }

  #lose({ row }: TestKey): void {
    this.#lost.add(row.key);
    this.#world.put({ ...row, compromisedFrom: this.#clock });
  }

  #change(): void {
    const random = this.#random;
    const wanted = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => 1 + random.below(this.#last));
    const entries = [...new Set(wanted)].sort((a, b) => a - b);
    const changes = entries.map((entry) => this.#draft(entry));
    const key = random.pick(this.#keys.filter(({ row }) => !this.#lost.has(row.key)));
    const parts = { time: this.#clock, batches: entries, key };
    this.#world.run(changeStatus, makeStatusInput(this.#body, changes, parts), this.#body.caller, this.#clock);
  }

  /** Lawful by itself in one of the readings, corrections more often than not, at times that meet. */
  #draft(entry: number): StatusChange {
    const random = this.#random;
    const changes = this.#changesOf(entry);
    const reading = random.pick([changes, withoutRaising(changes, ({ key }) => this.#lost.has(key))]);
    const plain = acts.filter((act) => act !== 'correct').map((act) => ({ act }));
    const corrections = reading.map(({ sequence }) => ({ act: 'correct' as const, corrects: sequence }));
    const steps = [...plain, ...corrections, ...corrections].flatMap((step) => {
      try {
        return [{ ...step, to: stepChange(reading, step) }];
      } catch {
        return [];
      }
    });
    const apart = random.pick([0, 50, -5000, random.below(30) * 86_400]);
    const effective = random.pick([...changes.map((change) => change.effective), plus(this.#clock, apart)]);
    const known = { sequence: changes.length + 1, from: latestStatus(reading) };
    return makeChange(entry, effective, { ...known, ...random.pickAny(steps) });
  }

  history(): History {
    const { issuer } = this.#body;
    return Array.from({ length: this.#last }, (_, at) => at + 1).flatMap((entry) =>
      this.#changesOf(entry).map((change) => ({
        ...{ fact: 'change' as const, issuer, type, entry, ...change, recorded: change.time, block: 0 },
        ...{ by: change.by ?? undefined, corrects: change.corrects },
      })),
    );
  }

  /** The entries of some line of which two may be in force at once. */
  rivals(): readonly number[] | undefined {
    const history = this.history();
    for (let entry = 1; entry <= this.#last; entry += 1) {
      const found = findRivalry(history, { issuer: this.#body.issuer, type }, entry);
      if (found) return found;
    }
    return undefined;
  }
}

describe('a line of reissues', function () {
  this.timeout(60_000);

  it('never has two in force, whatever is done, at any time and to any reader', () => {
    let [taken, corrected] = [0, 0];
    for (let seed = 1; seed <= seeds; seed += 1) {
      const register = new Register(new Random(seed));
      for (let at = 0; at < stepsEach; at += 1) {
        try {
          register.step();
        } catch (error) {
          if (!(error instanceof YinxinError)) throw error;
          continue;
        }
        taken += 1;
        expect(register.rivals(), `seed ${seed}, step ${at}`).to.equal(undefined);
      }
      corrected += register.history().filter((fact) => fact.fact === 'change' && fact.act === 'correct').length;
    }
    expect(taken).to.be.greaterThan(500);
    expect(corrected).to.be.greaterThan(200);
  });
});
