/** A backup's file: a line that names the format, then frames, each under a tag (HMAC-SM3) that also covers the one before. */
import {
  canonicalBytes,
  fromBase64,
  hmacSm3Key,
  type Instant,
  memberReader,
  parseCanonical,
  parseInstant,
  toBase64,
  toHex,
  utf8,
  YinxinError,
} from '@yinxin/core';
import type { RawEntry } from '../frozen-store.ts';
import { openKeyFile } from '../keys/key-file.ts';
import { openPassphraseKey } from '../keys/passphrase-key.ts';
import { deriveKey, sealedBox } from '../seal.ts';

export const backupFormat = 'yinxin-backup/1';
export const magic = utf8(`${backupFormat}\n`);
export const backupExtension = '.backup';

/** What a backup consists of, in this order; the embedded ledger only where that is the ledger. */
export const partNames = ['ledger', 'vault', 'index', 'keys', 'files'] as const;
export type PartName = (typeof partNames)[number];

/** The first frame. Nothing in it is secret; the two key files are as they lie in the key store, and open under the passphrase alone. */
export interface BackupHeader {
  /** Version of the program that wrote it. */
  readonly program: string;
  readonly channel: string;
  readonly domain: string;
  readonly ledger: 'embedded' | 'fabric';
  /** When everything was frozen. */
  readonly time: Instant;
  /** Number of blocks that the index had at least, and how many of them another organisation was seen to hold too. */
  readonly height: number;
  readonly confirmed: number;
  /** Makes the key of this backup: no frame of another fits. */
  readonly salt: Uint8Array;
  readonly storeFile: Uint8Array;
  readonly vaultFile: Uint8Array;
}

export interface PartTotals {
  readonly part: PartName;
  readonly entries: number;
  /** Of keys and values. */
  readonly bytes: number;
}

/** The last frame. */
export interface BackupTotals {
  readonly parts: readonly PartTotals[];
  /** Records of certificates in the vault. */
  readonly certificates: number;
}

export const saltBytes = 16;
export const tagBytes = 32;
/** Length of the payload, then the frame's kind. */
export const frameHeadBytes = 5;
/** Of a payload. A block of the embedded ledger is one entry and lies in one frame. */
export const maxFrameBytes = 256 * 1_048_576;
const maxHeaderBytes = 65_536;
const lengthBytes = 4;

export const frameKinds = { header: 1, entries: 2, end: 3 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** Why a file is no backup that may be used. */
export type DamageReason = 'format' | 'header' | 'tag' | 'cut short' | 'content' | 'more after the end';

export function backupDamaged(reason: DamageReason): YinxinError {
  return new YinxinError('BACKUP_DAMAGED', { reason });
}

export function deriveBackupKey(vaultKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return deriveKey(vaultKey, `${backupFormat} ${toHex(salt)}`);
}

/** The key that a backup carries itself, sealed by the passphrase. @throws YinxinError PASSPHRASE_WRONG, KEY_STORE_DAMAGED, BACKUP_DAMAGED */
export async function openVaultKey(
  { storeFile, vaultFile }: Pick<BackupHeader, 'storeFile' | 'vaultFile'>,
  passphrase: string,
): Promise<Uint8Array> {
  const sealKey = await openPassphraseKey(storeFile, passphrase);
  const box = sealedBox(sealKey, () => {
    throw new Error('nothing is sealed here');
  });
  const opened = openKeyFile('vault', vaultFile, box);
  if (opened?.part.kind !== 'vault') throw backupDamaged('header');
  return opened.secret;
}

/** Tags of one file's frames, one after the other. */
export class FrameChain {
  readonly #tag: (message: Uint8Array) => Uint8Array;
  #before: Uint8Array = new Uint8Array(tagBytes);

  constructor(key: Uint8Array) {
    this.#tag = hmacSm3Key(key);
  }

  /** The tag of the next frame. `frame` has `tagBytes` of room in front of length, kind and payload, for the tag before. */
  next(frame: Uint8Array): Uint8Array {
    frame.set(this.#before);
    this.#before = this.#tag(frame);
    return this.#before;
  }
}

/** A frame with room for the tag before in front, which is not written. */
export function startFrame(kind: FrameKind, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(tagBytes + frameHeadBytes + payloadBytes);
  frame.writeUInt32BE(payloadBytes, tagBytes);
  frame[tagBytes + lengthBytes] = kind;
  return frame;
}

export const entryBytes = ([key, value]: RawEntry) => 2 * lengthBytes + key.length + value.length;

/** `part (1) ‖ { length of key (4) ‖ key ‖ length of value (4) ‖ value }` */
export function formatEntries(part: PartName, entries: readonly RawEntry[]): Buffer {
  const payloadBytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 1);
  const frame = startFrame(frameKinds.entries, payloadBytes);
  let at = tagBytes + frameHeadBytes;
  frame[at] = partNames.indexOf(part);
  at += 1;
  for (const entry of entries) {
    for (const bytes of entry) {
      at = frame.writeUInt32BE(bytes.length, at);
      frame.set(bytes, at);
      at += bytes.length;
    }
  }
  return frame;
}

/** Of a payload that its tag vouches for. @throws YinxinError BACKUP_DAMAGED for one of another format */
export function parseEntries(payload: Buffer): { readonly part: PartName; readonly entries: readonly RawEntry[] } {
  const part = partNames[payload[0] ?? partNames.length];
  if (part === undefined) throw backupDamaged('content');
  let at = 1;
  const take = (): Uint8Array => {
    if (at + lengthBytes > payload.length) throw backupDamaged('content');
    const length = payload.readUInt32BE(at);
    at += lengthBytes + length;
    if (at > payload.length) throw backupDamaged('content');
    return payload.subarray(at - length, at);
  };
  const entries: RawEntry[] = [];
  while (at < payload.length) entries.push([take(), take()]);
  return { part, entries };
}

function formatJson(kind: FrameKind, bytes: Uint8Array): Buffer {
  const frame = startFrame(kind, bytes.length);
  frame.set(bytes, tagBytes + frameHeadBytes);
  return frame;
}

export function formatHeader(header: BackupHeader): Buffer {
  const { salt, storeFile, vaultFile, ...plain } = header;
  const binary = { salt: toBase64(salt), storeFile: toBase64(storeFile), vaultFile: toBase64(vaultFile) };
  return formatJson(frameKinds.header, canonicalBytes({ format: backupFormat, ...plain, ...binary }));
}

/** Before its tag can be known: strictly, and of no great size. @throws YinxinError BACKUP_DAMAGED */
export function parseHeader(payload: Uint8Array): BackupHeader {
  try {
    const names = ['program', 'channel', 'domain', 'time', 'height', 'confirmed', 'salt', 'storeFile'] as const;
    const all = ['format', 'ledger', 'vaultFile', ...names] as const;
    const read = memberReader(parseCanonical(payload, { maxBytes: maxHeaderBytes }), 'header', 'BACKUP_DAMAGED', all);
    if (read.text('format') !== backupFormat) throw backupDamaged('format');
    return {
      program: read.text('program'),
      channel: read.text('channel'),
      domain: read.text('domain'),
      ledger: read.matching('ledger', /^(embedded|fabric)$/) === 'embedded' ? 'embedded' : 'fabric',
      time: parseInstant(read.text('time')),
      height: read.natural('height'),
      confirmed: read.natural('confirmed'),
      salt: fromBase64(read.text('salt'), saltBytes),
      storeFile: fromBase64(read.text('storeFile')),
      vaultFile: fromBase64(read.text('vaultFile')),
    };
  } catch (error) {
    if (error instanceof YinxinError) throw backupDamaged(error.details['reason'] === 'format' ? 'format' : 'header');
    throw error;
  }
}

export function formatTotals(totals: BackupTotals): Buffer {
  const json = { certificates: totals.certificates, parts: totals.parts.map((part) => ({ ...part })) };
  return formatJson(frameKinds.end, canonicalBytes(json));
}

/** The end has to say exactly what was read. */
export function isTotals(payload: Uint8Array, totals: BackupTotals): boolean {
  return Buffer.compare(payload, formatTotals(totals).subarray(tagBytes + frameHeadBytes)) === 0;
}
