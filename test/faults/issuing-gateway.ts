/** A gateway with an embedded ledger in a process of its own, so that it can be killed: `node issuing-gateway.ts HOME PORT`. Says `ready` when it serves. */
import { market, smallCatalogue, startTestGateway } from '../fixtures/gateway.ts';

const [, , home = '', port = ''] = process.argv;
const gateway = await startTestGateway({ home, port: Number(port), catalogue: await smallCatalogue([market]) });
process.once('SIGTERM', () => {
  gateway.stop().then(
    () => process.exit(gateway.bugs.length),
    () => process.exit(1),
  );
});
process.stdout.write('ready\n');
