/** Status lists (IETF draft-ietf-oauth-status-list §4): one register's statuses, two bits each, index = entry, from the least significant bits up. */
import { fromBase64 } from './bytes.ts';
import { YinxinError } from './errors.ts';
import { inflateRaw } from './inflate.ts';
import type { Instant, Status } from './model.ts';

/** 0 valid, 1 ended, 2 suspended, 3 superseded: two bits cannot tell the four acts that end a certificate apart. */
export type ListedStatus = 0 | 1 | 2 | 3;

/** A list whose signature and claims were verified (core/jose.ts), opened. */
export interface StatusList {
  /** Domain that signed. */
  readonly iss: string;
  readonly issuer: string;
  readonly type: string;
  readonly height: number;
  /** Last entry that it covers. */
  readonly entries: number;
  readonly issuedAt: Instant;
  readonly expires: Instant;
  /** Of an entry from 1 to `entries`. */
  statusOf(entry: number): ListedStatus;
}

/** The largest register that one list covers: 16 MiB, which also bounds what `openStatuses` inflates. */
export const maxListedEntries = 4 * 16 * 1024 * 1024 - 1;

const listed: { readonly [status in Status]: ListedStatus } = {
  ACTIVE: 0,
  SUSPENDED: 2,
  SUPERSEDED: 3,
  CANCELLED: 1,
  REVOKED: 1,
  WITHDRAWN: 1,
  FORFEITED: 1,
};

/** `sub` of a register's list. */
export function formatListSubject(channel: string, issuer: string, type: string): string {
  return `urn:yinxin:${channel}:${issuer}:${type}`;
}

/** Bytes of a list: index 0 is unused. */
const packedBytes = (entries: number) => Math.ceil((entries + 1) / 4);

function isEntry(entry: number, entries: number): boolean {
  return Number.isSafeInteger(entry) && entry >= 1 && entry <= entries;
}

/** A list that is filled as statuses come: all entries valid but those set, of which the last word on each counts. */
export interface StatusPacker {
  readonly packed: Uint8Array;
  /** @throws YinxinError INPUT_INVALID for an entry that the register does not have */
  set(entry: number, status: Status): void;
}

/** @throws YinxinError TOO_LARGE */
export function statusPacker(entries: number): StatusPacker {
  if (entries > maxListedEntries) throw new YinxinError('TOO_LARGE', { maxEntries: maxListedEntries });
  const packed = new Uint8Array(packedBytes(entries));
  return {
    packed,
    set(entry, status) {
      if (!isEntry(entry, entries)) throw new YinxinError('INPUT_INVALID', { member: 'entry' });
      const shift = 2 * (entry & 3);
      const others = (packed[entry >> 2] ?? 0) & ~(3 << shift);
      packed[entry >> 2] = others | (listed[status] << shift);
    },
  };
}

/** The same of statuses that are at hand. @throws YinxinError TOO_LARGE, INPUT_INVALID */
export function packStatuses(
  entries: number,
  changed: Iterable<{ readonly entry: number; readonly status: Status }>,
): Uint8Array {
  const packer = statusPacker(entries);
  for (const { entry, status } of changed) packer.set(entry, status);
  return packer.packed;
}

/** Reads one status where it lies. @throws RangeError for an entry that the list does not cover: nobody may take that for valid */
export function readStatus(packed: Uint8Array, entries: number, entry: number): ListedStatus {
  if (!isEntry(entry, entries)) throw new RangeError('an entry beyond the status list');
  return (((packed[entry >> 2] ?? 0) >> (2 * (entry & 3))) & 3) as ListedStatus; // two bits
}

/**
 * The packed statuses of a register of `entries`, from `lst`: canonical base64url without padding of one whole zlib stream (RFC 1950).
 * @throws YinxinError STATUS_LIST_INVALID `{why}`: other letters, header or checksum wrong, truncated, bytes left over, not exactly this register's length, anything at index 0 or behind the last entry
 */
export function openStatuses(lst: string, entries: number): Uint8Array {
  if (entries > maxListedEntries) throw invalid('entries');
  const packed = inflateZlib(fromBase64Url(lst), packedBytes(entries));
  if (((packed[0] ?? 0) & 3) !== 0) throw invalid('index 0');
  const used = 2 * ((entries & 3) + 1);
  if ((packed[packed.length - 1] ?? 0) >> used !== 0) throw invalid('padding');
  return packed;
}

function invalid(why: string): YinxinError {
  return new YinxinError('STATUS_LIST_INVALID', { why });
}

function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw invalid('base64url');
  const padding = '='.repeat(-text.length & 3);
  try {
    return fromBase64(text.replace(/-/g, '+').replace(/_/g, '/') + padding);
  } catch {
    throw invalid('base64url');
  }
}

const headerBytes = 2;
const checksumBytes = 4;

/** Exactly `length` bytes, from one stream without a preset dictionary. */
function inflateZlib(bytes: Uint8Array, length: number): Uint8Array {
  const method = bytes[0] ?? 0;
  const flags = bytes[1] ?? 0;
  const isHeader =
    (method & 0x0f) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
  if (!isHeader || bytes.length < headerBytes + checksumBytes) throw invalid('zlib header');
  const end = bytes.length - checksumBytes;
  const inflated = inflate(bytes.subarray(headerBytes, end), length);
  if (inflated.length !== length) throw invalid('length');
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(end);
  if (adler32(inflated) !== ((a << 24) | (b << 16) | (c << 8) | d) >>> 0) throw invalid('checksum');
  return inflated;
}

function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflateRaw(bytes, maxBytes);
  } catch (error) {
    if (error instanceof YinxinError) throw invalid(String(error.details['reason']));
    throw error;
  }
}

/** So many bytes can be added up before a sum leaves 32 bits. */
const adlerRun = 3_800;

/** RFC 1950 §8.2. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let from = 0; from < bytes.length; from += adlerRun) {
    const to = Math.min(from + adlerRun, bytes.length);
    for (let at = from; at < to; at += 1) {
      low += bytes[at] ?? 0;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}
