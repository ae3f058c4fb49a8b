/** What names a built contract: the SM3 of all its files, which the label of the package that organisations approve carries. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes, concat, sm3, sm3Base64, toHex, utf8 } from '@yinxin/core';

/** Every file that runs, or says what may run. */
export const contractFiles = ['META-INF/metadata.json', 'contract.cjs', 'package.json', 'server.cjs'] as const;

/**
 * SM3("yinxin-contract" ‖ 00 ‖ JCS({file: base64 of SM3(bytes), …})) in hex, over the built files in `folder`.
 * @throws Error of the file system where one cannot be read
 */
export function contractIdentity(folder: string): string {
  const hashes = contractFiles.map((file) => [file, sm3Base64(readFileSync(join(folder, file)))] as const);
  return toHex(sm3(concat(utf8('yinxin-contract\u0000'), canonicalBytes(Object.fromEntries(hashes)))));
}

/** The label of the package: what a peer allows in one (`[A-Za-z0-9][A-Za-z0-9_.+-]*`). */
export const contractLabel = (identity: string): string => `yinxin-${identity}`;
