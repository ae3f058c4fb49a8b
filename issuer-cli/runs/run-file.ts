/** The memory of a run, in its folder: `.run.json` says what is to be done, written once before anything is sent; `.run.log` grows by a line for each step that counts. */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ErrorCode,
  type Instant,
  isErrorCode,
  isJsonObject,
  type Json,
  memberReader,
  parseInstant,
  parseJson,
  YinxinError,
} from '@yinxin/core';
import { exists, readBytes, toFileError, writeNew } from '../files.ts';
import { toJsonText } from '../home.ts';

/** Rows and keyed digest of a chunk, as they were checked. */
export interface PlannedChunk {
  readonly rows: number;
  /** As `digestSegment`. */
  readonly digest: string;
}

export interface RunHead {
  readonly format: 'yinxin-run/2';
  /** 32 hex characters, drawn at random: chunk `n` is sent under the idempotency key `<run>-<n>`, and digests are keyed by it. */
  readonly run: string;
  /** `issue`, `reissue`, or an act. */
  readonly kind: string;
  readonly issuer: string;
  /** Null for changes of status. */
  readonly type: string | null;
  readonly stock: boolean;
  /** Where the roster lies; null for one that came by standard input, and lies in the run's folder until the end. */
  readonly roster: string | null;
  readonly bytes: number;
  /** base64 HMAC-SM3 of the roster's bytes. */
  readonly digest: string;
  /** The command's options that decide how rows are read. */
  readonly options: { readonly [name: string]: string };
  readonly started: Instant;
  /** Of the roster, and those of them that are sent. */
  readonly rows: number;
  readonly good: number;
  readonly chunks: readonly PlannedChunk[];
}

/** What the gateway found in rows that passed here. */
export interface RowRefusal {
  readonly code: ErrorCode;
  /** Field key. */
  readonly key?: string;
}

/** A chunk that has come to its end. */
export interface DoneChunk {
  readonly chunk: number;
  /** Rows that were done. */
  readonly rows: number;
  /** First entry of the certificates; 0 where there are none. */
  readonly first: number;
  readonly batch: string;
  readonly block: number;
  readonly time: string;
  /** By this machine's clock: what was written before the machine last started is looked at again. */
  readonly at: Instant;
}

export interface RunState {
  readonly done: ReadonlyMap<number, DoneChunk>;
  /** By chunk: rows that the gateway refused, in the order of the requests in which it did. */
  readonly refused: ReadonlyMap<number, readonly RefusedRows[]>;
  readonly finished: { readonly failed: number; readonly at: Instant } | undefined;
}

/** By position among the chunk's good rows. */
export type RefusedRows = ReadonlyMap<number, RowRefusal>;

const headName = '.run.json';
const logName = '.run.log';
/** 50 million rows. */
const maxHeadBytes = 16 * 1024 * 1024;
const headMembers = [
  'format',
  'run',
  'kind',
  'issuer',
  'type',
  'stock',
  'roster',
  'bytes',
  'digest',
  'options',
  'started',
  'rows',
  'good',
  'chunks',
] as const;

function parsePlanned(json: Json): PlannedChunk {
  const read = memberReader(json, 'run.chunks', 'SETTING_INVALID', ['rows', 'digest']);
  return { rows: read.natural('rows'), digest: read.text('digest') };
}

/** @throws YinxinError SETTING_INVALID */
export function parseRunHead(json: Json): RunHead {
  const read = memberReader(json, 'run', 'SETTING_INVALID', headMembers);
  if (read.text('format') !== 'yinxin-run/2') throw new YinxinError('SETTING_INVALID', { member: 'run.format' });
  return {
    format: 'yinxin-run/2',
    run: read.matching('run', /^[0-9a-f]{32}$/),
    kind: read.text('kind'),
    issuer: read.text('issuer'),
    type: read.value('type') === null ? null : read.text('type'),
    stock: read.boolean('stock'),
    roster: read.value('roster') === null ? null : read.text('roster'),
    bytes: read.natural('bytes'),
    digest: read.text('digest'),
    options: read.texts('options'),
    started: parseInstant(read.text('started')),
    rows: read.natural('rows'),
    good: read.natural('good'),
    chunks: read.array('chunks').map(parsePlanned),
  };
}

/** The run of a folder; undefined where there is none. @throws YinxinError SETTING_INVALID, FILE_UNREADABLE */
export async function readRunHead(folder: string): Promise<RunHead | undefined> {
  const path = join(folder, headName);
  if (!(await exists(path))) return undefined;
  return parseRunHead(parseJson(await readBytes(path, maxHeadBytes), { maxBytes: maxHeadBytes }));
}

/** Puts a new run into its folder. `false`: another one began there at the same moment. @throws YinxinError FILE_UNREADABLE */
export function writeRunHead(folder: string, head: RunHead): Promise<boolean> {
  const { chunks, options, ...facts } = head;
  const json = { ...facts, options: { ...options }, chunks: chunks.map((chunk) => ({ ...chunk })) };
  return writeNew(join(folder, headName), toJsonText(json));
}

function parseRefusals(json: Json | undefined): RefusedRows {
  const rows = new Map<number, RowRefusal>();
  for (const item of Array.isArray(json) ? json : []) {
    const [at, code, key] = Array.isArray(item) ? item : [];
    if (typeof at === 'number' && isErrorCode(code)) rows.set(at, { code, ...(typeof key === 'string' && { key }) });
  }
  return rows;
}

const formatRefusals = (rows: RefusedRows): Json =>
  [...rows].map(([at, { code, key }]) => (key === undefined ? [at, code] : [at, code, key]));

/** Lines that were written whole; what follows the last line end was cut off by a kill or a full disk. */
function parseLog(text: string): RunState {
  const done = new Map<number, DoneChunk>();
  const refused = new Map<number, RefusedRows[]>();
  let finished: RunState['finished'];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const json: Json = JSON.parse(line);
    if (!isJsonObject(json)) continue;
    if (typeof json['finished'] === 'string')
      finished = { failed: Number(json['failed']), at: parseInstant(json['finished']) };
    else if (json['refused'] !== undefined) {
      const chunk = Number(json['chunk']);
      refused.set(chunk, [...(refused.get(chunk) ?? []), parseRefusals(json['refused'])]);
    } else if (typeof json['chunk'] === 'number') done.set(json['chunk'], json as unknown as DoneChunk); // appendDone wrote it
  }
  return { done, refused, finished };
}

const wholeLines = (text: string) => text.slice(0, text.lastIndexOf('\n') + 1);

function readLog(folder: string): string {
  try {
    return readFileSync(join(folder, logName), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw toFileError(join(folder, logName), error);
  }
}

/** How far a run has come. @throws YinxinError FILE_UNREADABLE, SETTING_INVALID */
export function readRunState(folder: string): RunState {
  try {
    return parseLog(wholeLines(readLog(folder)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new YinxinError('SETTING_INVALID', { member: logName });
    throw error;
  }
}

/** The log of a run that goes on. Each line is on the disk when its call returns. */
export class RunLog {
  readonly #folder: string;
  readonly #file: number;
  /** Of whole lines. */
  #bytes: number;

  /** Cuts off a line that was not written to its end. @throws YinxinError FILE_UNREADABLE, DISK_FULL */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      this.#file = openSync(join(folder, logName), 'a', 0o600);
      this.#bytes = Buffer.byteLength(wholeLines(readLog(folder)));
      ftruncateSync(this.#file, this.#bytes);
    } catch (error) {
      throw toFileError(folder, error);
    }
  }

  appendDone(done: DoneChunk): void {
    this.#append({ ...done });
  }

  /** Rows that were refused, before the others are sent under the next key. */
  appendRefused(chunk: number, rows: RefusedRows): void {
    this.#append({ chunk, refused: formatRefusals(rows) });
  }

  appendFinished(failed: number, at: Instant): void {
    this.#append({ finished: at, failed });
  }

  /** A line is there whole or not at all: others may follow once a full disk has room. */
  #append(json: Json): void {
    const line = Buffer.from(`${JSON.stringify(json)}\n`);
    try {
      writeFileSync(this.#file, line); // writes on where a call took a part only
      fsyncSync(this.#file);
      this.#bytes += line.length;
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw toFileError(this.#folder, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What people call a run. */
export const shortName = ({ run }: Pick<RunHead, 'run'>): string => run.slice(0, 8);
