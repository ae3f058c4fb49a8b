/** The rows of a founded network, and rules run over them as the contract would: fetching only what a rule says it needs. */
import {
  type ContractCaller,
  type ErrorCode,
  FetchedRows,
  formatRow,
  formatRowKey,
  found,
  type Instant,
  type Json,
  parseRow,
  type Row,
  type RowKey,
  type RowKind,
  type RowOf,
  type Rule,
  rowKeyOf,
  YinxinError,
} from '@yinxin/core';
import { expect } from 'chai';
import { channel, foundingTime, makeNetwork, type TestNetwork } from '../../fixtures/network.ts';

export const txId = 'ab'.repeat(32);

export class World {
  readonly #rows = new Map<string, string>();
  readonly network: TestNetwork;

  constructor(network: TestNetwork = makeNetwork()) {
    this.network = network;
  }

  static founded(): World {
    const world = new World();
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

  /** Parses, fetches, decides and, if nothing was thrown, writes. `input` goes through JSON, as on a ledger. */
  run<Input>(rule: Rule<Input>, input: unknown, caller: ContractCaller, time: Instant): readonly Row[] {
    const parsed = rule.parse(JSON.parse(JSON.stringify(input)) as Json);
    const fetched = new FetchedRows();
    for (;;) {
      const { keys, kinds = [] } = rule.needs(parsed, fetched);
      const missing = keys.filter((key) => !fetched.has(key));
      const missingKinds = kinds.filter((kind) => !fetched.hasAll(kind));
      if (missing.length + missingKinds.length === 0) break;
      for (const key of missing) fetched.set(key, this.get(key));
      for (const kind of missingKinds) fetched.setAll(kind, this.#all(kind));
    }
    const { writes } = rule.decide(fetched.complete(), parsed, { channel, txId, time, caller });
    for (const row of writes) this.put(row);
    return writes;
  }

  #all(kind: RowKind): readonly Row[] {
    return [...this.#rows.values()].map(parseRow).filter((row) => row.kind === kind);
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
