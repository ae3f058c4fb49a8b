/** The memory of one run of `issue`, kept in its output folder: repeating an unfinished run goes on where it stopped, and nothing is issued twice. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  concat,
  fromHex,
  hmacSm3,
  type Json,
  memberReader,
  parseJson,
  toBase64,
  toHex,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { usageError } from './command.ts';
import { exists, makeFolder, readBytes, writeAtomically, writeNew } from './files.ts';
import { toJsonText } from './home.ts';
import type { Pictures } from './roster.ts';

export interface DoneChunk {
  /** First entry of the batch. */
  readonly first: number;
  readonly rows: number;
  readonly batch: string;
  readonly block: number;
}

export interface RunFile {
  readonly format: 'yinxin-run/1';
  /** 32 hex characters, drawn once per run: chunk `n` is sent under the idempotency key `<run>-<n>`, and `roster` is keyed by it. */
  readonly run: string;
  readonly issuer: string;
  readonly type: string;
  readonly stock: boolean;
  readonly rows: number;
  /** base64 HMAC-SM3 of the roster's bytes and its pictures. */
  readonly roster: string;
  readonly chunks: readonly DoneChunk[];
  readonly finished: boolean;
}

const fileName = '.run.json';
const maxRunBytes = 4 * 1024 * 1024;
const members = ['format', 'run', 'issuer', 'type', 'stock', 'rows', 'roster', 'chunks', 'finished'] as const;

function parseChunk(json: Json): DoneChunk {
  const read = memberReader(json, 'run.chunks', 'SETTING_INVALID', ['first', 'rows', 'batch', 'block']);
  return {
    first: read.positive('first'),
    rows: read.positive('rows'),
    batch: read.text('batch'),
    block: read.natural('block'),
  };
}

/** @throws YinxinError SETTING_INVALID */
export function parseRunFile(json: Json): RunFile {
  const read = memberReader(json, 'run', 'SETTING_INVALID', members);
  if (read.text('format') !== 'yinxin-run/1') throw new YinxinError('SETTING_INVALID', { member: 'run.format' });
  return {
    format: 'yinxin-run/1',
    run: read.matching('run', /^[0-9a-f]{32}$/),
    issuer: read.text('issuer'),
    type: read.text('type'),
    stock: read.boolean('stock'),
    rows: read.positive('rows'),
    roster: read.text('roster'),
    chunks: read.array('chunks').map(parseChunk),
    finished: read.boolean('finished'),
  };
}

/** What is to be issued, as a run remembers it. */
export interface Errand {
  readonly issuer: string;
  readonly type: string;
  readonly stock: boolean;
  readonly rows: number;
  readonly bytes: Uint8Array;
  readonly pictures: Pictures;
}

function digestRoster(run: string, { bytes, pictures }: Errand): string {
  return toBase64(hmacSm3(fromHex(run), concat(bytes, utf8(JSON.stringify([...pictures])))));
}

async function readRunFile(folder: string): Promise<RunFile | undefined> {
  const path = join(folder, fileName);
  return (await exists(path))
    ? parseRunFile(parseJson(await readBytes(path, maxRunBytes), { maxBytes: maxRunBytes }))
    : undefined;
}

function isSameErrand(run: RunFile, errand: Errand): boolean {
  const { issuer, type, stock, rows } = errand;
  const isAlike = run.issuer === issuer && run.type === type && run.stock === stock && run.rows === rows;
  return isAlike && run.roster === digestRoster(run.run, errand);
}

export interface Run {
  readonly folder: string;
  readonly file: RunFile;
}

function startRun(folder: string, errand: Errand, random: (bytes: number) => Uint8Array): Run {
  const run = toHex(random(16));
  const { issuer, type, stock, rows } = errand;
  const roster = digestRoster(run, errand);
  return {
    folder,
    file: { format: 'yinxin-run/1', run, issuer, type, stock, rows, roster, chunks: [], finished: false },
  };
}

async function listRuns(parent: string, type: string): Promise<readonly Run[]> {
  if (!(await exists(parent))) return [];
  const names = (await readdir(parent)).filter((name) => name.startsWith(`${type}-`)).sort();
  const runs: Run[] = [];
  for (const name of names) {
    const file = await readRunFile(join(parent, name));
    if (file) runs.push({ folder: join(parent, name), file });
  }
  return runs;
}

async function findFreeFolder(parent: string, name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const folder = join(parent, count === 1 ? name : `${name}-${count}`);
    if (!(await exists(folder))) return folder;
  }
}

export interface Place {
  /** The folder asked for; else one of `parent`, named after type and day. */
  readonly output: string | undefined;
  readonly parent: string;
  readonly day: string;
  /** Issue a roster again that was issued before. */
  readonly again: boolean;
}

/**
 * The run to go on with, or a new one in a folder of its own.
 * @throws YinxinError ROSTER_REPEATED when this roster was issued before; USAGE when the folder holds another run
 */
export async function openRun(place: Place, errand: Errand, random: (bytes: number) => Uint8Array): Promise<Run> {
  const { output, parent, day, again } = place;
  const file = output === undefined ? undefined : await readRunFile(output);
  const runs = output === undefined ? await listRuns(parent, errand.type) : file ? [{ folder: output, file }] : [];
  const same = runs.filter((run) => isSameErrand(run.file, errand));
  const unfinished = same.find((run) => !run.file.finished);
  if (unfinished) return unfinished;
  const [before] = same;
  if (before && !again) throw new YinxinError('ROSTER_REPEATED', { folder: basename(before.folder) });
  if (file) throw usageError(file.finished ? 'folder-used' : 'folder-busy', basename(output ?? ''));
  return startRun(output ?? (await findFreeFolder(parent, `${errand.type}-${day}`)), errand, random);
}

const formatRun = (file: RunFile) => toJsonText({ ...file, chunks: file.chunks.map((chunk) => ({ ...chunk })) });

/** Puts a new run into its folder, which is made when it is new; one that is there already is gone on with. @throws YinxinError FILE_UNREADABLE; USAGE when another began there at the same moment */
export async function beginRun({ folder, file }: Run): Promise<void> {
  await makeFolder(folder);
  if (await writeNew(join(folder, fileName), formatRun(file))) return;
  const there = await readRunFile(folder);
  if (there?.run !== file.run) throw usageError('folder-busy', basename(folder));
}

/** Keeps the state of a run. @throws YinxinError FILE_UNREADABLE */
export async function saveRun({ folder, file }: Run): Promise<void> {
  await writeAtomically(join(folder, fileName), formatRun(file));
}
