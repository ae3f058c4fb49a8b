/** The SM3 that names a built contract, computed from its files anew, apart from the contract's own code that does the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes, concat, sm3, sm3Base64, toHex, utf8 } from '@yinxin/core';

/** Every file that runs, or says what may run. */
const contractFiles = ['META-INF/metadata.json', 'contract.cjs', 'package.json', 'server.cjs'];

/**
 * SM3("yinxin-contract" ‖ 00 ‖ JCS({file: base64 of SM3(bytes), …})) in hex.
 * @throws Error of the file system where a file cannot be read
 */
export function computeIdentity(folder: string): string {
  const hashes = contractFiles.map((file) => [file, sm3Base64(readFileSync(join(folder, file)))] as const);
  return toHex(sm3(concat(utf8('yinxin-contract\u0000'), canonicalBytes(Object.fromEntries(hashes)))));
}

/** As the label of a package id carries it; undefined when there is none. */
export function readIdentity(packageId: string): string | undefined {
  return /^yinxin-([0-9a-f]{64}):/.exec(packageId)?.[1];
}
