/** Opens the read model: the index in its store, the registry in memory, and the follower that keeps both. */
import { type Instant, parseInstant } from '@yinxin/core';
import type { Block } from '../ledger/port.ts';
import { openStore, prefixBounds, type Store } from '../store.ts';
import { toBlockChanges } from './changes.ts';
import { type Checkpoint, places, putCheckpoint, readCheckpoint, readRow } from './entries.ts';
import { Follower } from './follower.ts';
import { findEntry, readHistory } from './history.ts';
import type { EntryRef, ReadModel, ReadModelOptions } from './read-model.ts';
import { IndexReader } from './reader.ts';
import { Registry, registryKinds } from './registry.ts';

const defaultHeartbeatMilliseconds = 5_000;
const beginning = parseInstant('1970-01-01T00:00:00Z');

async function loadRegistry(store: Store): Promise<Registry> {
  const registry = new Registry();
  for (const kind of registryKinds) {
    for await (const { value } of store.entries(...prefixBounds(places.rows(kind)))) {
      const row = readRow(value);
      if (row) registry.set(row);
    }
  }
  return registry;
}

/** @throws YinxinError DATA_IN_USE when another process has the index open */
export async function openReadModel(options: ReadModelOptions): Promise<ReadModel> {
  const { ledger, clock, heartbeatMilliseconds = defaultHeartbeatMilliseconds } = options;
  const store = await openStore(options.folder);
  const registry = await loadRegistry(store);
  const reader = new IndexReader(store);
  const checkpoint: Checkpoint | undefined = readCheckpoint(await store.get(places.checkpoint));
  let time: Instant = checkpoint?.time ?? beginning;

  /** Block and checkpoint are written as one; memory follows. */
  async function apply(block: Block): Promise<void> {
    const changes = toBlockChanges(block, time);
    const next: Checkpoint = { block: block.number, hash: block.hash, time: changes.time, asOf: follower.asOf };
    await store.write([...changes.operations, putCheckpoint(next)]);
    for (const row of changes.rows) registry.set(row);
    time = changes.time;
  }

  const start = { height: checkpoint ? checkpoint.block + 1 : 0, hash: checkpoint?.hash };
  const asOf = checkpoint?.asOf ?? beginning;
  const follower = new Follower({ ledger, clock, heartbeatMilliseconds, start, asOf, apply });
  const known = () => ({ height: follower.height, asOf: follower.asOf });
  const facts = () => ({ ...known(), time });

  return {
    ready: () => follower.ready(),
    caughtUpTo: (block) => follower.caughtUpTo(block),
    height: () => follower.height,
    time: () => time,
    asOf: () => follower.asOf,
    fault: () => follower.fault,
    trust: () => registry.trust(known()),
    trustClaims: (domain) => registry.claims(domain, known()),
    async knowledge(ref: EntryRef) {
      const before = facts();
      const [anchor, changes] = await Promise.all([reader.anchor(ref), reader.changes(ref)]);
      return { ...before, ...(anchor && { anchor }), changes };
    },
    findEntry: (identifier) => findEntry(registry, reader, identifier),
    register: (issuer, type) => registry.register(issuer, type),
    batch: (ref) => reader.batch(ref),
    transaction: (txId) => reader.transaction(txId),
    leaves: (issuer, type, first) => reader.leaves(issuer, type, first),
    history: (ref, after, limit) => readHistory(registry, reader, ref, after, limit),
    async close() {
      await follower.close();
      await store.close();
    },
  };
}
