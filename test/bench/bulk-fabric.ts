/** The same as `bulk` on a real Fabric network of three cities with all their gateways on this machine; the peer: one transaction for each certificate. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestNetwork } from '../fixtures/fabric.ts';
import { findFreePort } from '../walk/tour.ts';
import { type BulkOptions, runBulk, toFigures } from './bulk.ts';
import { measureOneByOne } from './fabric.ts';
import type { Figure } from './figure.ts';
import { type GatewayProcess, startGatewayProcess } from './processes.ts';

const usualRows = 100_000;

export async function measure({ rows = usualRows }: BulkOptions = {}): Promise<readonly Figure[]> {
  const peer = await measureOneByOne();
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const network = await startTestNetwork();
  let gateway: GatewayProcess | undefined;
  try {
    const port = await findFreePort();
    const env = { YINXIN_NETWORK: network.home };
    gateway = await startGatewayProcess(join(folder, 'home'), port, ['--ledger', 'fabric'], env);
    const goals = {
      rate: 'at least 50 × (one transaction for each certificate)',
      memory: 'under 400 MB',
      counter: 'under 1,000 ms',
    };
    return toFigures(await runBulk(gateway, folder, rows), goals, peer);
  } finally {
    await gateway?.stop();
    await network.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
