/** Faults of a real network under load, for an hour or YINXIN_FAULT_MINUTES: each of the list once, then any, by chance. YINXIN_FAULT_SEED repeats a run's choices. */
import { randomInt } from 'node:crypto';
import { Audit } from '../faults/audit.ts';
import { Dice } from '../faults/dice.ts';
import {
  type Fault,
  haltLeader,
  haltNode,
  killGateway,
  killLeader,
  killNodes,
  losePeer,
  nodesNamed,
  restartAll,
  stopCity,
  together,
} from '../faults/faults.ts';
import { type Field, openField } from '../faults/field.ts';
import { issuePastTheEnd } from '../faults/refusals.ts';
import { canMount, fillDisk } from '../faults/small-disk.ts';
import { formatOutcome, goOn, tryFault } from '../faults/trial.ts';
import { Workload } from '../faults/workload.ts';
import { describeWithFabric } from '../fixtures/fabric.ts';

const seed = process.env['YINXIN_FAULT_SEED'] ?? String(randomInt(1_000_000_000));
const minutes = Number(process.env['YINXIN_FAULT_MINUTES'] ?? 60);
const slugs = ['shenzhen', 'chengdu', 'chongqing'] as const;

describeWithFabric(`faults while three cities issue, ${minutes} minutes, YINXIN_FAULT_SEED=${seed}`, function () {
  this.timeout((minutes + 15) * 60_000);
  const dice = new Dice(`faults ${seed}`);
  let field: Field;
  let workload: Workload;
  let audit: Audit;

  before(async () => {
    field = await openField();
    workload = await Workload.create(field, seed);
    audit = new Audit(field, workload);
  });
  after(() => field?.close());

  const allNodes = () => (['orderer', 'peer', 'contract'] as const).flatMap((kind) => nodesNamed(field, kind));
  const twoNodes = () => killNodes(field, dice.shuffled(allNodes()).slice(0, 2));
  const slug = () => dice.pick(slugs);
  const list: readonly (() => Fault)[] = [
    () => killLeader(field),
    () => haltLeader(field),
    twoNodes,
    () => killNodes(field, dice.shuffled(nodesNamed(field, 'orderer')).slice(0, 2)),
    () => killNodes(field, dice.shuffled(nodesNamed(field, 'contract')).slice(0, 2)),
    () => stopCity(field, slug()),
    () => killGateway(field, slug(), audit),
    () => together([killGateway(field, slug(), audit), killLeader(field)]),
    () => losePeer(field, slug()),
    () => {
      const city = slug();
      return together([losePeer(field, city), killGateway(field, city, audit)]);
    },
    () => haltNode(field, dice.pick(nodesNamed(field, 'peer'))),
    () => haltNode(field, dice.pick(nodesNamed(field, 'contract'))),
    () => restartAll(field, dice),
  ];

  async function tell(fault: Fault): Promise<void> {
    try {
      console.log(formatOutcome(await tryFault(workload, audit, fault)));
    } catch (error) {
      console.error(`YINXIN_FAULT_SEED=${seed}: ${fault.name}`);
      throw error;
    }
  }

  it('nothing is lost or doubled, and all agree: each process killed in turn', async () => {
    for (const node of allNodes()) await tell(killNodes(field, [node]));
  });

  it('nothing is lost or doubled, and all agree: each other fault once', async () => {
    for (const make of list) await tell(make());
  });

  it('nothing is lost or doubled, and all agree: a full disk (needs the right to mount one)', async function () {
    if (!canMount()) this.skip();
    await tell(fillDisk(field, slug()));
  });

  it('a certificate that ends while its gateway runs', async () => {
    await issuePastTheEnd(field, field.city(slug()));
    await goOn(workload, audit);
  });

  it('nothing is lost or doubled, and all agree: any fault, until the time is over', async () => {
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end) {
      const make = dice.chance(40) ? () => killNodes(field, [dice.pick(allNodes())]) : dice.pick(list);
      await tell(make());
    }
  });
});
