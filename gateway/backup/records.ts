/** Where the vault keeps records of certificates: what a copy of it has to be counted and looked through by, without opening any. */

const recordPrefix = Buffer.from('record/');
const recordKey = /^record\/([0-9A-Z]{18})\/([a-z][a-z0-9-]{1,63})\/(\d{12})$/;

export interface RegisterName {
  readonly issuer: string;
  readonly type: string;
}

export function isRecordKey(key: Uint8Array): boolean {
  return key.length > recordPrefix.length && recordPrefix.compare(key, 0, recordPrefix.length) === 0;
}

/** What the vault holds of one register. */
export interface RegisterRecords extends RegisterName {
  readonly count: number;
  readonly last: number;
}

/** Counts records by register, from keys in any order; memory by registers, not by records. */
export class RecordCount {
  readonly #found = new Map<string, RegisterRecords>();
  /** Of keys that no register has. */
  unknown = 0;

  add(key: Uint8Array): void {
    if (!isRecordKey(key)) return;
    const [, issuer, type, digits] = recordKey.exec(Buffer.from(key).toString('latin1')) ?? [];
    if (issuer === undefined || type === undefined) {
      this.unknown += 1;
      return;
    }
    const name = `${issuer}/${type}`;
    const before = this.#found.get(name) ?? { issuer, type, count: 0, last: 0 };
    this.#found.set(name, { ...before, count: before.count + 1, last: Math.max(before.last, Number(digits)) });
  }

  registers(): readonly RegisterRecords[] {
    return [...this.#found.values()];
  }
}
