/** Opens the read model: the index in its store, the registry in memory, and the follower that keeps both. */
import { setImmediate } from 'node:timers/promises';
import { epochSeconds, formatRowKey, type Instant, parseInstant, type Row, toInstant, YinxinError } from '@yinxin/core';
import type { Freezable } from '../frozen-store.ts';
import type { Block } from '../ledger/port.ts';
import { Recent } from '../recent.ts';
import { openStore, prefixBounds, type Store } from '../store.ts';
import { type BlockChanges, isOfRegistry, timeTolerance, toBlockChanges } from './changes.ts';
import {
  blockIn,
  type Checkpoint,
  type Heard,
  indexFormat,
  places,
  putCheckpoint,
  putHeard,
  putVoid,
  readCheckpoint,
  readHeard,
  readRow,
} from './entries.ts';
import { Follower, isUnreachable } from './follower.ts';
import { findEntry, readHistory } from './history.ts';
import type { ReadModel, ReadModelOptions, StateDigest } from './read-model.ts';
import { IndexReader } from './reader.ts';
import { Registry, registryKinds } from './registry.ts';
import { type ReplayedBlock, replayBlock } from './replay.ts';
import { Staging } from './staging.ts';
import { IndexState, readStateDigest } from './state.ts';
import { findVoid, Voids } from './voids.ts';

const defaultHeartbeatMilliseconds = 5_000;
const beginning = parseInstant('1970-01-01T00:00:00Z');
const deletionsAtOnce = 1_000;
/** Changed by one block: others get their turn before they are written out. */
const manyRows = 100;
const manyBlocks = 1_000;
/** How long signing waits for the newest block to be confirmed. */
const momentMilliseconds = 300;
/** Of so many blocks it is remembered which transactions count. */
const maxRecentBlocks = 1_024;

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

async function loadRegistry(store: Store): Promise<Registry> {
  const registry = new Registry();
  const found: { readonly block: number; readonly value: Uint8Array }[] = [];
  for (const kind of registryKinds) {
    for await (const { key, value } of store.entries(...prefixBounds(places.versions(kind)))) {
      found.push({ block: blockIn(key), value });
    }
  }
  found.sort((a, b) => a.block - b.block);
  for (const { block, value } of found) registry.set(readRow(value), block);
  const registers = places.state(formatRowKey({ kind: 'register', parts: [] }));
  for await (const { value } of store.entries(...prefixBounds(registers))) registry.set(readRow(value), 0);
  return registry;
}

/** One reading for all who ask while it goes on. */
function shareReading(read: () => Promise<StateDigest>): () => Promise<StateDigest> {
  let current: Promise<StateDigest> | undefined;
  return () => {
    current ??= read().finally(() => {
      current = undefined;
    });
    return current;
  };
}

/** @throws YinxinError DATA_IN_USE when another process has the index open */
export async function openReadModel(options: ReadModelOptions): Promise<ReadModel & Freezable> {
  const { ledger, channel, rules, clock, heartbeatMilliseconds = defaultHeartbeatMilliseconds } = options;
  const store = await openStore(options.folder);
  const checkpoint = await readStart(store);
  const [registry, voids] = await Promise.all([loadRegistry(store), Voids.load(store)]);
  const reader = new IndexReader(store);
  const state = new IndexState(store);
  const staging = new Staging(store);
  const start = { height: checkpoint ? checkpoint.block + 1 : 0, hash: checkpoint?.hash };
  /** Changes together with the registry, so that no answer mixes two heights. */
  let newest: { readonly height: number; readonly time: Instant } = {
    height: start.height,
    time: checkpoint?.time ?? beginning,
  };

  const counted = new Recent<ReadonlySet<string>>(maxRecentBlocks);

  /** Behind the last block that is staged. */
  let staged = checkpoint;

  function show({ number }: Block, replayed: ReplayedBlock, { rows, time }: BlockChanges): void {
    for (const row of rows) registry.set(row, number);
    voids.add(replayed.voids);
    counted.set(String(number), new Set(replayed.counted.map(({ transaction }) => transaction.txId)));
    newest = { height: number + 1, time };
  }

  /** The registry's versions are needed as they were just before. */
  async function stage(block: Block): Promise<boolean> {
    const { number, hash } = block;
    const replayed = await replayBlock(block, { channel, rules, state });
    if (replayed.counted.some(({ rows }) => rows.some(({ row }) => isOfRegistry(row)))) await follower.flush();
    if (replayed.state.size > manyRows) await setImmediate();
    const latest = toInstant(epochSeconds(clock()) + timeTolerance);
    const past = { time: staged?.time ?? beginning, latest, version: (row: Row) => registry.version(row) };
    const changes = toBlockChanges(number, replayed.counted, past);
    const kept = state.stage(replayed, changes, staging.group);
    staging.add([...changes.operations, ...kept, ...replayed.voids.map(putVoid)], () => show(block, replayed, changes));
    staged = { format: indexFormat, block: number, hash, time: changes.time };
    return staging.isFull;
  }

  /** Blocks and the checkpoint behind them are written as one; memory follows. */
  async function write(): Promise<void> {
    const head = staged ? [putCheckpoint(staged)] : [];
    state.written(await staging.write([putHeard(follower.heard), ...head]));
  }

  const heard = readHeard(await store.get(places.heard)) ?? { asOf: beginning, confirmed: 0 };
  const keep = (now: Heard) => store.write([putHeard(now)]);
  const follower = new Follower({ ledger, clock, heartbeatMilliseconds, start, heard, stage, write, keep });

  /** What was built anew lies in as many files as it was written in: it is put together, while it is read already. */
  const tidied = checkpoint ? undefined : tidy();
  async function tidy(): Promise<void> {
    const isReady = await follower.ready().then(
      () => true,
      () => false,
    );
    if (isReady && newest.height >= manyBlocks) await store.compact().catch(() => undefined); // as good without
  }

  async function readyToSign(): Promise<void> {
    const newestBlock = newest.height - 1;
    if (follower.isInTouch) await follower.confirmedUpTo(newestBlock, momentMilliseconds).catch(() => undefined);
    if (follower.fault !== undefined && !isUnreachable(follower.fault)) throw follower.fault;
    if (!registry.isFounded(follower.confirmedHeight)) throw new YinxinError('NOT_READY');
  }

  function toHeight(asked: number | undefined): number {
    if (asked === undefined) return newest.height;
    if (Number.isSafeInteger(asked) && asked <= newest.height && registry.isFounded(asked)) return asked;
    throw new YinxinError('HEIGHT_UNKNOWN', { height: asked, newest: newest.height });
  }
  const known = (height: number | undefined) => ({ height: toHeight(height), asOf: follower.asOf });
  const timeAt = async (height: number) =>
    height === newest.height ? newest.time : ((await reader.timeAfter(height - 1)) ?? beginning);

  return {
    freeze: () => store.freeze(),
    ready: () => follower.ready(),
    caughtUpTo: (block, timeoutMilliseconds) => follower.caughtUpTo(block, timeoutMilliseconds),
    height: () => newest.height,
    confirmedHeight: () => follower.confirmedHeight,
    confirmedUpTo: (block, timeoutMilliseconds) => follower.confirmedUpTo(block, timeoutMilliseconds),
    readyToSign,
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
    async lastEntry(issuer, type, asked) {
      const height = toHeight(asked);
      const register = registry.hasRegister(issuer, type, height) ? registry.register(issuer, type) : undefined;
      return register && reader.lastEntry(issuer, type, register.last, height);
    },
    async batch(ref) {
      const batch = await reader.batch(ref, newest.height);
      return batch && { row: batch.row, block: batch.signed.block, time: batch.signed.time };
    },
    transaction: (txId) => reader.transaction(txId, newest.height),
    path: async (ref) => (await reader.paths(ref, 1, newest.height))[0],
    paths: (ref, count) => reader.paths(ref, count, newest.height),
    leaves: (issuer, type, first) => reader.leaves(issuer, type, first, newest.height),
    history: (ref, after, limit) =>
      readHistory(registry.trust(known(undefined)), reader, ref, { after, limit, height: newest.height }),
    voids: () => voids.tell(),
    findVoid: (block, txId) => findVoid(store, block, txId),
    hasCounted: (block, txId) => counted.get(String(block))?.has(txId) === true,
    compact: () => store.compact(),
    stateDigest: shareReading(() => readStateDigest(store)),
    async close() {
      await follower.close();
      await tidied;
      await store.close();
    },
  };
}
