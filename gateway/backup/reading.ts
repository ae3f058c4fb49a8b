/** Reads a backup: nothing of a frame is used before its tag holds, and nothing of the whole is believed before its end was read. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { equal, YinxinError } from '@yinxin/core';
import type { RawEntry } from '../frozen-store.ts';
import {
  type BackupHeader,
  type BackupTotals,
  backupDamaged,
  deriveBackupKey,
  FrameChain,
  frameHeadBytes,
  frameKinds,
  isTotals,
  magic,
  maxFrameBytes,
  openVaultKey,
  type PartName,
  type PartTotals,
  parseEntries,
  parseHeader,
  tagBytes,
} from './format.ts';
import { isRecordKey } from './records.ts';

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
  /** With room for the tag before in front. */
  readonly frame: Buffer;
  readonly tag: Uint8Array;
}

class FrameReader {
  readonly #handle: FileHandle;
  #at = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws YinxinError BACKUP_DAMAGED where the file ends before */
  async read(buffer: Buffer, from: number, length: number): Promise<void> {
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(buffer, from + done, length - done, this.#at);
      if (bytesRead === 0) throw backupDamaged('cut short');
      done += bytesRead;
      this.#at += bytesRead;
    }
  }

  async magic(): Promise<void> {
    const found = Buffer.alloc(magic.length);
    await this.read(found, 0, found.length).catch((error: unknown) => {
      throw error instanceof YinxinError ? backupDamaged('format') : error;
    });
    if (!equal(found, magic)) throw backupDamaged('format');
  }

  async frame(): Promise<Frame> {
    const head = Buffer.alloc(frameHeadBytes);
    await this.read(head, 0, frameHeadBytes);
    const payloadBytes = head.readUInt32BE(0);
    if (payloadBytes > maxFrameBytes) throw backupDamaged('tag');
    // a length that was altered must not cost memory: the file would have to be as long
    const { size } = await this.#handle.stat();
    if (this.#at + payloadBytes + tagBytes > size) throw backupDamaged('cut short');
    const frame = Buffer.allocUnsafe(tagBytes + frameHeadBytes + payloadBytes);
    head.copy(frame, tagBytes);
    await this.read(frame, tagBytes + frameHeadBytes, payloadBytes);
    const tag = Buffer.alloc(tagBytes);
    await this.read(tag, 0, tagBytes);
    return { kind: head[frameHeadBytes - 1] ?? 0, payload: frame.subarray(tagBytes + frameHeadBytes), frame, tag };
  }

  async requireEnd(): Promise<void> {
    const { bytesRead } = await this.#handle.read(Buffer.alloc(1), 0, 1, this.#at);
    if (bytesRead > 0) throw backupDamaged('more after the end');
  }
}

function requireTag(chain: FrameChain, { frame, tag }: Frame): void {
  if (!equal(chain.next(frame), tag)) throw backupDamaged('tag');
}

export interface BackupEntries {
  readonly part: PartName;
  readonly entries: readonly RawEntry[];
}

export interface OpenBackup {
  readonly header: BackupHeader;
  readonly vaultKey: Uint8Array;
  /**
   * All of it, from the beginning, each block under its tag; the promise of the last one settles once the end was found to say the same.
   * @throws YinxinError BACKUP_DAMAGED
   */
  entries(): AsyncGenerator<BackupEntries, BackupTotals>;
  close(): Promise<void>;
}

class Counting {
  readonly #parts = new Map<PartName, PartTotals>();
  #certificates = 0;

  add({ part, entries }: BackupEntries): void {
    const before = this.#parts.get(part) ?? { part, entries: 0, bytes: 0 };
    let { bytes } = before;
    for (const [key, value] of entries) {
      bytes += key.length + value.length;
      if (part === 'vault' && isRecordKey(key)) this.#certificates += 1;
    }
    this.#parts.set(part, { part, entries: before.entries + entries.length, bytes });
  }

  /** Of these parts, in their order; those that had nothing too. */
  totals(parts: readonly PartName[]): BackupTotals {
    const all = parts.map((part) => this.#parts.get(part) ?? { part, entries: 0, bytes: 0 });
    return { parts: all, certificates: this.#certificates };
  }
}

/** Parts of a backup over this ledger. */
export function partsOf(ledger: BackupHeader['ledger']): readonly PartName[] {
  return ledger === 'embedded' ? ['ledger', 'vault', 'index', 'keys', 'files'] : ['vault', 'index', 'keys', 'files'];
}

async function* readEntries(
  handle: FileHandle,
  key: Uint8Array,
  ledger: BackupHeader['ledger'],
): AsyncGenerator<BackupEntries, BackupTotals> {
  const reader = new FrameReader(handle);
  const chain = new FrameChain(key);
  const counting = new Counting();
  await reader.magic();
  requireTag(chain, await reader.frame());
  for (;;) {
    const frame = await reader.frame();
    requireTag(chain, frame);
    if (frame.kind === frameKinds.end) {
      const totals = counting.totals(partsOf(ledger));
      if (!isTotals(frame.payload, totals)) throw backupDamaged('content');
      await reader.requireEnd();
      return totals;
    }
    if (frame.kind !== frameKinds.entries) throw backupDamaged('content');
    const entries = parseEntries(frame.payload);
    counting.add(entries);
    yield entries;
  }
}

function unreadable(error: unknown, file: string): unknown {
  if (error instanceof YinxinError || !(error instanceof Error) || !('code' in error)) return error;
  return new YinxinError('FILE_UNREADABLE', { file, reason: String(error.code) });
}

async function readHeader(handle: FileHandle): Promise<{ readonly header: BackupHeader; readonly frame: Frame }> {
  const reader = new FrameReader(handle);
  await reader.magic();
  const frame = await reader.frame();
  if (frame.kind !== frameKinds.header) throw backupDamaged('header');
  return { header: parseHeader(frame.payload), frame };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    if (!(await stat(path)).isFile()) throw backupDamaged('format');
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** What the beginning of a backup says, under the key of the gateway that made it. @throws YinxinError BACKUP_DAMAGED, FILE_UNREADABLE */
export async function readBackupHeader(path: string, vaultKey: Uint8Array): Promise<BackupHeader> {
  const handle = await openFile(path);
  try {
    const { header, frame } = await readHeader(handle);
    requireTag(new FrameChain(deriveBackupKey(vaultKey, header.salt)), frame);
    return header;
  } finally {
    await handle.close();
  }
}

/**
 * Opens a backup by the passphrase of the gateway that made it.
 * @throws YinxinError FILE_UNREADABLE, BACKUP_DAMAGED, PASSPHRASE_WRONG
 */
export async function openBackup(path: string, passphrase: string): Promise<OpenBackup> {
  const handle = await openFile(path);
  try {
    const { header, frame } = await readHeader(handle);
    const vaultKey = await openVaultKey(header, passphrase).catch((error: unknown) => {
      const isDamaged = error instanceof YinxinError && error.code === 'KEY_STORE_DAMAGED';
      throw isDamaged ? backupDamaged('header') : error;
    });
    const key = deriveBackupKey(vaultKey, header.salt);
    requireTag(new FrameChain(key), frame);
    return {
      header,
      vaultKey,
      entries: () => readEntries(handle, key, header.ledger),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
