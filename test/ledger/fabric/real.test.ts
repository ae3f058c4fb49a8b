import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseJson } from '@yinxin/core';
import { parseConnectionProfile } from '@yinxin/core/connection-profile';
import { openFabricLedger } from '../../../gateway/ledger/fabric/ledger.ts';
import { describeWithFabric, withNetwork } from '../../fixtures/fabric.ts';
import { ledgerPortSuite } from '../port-suite.ts';
import { now } from './opened.ts';

describeWithFabric('on a real Fabric network', () => {
  const network = withNetwork();
  let folder: string;
  after(() => rm(folder, { recursive: true }));

  ledgerPortSuite('fabric', async () => {
    const path = network().profile('demonstration');
    const profile = parseConnectionProfile(parseJson(await readFile(path)));
    folder = await mkdtemp(join(tmpdir(), 'yinxin-fabric-'));
    const ledger = await openFabricLedger({ profile, profileFolder: dirname(path), folder, clock: now });
    return { ledger, now };
  });
});
