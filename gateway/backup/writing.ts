/** Writes one backup: frozen stores and small files into one file, in constant memory and at a measured pace. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import { syncFolder, unfinishedSuffix } from '../durable-file.ts';
import type { RawEntry } from '../frozen-store.ts';
import {
  type BackupHeader,
  type BackupTotals,
  entryBytes,
  FrameChain,
  formatEntries,
  formatHeader,
  formatTotals,
  magic,
  type PartName,
  type PartTotals,
  tagBytes,
} from './format.ts';
import { isRecordKey } from './records.ts';

export interface BackupPartSource {
  readonly part: PartName;
  readonly blocks: () => AsyncIterable<readonly RawEntry[]>;
}

export interface WriteOptions {
  /** Where the finished file lies. */
  readonly path: string;
  readonly header: BackupHeader;
  /** Of this backup. */
  readonly key: Uint8Array;
  readonly parts: readonly BackupPartSource[];
  /** So much of the disk stays free. */
  readonly reserveBytes: number;
  readonly signal: AbortSignal;
  /** How many bytes are written. */
  readonly report: (bytes: number) => void;
}

export interface WrittenBackup extends BackupTotals {
  readonly bytes: number;
  /** Hex of SHA-256 of the file. */
  readonly digest: string;
}

const frameBytes = 256 * 1024;
/** What is not on disk yet makes every other sync wait for it, so it is never much. */
const bytesBetweenSyncs = 1_048_576;
const longestPauseMilliseconds = 200;

const failed = (reason: string) => new YinxinError('BACKUP_FAILED', { reason });

class BackupFile {
  readonly #handle: FileHandle;
  readonly #options: WriteOptions;
  readonly #chain: FrameChain;
  readonly #digest = createHash('sha256');
  #bytes = 0;
  #unsynced = 0;
  #resumed = performance.now();

  constructor(handle: FileHandle, options: WriteOptions) {
    this.#handle = handle;
    this.#options = options;
    this.#chain = new FrameChain(options.key);
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#digest.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at);
      if (bytesWritten === 0) throw failed('ENOSPC');
      at += bytesWritten;
    }
    this.#bytes += bytes.length;
    this.#unsynced += bytes.length;
    this.#options.report(this.#bytes);
  }

  async frame(frame: Buffer): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) throw failed('closing');
    const tag = this.#chain.next(frame);
    await this.write(frame.subarray(tagBytes));
    await this.write(tag);
    if (this.#unsynced >= bytesBetweenSyncs) await this.#sync();
    await this.#rest();
  }

  async #sync(): Promise<void> {
    await this.#handle.datasync();
    this.#unsynced = 0;
    await this.requireRoom();
  }

  async requireRoom(): Promise<void> {
    const { path, reserveBytes } = this.#options;
    if (reserveBytes === 0) return;
    const { bavail, bsize } = await statfs(dirname(path));
    if (bavail * bsize < reserveBytes) throw failed('ENOSPC');
  }

  /** Twice as long as the frame took: on a busy machine it takes longer, and so does the rest. */
  async #rest(): Promise<void> {
    const took = performance.now() - this.#resumed;
    const pause = Math.min(2 * took, longestPauseMilliseconds);
    await delay(pause, undefined, { signal: this.#options.signal }).catch(() => undefined);
    this.#resumed = performance.now();
  }

  async finish(): Promise<string> {
    await this.#handle.sync();
    return this.#digest.digest('hex');
  }
}

async function writePart(file: BackupFile, { part, blocks }: BackupPartSource) {
  let [entries, bytes, certificates] = [0, 0, 0];
  let waiting: RawEntry[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    if (waiting.length > 0) await file.frame(formatEntries(part, waiting));
    waiting = [];
    waitingBytes = 0;
  };
  for await (const block of blocks()) {
    for (const entry of block) {
      const [key, value] = entry;
      waiting.push(entry);
      waitingBytes += entryBytes(entry);
      entries += 1;
      bytes += key.length + value.length;
      if (part === 'vault' && isRecordKey(key)) certificates += 1;
      if (waitingBytes >= frameBytes) await flush();
    }
  }
  await flush();
  return { part, entries, bytes, certificates };
}

async function writeAll(handle: FileHandle, options: WriteOptions): Promise<WrittenBackup> {
  const file = new BackupFile(handle, options);
  await file.requireRoom();
  await file.write(magic);
  await file.frame(formatHeader(options.header));
  const parts: PartTotals[] = [];
  let certificates = 0;
  for (const source of options.parts) {
    const { certificates: found, ...totals } = await writePart(file, source);
    parts.push(totals);
    certificates += found;
  }
  await file.frame(formatTotals({ parts, certificates }));
  return { parts, certificates, digest: await file.finish(), bytes: file.bytes };
}

function toFailure(error: unknown): unknown {
  if (error instanceof YinxinError || !(error instanceof Error) || !('code' in error)) return error;
  return failed(String(error.code));
}

/**
 * Writes (mode 0600) under another name, syncs and renames: what is found under its own name is whole.
 * @throws YinxinError BACKUP_FAILED with the system's code as `reason`; nothing of it is left then
 */
export async function writeBackup(options: WriteOptions): Promise<WrittenBackup> {
  const unfinished = options.path + unfinishedSuffix;
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    let written: WrittenBackup;
    try {
      written = await writeAll(handle, options);
    } finally {
      await handle.close();
    }
    await rename(unfinished, options.path);
    await syncFolder(dirname(options.path));
    return written;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined); // a file without its end is refused anyway
    throw toFailure(error);
  }
}
