/** The read model at size: catching up, rebuilding, room on disk, look-ups as the index grows, opening, memory, compaction. `--certificates N` for another size than a million. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatIdentifier, parseIdentifier, parseInstant } from '@yinxin/core';
import { openReadModel } from '../../gateway/index/open.ts';
import type { EntryRef, ReadModel } from '../../gateway/index/read-model.ts';
import { networkRules } from '../../gateway/index/rules.ts';
import { verifyIndex } from '../../gateway/index/verify.ts';
import { channel } from '../fixtures/certificates.ts';
import { type LargeLedger, largeRegister, largeTypeCode, makeLargeLedger } from '../fixtures/large-ledger.ts';
import { type Figure, race, toFigure } from './figure.ts';

const usual = 1_000_000;
const batch = 4_096;
const sizes = [100_000, 1_000_000, 10_000_000];
const singles = 5_000;
/** Of each kind, after as many to warm up. */
const lookUps = 1_000;
const rounds = 9;

function readCertificates(): number {
  const at = process.argv.indexOf('--certificates');
  const given = at < 0 ? usual : Number(process.argv[at + 1]);
  if (!Number.isSafeInteger(given) || given < 1) throw new Error('--certificates takes a number');
  return given;
}

const now = parseInstant('2026-06-01T10:00:00Z');
const open = (folder: string, { ledger }: Pick<LargeLedger, 'ledger'>) =>
  openReadModel({ folder, ledger, channel, rules: networkRules, clock: () => now, heartbeatMilliseconds: 20 });

/** Milliseconds that this thread has computed: what other programs take of the machine does not count. */
function computed(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Seconds until the index has everything, and the longest that something else had to wait for its turn meanwhile. */
async function catchUp(readModel: ReadModel, height: number): Promise<{ seconds: number; longest: number }> {
  const began = performance.now();
  let [before, longest] = [computed(), 0];
  const watch = setInterval(() => {
    const at = computed();
    longest = Math.max(longest, at - before);
    before = at;
  }, 1);
  await readModel.caughtUpTo(height - 1);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  return { seconds, longest };
}

type LookUp = (readModel: ReadModel, ref: EntryRef) => Promise<unknown>;
const kinds: { readonly [name: string]: LookUp } = {
  knowledge: (readModel, ref) => readModel.knowledge(ref),
  findEntry: (readModel, { issuer, entry }) => {
    const parts = { typeCode: largeTypeCode, issuer, serial: String(entry).padStart(10, '0'), version: 1 };
    return readModel.findEntry(parseIdentifier(formatIdentifier(parts)));
  },
  batch: (readModel, ref) => readModel.batch(ref),
  history: (readModel, ref) => readModel.history(ref, 0, 10),
  path: (readModel, ref) => readModel.path(ref),
};

/** Of indexes of several sizes: microseconds of a look-up, one after another, of entries anywhere. In turn: what slows one slows the others. */
async function measureLookUps(indexes: readonly Sized[], lookUp: LookUp): Promise<readonly number[]> {
  const looks = indexes.map(({ readModel, certificates }) => async () => {
    for (let done = 0; done < lookUps; done += 1) {
      const entry = 1 + Math.floor(Math.random() * certificates);
      if ((await lookUp(readModel, { ...largeRegister, entry })) === undefined) throw new Error('bench: nothing found');
    }
  });
  return (await race(rounds, lookUps, looks)).map((rate) => 1e6 / rate);
}

interface Sized {
  readonly readModel: ReadModel;
  readonly certificates: number;
}

/** Builds an index of each size, and looks up in all of them. */
async function grow(folder: string, large: LargeLedger, certificates: number, figures: Figure[]): Promise<void> {
  const indexes: Sized[] = [];
  for (const size of [...sizes.filter((each) => each < certificates), certificates]) {
    await large.grow(size, batch);
    const ledger = await large.upTo(large.height());
    const readModel = await open(join(folder, String(size)), { ledger });
    const { seconds, longest } = await catchUp(readModel, large.height());
    if (size === certificates) {
      figures.push(toFigure('catching up, batches of 4,096', size / seconds, 'certificates/s', 'at least 100,000'));
      figures.push(toFigure('longest turn meanwhile', longest, 'ms', 'about 20'));
    }
    await readModel.ready();
    indexes.push({ readModel, certificates: size });
  }
  for (const [name, lookUp] of Object.entries(kinds)) {
    const times = await measureLookUps(indexes, lookUp);
    for (const [at, time] of times.entries()) {
      const peer = at === 0 ? null : (times[0] ?? null);
      const goal = 'at most 1.3 × the smallest (peer)';
      figures.push(toFigure(`${name}, of ${indexes[at]?.certificates}`, time, 'µs', goal, peer));
    }
  }
  for (const { readModel } of indexes) await readModel.close();
}

/** Megabytes of this process that cannot be given back: not the store's files, which the system shows in memory while it has room. */
function memory(): number {
  const kilobytes = /^Anonymous: +(\d+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1];
  return Number(kilobytes) / 1000;
}

async function reopen(folder: string, large: LargeLedger, certificates: number, figures: Figure[]): Promise<void> {
  globalThis.gc?.();
  const before = memory();
  const began = performance.now();
  const readModel = await open(folder, large);
  figures.push(toFigure('opening', performance.now() - began, 'ms', 'for information'));
  await readModel.ready();
  for (const lookUp of Object.values(kinds)) await measureLookUps([{ readModel, certificates }], lookUp);
  figures.push(toFigure('memory that it takes, opened and asked', memory() - before, 'MB', 'bounded'));
  const compacted = performance.now();
  const { before: loose, after } = await readModel.compact();
  figures.push(toFigure('compaction', (performance.now() - compacted) / 1000, 's', 'for information'));
  const [was, is] = [loose / certificates, after / certificates];
  figures.push(
    toFigure('on disk, batches of 4,096', is, 'bytes/certificate', 'for information; peer: not compacted', was),
  );
  await readModel.close();
  const verified = performance.now();
  const finding = await verifyIndex({ folder, ledger: large.ledger, now });
  if (!finding.sound) throw new Error(`bench: ${finding.flaw}`);
  const seconds = (performance.now() - verified) / 1000;
  figures.push(toFigure('verifying a restored one', certificates / seconds, 'certificates/s', 'for information'));
}

async function rebuild(folder: string, large: LargeLedger, certificates: number, figures: Figure[]): Promise<void> {
  rmSync(folder, { recursive: true });
  const before = memory();
  const readModel = await open(folder, large);
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memory());
  }, 250);
  const { seconds } = await catchUp(readModel, large.height());
  clearInterval(watch);
  figures.push(toFigure('rebuilding it', certificates / seconds, 'certificates/s', 'at least 100,000'));
  figures.push(toFigure('most memory meanwhile, of the process', most, 'MB', 'bounded'));
  await readModel.close();
}

/** What one certificate a batch costs. */
async function measureSingles(folder: string, figures: Figure[]): Promise<void> {
  const large = await makeLargeLedger(folder);
  await large.grow(singles, 1);
  const readModel = await open(join(folder, 'index'), large);
  const { seconds } = await catchUp(readModel, large.height());
  figures.push(toFigure('catching up, batches of 1', singles / seconds, 'certificates/s', 'for information: SM2'));
  const { after } = await readModel.compact();
  figures.push(toFigure('on disk, batches of 1', after / singles, 'bytes/certificate', 'for information'));
  await readModel.close();
  await large.close();
}

export async function measure(): Promise<readonly Figure[]> {
  const certificates = readCertificates();
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-bench-'));
  const figures: Figure[] = [];
  try {
    const large = await makeLargeLedger(folder);
    const index = join(folder, 'index');
    await grow(index, large, certificates, figures);
    await reopen(index, large, certificates, figures);
    await rebuild(index, large, certificates, figures);
    await large.close();
    await measureSingles(mkdtempSync(join(folder, 'singles-')), figures);
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
