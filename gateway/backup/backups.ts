/** Backups of a running gateway: one is written at a time, into a folder of its own, while everything else goes on. */
import { access, constants, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BackupAnswer,
  type BackupItem,
  type BackupsAnswer,
  type Instant,
  type Restoration,
  toHex,
  YinxinError,
} from '@yinxin/core';
import { unfinishedSuffix } from '../durable-file.ts';
import type { Freezable, FrozenStore } from '../frozen-store.ts';
import type { ReadModel } from '../index/read-model.ts';
import { Turns } from '../issuing/turns.ts';
import { keyName } from '../keys/key-file.ts';
import type { KeyStore } from '../keys/store.ts';
import type { Ledger } from '../ledger/port.ts';
import manifest from '../package.json' with { type: 'json' };
import type { Clock, Random } from '../platform.ts';
import type { Vault } from '../vault/vault.ts';
import { erasureFile, readErasureList, setAsideErasureList, writeErasureList } from './erasure-list.ts';
import { applyErasures, listErasures } from './erasures.ts';
import { type BackupHeader, backupExtension, deriveBackupKey, saltBytes } from './format.ts';
import { readBackupHeader } from './reading.ts';
import { readRestoration, settleRestoration } from './restoration.ts';
import { keysFolder, readKeyFiles, readSmallFiles } from './small-files.ts';
import { type BackupPartSource, writeBackup } from './writing.ts';

/** Who asks, as authenticated. The scope was checked before. */
interface Administrator {
  readonly domain: string;
}

export interface Backups {
  /**
   * Freezes everything at one instant and writes it. It goes on when nobody waits for the answer any more.
   * @throws YinxinError CALLER_NOT_PERMITTED for another domain's administrator; BACKUP_BUSY; BACKUP_FAILED `{reason}`: nothing is left of it
   */
  make(administrator: Administrator): Promise<BackupAnswer>;
  /** @throws YinxinError CALLER_NOT_PERMITTED */
  list(administrator: Administrator): Promise<BackupsAnswer>;
  /** Writes the list of erasures beside the backups. @throws YinxinError FILE_UNREADABLE */
  keepErasures(): Promise<void>;
  /** What this folder's own restoration lacks: counted at the first start after it, once the ledger is followed; null where it was never restored. */
  settle(): Promise<Restoration | null>;
  /** Breaks off the one that is being written. */
  close(): Promise<void>;
}

export interface BackupsDeps {
  /** The data folder. */
  readonly home: string;
  /** Where backups go: this gateway's alone. */
  readonly folder: string;
  readonly channel: string;
  /** Whose gateway this is. */
  readonly domain: string;
  readonly ledger: Ledger;
  readonly readModel: ReadModel & Freezable;
  readonly vault: Vault & Freezable;
  readonly keys: KeyStore;
  readonly vaultKey: Uint8Array;
  readonly random: Random;
  readonly clock: Clock;
  /** So much stays free of the disk that the data lies on. Default a quarter of a gigabyte. */
  readonly reserveBytes?: number;
}

const usualReserveBytes = 256 * 1_048_576;
const maxListed = 100;
const nameBytes = 4;

/** Sorts by time: `20261120T220512Z-1a2b3c4d`. */
const toName = (time: Instant, random: Uint8Array) => `${time.replaceAll(/[-:]/g, '')}-${toHex(random)}`;

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : undefined);

/** Makes the folder where it is not there. @throws YinxinError SETTING_INVALID where backups could not be written */
async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new YinxinError('SETTING_INVALID', { setting: 'YINXIN_BACKUPS', reason: 'no place for backups' });
  }
  for (const file of await readdir(folder)) {
    if (file.endsWith(backupExtension + unfinishedSuffix)) await rm(join(folder, file));
  }
}

interface Frozen {
  readonly ledger?: FrozenStore;
  readonly vault: FrozenStore;
  readonly index: FrozenStore;
}

interface Writing {
  readonly name: string;
  readonly since: Instant;
  bytes: number;
}

class OpenBackups implements Backups {
  readonly #deps: BackupsDeps;
  readonly #closing = new AbortController();
  readonly #turns = new Turns();
  #writing: Writing | undefined;
  #done: Promise<unknown> | undefined;

  constructor(deps: BackupsDeps) {
    this.#deps = deps;
  }

  async make(administrator: Administrator): Promise<BackupAnswer> {
    this.#require(administrator);
    if (this.#closing.signal.aborted) throw new YinxinError('NOT_READY');
    if (this.#writing) throw new YinxinError('BACKUP_BUSY', { name: this.#writing.name });
    const since = this.#deps.clock();
    const name = toName(since, this.#deps.random(nameBytes));
    const writing: Writing = { name, since, bytes: 0 };
    this.#writing = writing;
    const done = this.#write(writing).finally(() => {
      this.#writing = undefined;
    });
    this.#done = done;
    return done;
  }

  async list(administrator: Administrator): Promise<BackupsAnswer> {
    this.#require(administrator);
    const { home, folder, vaultKey } = this.#deps;
    const files = await readdir(folder).catch(() => []);
    const names = files.filter((file) => file.endsWith(backupExtension)).sort();
    const backups: BackupItem[] = [];
    const damaged = files.filter((file) => file.endsWith('.damaged'));
    for (const file of names.reverse().slice(0, maxListed)) {
      const name = file.slice(0, -backupExtension.length);
      const path = join(folder, file);
      try {
        const { time, height } = await readBackupHeader(path, vaultKey);
        backups.push({ name, time, bytes: (await stat(path)).size, height });
      } catch (error) {
        if (!(error instanceof YinxinError)) throw error;
        damaged.push(name);
      }
    }
    const writing = this.#writing ? { ...this.#writing } : null;
    return { writing, backups, damaged, restored: await readRestoration(home) };
  }

  keepErasures(): Promise<void> {
    const { folder, vault, vaultKey, random, clock } = this.#deps;
    return this.#turns.take(erasureFile, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined); // writing tells
      await writeErasureList(folder, { asOf: clock(), items: await listErasures(vault) }, vaultKey, random);
    });
  }

  /** What the list has and the vault does not know of: the data folder is older than the list, and what was erased is erased again. */
  async takeErasures(): Promise<void> {
    const { folder, vault, vaultKey, clock } = this.#deps;
    const list = await readErasureList(folder, vaultKey).catch(async (error: unknown) => {
      if (!(error instanceof YinxinError)) throw error;
      await setAsideErasureList(folder, clock());
      return { items: [] };
    });
    if (!list) return;
    await applyErasures(vault, list.items);
    await this.keepErasures();
  }

  settle(): Promise<Restoration | null> {
    return settleRestoration(this.#deps);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#done?.catch(() => undefined);
  }

  #require({ domain }: Administrator): void {
    if (domain !== this.#deps.domain) throw new YinxinError('CALLER_NOT_PERMITTED', { domain: this.#deps.domain });
  }

  async #write(writing: Writing): Promise<BackupAnswer> {
    const { folder, vaultKey } = this.#deps;
    const files = await this.#readKeyStore();
    const reserveBytes = await this.#reserve();
    // from here to the last freeze nothing else runs: whatever one of them holds, the others hold all that it waited for
    const frozen = this.#freeze();
    const header = this.#describe(frozen, files);
    try {
      const path = join(folder, writing.name + backupExtension);
      const key = deriveBackupKey(vaultKey, header.salt);
      const { signal } = this.#closing;
      const report = (bytes: number) => {
        writing.bytes = bytes;
      };
      const written = await writeBackup({
        path,
        header,
        key,
        parts: this.#parts(frozen),
        reserveBytes,
        signal,
        report,
      });
      await this.keepErasures();
      const { time, height, confirmed } = header;
      const { bytes, digest, certificates, parts } = written;
      return { name: writing.name, time, bytes, height, confirmed, digest, certificates, parts };
    } finally {
      for (const store of [frozen.ledger, frozen.vault, frozen.index]) await store?.close();
    }
  }

  async #readKeyStore(): Promise<Pick<BackupHeader, 'storeFile' | 'vaultFile'>> {
    const read = (name: string) => readFile(join(this.#deps.home, keysFolder, `${name}.json`));
    try {
      return { storeFile: await read('store'), vaultFile: await read(keyName({ kind: 'vault' })) };
    } catch (error) {
      throw new YinxinError('BACKUP_FAILED', { reason: codeOf(error) ?? 'keys' });
    }
  }

  /** What the gateway itself needs to go on is left to it. A disk of their own backups may fill. */
  async #reserve(): Promise<number> {
    const { home, folder, reserveBytes = usualReserveBytes } = this.#deps;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [own, backups] = await Promise.all([stat(home), stat(folder)]);
      return own.dev === backups.dev ? reserveBytes : 0;
    } catch (error) {
      throw new YinxinError('BACKUP_FAILED', { reason: codeOf(error) ?? 'folder' });
    }
  }

  #freeze(): Frozen {
    const { ledger, vault, readModel } = this.#deps;
    const chain = ledger.freeze?.();
    return { ...(chain && { ledger: chain }), vault: vault.freeze(), index: readModel.freeze() };
  }

  #describe(frozen: Frozen, files: Pick<BackupHeader, 'storeFile' | 'vaultFile'>): BackupHeader {
    const { channel, domain, readModel, clock, random } = this.#deps;
    return {
      program: manifest.version,
      channel,
      domain,
      ledger: frozen.ledger ? 'embedded' : 'fabric',
      time: clock(),
      height: readModel.height(),
      confirmed: readModel.confirmedHeight(),
      salt: Uint8Array.from(random(saltBytes)),
      ...files,
    };
  }

  #parts({ ledger, vault, index }: Frozen): readonly BackupPartSource[] {
    const { home } = this.#deps;
    const chain = ledger && [{ part: 'ledger', blocks: () => ledger.blocks() } as const];
    return [
      ...(chain ?? []),
      { part: 'vault', blocks: () => vault.blocks() },
      { part: 'index', blocks: () => index.blocks() },
      { part: 'keys', blocks: () => readKeyFiles(home) },
      { part: 'files', blocks: () => readSmallFiles(home) },
    ];
  }
}

/** @throws YinxinError SETTING_INVALID where the folder cannot be made or written */
export async function openBackups(deps: BackupsDeps): Promise<Backups> {
  await prepareFolder(deps.folder);
  const backups = new OpenBackups(deps);
  await backups.takeErasures();
  return backups;
}
