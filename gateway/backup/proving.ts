/** Proves a restored folder by the parts that the gateway works with: keys open, the ledger holds together, the index is its, every record opens and is its. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, type Json, toLeaf, YinxinError } from '@yinxin/core';
import type { Freezable } from '../frozen-store.ts';
import { openReadModel } from '../index/open.ts';
import type { EntryRef, ReadModel } from '../index/read-model.ts';
import { networkRules } from '../index/rules.ts';
import { verifyIndex } from '../index/verify.ts';
import { listPending, type PendingBatch } from '../issuing/batch-records.ts';
import { openKeyStore } from '../keys/store.ts';
import { awayLedger } from '../ledger/away.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Clock, Random } from '../platform.ts';
import { openVault } from '../vault/open.ts';
import type { Vault } from '../vault/vault.ts';
import { applyErasures } from './erasures.ts';
import type { BackupHeader } from './format.ts';
import type { RegisterName, RegisterRecords } from './records.ts';
import type { RegisterEnd } from './restoration.ts';
import { keysFolder } from './small-files.ts';

export interface ProofOptions {
  /** The restored folder. */
  readonly home: string;
  readonly header: BackupHeader;
  readonly passphrase: string;
  readonly clock: Clock;
  readonly random: Random;
  /** What the vault's copy was counted to hold. */
  readonly records: readonly RegisterRecords[];
  /** The vault's own records of erasures, of a list kept beside the backup. */
  readonly erasures: readonly Json[];
  readonly report: (proved: number) => void;
}

export interface Proof {
  readonly keys: number;
  /** Blocks of the embedded ledger, every link, hash and row; undefined on Fabric. */
  readonly blocks: number | undefined;
  /** Of the index. */
  readonly height: number;
  readonly stateDigest: string;
  /** Every entry is what the ledger's blocks give; or it was built anew from them; or, on Fabric, the gateway compares it when it follows the ledger. */
  readonly index: 'compared' | 'rebuilt' | 'unchecked';
  /** Records that opened and are the ledger's. */
  readonly records: number;
  /** Records of requests that were under way. */
  readonly pending: number;
  /** Entries of registers of own bodies that the ledger has and the vault does not: of another gateway of the same body, erased, or lost before. */
  readonly absent: number;
  /** Erasures of the list that this backup did not know of, and that were made again. */
  readonly erased: number;
  /** Registers as they stand. */
  readonly registers: readonly RegisterEnd[];
}

const unsound = (details: { readonly [name: string]: string | number }) => new YinxinError('BACKUP_UNSOUND', details);
const recordsAtOnce = 256;

/** Damage of a part says what is wrong with the backup. */
async function sound<T>(part: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof YinxinError && error.code !== 'BACKUP_UNSOUND') throw unsound({ part, code: error.code });
    throw error;
  }
}

/** The ledger's leaves of one register, read by batches, in ascending order. */
class Leaves {
  readonly #readModel: ReadModel;
  readonly #register: RegisterName;
  #first = 1;
  #leaves: readonly Uint8Array[] = [];

  constructor(readModel: ReadModel, register: RegisterName) {
    this.#readModel = readModel;
    this.#register = register;
  }

  /** Undefined for an entry that the ledger does not have. */
  async of(entry: number): Promise<Uint8Array | undefined> {
    if (entry < this.#first || entry >= this.#first + this.#leaves.length) {
      const { issuer, type } = this.#register;
      const batch = await this.#readModel.batch({ issuer, type, entry });
      if (!batch) return undefined;
      this.#first = batch.row.first;
      this.#leaves = (await this.#readModel.leaves(issuer, type, batch.row.first)) ?? [];
    }
    return this.#leaves[entry - this.#first];
  }
}

interface Counted {
  found: number;
  pending: number;
}

/** Opens every record of a register. Those that the ledger has otherwise, or not, are of requests under way, or the backup is unsound. */
async function proveRegister(
  register: RegisterRecords,
  { vault, readModel, pending, erased, report }: Opened,
): Promise<Counted> {
  const { issuer, type, last } = register;
  const leaves = new Leaves(readModel, register);
  const own = pending.filter((batch) => batch.issuer === issuer && batch.type === type);
  const counted: Counted = { found: 0, pending: 0 };
  for (let first = 1; first <= last; first += recordsAtOnce) {
    const until = Math.min(first + recordsAtOnce - 1, last);
    for (const { body } of await vault.getRange(issuer, type, first, until)) {
      const { entry } = body;
      const leaf = await leaves.of(entry);
      if (leaf && equal(leaf, toLeaf(body))) counted.found += 1;
      else if (own.some((batch) => batch.first <= entry && entry <= batch.last)) counted.pending += 1;
      else throw unsound({ part: 'vault', issuer, type, entry });
    }
    report(counted.found + counted.pending);
  }
  const gone = erased.filter((entry) => entry.issuer === issuer && entry.type === type).length;
  if (counted.found + counted.pending + gone !== register.count) throw unsound({ part: 'vault', issuer, type });
  return counted;
}

interface Opened {
  readonly vault: Vault;
  readonly readModel: ReadModel;
  readonly pending: readonly PendingBatch[];
  readonly erased: readonly EntryRef[];
  readonly report: (proved: number) => void;
}

async function proveRecords(records: readonly RegisterRecords[], opened: Opened): Promise<Counted> {
  const all: Counted = { found: 0, pending: 0 };
  for (const register of records) {
    const report = (proved: number) => opened.report(all.found + all.pending + proved);
    const { found, pending } = await proveRegister(register, { ...opened, report });
    all.found += found;
    all.pending += pending;
  }
  return all;
}

async function openLedger({ home, header, clock, random }: ProofOptions): Promise<Ledger> {
  if (header.ledger === 'fabric') return awayLedger;
  const { openEmbeddedLedger } = await import('../ledger/embedded/ledger.ts');
  const folder = join(home, 'ledger');
  return sound('ledger', () => openEmbeddedLedger({ folder, channel: header.channel, clock, random, verify: 'all' }));
}

function openIndex(folder: string, ledger: Ledger, { header, clock }: ProofOptions): Promise<ReadModel & Freezable> {
  return sound('index', () => openReadModel({ folder, ledger, channel: header.channel, rules: networkRules, clock }));
}

/** Nobody has it open yet. */
async function compareIndex(ledger: Ledger, { home, header, clock }: ProofOptions): Promise<Proof['index']> {
  if (header.ledger === 'fabric') return 'unchecked';
  const finding = await sound('index', () => verifyIndex({ folder: join(home, 'index'), ledger, now: clock() }));
  if (finding.sound) return 'compared';
  const { flaw, block } = finding;
  // of another version of the program, or with transactions that count for nothing: only building it anew tells
  if (flaw !== 'format' && flaw !== 'void')
    throw unsound({ part: 'index', flaw, ...(block !== undefined && { block }) });
  await rm(join(home, 'index'), { recursive: true });
  return 'rebuilt';
}

function readRegisters(readModel: ReadModel): readonly RegisterEnd[] {
  const ends = readModel.trustClaims('').entitlements.map(({ issuer, type }) => {
    return { issuer, type, last: readModel.register(issuer, type)?.last ?? 0 };
  });
  return ends.filter(({ last }) => last > 0);
}

/** @throws YinxinError BACKUP_UNSOUND `{part, …}`; PASSPHRASE_WRONG */
export async function proveRestored(options: ProofOptions): Promise<Proof> {
  const { home, header, passphrase, random, records, erasures, report } = options;
  const parts: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    parts.unshift(part);
    return part;
  };
  try {
    const keys = await sound('keys', () => openKeyStore({ folder: join(home, keysFolder), passphrase, random }));
    const key = await keys.vaultKey();
    const vault = keep(await sound('vault', () => openVault({ folder: join(home, 'vault'), key, random })));
    const erased = await sound('erasures', () => applyErasures(vault, erasures));
    const ledger = keep(await openLedger(options));
    const index = await compareIndex(ledger, options);
    const readModel = keep(await openIndex(join(home, 'index'), ledger, options));
    if (index !== 'unchecked') await sound('index', () => readModel.ready());
    const pending = await listPending(vault);
    const counted = await sound('vault', () => proveRecords(records, { vault, readModel, pending, erased, report }));
    const { height, digest } = await readModel.stateDigest();
    const registers = readRegisters(readModel);
    const own = new Set(keys.sm2Keys().map(({ issuer }) => issuer));
    const anchored = registers.filter(({ issuer }) => own.has(issuer)).reduce((sum, { last }) => sum + last, 0);
    return {
      keys: keys.sm2Keys().length + keys.listKeys().length,
      blocks: header.ledger === 'embedded' ? (await ledger.info()).height : undefined,
      height,
      stateDigest: digest,
      index,
      records: counted.found,
      pending: counted.pending,
      erased: erased.length,
      absent: Math.max(0, anchored - counted.found),
      registers,
    };
  } finally {
    for (const part of parts) await part.close();
  }
}
