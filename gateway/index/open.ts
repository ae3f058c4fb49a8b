/** Opens the read model: the index in its store, the registry in memory, and the follower that keeps both. */
import { type Instant, parseInstant, type Row, YinxinError } from '@yinxin/core';
import type { Block } from '../ledger/port.ts';
import { openStore, prefixBounds, type Store } from '../store.ts';
import { toBlockChanges } from './changes.ts';
import { blockIn, type Checkpoint, indexFormat, places, putCheckpoint, readCheckpoint, readRow } from './entries.ts';
import { Follower } from './follower.ts';
import { findEntry, readHistory } from './history.ts';
import type { ReadModel, ReadModelOptions } from './read-model.ts';
import { IndexReader } from './reader.ts';
import { Registry, registryKinds } from './registry.ts';
import { fullNameOf } from './versions.ts';

const defaultHeartbeatMilliseconds = 5_000;
const beginning = parseInstant('1970-01-01T00:00:00Z');
const deletionsAtOnce = 1_000;

/** Deletes everything, the checkpoint last: broken off, it is begun again. */
async function empty(store: Store): Promise<void> {
  const keys: string[] = [];
  const deleteKeys = () => store.write(keys.splice(0).map((key) => ({ type: 'del', key })));
  for await (const { key } of store.entries('', '\u{10ffff}')) {
    if (key !== places.checkpoint) keys.push(key);
    if (keys.length === deletionsAtOnce) await deleteKeys();
  }
  await deleteKeys();
  await store.write([{ type: 'del', key: places.checkpoint }]);
}

/** What the index holds is given up when it was written in another format. */
async function readStart(store: Store): Promise<Checkpoint | undefined> {
  const checkpoint = readCheckpoint(await store.get(places.checkpoint));
  if (checkpoint !== 'other-format') return checkpoint;
  await empty(store);
  return undefined;
}

async function readRaws(store: Store): Promise<ReadonlyMap<string, Row>> {
  const raws = new Map<string, Row>();
  for await (const { value } of store.entries(...prefixBounds(places.raws))) {
    const row = readRow(value);
    raws.set(fullNameOf(row), row);
  }
  return raws;
}

async function loadRegistry(store: Store): Promise<Registry> {
  const registry = new Registry();
  const raws = await readRaws(store);
  const set = (filed: Row, block: number) => registry.set({ filed, raw: raws.get(fullNameOf(filed)) ?? filed }, block);
  const found: { readonly block: number; readonly value: Uint8Array }[] = [];
  for (const kind of registryKinds) {
    for await (const { key, value } of store.entries(...prefixBounds(places.versions(kind)))) {
      found.push({ block: blockIn(key), value });
    }
  }
  found.sort((a, b) => a.block - b.block);
  for (const { block, value } of found) set(readRow(value), block);
  for await (const { value } of store.entries(...prefixBounds(places.registers))) set(readRow(value), 0);
  return registry;
}

/** @throws YinxinError DATA_IN_USE when another process has the index open */
export async function openReadModel(options: ReadModelOptions): Promise<ReadModel> {
  const { ledger, clock, heartbeatMilliseconds = defaultHeartbeatMilliseconds } = options;
  const store = await openStore(options.folder);
  const checkpoint = await readStart(store);
  const registry = await loadRegistry(store);
  const reader = new IndexReader(store);
  const start = { height: checkpoint ? checkpoint.block + 1 : 0, hash: checkpoint?.hash };
  /** Changes together with the registry, so that no answer mixes two heights. */
  let newest: { readonly height: number; readonly time: Instant } = {
    height: start.height,
    time: checkpoint?.time ?? beginning,
  };

  /** Block and checkpoint are written as one; memory follows. */
  async function apply(block: Block): Promise<void> {
    const { number, hash } = block;
    const past = { time: newest.time, version: (row: Row) => registry.version(row) };
    const { operations, rows, time } = toBlockChanges(block, past);
    const next: Checkpoint = { format: indexFormat, block: number, hash, time, asOf: follower.asOf };
    await store.write([...operations, putCheckpoint(next)]);
    for (const row of rows) registry.set(row, number);
    newest = { height: number + 1, time };
  }

  const asOf = checkpoint?.asOf ?? beginning;
  const follower = new Follower({ ledger, clock, heartbeatMilliseconds, start, asOf, apply });

  function toHeight(asked: number | undefined): number {
    if (asked === undefined) return newest.height;
    if (Number.isSafeInteger(asked) && asked <= newest.height && registry.isFounded(asked)) return asked;
    throw new YinxinError('HEIGHT_UNKNOWN', { height: asked, newest: newest.height });
  }
  const known = (height: number | undefined) => ({ height: toHeight(height), asOf: follower.asOf });
  const timeAt = async (height: number) =>
    height === newest.height ? newest.time : ((await reader.timeAfter(height - 1)) ?? beginning);

  return {
    ready: () => follower.ready(),
    caughtUpTo: (block) => follower.caughtUpTo(block),
    height: () => newest.height,
    time: () => newest.time,
    asOf: () => follower.asOf,
    fault: () => follower.fault,
    trust: (height) => registry.trust(known(height)),
    trustClaims: (domain, height) => registry.claims(domain, known(height)),
    async knowledge(ref, asked) {
      const before = known(asked);
      const { height } = before;
      const [time, anchor, changes] = await Promise.all([
        timeAt(height),
        reader.anchor(ref, height),
        reader.changes(ref, height),
      ]);
      return { ...before, time, ...(anchor && { anchor }), changes };
    },
    findEntry: async (identifier, height) => findEntry(registry, reader, identifier, toHeight(height)),
    statuses: (issuer, type, height) => reader.statuses(issuer, type, toHeight(height)),
    proposals: (state) => registry.proposals(state),
    agreements: () => registry.agreements(),
    agreement: (name) => registry.agreement(name),
    register: (issuer, type) => registry.register(issuer, type),
    batch: (ref) => reader.batch(ref, newest.height),
    transaction: (txId) => reader.transaction(txId),
    leaves: (issuer, type, first) => reader.leaves(issuer, type, first),
    history: (ref, after, limit) =>
      readHistory(registry.trust(known(undefined)), reader, ref, { after, limit, height: newest.height }),
    async close() {
      await follower.close();
      await store.close();
    },
  };
}
