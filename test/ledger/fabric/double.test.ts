import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { ledgerPortSuite } from '../port-suite.ts';
import { startDouble } from './double/network.ts';
import { now } from './opened.ts';

const endings: (() => Promise<void>)[] = [];

ledgerPortSuite('fabric, by its double', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-double-'));
  const double = await startDouble(folder, now);
  endings.push(async () => {
    await double.stop();
    await rm(folder, { recursive: true });
  });
  const { profile } = double;
  const ledger = await openFabricLedger({
    profile,
    profileFolder: folder,
    folder: join(folder, 'ledger'),
    clock: now,
  });
  return { ledger, now };
});

after(async () => {
  for (const end of endings) await end();
});
