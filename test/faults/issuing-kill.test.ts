/** A few kills in every run of the tests; two hundred in the long ones. */
import { expect } from 'chai';
import { issueUnderKills } from './issuing-kill.ts';

describe('issuing a roster while the command and the gateway are killed', function () {
  this.timeout(120_000);

  it('gives every good row one certificate, leaves no gap and issues nothing twice', async () => {
    const { kills, certificates, rosters } = await issueUnderKills(8, 'short');
    expect([kills, certificates > 0, rosters > 0]).to.deep.equal([8, true, true]);
  });
});
