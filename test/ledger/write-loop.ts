/** A process that anchors without end and prints every acknowledged transaction, to be killed: `node write-loop.ts FOLDER SEED`. */
import { writeSync } from 'node:fs';
import { epochSeconds, type RegisterRow, toInstant } from '@yinxin/core';
import type { Caller } from '../../gateway/ledger/port.ts';
import { foundingTime, makeAnchorInput, makeLeaves, makeNetwork } from '../fixtures/network.ts';
import { openLedger } from './folder.ts';
import { asJson } from './port-suite.ts';

const [folder = '', seed = ''] = process.argv.slice(2);
// Time goes on between rounds as it would for an operator.
const start = toInstant(epochSeconds(foundingTime) + 60 * Number(seed));
const { ledger, clock } = await openLedger(folder, { seed, start });
const network = makeNetwork();

const acknowledge = (...words: readonly (string | number)[]) => writeSync(1, `${words.join(' ')}\n`);

async function submit(
  caller: Caller,
  transaction: string,
  input: unknown,
  ...words: readonly (string | number)[]
): Promise<void> {
  const { txId } = await ledger.submit(caller, transaction, asJson(input));
  acknowledge(txId, ...words);
}

if ((await ledger.info()).height === 0) await submit(network.founder, 'found', network.found);

/** Anchors one register for ever, in batches of several sizes. */
async function fill(issuer: (typeof network.issuers)[number], type: string): Promise<never> {
  const register = await ledger.evaluate(issuer.caller, 'readRegister', { issuer: issuer.issuer, type });
  let { last } = register as unknown as RegisterRow; // what readRegister answers
  for (;;) {
    const leaves = makeLeaves(1 + ((last * 7) % 400));
    const input = makeAnchorInput(issuer, { first: last + 1, type, time: clock.now(), leaves });
    last += leaves.length;
    await submit(issuer.caller, 'anchor', input, issuer.issuer, type, last);
  }
}

await Promise.all(network.issuers.flatMap((issuer) => network.types.map(({ type }) => fill(issuer, type))));
