import { cpSync } from 'node:fs';
import { Audit } from '../faults/audit.ts';
import { type Fault, haltLeader, killLeader, stopCity } from '../faults/faults.ts';
import { type Field, openField } from '../faults/field.ts';
import { readLeader } from '../faults/leader.ts';
import { formatOutcome, tryFault } from '../faults/trial.ts';
import { Workload } from '../faults/workload.ts';
describe('zz', function () {
  this.timeout(900_000);
  let field: Field, workload: Workload, audit: Audit;
  before(async () => { field = await openField(); workload = await Workload.create(field, 'zz'); audit = new Audit(field, workload); });
  after(async () => { cpSync(field.network.paths.logs, '/tmp/t2logs', { recursive: true }); await field.close(); });
  it('x', async () => {
    const tell = async (f: Fault) => { const l = (await readLeader(field.network)).slug; const o = await tryFault(workload, audit, f); console.log(new Date().toISOString(), l, formatOutcome(o)); return o; };
    for (let k = 0; k < 8; k++) {
      await tell(killLeader(field));
      const { slug } = await readLeader(field.network);
      if (k % 2 === 0 && slug !== 'province') await tell(stopCity(field, slug as never));
      const o = await tell(haltLeader(field));
      if ((o.elsewhere ?? 0) > 15) break;
    }
  });
});
