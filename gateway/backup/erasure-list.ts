/** `erasures.json` beside the backups: which certificates were erased, sealed (`../seal.ts`) under a key of the gateway, so that no older backup brings them back. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ascii,
  canonicalBytes,
  fromBase64,
  type Instant,
  type Json,
  memberReader,
  parseCanonical,
  parseInstant,
  parseJson,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import { syncFolder, writeDurably } from '../durable-file.ts';
import type { Random } from '../platform.ts';
import { deriveKey, sealedBox } from '../seal.ts';

const format = 'yinxin-erasures/1';
export const erasureFile = 'erasures.json';
const maxBytes = 64 * 1_048_576;

export interface ErasureList {
  /** When it was written. */
  readonly asOf: Instant;
  /** The vault's own records of them. */
  readonly items: readonly Json[];
}

const damaged = () => new YinxinError('ERASURES_DAMAGED', { file: erasureFile });
const boxOf = (vaultKey: Uint8Array, random: Random) => sealedBox(deriveKey(vaultKey, format), random);
const associatedWith = (asOf: Instant) => ascii(`${format} ${asOf}`);

/** Durable when it settles. @throws YinxinError FILE_UNREADABLE with the system's code */
export async function writeErasureList(
  folder: string,
  { asOf, items }: ErasureList,
  vaultKey: Uint8Array,
  random: Random,
): Promise<void> {
  const sealed = boxOf(vaultKey, random).seal(canonicalBytes([...items]), associatedWith(asOf));
  try {
    await writeDurably(join(folder, erasureFile), canonicalBytes({ format, asOf, sealed: toBase64(sealed) }));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new YinxinError('FILE_UNREADABLE', { file: erasureFile, reason: String(error.code) });
  }
}

function parseList(bytes: Uint8Array, vaultKey: Uint8Array): ErasureList {
  try {
    const names = ['format', 'asOf', 'sealed'] as const;
    const read = memberReader(parseCanonical(bytes, { maxBytes }), erasureFile, 'ERASURES_DAMAGED', names);
    if (read.text('format') !== format) throw damaged();
    const asOf = parseInstant(read.text('asOf'));
    const box = boxOf(vaultKey, () => new Uint8Array());
    const plain = box.open(fromBase64(read.text('sealed')), associatedWith(asOf));
    const items = plain && parseJson(plain, { maxBytes });
    if (!Array.isArray(items)) throw damaged();
    return { asOf, items };
  } catch (error) {
    if (error instanceof YinxinError) throw damaged();
    throw error;
  }
}

/** Undefined where there is none. @throws YinxinError ERASURES_DAMAGED for one that was altered, or of another gateway */
export async function readErasureList(folder: string, vaultKey: Uint8Array): Promise<ErasureList | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, erasureFile));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return parseList(bytes, vaultKey);
}

/** One that does not open is kept under another name, and the vault's own records make a new one. */
export async function setAsideErasureList(folder: string, at: Instant): Promise<void> {
  await rename(join(folder, erasureFile), join(folder, `erasures-${at.replaceAll(/[-:]/g, '')}.damaged`));
  await syncFolder(folder);
}
