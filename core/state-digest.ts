/** A digest of the ledger's whole state, which whoever replays the blocks of any peer arrives at (core/FORMATS.md). */
import { sm3 } from '#sm3';
import { concat, utf8 } from './bytes.ts';

/** A row of the world state: its composite key as Fabric writes it, and its value, canonical JSON. */
export type StateEntry = readonly [key: string, value: string];

/** The digest of a state without rows. */
export const emptyStateDigest: Uint8Array = new Uint8Array(32);

const tag = utf8('yinxin-state\u0000');
const lengthBytes = 4;

/** Takes in the next row: SM3("yinxin-state" ‖ 00 ‖ digest so far ‖ bytes of the key in 4 bytes, big-endian ‖ key ‖ value), texts in UTF-8. */
export function digestRow(before: Uint8Array, [key, value]: StateEntry): Uint8Array {
  const name = utf8(key);
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setUint32(0, name.length);
  return sm3(concat(tag, before, length, name, utf8(value)));
}

/** Of a state's rows, each once, ascending by the UTF-8 bytes of their keys. 32 bytes. Another order, or a row left out, gives another digest. */
export async function digestState(rows: Iterable<StateEntry> | AsyncIterable<StateEntry>): Promise<Uint8Array> {
  let digest = emptyStateDigest;
  for await (const row of rows) digest = digestRow(digest, row);
  return digest;
}
