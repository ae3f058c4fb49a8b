/** Opens the read model: the index in its store, the registry in memory, and the follower that keeps both. */
import { epochSeconds, formatRowKey, type Instant, parseInstant, type Row, toInstant, YinxinError } from '@yinxin/core';
import type { Block } from '../ledger/port.ts';
import { Recent } from '../recent.ts';
import { openStore, prefixBounds, type Store } from '../store.ts';
import { toBlockChanges } from './changes.ts';
import {
  blockIn,
  type Checkpoint,
  type Heard,
  indexFormat,
  places,
  putCheckpoint,
  putHeard,
  putState,
  putStateHead,
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
import { replayBlock } from './replay.ts';
import { readStateDigest, stateOf } from './state.ts';
import { findVoid, Voids } from './voids.ts';

const defaultHeartbeatMilliseconds = 5_000;
const beginning = parseInstant('1970-01-01T00:00:00Z');
/** How far ahead of this clock, in seconds, a timestamp may be and still move ledger time: far more than the contract's ten minutes, so that a clock that is a little off loses nothing. */
const timeTolerance = 3_600;
const deletionsAtOnce = 1_000;
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
export async function openReadModel(options: ReadModelOptions): Promise<ReadModel> {
  const { ledger, channel, rules, clock, heartbeatMilliseconds = defaultHeartbeatMilliseconds } = options;
  const store = await openStore(options.folder);
  const checkpoint = await readStart(store);
  const [registry, voids] = await Promise.all([loadRegistry(store), Voids.load(store)]);
  const reader = new IndexReader(store);
  const state = stateOf(store);
  const start = { height: checkpoint ? checkpoint.block + 1 : 0, hash: checkpoint?.hash };
  /** Changes together with the registry, so that no answer mixes two heights. */
  let newest: { readonly height: number; readonly time: Instant } = {
    height: start.height,
    time: checkpoint?.time ?? beginning,
  };

  const counted = new Recent<ReadonlySet<string>>(maxRecentBlocks);

  /** Block and checkpoint are written as one; memory follows. */
  async function apply(block: Block): Promise<void> {
    const { number, hash } = block;
    const replayed = await replayBlock(block, { channel, rules, state });
    const latest = toInstant(epochSeconds(clock()) + timeTolerance);
    const past = { time: newest.time, latest, version: (row: Row) => registry.version(row) };
    const { operations, rows, time } = toBlockChanges(number, replayed.counted, past);
    const next: Checkpoint = { format: indexFormat, block: number, hash, time };
    await store.write([
      ...operations,
      ...[...replayed.state].map(([key, value]) => putState(key, value)),
      ...replayed.voids.map(putVoid),
      putStateHead({ height: number + 1, hash }),
      putHeard(follower.heard),
      putCheckpoint(next),
    ]);
    for (const row of rows) registry.set(row, number);
    voids.add(replayed.voids);
    counted.set(String(number), new Set(replayed.counted.map(({ transaction }) => transaction.txId)));
    newest = { height: number + 1, time };
  }

  const heard = readHeard(await store.get(places.heard)) ?? { asOf: beginning, confirmed: 0 };
  const keep = (now: Heard) => store.write([putHeard(now)]);
  const follower = new Follower({ ledger, clock, heartbeatMilliseconds, start, heard, apply, keep });

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
    batch: (ref) => reader.batch(ref, newest.height),
    transaction: (txId) => reader.transaction(txId),
    leaves: (issuer, type, first) => reader.leaves(issuer, type, first),
    history: (ref, after, limit) =>
      readHistory(registry.trust(known(undefined)), reader, ref, { after, limit, height: newest.height }),
    voids: () => voids.tell(),
    findVoid: (block, txId) => findVoid(store, block, txId),
    hasCounted: (block, txId) => counted.get(String(block))?.has(txId) === true,
    stateDigest: shareReading(() => readStateDigest(store)),
    async close() {
      await follower.close();
      await store.close();
    },
  };
}
