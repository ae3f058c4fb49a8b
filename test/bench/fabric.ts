/** A real Fabric network of three cities: from nothing to the first transaction, anchoring in batches against one transaction for each certificate, bytes, memory. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Json, parseJson, toInstant, YinxinError } from '@yinxin/core';
import { parseConnectionProfile } from '@yinxin/core/connection-profile';
import { openFabricLedger } from '../../gateway/ledger/fabric/ledger.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import { readStatus } from '../../network/status.ts';
import { typeNames } from '../certs/catalogue.ts';
import { startTestNetwork, type TestNetwork } from '../fixtures/fabric.ts';
import { makeAnchorInput, makeLeaves, makeNetwork, type TestIssuer } from '../fixtures/network.ts';
import { type Figure, toFigure } from './figure.ts';

const now = () => toInstant(Math.floor(Date.now() / 1000));
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;
const seconds = (since: number) => (performance.now() - since) / 1000;
const blockSeconds = 0.2;

/** Of one issuer and type; where its next batch begins. */
interface Register {
  readonly issuer: TestIssuer;
  readonly type: string;
  next: number;
}

/** More registers than transactions will be in flight. */
const network = makeNetwork(typeNames, 4);
const registers: readonly Register[] = network.issuers.flatMap((issuer) =>
  typeNames.map((type) => ({ issuer, type, next: 1 })),
);

/** Signed beforehand: what is measured is the ledger. */
function draft(register: Register, leaves: readonly Uint8Array[]): () => Promise<unknown> {
  const { issuer, type, next } = register;
  register.next += leaves.length;
  const input = asJson(makeAnchorInput(issuer, { first: next, type, time: now(), leaves }));
  return () => send(issuer, input);
}

/** As the gateway does: an endorser of another city that has not seen the batch before yet is asked again. */
async function send(issuer: TestIssuer, input: Json): Promise<unknown> {
  for (;;) {
    try {
      return await world.ledger.submit(issuer.caller, 'anchor', input);
    } catch (error) {
      if (!(error instanceof YinxinError) || error.code !== 'ENTRY_NOT_NEXT') throw error;
    }
  }
}

const world = {} as { ledger: Ledger; network: TestNetwork }; // set by `measure` before anything is sent

/** Certificates a second: `rounds` batches in each of the first registers, those side by side. */
async function measureBatches(side: number, size: number, rounds: number): Promise<number> {
  const leaves = makeLeaves(size);
  const drafts = registers.slice(0, side).map((one) => Array.from({ length: rounds }, () => draft(one, leaves)));
  const began = performance.now();
  await Promise.all(
    drafts.map(async (batches) => {
      for (const sendNext of batches) await sendNext();
    }),
  );
  return (side * size * rounds) / seconds(began);
}

/** One transaction for each certificate, as many in flight as serve it best. */
async function measureSingles(inFlight: number, rounds: number): Promise<number> {
  return measureBatches(inFlight, 1, rounds);
}

/** One register whose certificates come faster than they are anchored: each batch takes what has gathered, up to the contract's bound. */
async function measureBacklog(backlog: number, bound: number): Promise<number> {
  const [register] = registers.slice(-1);
  if (!register) throw new Error('no register');
  const sizes: number[] = [];
  for (let size = 512, left = backlog; left > 0; left -= size, size = Math.min(size * 4, bound, left)) sizes.push(size);
  const drafts = sizes.map((size) => draft(register, makeLeaves(size)));
  const began = performance.now();
  for (const sendNext of drafts) await sendNext();
  return sizes.reduce((sum, size) => sum + size, 0) / seconds(began);
}

async function measureLatency(count: number): Promise<{ readonly p50: number; readonly p95: number }> {
  const [register] = registers.slice(-2);
  if (!register) throw new Error('no register');
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const sendOne = draft(register, makeLeaves(1));
    const began = performance.now();
    await sendOne();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

async function blockFileBytes(): Promise<number> {
  const chain = join('data', 'ledgersData', 'chains', 'chains', world.network.plan.channel, 'blockfile_000000');
  return (await stat(join(world.network.paths.nodeOf('peer.shenzhen'), chain))).size;
}

async function bytesEach(size: number): Promise<number> {
  const before = await blockFileBytes();
  await measureBatches(8, size, 1);
  return ((await blockFileBytes()) - before) / (8 * size);
}

async function openLedger(): Promise<Ledger> {
  const path = world.network.profile('demonstration');
  const profile = parseConnectionProfile(parseJson(await readFile(path)));
  const folder = join(world.network.home, 'bench');
  return openFabricLedger({ profile, profileFolder: dirname(path), folder, clock: now });
}

/** Until a transaction was committed. */
async function untilFirst(start: () => Promise<unknown>, first: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await start();
  world.ledger = await openLedger();
  await first();
  return seconds(began);
}

async function memory(): Promise<number> {
  const { nodes } = await readStatus(world.network.context);
  return nodes.reduce((sum, { residentBytes = 0 }) => sum + residentBytes, 0) / 1024 / 1024;
}

async function measureLifecycle(): Promise<readonly Figure[]> {
  const up = await untilFirst(
    async () => {
      world.network = await startTestNetwork();
    },
    () => world.ledger.submit(network.founder, 'found', asJson(network.found)),
  );
  await world.ledger.close();
  await world.network.run('down');
  const [register] = registers;
  if (!register) throw new Error('no register');
  const again = await untilFirst(
    () => world.network.run('up'),
    () => draft(register, makeLeaves(1))(),
  );
  return [
    toFigure('network from nothing to the first transaction', up, 's', 'under 15 s'),
    toFigure('network stopped and up again, to the first transaction', again, 's', 'under 10 s'),
    toFigure('resident memory of the network, at rest', await memory(), 'MiB', 'under 700 MB (667 MiB)'),
  ];
}

async function measureAnchoring(): Promise<readonly Figure[]> {
  await measureBatches(8, 512, 1);
  const singles = Math.max(await measureSingles(50, 6), await measureSingles(200, 4));
  const each = 'one transaction for each certificate, best of 50 and 200 in flight';
  const rate = (name: string, value: number, goal: string) => toFigure(name, value, 'certificates/s', goal, singles);
  return [
    rate('512 leaves over eight registers', await measureBatches(8, 512, 10), `at least 60 × (${each})`),
    rate('one register, batches that grow with the backlog', await measureBacklog(120_000, 32_768), 'at least 60 ×'),
    rate('4,096 leaves over eight registers', await measureBatches(8, 4_096, 6), 'at least 150 ×'),
  ];
}

/** Certificates a second with one transaction for each, on a network that is there for this alone. */
export async function measureOneByOne(): Promise<number> {
  try {
    world.network = await startTestNetwork();
    world.ledger = await openLedger();
    await world.ledger.submit(network.founder, 'found', asJson(network.found));
    await measureSingles(50, 1);
    return Math.max(await measureSingles(50, 6), await measureSingles(200, 4));
  } finally {
    await world.ledger?.close();
    await world.network?.stop();
  }
}

export async function measure(): Promise<readonly Figure[]> {
  try {
    const lifecycle = await measureLifecycle();
    const { p50, p95 } = await measureLatency(40);
    const anchoring = await measureAnchoring();
    const block = blockSeconds * 1000;
    return [
      ...lifecycle,
      toFigure('one certificate alone, median', p50, 'ms', `block time ${block} ms`),
      toFigure('one certificate alone, 95th percentile', p95, 'ms', `at most ${block + 100} ms`),
      ...anchoring,
      toFigure('bytes of block a certificate, 512 leaves', await bytesEach(512), 'B', 'at most 52'),
      toFigure('bytes of block a certificate, 4,096 leaves', await bytesEach(4_096), 'B', 'at most 44'),
      toFigure('resident memory of the network after the load', await memory(), 'MiB', '-'),
    ];
  } finally {
    await world.ledger?.close();
    await world.network?.stop();
  }
}
