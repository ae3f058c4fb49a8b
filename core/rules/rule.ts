/** What a rule is: a pure decision over rows fetched before, who called and when. */
import { YinxinError } from '../errors.ts';
import type { Row } from '../ledger-model.ts';
import type { Instant, Json } from '../model.ts';
import { type RowKey, type RowKind, type RowOf, rowKeyOf } from './rows.ts';

/** Rows as they were before the transaction: like Fabric's reads, a view does not see what the transaction writes. */
export interface View {
  get<K extends RowKind>(key: RowKey<K>): RowOf<K> | undefined;
  /** Every row of a kind. */
  all<K extends RowKind>(kind: K): readonly RowOf<K>[];
}

/** What must be fetched before deciding. */
export interface Needs {
  readonly keys: readonly RowKey[];
  /** Kinds read whole; only ones that stay few (domains, organisations, types). */
  readonly kinds?: readonly RowKind[];
}

/** The Fabric identity that sent the transaction: its organisation, and the one role its certificate's OUs give it. */
export interface ContractCaller {
  readonly msp: string;
  readonly role: 'admin' | 'client' | 'peer' | 'member';
}

export interface RuleContext {
  readonly channel: string;
  readonly txId: string;
  /** The transaction's timestamp: the sender's clock, which Fabric bounds only loosely. */
  readonly time: Instant;
  readonly caller: ContractCaller;
  /** The root, as base64, over so many leaf hashes, joined, in canonical base64: where whoever runs the rule has computed it already. */
  readonly rootOf?: (leaves: string, count: number) => string | undefined;
}

/** What a transaction does. `event` is its answer and its one chaincode event. */
export interface Decision {
  readonly writes: readonly Row[];
  readonly event: Json;
}

export interface Rule<Input> {
  /** Strict. @throws YinxinError */
  parse(json: Json): Input;
  /** Asked again with what was fetched until nothing is missing: some keys stand in other rows. Rows not yet fetched read as absent. */
  needs(input: Input, fetched: View, caller: ContractCaller): Needs;
  /** All or nothing. @throws YinxinError */
  decide(view: View, input: Input, context: RuleContext): Decision;
}

/** What a majority may decide, and the founding transaction does at once: rows made of an input. */
export interface Action<Input> {
  /** Strict. @throws YinxinError */
  parse(json: Json): Input;
  /** Asked again with what was fetched, like a rule's. */
  needs(input: Input, fetched: View): Needs;
  /** @throws YinxinError where it does not hold, now */
  rows(view: View, input: Input, context: RuleContext): readonly Row[];
}

const nameOf = (key: RowKey) => [key.kind, ...key.parts].join('\u0000');

/** Rows fetched so far. A row known to be absent is not the same as one never fetched. */
export class FetchedRows implements View {
  readonly #rows = new Map<string, Row | undefined>();
  readonly #kinds = new Set<RowKind>();

  set(key: RowKey, row: Row | undefined): void {
    this.#rows.set(nameOf(key), row);
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) this.set(rowKeyOf(row), row);
  }

  setAll(kind: RowKind, rows: readonly Row[]): void {
    this.#kinds.add(kind);
    this.add(rows);
  }

  has(key: RowKey): boolean {
    return this.#kinds.has(key.kind) || this.#rows.has(nameOf(key));
  }

  hasAll(kind: RowKind): boolean {
    return this.#kinds.has(kind);
  }

  get<K extends RowKind>(key: RowKey<K>): RowOf<K> | undefined {
    return this.#rows.get(nameOf(key)) as RowOf<K> | undefined; // kept under the key of its own kind
  }

  all<K extends RowKind>(kind: K): readonly RowOf<K>[] {
    return [...this.#rows.values()].filter((row): row is RowOf<K> => row?.kind === kind);
  }

  /** The same rows for deciding. @throws YinxinError INTERNAL on reading what was never fetched, which must not pass for absent */
  complete(): View {
    return {
      get: (key) => {
        if (!this.has(key)) throw new YinxinError('INTERNAL', { kind: key.kind });
        return this.get(key);
      },
      all: (kind) => {
        if (!this.hasAll(kind)) throw new YinxinError('INTERNAL', { kind });
        return this.all(kind);
      },
    };
  }
}
