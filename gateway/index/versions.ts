/** Rows with their past: every version of a row, with the number of the block that wrote it. */
import { type Row, type RowKind, type RowOf, rowKeyOf } from '@yinxin/core';

interface Version {
  readonly block: number;
  readonly row: Row;
}

/** The newest version of blocks 0 … height − 1. A domain's row is rewritten by everything that its administrators do, so halving pays. */
function findVersion(versions: readonly Version[], height: number): Version | undefined {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle]?.block ?? height) < height) low = middle + 1;
    else high = middle;
  }
  return versions[low - 1];
}

/** Names a row within its kind. */
export const nameOf = (row: Row) => rowKeyOf(row).parts.join('/');

/** Names a row among all. */
export const fullNameOf = (row: Row) => `${row.kind}/${nameOf(row)}`;

/** The order of rows in the index's keys, where a slash follows the name. */
export function compareRows(a: Row, b: Row): number {
  const [left, right] = [`${nameOf(a)}/`, `${nameOf(b)}/`];
  return left < right ? -1 : Number(left > right);
}

/** The rows of one height. What nobody asks for is never looked up, so an old height costs no more than the present one. */
export interface RowsAt {
  get<K extends RowKind>(kind: K, name: string): RowOf<K> | undefined;
  /** In the order in which they came to be; looked up once. */
  all<K extends RowKind>(kind: K): readonly RowOf<K>[];
}

export class Versions {
  readonly #kinds = new Map<RowKind, Map<string, Version[]>>();

  /** Blocks come in order; of one block the last version counts. */
  add(row: Row, block: number): void {
    const ofKind = this.#kinds.get(row.kind) ?? new Map<string, Version[]>();
    this.#kinds.set(row.kind, ofKind);
    const name = nameOf(row);
    const versions = ofKind.get(name) ?? [];
    ofKind.set(name, versions);
    if (versions.at(-1)?.block === block) versions.pop();
    versions.push({ block, row });
  }

  at(height: number): RowsAt {
    const lists = new Map<RowKind, readonly Row[]>();
    const find = (kind: RowKind, name: string) => {
      const versions = this.#kinds.get(kind)?.get(name);
      return versions && findVersion(versions, height)?.row;
    };
    return {
      get: <K extends RowKind>(kind: K, name: string) => find(kind, name) as RowOf<K> | undefined, // `add` files each under its kind
      all: <K extends RowKind>(kind: K) => {
        const list = lists.get(kind) ?? this.#list(kind, height);
        lists.set(kind, list);
        return list as readonly RowOf<K>[]; // as above
      },
    };
  }

  #list(kind: RowKind, height: number): readonly Row[] {
    return [...(this.#kinds.get(kind)?.values() ?? [])].flatMap((versions) => findVersion(versions, height)?.row ?? []);
  }

  /** The newest version of the same row. */
  newest(row: Row): Row | undefined {
    return this.#kinds.get(row.kind)?.get(nameOf(row))?.at(-1)?.row;
  }
}
