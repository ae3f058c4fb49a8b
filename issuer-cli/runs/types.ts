/** Which type a roster is of. */
import { basename } from 'node:path';
import type { CertificateType } from '@yinxin/core';
import { usageError } from '../command.ts';
import { findType } from '../registry.ts';

/** The type with whose slug or name a file's name begins; undefined where there is none. */
export function findTypeOfFile(types: readonly CertificateType[], path: string): CertificateType | undefined {
  const name = basename(path);
  const beginsWith = (word: string) => name.startsWith(word) && /^(?!\p{L})/u.test(name.slice(word.length));
  const fitting = types.flatMap((type) => [type.type, type.name.zh].filter(beginsWith).map((word) => ({ type, word })));
  return fitting.sort((a, b) => b.word.length - a.word.length)[0]?.type;
}

/** The type that `--type` names, or the file's name. @throws YinxinError TYPE_UNKNOWN; USAGE where neither tells */
export function chooseType(
  types: readonly CertificateType[],
  path: string,
  named: string | undefined,
): CertificateType {
  if (named !== undefined) return findType(types, named);
  const found = findTypeOfFile(types, path);
  if (!found) throw usageError('type-unnamed', basename(path).slice(0, 80));
  return found;
}
