/** A peer of a few lines: the contract over a map, one block for each accepted transaction. */
import { contracts } from '@yinxin/chaincode';
import metadata from '@yinxin/chaincode/metadata.json' with { type: 'json' };
import type { StateIterator, Stub } from '@yinxin/chaincode/stub';
import {
  formatRowKey,
  fromUtf8,
  type Instant,
  parseRefusal,
  parseRow,
  type Row,
  type RowKey,
  type RowKind,
  type RowOf,
  utf8,
  type YinxinError,
} from '@yinxin/core';
import { peersOf } from './endorsement.ts';
import { seconds } from './facts.ts';
import type { Sent } from './judging.ts';

const [Contract] = contracts;
const declared = new Set(metadata.contracts.yinxin.transactions.map(({ name }) => name));

type Method = (context: unknown, input: string) => Promise<string>;
const isMethod = (value: unknown): value is Method => typeof value === 'function';

/** Values and owners by key. */
interface Simulating {
  readonly writes: Map<string, string>;
  readonly policies: Map<string, readonly string[]>;
}

/** What a transaction would write, and to which organisations it would give rows. */
export interface Simulated {
  readonly writes: ReadonlyMap<string, string>;
  readonly policies: ReadonlyMap<string, readonly string[]>;
}

export interface Place {
  readonly block: number;
  readonly recorded: Instant;
}

const compositeKey = (kind: string, parts: readonly string[]) => formatRowKey({ kind: kind as RowKind, parts }); // the stub takes any text

function iterate<T>(items: readonly T[]): StateIterator<T> {
  const iterator = items.values();
  return {
    async next() {
      const { value, done } = iterator.next();
      return { value: value as T, done: done === true };
    },
    async close() {},
  };
}

export class Peer {
  #state = new Map<string, string>();
  #policies = new Map<string, readonly string[]>();
  #clock: Instant;
  readonly #contract = new (Contract ?? failing())(() => this.#clock);
  /** Where each accepted transaction is. */
  readonly places = new Map<string, Place>();
  #time: Instant;

  constructor(start: Instant) {
    this.#clock = start;
    this.#time = start;
  }

  get height(): number {
    return this.places.size;
  }

  /** Ledger time. */
  get time(): Instant {
    return this.#time;
  }

  /** Runs a transaction and keeps nothing. @returns what it would write, or why not */
  async simulate(sent: Sent): Promise<Simulated | YinxinError> {
    const method: unknown = declared.has(sent.name) ? Reflect.get(this.#contract, sent.name) : undefined;
    if (!isMethod(method)) throw new Error(`no transaction ${sent.name}`);
    const simulated = { writes: new Map<string, string>(), policies: new Map<string, readonly string[]>() };
    this.#clock = sent.clock;
    const { msp, role } = sent.caller;
    const clientIdentity = { getMSPID: () => msp, getID: () => `x509::/OU=${role}/CN=someone::/CN=model` };
    try {
      await method.call(this.#contract, { stub: this.#stub(sent, simulated), clientIdentity }, sent.input);
      return simulated;
    } catch (error) {
      const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
      if (!refusal || refusal.code === 'INTERNAL') throw error;
      return refusal;
    }
  }

  /** Puts what a transaction writes into a block of its own. */
  commit({ txId, time }: Sent, { writes, policies }: Simulated): number {
    for (const [key, value] of writes) this.#state.set(key, value);
    for (const [key, msps] of policies) this.#policies.set(key, msps);
    if (seconds(time) > seconds(this.#time)) this.#time = time;
    const block = this.places.size;
    this.places.set(txId, { block, recorded: this.#time });
    return block;
  }

  get<K extends RowKind>(key: RowKey<K>): RowOf<K> | undefined {
    const text = this.#state.get(formatRowKey(key));
    return text === undefined ? undefined : (parseRow(text) as RowOf<K>); // kept under the key of its own kind
  }

  all<K extends RowKind>(kind: K): readonly RowOf<K>[] {
    return this.#values(kind).map(({ value }) => parseRow(value)) as readonly Row[] as readonly RowOf<K>[]; // as above
  }

  #values(kind: string): readonly { readonly key: string; readonly value: string }[] {
    const prefix = `\u0000${kind}\u0000`;
    return [...this.#state].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
  }

  /** Every key of the state with its row. */
  entries(): readonly (readonly [key: string, row: Row])[] {
    return [...this.#state].map(([key, value]) => [key, parseRow(value)] as const);
  }

  /** The organisations of which one's peer must endorse what changes a row; undefined where the channel's policy alone asks. */
  ownersOf(key: string): readonly string[] | undefined {
    return this.#policies.get(key);
  }

  #stub({ txId, time }: Sent, { writes, policies }: Simulating): Partial<Stub> {
    return {
      getTxID: () => txId,
      getChannelID: () => 'certs',
      getTxTimestamp: () => ({ seconds: String(seconds(time)), nanos: 0 }),
      getState: async (key) => utf8(this.#state.get(key) ?? ''),
      putState: async (key, value) => {
        writes.set(key, fromUtf8(value));
      },
      setStateValidationParameter: async (key, policy) => {
        policies.set(key, peersOf(policy));
      },
      setEvent: () => undefined,
      createCompositeKey: compositeKey,
      getStateByPartialCompositeKey: async (kind) =>
        iterate(this.#values(kind).map(({ key, value }) => ({ key, value: utf8(value) }))),
    };
  }
}

function failing(): never {
  throw new Error('no contract');
}
