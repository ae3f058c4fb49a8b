/** From rows to committed certificates on the embedded ledger: checking, sealing, signing, anchoring, indexing, with every write synced. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issuer } from '../fixtures/certificates.ts';
import { licence, makeRows, newKey, openWorld, operator, type World } from '../gateway/world.ts';
import { type Figure, toFigure } from './figure.ts';

const goal = 'at least 5,000 certificates/s in batches of 1,000';

/** Median of batches one after another, after a warm-up batch. */
async function measureBatches({ issuing }: World, size: number, rounds: number): Promise<number> {
  const rows = makeRows(licence, size);
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const began = performance.now();
    await issuing.issue(operator, { issuer, type: licence.type, rows }, newKey());
    if (round > 0) rates.push((size / (performance.now() - began)) * 1000);
  }
  return rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;
}

export async function measure(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const world = await openWorld(folder);
  try {
    return [
      toFigure('rows to committed, batches of 1,000', await measureBatches(world, 1_000, 12), 'certificates/s', goal),
      toFigure('rows to committed, batches of 4,096', await measureBatches(world, 4_096, 4), 'certificates/s', goal),
    ];
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
