/** A process that takes the blocks of a folder into an index, each written by itself, for a test to kill: `catching-up.ts LEDGER INDEX`. Says "reading" once it has taken one. */
import { parseInstant } from '@yinxin/core';
import { openReadModel } from '../../../gateway/index/open.ts';
import { networkRules } from '../../../gateway/index/rules.ts';
import type { Ledger } from '../../../gateway/ledger/port.ts';
import { channel } from '../../fixtures/certificates.ts';
import { openLargeLedger } from '../../fixtures/large-ledger.ts';

const [, , ledgerFolder = '', folder = ''] = process.argv;
const large = await openLargeLedger(ledgerFolder);

/** Number of blocks that were given: no more are said to be there, so none waits for another. */
let given = 0;

async function newestHash(): Promise<string> {
  const abort = new AbortController();
  for await (const { hash } of large.ledger.blocks(given - 1, abort.signal)) return hash;
  throw new Error('no such block');
}

const ledger: Ledger = {
  ...large.ledger,
  info: async () => ({ height: given, newestHash: given === 0 ? '0'.repeat(64) : await newestHash() }),
  confirmed: async () => given,
  async *blocks(from, signal) {
    given = from;
    for await (const block of large.ledger.blocks(from, signal)) {
      given = block.number + 1;
      yield block;
    }
  },
};
const now = parseInstant('2026-06-01T10:00:00Z');
const readModel = await openReadModel({ folder, ledger, channel, rules: networkRules, clock: () => now });
const newest = large.height() - 1;
await readModel.caughtUpTo(Math.min(readModel.height(), newest));
console.log('reading');
await readModel.caughtUpTo(newest);
await readModel.close();
await large.close();
