/**
 * From a CSV to files and index, end to end: the packaged command and the gateway, each a process of its own; and a counter that needs one
 * certificate meanwhile. Files go below TMPDIR: give it a new folder on the disk each time, for the reason that limits.ts tells.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleCommand } from '../../issuer-cli/packaging/bundle.ts';
import { apiOf } from '../fixtures/api.ts';
import { exampleValues, loadType } from '../fixtures/certificates.ts';
import { market } from '../fixtures/gateway.ts';
import { proofTypeName, writeRoster } from '../fixtures/rosters.ts';
import { findFreePort } from '../walk/tour.ts';
import { type Figure, toFigure } from './figure.ts';
import { type Limits, measureLimits } from './limits.ts';
import { cpuOf, type GatewayProcess, peakOf, startGatewayProcess } from './processes.ts';
import type { Usage } from './report-usage.ts';

const preload = fileURLToPath(new URL('report-usage.ts', import.meta.url));
const usualRows = 100_000;
/** SM3 of a certificate of 12 fields: a commitment for each, the trees over them, record and files. */
const hashesEach = 38;

export interface Bulk {
  readonly rows: number;
  /** From the start of the command to its end: both passes. */
  readonly wholeSeconds: number;
  /** From the moment at which a person would have said yes. */
  readonly issuingSeconds: number;
  readonly command: Usage;
  readonly gatewayCpuMicroseconds: number;
  readonly gatewayPeakMegabytes: number;
  /** Of one certificate while it ran, sorted, in ms. */
  readonly counter: readonly number[];
}

export interface BulkOptions {
  readonly rows?: number;
}

export const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;

/** A counter of another body: one certificate after another, each as soon as the one before is there. */
async function askAtCounter({ url, home }: GatewayProcess, isOver: () => boolean): Promise<readonly number[]> {
  const api = apiOf({ url, home });
  const token = await api.token(market);
  const type = loadType('business-licence');
  const request = { issuer: market, type: type.type, rows: [{ values: exampleValues(type) }] };
  const times: number[] = [];
  while (!isOver()) {
    const began = performance.now();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answer = await api.post('/v1/batches', request, { token, headers });
    if (answer.status !== 201) throw new Error(`bench: the counter was told ${answer.text}`);
    times.push(performance.now() - began);
    await delay(50);
  }
  return times.sort((a, b) => a - b);
}

/** Until the run is written down, which is the last thing before anything is sent. */
async function untilConfirmed(child: ChildProcess, output: string): Promise<void> {
  while (child.exitCode === null && !existsSync(join(output, '.run.json'))) await delay(2);
}

/** One run of the command, in `folder`, against a gateway that serves. @throws Error unless it ends with 0 */
export async function runBulk(gateway: GatewayProcess, folder: string, rows: number): Promise<Bulk> {
  const [roster, output, usage] = [`${proofTypeName}.csv`, 'files', 'usage.json'].map((name) => join(folder, name));
  if (!roster || !output || !usage) throw new Error('three names');
  writeRoster(roster, { rows });
  const program = join(folder, 'yinxin.cjs');
  writeFileSync(program, (await bundleCommand()).code);
  const cpuBefore = cpuOf(gateway.child);
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', preload, program, 'issue', roster, '-o', output, '--yes'], {
    cwd: folder,
    env: { PATH: '', YINXIN_HOME: gateway.home, YINXIN_GATEWAY: gateway.url, YINXIN_BENCH_USAGE: usage },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  let ended = 0;
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = performance.now();
      resolve();
    });
  });
  await untilConfirmed(child, output);
  const confirmed = performance.now();
  const counter = await askAtCounter(gateway, () => ended > 0);
  await end;
  if (child.exitCode !== 0) throw new Error(`bench: yinxin issue: ${said.join('').slice(-2_000)}`);
  return {
    rows,
    wholeSeconds: (ended - began) / 1000,
    issuingSeconds: (ended - confirmed) / 1000,
    command: JSON.parse(readFileSync(usage, 'utf8')) as Usage,
    gatewayCpuMicroseconds: cpuOf(gateway.child) - cpuBefore,
    gatewayPeakMegabytes: peakOf(gateway.child),
    counter,
  };
}

export interface Goals {
  readonly rate: string;
  readonly memory: string;
  readonly counter: string;
}

/** What a run says; `peer`: certificates a second of another way, in the same run. */
export function toFigures(bulk: Bulk, goals: Goals, peer: number | null = null): readonly Figure[] {
  const { rows, issuingSeconds, wholeSeconds, command, gatewayCpuMicroseconds, gatewayPeakMegabytes, counter } = bulk;
  const perSecond = 'certificates/s';
  return [
    toFigure(`${rows} rows, from yes to files and index`, rows / issuingSeconds, perSecond, goals.rate, peer),
    toFigure(
      'the same, with the checking pass and the start of the command',
      rows / wholeSeconds,
      perSecond,
      '-',
      peer,
    ),
    toFigure('CPU of the command', command.cpuMicroseconds / rows, 'µs each', '-'),
    toFigure('CPU of the gateway', gatewayCpuMicroseconds / rows, 'µs each', '-'),
    toFigure('peak memory of the command', command.peakBytes / 1e6, 'MB', goals.memory),
    toFigure('peak memory of the gateway', gatewayPeakMegabytes, 'MB', goals.memory),
    toFigure(`one certificate of another type meanwhile, median of ${counter.length}`, at(counter, 0.5), 'ms', '-'),
    toFigure('the same, 95th percentile', at(counter, 0.95), 'ms', goals.counter),
  ];
}

/** How far it is from each limit: certificates a second if the machine did that one thing alone. */
export function toLimitFigures(
  { rows, issuingSeconds, ...bulk }: Bulk,
  limits: Limits,
  bytes: number,
): readonly Figure[] {
  const reached = rows / issuingSeconds;
  const cores = 2;
  const of = (name: string, limit: number) =>
    toFigure(`limit: ${name}`, reached, 'certificates/s', 'share of the limit', limit);
  const cpuEach = (bulk.command.cpuMicroseconds + bulk.gatewayCpuMicroseconds) / rows;
  return [
    of('CPU of both processes on two cores', (cores * 1e6) / cpuEach),
    of(`hashing alone, ${hashesEach} × SM3 each, one core`, limits.hashesPerSecond / hashesEach),
    of('one SM2 signature each, one core', limits.signaturesPerSecond),
    of('creating files of 3 KB, one core', limits.filesPerSecond),
    of(`writing ${Math.round(bytes)} bytes each`, limits.bytesPerSecond / bytes),
  ];
}

/** Of the files below a folder, as the disk keeps them. */
function bytesBelow(folder: string): number {
  const blockBytes = 512;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).blocks * blockBytes, 0);
}

export async function measure({ rows = usualRows }: BulkOptions = {}): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  let gateway: GatewayProcess | undefined;
  try {
    gateway = await startGatewayProcess(join(folder, 'home'), await findFreePort());
    const before = bytesBelow(gateway.home);
    const bulk = await runBulk(gateway, folder, rows);
    const bytes = (bytesBelow(gateway.home) - before + bytesBelow(join(folder, 'files'))) / rows;
    await gateway.stop();
    const limits = measureLimits(join(folder, 'limits'));
    const goals = { rate: 'at least 20,000/s', memory: 'under 400 MB', counter: 'under 50 ms' };
    return [...toFigures(bulk, goals), ...toLimitFigures(bulk, limits, bytes)];
  } finally {
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
