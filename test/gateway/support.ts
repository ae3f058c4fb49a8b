/** What several suites of the gateway share: a folder of their own, damage, expected refusals, and key stores that open fast. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { type KeyStoreOptions, openKeyStore } from '../../gateway/keys/store.ts';
import { seededRandom } from '../fixtures/network.ts';

/** A folder for each test of the suite, removed after it. */
export function useFolder(): () => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-gateway-'));
    chmodSync(folder, 0o700);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return () => folder;
}

/** One bit changed. */
export function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
}

/** Awaits the refusal and gives it back. */
export async function expectRefusal(code: ErrorCode, act: () => unknown): Promise<YinxinError> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    expect(error.code).to.equal(code);
    return error;
  }
  throw new Error(`should refuse with ${code}`);
}

export const cheapCost = { N: 16, r: 1, p: 1 };
export const passphrase = '印信 passphrase';

/** A key store as production opens it, but for the cost of its passphrase. */
export function openTestStore(folder: string, changes: Partial<KeyStoreOptions> = {}) {
  return openKeyStore({ folder, passphrase, random: seededRandom(folder), cost: cheapCost, ...changes });
}

/** The bytes of all files of a folder, one after the other. */
export function readAll(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file))));
}
