import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { plus } from './cast.ts';
import { mutate } from './mutant.ts';
import { Random } from './random.ts';
import { foundWorld, tick } from './world.ts';

const wanted = 10_000;
const mutantsEach = 16;
const stepsEach = 400;
const issuing = ['anchor', 'changeStatus'];

describe('lawful transactions of governance with something changed', function () {
  this.timeout(90_000);

  it(`are never accepted wrongly, ${wanted} of them, nor refused wrongly`, async () => {
    let [made, accepted, lawful, seed] = [0, 0, 0, 100];
    const refusals = new Set<string>();
    for (; made < wanted; seed += 1) {
      const random = new Random(seed);
      const { peer, oracle, author } = await foundWorld(random);
      let clock = plus(peer.time, 60);
      for (let at = 0; at < stepsEach; at += 1) {
        clock = tick(random, clock, plus);
        const sent = author.write(oracle.history, clock);
        const happened = oracle.judge(sent);
        if (!happened) continue;
        for (let turn = 0; turn < mutantsEach && !issuing.includes(sent.name); turn += 1) {
          const mutant = mutate(random, sent);
          const outcome = await peer.simulate(mutant);
          const isTaken = !(outcome instanceof YinxinError);
          const { name, caller, time, clock: heard, input } = mutant;
          const shown = JSON.stringify({ seed, turn, original: sent.input, name, caller, time, heard, input });
          expect(isTaken, shown).to.equal(oracle.judge(mutant) !== undefined);
          made += 1;
          accepted += isTaken ? 1 : 0;
          if (outcome instanceof YinxinError) refusals.add(outcome.code);
        }
        const writes = await peer.simulate(sent);
        if (writes instanceof YinxinError) throw writes;
        oracle.add(happened, sent, peer.commit(sent, writes));
        lawful += 1;
      }
    }
    expect(made).to.be.at.least(wanted);
    // neither side says no to everything
    expect(accepted).to.be.greaterThan(made / 100);
    expect(refusals.size, [...refusals].join()).to.be.at.least(20);
    expect(lawful).to.be.greaterThan(500);
  });
});
