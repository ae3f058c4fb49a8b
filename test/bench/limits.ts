/** What this machine can do at most, one thing at a time: the limits that a bulk run comes near to or not. */
import { hash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyOf, signSm2 } from '@yinxin/core';

export interface Limits {
  /** SM3 of 60 bytes, one thread. */
  readonly hashesPerSecond: number;
  /** SM2, one thread. */
  readonly signaturesPerSecond: number;
  /** New files of 3 KB in folders of 4,096, one thread, not flushed. */
  readonly filesPerSecond: number;
  /** One file after another, flushed at the end. */
  readonly bytesPerSecond: number;
}

function rate(count: number, work: () => void): number {
  const began = performance.now();
  work();
  return (count / (performance.now() - began)) * 1000;
}

function measureHashes(): number {
  const bytes = randomBytes(60);
  const count = 300_000;
  return rate(count, () => {
    for (let at = 0; at < count; at += 1) hash('sm3', bytes, 'hex');
  });
}

function measureSignatures(): number {
  const key = new Uint8Array(randomBytes(32).fill(1, 0, 1));
  const publicKey = publicKeyOf(key);
  const sign = () => signSm2(randomBytes(200), key, publicKey);
  sign();
  return rate(300, () => {
    for (let at = 0; at < 300; at += 1) sign();
  });
}

function measureFiles(folder: string): number {
  const content = randomBytes(3_000);
  const count = 8_192;
  return rate(count, () => {
    for (let at = 0; at < count; at += 1) {
      const below = join(folder, String(Math.floor(at / 4_096)));
      if (at % 4_096 === 0) mkdirSync(below);
      writeFileSync(
        join(below, `1.2.156.3005.2.11990300DEMA00080H001.11990300DEMA00080H.${at}.001.X.yinxin.json`),
        content,
      );
    }
  });
}

function measureBytes(folder: string): number {
  const piece = randomBytes(4 * 1024 * 1024);
  const pieces = 64;
  const file = openSync(join(folder, 'bytes'), 'w');
  const measured = rate(pieces * piece.length, () => {
    for (let at = 0; at < pieces; at += 1) writeSync(file, piece);
    fsyncSync(file);
  });
  closeSync(file);
  return measured;
}

/**
 * Takes about 2 s. Makes the folder and leaves 300 MB in it: where many files were deleted within the last minutes, ext4 takes twenty times
 * as long to make one (it will not take their inodes yet, and looks at each).
 */
export function measureLimits(folder: string): Limits {
  mkdirSync(folder);
  return {
    hashesPerSecond: measureHashes(),
    signaturesPerSecond: measureSignatures(),
    filesPerSecond: measureFiles(folder),
    bytesPerSecond: measureBytes(folder),
  };
}
