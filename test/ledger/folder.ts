/** Embedded ledgers in folders that vanish with the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '@yinxin/core';
import { openEmbeddedLedger } from '../../gateway/ledger/embedded/ledger.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import { channel, foundingTime, makeClock, seededRandom } from '../fixtures/network.ts';

export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-ledger-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface TestLedger {
  readonly ledger: Ledger;
  readonly clock: ReturnType<typeof makeClock>;
}

/** `seed` makes transaction ids; a folder opened twice needs two. */
export async function openLedger(
  folder: string,
  {
    seed = 'first',
    start = foundingTime,
    verify,
  }: { readonly seed?: string; readonly start?: Instant; readonly verify?: 'all' } = {},
): Promise<TestLedger> {
  const clock = makeClock(start);
  const options = { folder, channel, clock: clock.now, random: seededRandom(seed), ...(verify && { verify }) };
  return { ledger: await openEmbeddedLedger(options), clock };
}
