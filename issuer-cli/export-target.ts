/** Where an export goes: a file of lines, or a folder of files; what it holds already tells where to go on. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { isJsonObject, parseJson, YinxinError } from '@yinxin/core';
import { exists, makeFolder, readBytes, toFileError, writeAtomically } from './files.ts';

export interface ExportTarget {
  /** The last entry of a register that was written; 0 before the first. */
  lastOf(register: ExportRegister): number;
  /** Certificate files of one register, ascending; durable when it settles. @throws YinxinError GATEWAY_UNREACHABLE for what is none of it, FILE_UNREADABLE, DISK_FULL */
  add(register: ExportRegister, lines: readonly string[]): Promise<void>;
  /** Certificates in it. */
  total(): number;
  close(): Promise<void>;
}

export interface ExportRegister {
  readonly issuer: string;
  readonly type: string;
}

const ownerOnly = 0o600;
const readBytesAtOnce = 1_048_576;
const maxLineBytes = 64 * 1_048_576;
const maxStateBytes = 1_048_576;
const stateFile = '.export.json';
const lineFeed = 0x0a;

const nameOf = ({ issuer, type }: ExportRegister) => `${issuer}/${type}`;

interface Head extends ExportRegister {
  readonly entry: number;
  readonly id: string;
}

/** Of a certificate file what says which it is. Undefined for anything else. */
function readHead(line: string): Head | undefined {
  try {
    const file = JSON.parse(line) as unknown;
    const body =
      file !== null && typeof file === 'object' && 'body' in file ? (file.body as Partial<Head> | null) : null;
    const { issuer, type, entry, id } = body ?? {};
    const isWhole = typeof issuer === 'string' && typeof type === 'string' && typeof id === 'string';
    return isWhole && Number.isSafeInteger(entry) && entry !== undefined ? { issuer, type, entry, id } : undefined;
  } catch {
    return undefined;
  }
}

/** What was written so far. */
class Written {
  readonly #last = new Map<string, number>();
  count = 0;

  last(register: ExportRegister): number {
    return this.#last.get(nameOf(register)) ?? 0;
  }

  set(register: ExportRegister, entry: number, count: number): void {
    this.#last.set(nameOf(register), entry);
    this.count += count;
  }

  registers(): { readonly [name: string]: number } {
    return Object.fromEntries(this.#last);
  }
}

/** Names go into paths. */
const identifierPattern = /^1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.[0-9A-Z]{18}\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]$/;

/** The heads of lines that a gateway gave. @throws YinxinError GATEWAY_UNREACHABLE */
function readHeads(register: ExportRegister, after: number, lines: readonly string[]): readonly Head[] {
  let before = after;
  return lines.map((line) => {
    const head = readHead(line);
    const isNext = head?.issuer === register.issuer && head.type === register.type && head.entry > before;
    if (!isNext || !identifierPattern.test(head.id)) throw new YinxinError('GATEWAY_UNREACHABLE', { status: 200 });
    before = head.entry;
    return head;
  });
}

/** Reads what is there line by line; what follows the last line end was cut off, and is dropped. @throws YinxinError FILE_UNREADABLE for a file of something else */
async function readLines(file: FileHandle, path: string): Promise<Written> {
  const written = new Written();
  const buffer = Buffer.alloc(readBytesAtOnce);
  let rest = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      const head = readHead(rest.toString('utf8', 0, end));
      if (!head) throw new YinxinError('FILE_UNREADABLE', { file: basename(path), reason: 'EXPORT' });
      written.set(head, head.entry, 1);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > maxLineBytes)
      throw new YinxinError('FILE_UNREADABLE', { file: basename(path), reason: 'EXPORT' });
  }
  await file.truncate(position - rest.length);
  return written;
}

async function openLines(path: string): Promise<ExportTarget> {
  const file = await open(path, 'a+', ownerOnly).catch((error: unknown) => {
    throw toFileError(path, error);
  });
  try {
    const written = await readLines(file, path);
    return {
      lastOf: (register) => written.last(register),
      total: () => written.count,
      async add(register, lines) {
        const last = readHeads(register, written.last(register), lines).at(-1);
        if (!last) return;
        try {
          await file.appendFile(`${lines.join('\n')}\n`);
          await file.sync();
        } catch (error) {
          throw toFileError(path, error);
        }
        written.set(register, last.entry, lines.length);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw toFileError(path, error);
  }
}

async function readState(path: string): Promise<Written> {
  const written = new Written();
  if (!(await exists(path))) return written;
  const damaged = new YinxinError('FILE_UNREADABLE', { file: stateFile, reason: 'EXPORT' });
  const json = parseJson(await readBytes(path, maxStateBytes), { maxBytes: maxStateBytes });
  if (!isJsonObject(json) || !isJsonObject(json['registers'])) throw damaged;
  for (const [name, entry] of Object.entries(json['registers'])) {
    const [issuer = '', type = ''] = name.split('/');
    if (typeof entry !== 'number') throw damaged;
    written.set({ issuer, type }, entry, 0);
  }
  written.count = Number(json['count']);
  return written;
}

async function openFolder(path: string): Promise<ExportTarget> {
  await makeFolder(path);
  const state = join(path, stateFile);
  const written = await readState(state);
  return {
    lastOf: (register) => written.last(register),
    total: () => written.count,
    async add(register, lines) {
      const heads = readHeads(register, written.last(register), lines);
      const last = heads.at(-1);
      if (!last) return;
      const folder = join(path, register.issuer, register.type);
      await makeFolder(folder);
      for (const [at, { id }] of heads.entries()) {
        await writeAtomically(join(folder, `${id}.yinxin.json`), lines[at] ?? '');
      }
      written.set(register, last.entry, lines.length);
      // after the files: those of a page that was cut off are written once more
      await writeAtomically(
        state,
        `${JSON.stringify({ count: written.count, registers: written.registers() }, null, 2)}\n`,
      );
    },
    close: async () => undefined,
  };
}

/** `*.ndjson` is a file, all else a folder. @throws YinxinError FILE_UNREADABLE, also for what holds something else */
export function openExport(path: string): Promise<ExportTarget> {
  return extname(path).toLowerCase() === '.ndjson' ? openLines(path) : openFolder(path);
}
