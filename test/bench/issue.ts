/**
 * From a request's bytes to committed certificates and their files on the embedded ledger: parsing, checking, committing, sealing, signing, anchoring,
 * indexing, with every write synced; with and without a worker. And how long a counter waits for one certificate, alone and beside a bulk run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateType, utf8 } from '@yinxin/core';
import type { FileLines, RequestBody } from '../../gateway/issuing/issuing.ts';
import { issuer } from '../fixtures/certificates.ts';
import { driving, licence, makeRows, newKey, openWorld, operator, type World } from '../gateway/world.ts';
import { type Figure, toFigure } from './figure.ts';

const goal =
  'at least 20,000 certificates/s from CSV to files and index; 25 µs on the main thread, 45 µs in the worker';
const counterGoal = 'p95 under 50 ms beside a bulk run';
const inFlight = 8;
const bulkRows = 4_096;
const counters = 60;

const median = (values: readonly number[], share = 0.5) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

/** Bytes as they come over the wire: each time a copy, which issuing may keep. */
function requestOf(type: CertificateType, rows: number): () => RequestBody {
  const bytes = utf8(JSON.stringify({ issuer, type: type.type, rows: makeRows(type, rows) }));
  return () => ({ bytes: bytes.length, read: async () => bytes.slice() });
}

/** As a client would read them. */
async function take({ lines }: FileLines): Promise<void> {
  for await (const _ of lines);
}

/** Median of batches one after another, after a warm-up batch. */
async function measureBatches({ issuing }: World, size: number, rounds: number): Promise<number> {
  const body = requestOf(licence, size);
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const began = performance.now();
    await issuing.issue(operator, body(), newKey());
    if (round > 0) rates.push((size / (performance.now() - began)) * 1000);
  }
  return median(rates);
}

/** So many requests one after the other, several at once, each with its files. */
async function runBulk({ issuing }: World, requests: number, isOver = () => false): Promise<number> {
  const body = requestOf(licence, bulkRows);
  let begun = 0;
  const client = async () => {
    while (begun < requests && !isOver()) {
      begun += 1;
      await take(await issuing.issueLines(operator, body(), newKey()));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return begun * bulkRows;
}

interface Run {
  readonly rate: number;
  /** Microseconds a certificate, of CPU. */
  readonly main: number;
  readonly others: number;
}

async function measureBulk(world: World): Promise<Run> {
  await runBulk(world, inFlight);
  const [own, all, began] = [process.threadCpuUsage(), process.cpuUsage(), performance.now()];
  const rows = await runBulk(world, 3 * inFlight);
  const seconds = (performance.now() - began) / 1000;
  const [ownUsed, allUsed] = [process.threadCpuUsage(own), process.cpuUsage(all)];
  const main = (ownUsed.user + ownUsed.system) / rows;
  return { rate: rows / seconds, main, others: (allUsed.user + allUsed.system) / rows - main };
}

/** Milliseconds that each of several single certificates of another type took. */
async function measureCounter({ issuing }: World): Promise<readonly number[]> {
  const body = requestOf(driving, 1);
  const times: number[] = [];
  for (let count = 0; count < counters; count += 1) {
    const began = performance.now();
    await take(await issuing.issueLines(operator, body(), newKey()));
    times.push(performance.now() - began);
  }
  return times.slice(5);
}

async function measureBoth(
  world: World,
): Promise<{ readonly alone: readonly number[]; readonly beside: readonly number[] }> {
  const alone = await measureCounter(world);
  let isOver = false;
  const bulk = runBulk(world, Number.POSITIVE_INFINITY, () => isOver);
  const beside = await measureCounter(world);
  isOver = true;
  await bulk;
  return { alone, beside };
}

async function withWorld<T>(workers: number, measureIn: (world: World) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const world = await openWorld(folder, undefined, { workers });
  try {
    return await measureIn(world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const figuresOf = (workers: number, { rate, main, others }: Run): readonly Figure[] => {
  const name = `${inFlight} × ${bulkRows} at once, with files, workers: ${workers}`;
  return [
    toFigure(name, rate, 'certificates/s', goal),
    toFigure(`  main thread`, main, 'µs/certificate', goal),
    toFigure(`  other threads`, others, 'µs/certificate', goal),
  ];
};

export async function measure(): Promise<readonly Figure[]> {
  const single = await withWorld(0, (world) => measureBatches(world, 1_000, 12));
  const without = await withWorld(0, measureBulk);
  const [withOne, { alone, beside }] = await withWorld(
    1,
    async (world) => [await measureBulk(world), await measureBoth(world)] as const,
  );
  return [
    toFigure('bytes to committed, one request of 1,000 after another, workers: 0', single, 'certificates/s', goal),
    ...figuresOf(0, without),
    ...figuresOf(1, withOne),
    toFigure('one certificate alone, p50', median(alone), 'ms', counterGoal),
    toFigure('one certificate alone, p95', median(alone, 0.95), 'ms', counterGoal),
    toFigure('one certificate beside a bulk run of another type, p50', median(beside), 'ms', counterGoal),
    toFigure('one certificate beside a bulk run of another type, p95', median(beside, 0.95), 'ms', counterGoal),
  ];
}
