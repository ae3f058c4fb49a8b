/** A row of the state as the index keeps it: its text, and of a status row where each of its changes stands in the ledger. */
import { fromUtf8, type Instant, type KnownChange, parseRow, type Row, type StatusRow, utf8 } from '@yinxin/core';

/** Block and ledger time of a change's transaction. */
export type Recorded = readonly [block: number, time: Instant];

export class KeptRow {
  /** Canonical JSON. */
  readonly text: string;
  /** One for each change of a status row, null where no transaction that signed for it is known. */
  readonly recorded: readonly (Recorded | null)[];
  #row: Row | undefined;

  constructor(text: string, recorded: KeptRow['recorded'] = [], row?: Row) {
    this.text = text;
    this.recorded = recorded;
    this.#row = row;
  }

  /** Read once. */
  get row(): Row {
    this.#row ??= parseRow(this.text);
    return this.#row;
  }
}

const bracket = 0x5b;
const newline = 0x0a;

/** The text, behind a line that says what was recorded, if anything was. */
export function formatKept({ text, recorded }: KeptRow): Uint8Array {
  return utf8(recorded.length === 0 ? text : `${JSON.stringify(recorded)}\n${text}`);
}

/** Reads what `formatKept` wrote: a row's text begins with a brace. */
export function parseKept(value: Uint8Array): KeptRow {
  if (value[0] !== bracket) return new KeptRow(fromUtf8(value));
  const end = value.indexOf(newline);
  return new KeptRow(
    fromUtf8(value.subarray(end + 1)),
    JSON.parse(fromUtf8(value.subarray(0, end))) as KeptRow['recorded'],
  );
}

/** The changes of the blocks before a height. */
export function knownChanges(kept: KeptRow | undefined, height: number): readonly KnownChange[] {
  if (kept?.row.kind !== 'status') return [];
  return kept.row.changes.flatMap((change, at) => {
    const [block, recorded] = kept.recorded[at] ?? [];
    return block !== undefined && recorded !== undefined && block < height ? [{ ...change, block, recorded }] : [];
  });
}

/** With the changes of one transaction marked as of its block and time. */
export function record(
  { changes }: StatusRow,
  txId: string,
  before: KeptRow['recorded'],
  recorded: Recorded,
): KeptRow['recorded'] {
  return changes.map((change, at) => (change.txId === txId ? recorded : (before[at] ?? null)));
}
