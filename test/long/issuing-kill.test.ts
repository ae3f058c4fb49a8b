/** Two hundred kills, or as many as `YINXIN_KILLS` says, of the command and its gateway while rosters are issued. */
import { expect } from 'chai';
import { issueUnderKills } from '../faults/issuing-kill.ts';

const kills = Number(process.env['YINXIN_KILLS'] ?? 200);

describe(`issuing rosters through ${kills} kills`, function () {
  this.timeout(kills * 10_000);

  it('gives every good row one certificate, leaves no gap and issues nothing twice', async () => {
    const seed = String(Date.now());
    const done = await issueUnderKills(kills, seed);
    console.log(`      ${JSON.stringify({ seed, ...done })}`);
    expect(done.kills).to.equal(kills);
  });
});
