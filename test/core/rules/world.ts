/** The rows of a founded network, and rules run over them as the contract would: fetching only what a rule says it needs. */
import {
  approve,
  type ContractCaller,
  type ErrorCode,
  FetchedRows,
  formatRow,
  formatRowKey,
  found,
  type Instant,
  type Json,
  type ProposalAction,
  parseRow,
  propose,
  type Row,
  type RowKey,
  type RowKind,
  type RowOf,
  type RowSource,
  type Rule,
  rowKeyOf,
  sm3,
  toHex,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import {
  adminOf,
  channel,
  chengdu,
  foundingTime,
  makeNetwork,
  shenzhen,
  type TestNetwork,
} from '../../fixtures/network.ts';

export const txId = 'ab'.repeat(32);

interface Fetched<Input> {
  readonly parsed: Input;
  readonly fetched: FetchedRows;
  readonly read: readonly RowKey[];
}

export class World {
  readonly #rows = new Map<string, string>();
  readonly network: TestNetwork;

  constructor(network: TestNetwork = makeNetwork()) {
    this.network = network;
  }

  static founded(network: TestNetwork = makeNetwork()): World {
    const world = new World(network);
    world.run(found, world.network.found, world.network.founder, foundingTime);
    return world;
  }

  get<K extends RowKind>(key: RowKey<K>): RowOf<K> | undefined {
    const text = this.#rows.get(formatRowKey(key));
    return text === undefined ? undefined : (parseRow(text) as RowOf<K>); // kept under the key of its own kind
  }

  put(row: Row): void {
    this.#rows.set(formatRowKey(rowKeyOf(row)), formatRow(row));
  }

  remove(key: RowKey): void {
    this.#rows.delete(formatRowKey(key));
  }

  /** Parses, fetches, decides and, if nothing was thrown, writes. `input` goes through JSON, as on a ledger. */
  run<Input>(rule: Rule<Input>, input: unknown, caller: ContractCaller, time: Instant, id = txId): readonly Row[] {
    const { parsed, fetched } = this.#fetch(rule, input, caller);
    const { writes } = rule.decide(fetched.complete(), parsed, { channel, txId: id, time, caller });
    for (const row of writes) this.put(row);
    return writes;
  }

  #fetch<Input>(rule: Rule<Input>, input: unknown, caller: ContractCaller): Fetched<Input> {
    const parsed = rule.parse(JSON.parse(JSON.stringify(input)) as Json);
    const fetched = new FetchedRows();
    const read: RowKey[] = [];
    for (;;) {
      const { keys, kinds = [] } = rule.needs(parsed, fetched, caller);
      const missing = keys.filter((key) => !fetched.has(key));
      const missingKinds = kinds.filter((kind) => !fetched.hasAll(kind));
      if (missing.length + missingKinds.length === 0) return { parsed, fetched, read };
      read.push(...missing);
      for (const key of missing) fetched.set(key, this.get(key));
      for (const kind of missingKinds) fetched.setAll(kind, this.#all(kind));
    }
  }

  /** The rows that a transaction reads one by one: whoever changes one of them first makes it invalid. */
  readsOf<Input>(rule: Rule<Input>, input: unknown): readonly RowKey[] {
    return this.#fetch(rule, input, adminOf(shenzhen)).read;
  }

  /** Has a majority of the three organisations carry out an action. @returns what the last approval wrote */
  adopt(action: ProposalAction, time: Instant): readonly Row[] {
    const id = toHex(sm3(utf8(JSON.stringify([action, time]))));
    this.run(propose, action, adminOf(shenzhen), time, id);
    return this.run(approve, { proposal: id }, adminOf(chengdu), time);
  }

  #all(kind: RowKind): readonly Row[] {
    return [...this.#rows.values()].map(parseRow).filter((row) => row.kind === kind);
  }

  /** The rows as the runner of rules reads them. */
  source(): RowSource {
    return { get: async (key) => this.get(key), all: async (kind) => this.#all(kind) };
  }

  /** Everything, to see that a refusal changed nothing. */
  dump(): readonly string[] {
    return [...this.#rows.values()].sort();
  }
}

/** Expects a refusal with this code and these details among its own. */
export function expectRefusal(
  run: () => unknown,
  code: ErrorCode,
  details: { readonly [key: string]: Json } = {},
): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    expect({ code: error.code, details: error.details }).to.deep.include({ code });
    expect(error.details).to.deep.include(details);
    return;
  }
  expect.fail(`accepted instead of ${code}`);
}

export type Refusal = readonly [
  why: string,
  changes: { readonly [key: string]: Json },
  code: ErrorCode,
  member?: string,
];

/** One refusal per row, each leaving the world as it was. */
export function refuses(
  rows: readonly Refusal[],
  run: (world: World, changes: { readonly [key: string]: Json }) => unknown,
  prepare: (world: World) => void = () => undefined,
): void {
  for (const [why, changes, code, member] of rows) {
    it(`refuses ${why}`, () => {
      const world = World.founded();
      prepare(world);
      const before = world.dump();
      expectRefusal(() => run(world, changes), code, member === undefined ? {} : { member });
      expect(world.dump()).to.deep.equal(before);
    });
  }
}
