/** Rosters, from a file to the values of certificates and back: the one door to this folder. */
import { open } from 'node:fs/promises';
import { type CertificateType, YinxinError } from '@yinxin/core';
import { toFileError } from '../files.ts';
import { readHeadings } from './columns.ts';
import { openCsv } from './csv-file.ts';
import type { Mapping } from './mapping.ts';
import type { RosterFile } from './source.ts';
import { isEncryptedWorkbook } from './xlsx/package.ts';
import { openXlsx } from './xlsx/xlsx-file.ts';

export { type Columns, findField, listPictures, matchColumns } from './columns.ts';
export { findExactDigits } from './exact-digits.ts';
export { type Mapping, parseMapping, readMapping } from './mapping.ts';
export { type Change, checkRow, type Pictures, type RosterFinding, type RowResult, readRow } from './row.ts';
export {
  type ChangeKind,
  type Flaw,
  isEmptyRow,
  type RosterFile,
  type RosterShape,
  type RosterWriter,
  type SourceRow,
} from './source.ts';
export { createRosterWriter } from './writer.ts';

export interface OpenOptions {
  /** So that the header is found below a title, and the right sheet among several. */
  readonly type?: CertificateType;
  readonly mapping?: Mapping;
  /** The sheet of a workbook, by name. */
  readonly sheet?: string;
}

const zipMark = [0x50, 0x4b, 0x03, 0x04];
const compoundMark = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

function beginsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

async function readHead(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(4096), 0, 4096, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toFileError(path, error);
  }
}

/** A page or an XML table that a registry calls `.xls`. */
function isMarkup(head: Uint8Array): boolean {
  return /^\s*<(\?xml|!doctype|html|table|meta)\b/i.test(
    new TextDecoder('latin1').decode(head.subarray(0, 64)).replace('ï»¿', ''),
  );
}

/**
 * Opens a roster by what its bytes are, not by its name: CSV in UTF-8 or GB18030, or XLSX.
 * @throws YinxinError FILE_UNREADABLE, ROSTER_ENCODING, ROSTER_ENCODING_MIXED, ROSTER_QUOTE, ROSTER_EMPTY, ROSTER_OLD_FORMAT, ROSTER_PASSWORD,
 * ROSTER_DAMAGED, ROSTER_MACRO, ROSTER_LINKS, ROSTER_BOMB, ROSTER_SHEETS
 */
export async function openRoster(path: string, options: OpenOptions = {}): Promise<RosterFile> {
  const head = await readHead(path);
  const looksLikeHeader = readHeadings(options.type, options.mapping);
  if (beginsWith(head, zipMark)) return openXlsx(path, looksLikeHeader, options.sheet);
  if (beginsWith(head, compoundMark))
    throw new YinxinError((await isEncryptedWorkbook(path)) ? 'ROSTER_PASSWORD' : 'ROSTER_OLD_FORMAT');
  if (isMarkup(head)) throw new YinxinError('ROSTER_OLD_FORMAT');
  return openCsv(path, looksLikeHeader);
}
