/** A gateway in a process of its own that says when it begins a backup, so that it can be killed in the middle. */
import { startTestGateway } from '../../fixtures/gateway.ts';
import { makeBackup, openClerk } from './support.ts';

const home = process.argv[2];
if (home === undefined) throw new Error('which folder?');
const gateway = await startTestGateway({ home });
const { api } = await openClerk(gateway);
process.stdout.write('now\n');
await makeBackup(api);
