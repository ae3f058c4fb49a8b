/** Restores a backup into an empty folder: everything verified first, then built beside it, proved, and given its name in one step. */
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Instant, YinxinError } from '@yinxin/core';
import { syncFolder } from '../durable-file.ts';
import { createRawStore, type RawStore } from '../frozen-store.ts';
import type { Clock, Random } from '../platform.ts';
import { readErasureList } from './erasure-list.ts';
import { type BackupHeader, type BackupTotals, backupExtension, type PartName } from './format.ts';
import { type Proof, proveRestored } from './proving.ts';
import { type BackupEntries, type OpenBackup, openBackup } from './reading.ts';
import { RecordCount } from './records.ts';
import { writeRestored } from './restoration.ts';
import { restoreFile } from './small-files.ts';

/** What is being done, for whoever waits; `done` and `all` in certificates or bytes of keys and values. */
export interface RestoreStep {
  readonly step: 'verify' | 'write' | 'prove';
  readonly done: number;
}

export interface CheckedBackup {
  readonly header: BackupHeader;
  readonly totals: BackupTotals;
}

export interface RestoredFolder extends CheckedBackup {
  readonly proof: Proof;
  /** Undefined where no list lies beside the backup. */
  readonly erasures: AppliedErasures | undefined;
}

export interface RestoreOptions {
  /** Path of the file. */
  readonly backup: string;
  /** The data folder to be: empty, or not there. */
  readonly folder: string;
  readonly passphrase: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: (step: RestoreStep) => void;
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined);

/** @throws YinxinError FOLDER_NOT_EMPTY, FILE_UNREADABLE */
async function requireEmpty(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length > 0) throw new YinxinError('FOLDER_NOT_EMPTY', { file: folder });
  } catch (error) {
    const reason = codeOf(error);
    if (error instanceof YinxinError || reason === 'ENOENT') {
      if (error instanceof YinxinError) throw error;
      return;
    }
    throw new YinxinError('FILE_UNREADABLE', { file: folder, reason: reason ?? '' });
  }
}

/** Reads all of it, every tag and the end. @throws YinxinError BACKUP_DAMAGED */
async function readAll(
  backup: OpenBackup,
  report: (done: number) => void,
  take: (found: BackupEntries) => Promise<void>,
): Promise<BackupTotals> {
  const reading = backup.entries();
  let done = 0;
  for (;;) {
    const next = await reading.next();
    if (next.done) return next.value;
    await take(next.value);
    for (const [key, value] of next.value.entries) done += key.length + value.length;
    report(done);
  }
}

/** The stores of a data folder, filled one after the other as the backup has them. */
class FolderBuilder {
  readonly #home: string;
  readonly records = new RecordCount();
  #part: PartName | undefined;
  #store: RawStore | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  async take({ part, entries }: BackupEntries): Promise<void> {
    if (part === 'keys' || part === 'files') {
      for (const entry of entries) await restoreFile(this.#home, part, entry);
      return;
    }
    if (part === 'vault') for (const [key] of entries) this.records.add(key);
    await (await this.#open(part)).write(entries);
  }

  async #open(part: 'ledger' | 'vault' | 'index'): Promise<RawStore> {
    if (this.#store && this.#part === part) return this.#store;
    await this.close();
    this.#part = part;
    this.#store = await createRawStore(join(this.#home, part), { compression: part !== 'vault' });
    return this.#store;
  }

  async close(): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
  }
}

/** @returns what was counted on the way */
async function build(backup: OpenBackup, home: string, report: RestoreOptions['report']): Promise<RecordCount> {
  const builder = new FolderBuilder(home);
  try {
    await readAll(
      backup,
      (done) => report({ step: 'write', done }),
      (found) => builder.take(found),
    );
  } finally {
    await builder.close();
  }
  return builder.records;
}

/** Every tag of the file, and its end; nothing is written. @throws YinxinError FILE_UNREADABLE, BACKUP_DAMAGED, PASSPHRASE_WRONG */
export async function checkBackup({
  backup: path,
  passphrase,
  report,
}: Pick<RestoreOptions, 'backup' | 'passphrase' | 'report'>): Promise<CheckedBackup> {
  const backup = await openBackup(path, passphrase);
  try {
    const totals = await readAll(
      backup,
      (done) => report({ step: 'verify', done }),
      async () => undefined,
    );
    return { header: backup.header, totals };
  } finally {
    await backup.close();
  }
}

/** The name of a backup by its file. */
const nameOf = (path: string) => basename(path, backupExtension);

/** The list of erasures, and how many of them this backup did not know of. */
export interface AppliedErasures {
  readonly asOf: Instant;
  readonly listed: number;
  readonly applied: number;
}

async function restoreInto(home: string, options: RestoreOptions) {
  const { passphrase, clock, random, report } = options;
  const backup = await openBackup(options.backup, passphrase);
  try {
    const { header, vaultKey } = backup;
    const list = await readErasureList(dirname(options.backup), vaultKey);
    const counted = await build(backup, home, report);
    const proof = await proveRestored({
      home,
      header,
      passphrase,
      clock,
      random,
      records: counted.registers(),
      erasures: list?.items ?? [],
      report: (done) => report({ step: 'prove', done }),
    });
    const { time } = header;
    await writeRestored(home, { backup: nameOf(options.backup), time, restoredAt: clock() }, proof.registers);
    const erasures: AppliedErasures | undefined = list && {
      asOf: list.asOf,
      listed: list.items.length,
      applied: proof.erased,
    };
    return { proof, erasures };
  } finally {
    await backup.close();
  }
}

/** Takes the folder's place, which is empty or not there. */
async function putInPlace(built: string, folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
  await rename(built, folder);
  await syncFolder(dirname(folder));
}

function toUnreadable(error: unknown, file: string): unknown {
  const reason = codeOf(error);
  if (error instanceof YinxinError || reason === undefined) return error;
  return new YinxinError('FILE_UNREADABLE', { file, reason });
}

/**
 * Nothing is written before the whole backup was verified, and the folder gets its name when everything was proved: a restore that fails, or
 * is killed, leaves it as it was.
 * @throws YinxinError FOLDER_NOT_EMPTY, FILE_UNREADABLE, BACKUP_DAMAGED, BACKUP_UNSOUND, PASSPHRASE_WRONG, ERASURES_DAMAGED
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredFolder> {
  const { folder } = options;
  await requireEmpty(folder);
  const checked = await checkBackup(options);
  const parent = dirname(folder);
  const made: string[] = [];
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const place = await mkdtemp(`${folder}.restoring-`);
    made.push(place);
    const home = join(place, 'data');
    await mkdir(home, { mode: 0o700 });
    const found = await restoreInto(home, options);
    await syncFolder(home);
    await putInPlace(home, folder);
    return { ...checked, ...found };
  } catch (error) {
    throw toUnreadable(error, folder);
  } finally {
    for (const place of made) await rm(place, { recursive: true, force: true });
  }
}
