/** Faults of a real network under load, the most telling ones. test/long/faults.test.ts has the rest, for as long as one likes. */
import { expect } from 'chai';
import { describeWithFabric } from '../fixtures/fabric.ts';
import { Audit } from './audit.ts';
import { type Fault, haltLeader, killGateway, killLeader, killNodes, losePeer, stopCity } from './faults.ts';
import { type Field, openField } from './field.ts';
import { askByClock, issueStrangely, startPastTheEnd } from './refusals.ts';
import { formatOutcome, goOn, tryFault } from './trial.ts';
import { Workload } from './workload.ts';

const seed = process.env['YINXIN_FAULT_SEED'] ?? 'faults';

describeWithFabric('faults while three cities issue', function () {
  this.timeout(150_000);
  let field: Field;
  let workload: Workload;
  let audit: Audit;
  const told: string[] = [];

  before(async () => {
    field = await openField();
    workload = await Workload.create(field, seed);
    audit = new Audit(field, workload);
  });
  after(async () => {
    await field?.close();
    console.log(told.join('\n'));
  });

  const faults: readonly (readonly [title: string, make: () => Fault])[] = [
    ['the leading orderer', () => killLeader(field)],
    ['the peer of a city', () => killNodes(field, ['peer.shenzhen'])],
    ['the contract process of a city', () => killNodes(field, ['contract.chengdu'])],
    ['a whole city', () => stopCity(field, 'chengdu')],
    ['a gateway', () => killGateway(field, 'shenzhen', audit)],
    ['a leading orderer that hangs and comes back', () => haltLeader(field)],
    ['a peer that has lost everything', () => losePeer(field, 'chongqing')],
  ];
  for (const [title, make] of faults) {
    it(`nothing is lost or doubled, and all agree: ${title}`, async () => {
      told.push(formatOutcome(await tryFault(workload, audit, make())));
    });
  }

  it('a gateway whose clock is twenty minutes off is told so, and nothing comes of what it sent', async () => {
    const city = field.city('chengdu');
    const ahead = await askByClock(field, city, 1_200, (gateway) => issueStrangely(city, gateway));
    expect(ahead).to.have.property('code', 'CLOCK_OFF');
    // by a clock of before the founding a gateway would not even try to issue
    const caller = { msp: city.organisation.msp, role: 'client' } as const;
    const behind = await askByClock(field, city, -1_200, ({ ledger }) => ledger.submit(caller, 'anchor', {}));
    expect(behind).to.have.property('code', 'CLOCK_OFF');
    await goOn(workload, audit);
  });

  it('a gateway whose certificate has ended says so, and goes on with another', async () => {
    await startPastTheEnd(field, field.city('chongqing'));
    await goOn(workload, audit);
  });
});
