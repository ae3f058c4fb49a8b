/** The certificates of one request: each is looked at as it comes, whether it is its own row's, and written at once. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import {
  type BatchSummary,
  type CertificateType,
  formatIdentifier,
  type Identifier,
  isJsonObject,
  type Json,
  splitIdentifier,
  YinxinError,
} from '@yinxin/core';
import { nameFile } from '../batches.ts';
import { toFileError } from '../files.ts';
import { replaceFileNow } from '../platform.ts';
import type { Part, ReadyRow } from './job.ts';
import type { DoneChunk } from './run-file.ts';

const ownerOnly = 0o600;

/** Whose certificates they are. */
export interface Register {
  readonly issuer: string;
  readonly type: CertificateType;
}

/** The identifier that a row's certificate must bear: its entry's, or the next version of the one that it supersedes. */
export function nameCertificate({ issuer, type }: Register, { certificate }: ReadyRow, entry: number): Identifier {
  if (certificate === undefined) return formatIdentifier({ typeCode: type.code, issuer, serial: entry, version: 1 });
  const { typeCode, issuer: of, serial, version } = splitIdentifier(certificate);
  return formatIdentifier({ typeCode, issuer: of, serial, version: version + 1 });
}

const bodyEnd = '},"fields":';

/**
 * Looks at a file as the gateway sent it, in canonical form: entry, issuer, type, identifier and exactly the values of its row, so that
 * nobody is handed another's. @throws YinxinError FIELDS_MISMATCH
 */
function checkFile(text: string, row: ReadyRow, entry: number, register: Register): Identifier {
  const mismatch = () => new YinxinError('FIELDS_MISMATCH', { entry });
  const end = text.indexOf(bodyEnd); // nothing in a body may hold these characters
  const isOwn = text.startsWith('{"body":{') && end > 0;
  const after = end + bodyEnd.length;
  if (!isOwn || !text.startsWith(row.body, after) || !text.startsWith(',"holderToken":"', after + row.body.length))
    throw mismatch();
  const body: Json = JSON.parse(text.slice('{"body":'.length, end + 1));
  const identifier = nameCertificate(register, row, entry);
  const isRight =
    isJsonObject(body) &&
    body['id'] === identifier &&
    body['entry'] === entry &&
    body['issuer'] === register.issuer &&
    body['type'] === register.type.type &&
    body['supersedes'] === (row.certificate ?? null);
  if (!isRight) throw mismatch();
  return identifier;
}

function parseSummary(line: Buffer, part: Part): BatchSummary {
  const json: Json = JSON.parse(line.toString());
  const isOwn =
    isJsonObject(json) &&
    typeof json['first'] === 'number' &&
    json['last'] === json['first'] + part.ready.length - 1 &&
    typeof json['id'] === 'string' &&
    typeof json['block'] === 'number';
  if (!isOwn) throw new YinxinError('FIELDS_MISMATCH', { why: 'summary' });
  return json as unknown as BatchSummary; // the OpenAPI document fixes the rest
}

/** Where the certificates of a chunk go. */
export interface ChunkPlace {
  /** Of the run. */
  readonly folder: string;
  /** Below it; empty for a roster of one chunk. */
  readonly sub: string;
}

/** `000001-004096`: positions among the rows that are sent. */
export function placeChunk(folder: string, { start, rows }: Pick<Part, 'start' | 'rows'>, isOnly: boolean): ChunkPlace {
  const digits = (count: number) => String(count).padStart(6, '0');
  return { folder, sub: isOnly ? '' : `${digits(start + 1)}-${digits(start + rows)}` };
}

/** A roster of one chunk: each file flushed and put into its place by itself. */
function writeFlushed(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.part`;
  const file = openSync(temporary, 'w', ownerOnly);
  try {
    writeFileSync(file, bytes); // writes on where a call took a part only
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  replaceFileNow(temporary, path);
}

/** Takes the lines of one answer, from the first to the last. A chunk's folder appears whole or not at all. */
export class CertificateWriter {
  readonly #part: Part;
  readonly #register: Register;
  readonly #place: ChunkPlace;
  readonly #onRows: (done: number) => void;
  #summary: BatchSummary | undefined;
  #written = 0;

  constructor(part: Part, register: Register, place: ChunkPlace, onRows: (done: number) => void) {
    this.#part = part;
    this.#register = register;
    this.#place = place;
    this.#onRows = onRows;
    if (place.sub === '') return;
    this.#try(() => {
      rmSync(this.#draft, { recursive: true, force: true });
      mkdirSync(this.#draft, { mode: 0o700 });
    });
  }

  get #draft(): string {
    const { folder, sub } = this.#place;
    return sub === '' ? folder : join(folder, `.${sub}.part`);
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw toFileError(this.#place.folder, error);
    }
  }

  /** @throws YinxinError FIELDS_MISMATCH, FILE_UNREADABLE, DISK_FULL */
  readonly takeLine = (line: Buffer): void => {
    if (!this.#summary) {
      this.#summary = parseSummary(line, this.#part);
      return;
    }
    const row = this.#part.ready[this.#written];
    const entry = this.#summary.first + this.#written;
    if (!row) throw new YinxinError('FIELDS_MISMATCH', { entry });
    const name = nameFile(checkFile(line.toString(), row, entry, this.#register));
    this.#try(() => {
      if (this.#place.sub === '') writeFlushed(join(this.#draft, name), line);
      else writeFileSync(join(this.#draft, name), line, { mode: ownerOnly });
    });
    this.#written += 1;
    if (this.#written % 256 === 0) this.#onRows(this.#written);
  };

  /** All lines are there. @throws YinxinError GATEWAY_UNREACHABLE when some are missing */
  finish(): Pick<DoneChunk, 'rows' | 'first' | 'batch' | 'block' | 'time'> {
    const summary = this.#summary;
    if (!summary || this.#written !== this.#part.ready.length)
      throw new YinxinError('GATEWAY_UNREACHABLE', { status: 502 });
    const { folder, sub } = this.#place;
    if (sub !== '') {
      this.#try(() => {
        rmSync(join(folder, sub), { recursive: true, force: true });
        replaceFileNow(this.#draft, join(folder, sub));
      });
    }
    this.#onRows(this.#written);
    const { first, id, block, time } = summary;
    return { rows: this.#written, first, batch: id, block, time };
  }
}

/** What was written since this machine was started needs no second look: only a crash of the machine takes away what the system has taken. */
const isSinceStart = (at: string) => Date.parse(at) / 1000 > Date.now() / 1000 - uptime() + 1;

function isWhole(path: string, identifier: Identifier): boolean {
  try {
    const json: Json = JSON.parse(readFileSync(path, 'utf8'));
    const body = isJsonObject(json) ? json['body'] : undefined;
    return isJsonObject(body) && body['id'] === identifier;
  } catch {
    return false;
  }
}

/** Whether the files of a chunk that was done are there, and whole. */
export function isChunkKept(part: Part, done: DoneChunk, register: Register, { folder, sub }: ChunkPlace): boolean {
  if (done.rows === 0) return true;
  const path = sub === '' ? folder : join(folder, sub);
  if (!existsSync(path)) return false;
  const there = new Set(readdirSync(path));
  return part.ready.every((row, at) => {
    const identifier = nameCertificate(register, row, done.first + at);
    const name = nameFile(identifier);
    return there.has(name) && (isSinceStart(done.at) || isWhole(join(path, name), identifier));
  });
}
