/** Which transactions of a block are valid, in order: what each read must still hold (Fabric's multi-version concurrency control). */
import type { Proposal } from './block.ts';
import type { RangeRead } from './simulated.ts';
import type { LedgerStore } from './store.ts';

/** Versions that earlier transactions of the same block wrote; null where they deleted. */
type Written = ReadonlyMap<string, string | null>;

async function currentVersions(
  store: LedgerStore,
  proposals: readonly Proposal[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const keys = [...new Set(proposals.flatMap(({ simulated }) => [...simulated.reads.keys()]))];
  const versions = await store.getVersions(keys);
  return new Map(keys.map((key, at) => [key, versions[at]]));
}

/** The range as it is now, with what the block wrote so far. */
async function readAgain(
  store: LedgerStore,
  { start, end }: RangeRead,
  written: Written,
): Promise<[key: string, version: string][]> {
  const found = new Map<string, string>();
  for await (const [key, { version }] of store.iterateState(start, end)) found.set(key, version);
  for (const [key, version] of written) {
    if (Buffer.compare(Buffer.from(key), Buffer.from(start)) < 0) continue;
    if (end !== '' && Buffer.compare(Buffer.from(key), Buffer.from(end)) >= 0) continue;
    if (version === null) found.delete(key);
    else found.set(key, version);
  }
  return [...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function isPhantom(store: LedgerStore, range: RangeRead, written: Written): Promise<boolean> {
  const now = await readAgain(store, range, written);
  if (range.isExhausted && now.length !== range.found.length) return true;
  return range.found.some(([key, version], at) => now[at]?.[0] !== key || now[at]?.[1] !== version);
}

async function findPhantom(store: LedgerStore, ranges: readonly RangeRead[], written: Written): Promise<boolean> {
  for (const range of ranges) if (await isPhantom(store, range, written)) return true;
  return false;
}

/** The validation code of each transaction of block `number`. */
export async function validate(
  store: LedgerStore,
  number: number,
  proposals: readonly Proposal[],
): Promise<readonly string[]> {
  const current = await currentVersions(store, proposals);
  const written = new Map<string, string | null>();
  const versionOf = (key: string) => (written.has(key) ? (written.get(key) ?? undefined) : current.get(key));
  const codes: string[] = [];
  for (const [at, { simulated }] of proposals.entries()) {
    const isStale = [...simulated.reads].some(([key, version]) => versionOf(key) !== version);
    const isChanged = !isStale && (await findPhantom(store, simulated.ranges, written));
    codes.push(isStale ? 'MVCC_READ_CONFLICT' : isChanged ? 'PHANTOM_READ_CONFLICT' : 'VALID');
    if (isStale || isChanged) continue;
    for (const [key, value] of simulated.writes) written.set(key, value === null ? null : `${number}.${at}`);
  }
  return codes;
}
