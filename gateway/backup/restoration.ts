/** `restored.json` of a data folder: which backup it came from, how far its registers went, and what the ledger had besides when it was first started again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Instant,
  type Json,
  type MissingEntries,
  memberReader,
  parseInstant,
  parseJson,
  type Restoration,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { writeDurably } from '../durable-file.ts';
import type { ReadModel } from '../index/read-model.ts';
import type { KeyStore } from '../keys/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { RegisterName } from './records.ts';

const format = 'yinxin-restored/1';
const fileName = 'restored.json';
const entriesAtOnce = 1_000;

/** The last entry of a register. */
export interface RegisterEnd extends RegisterName {
  readonly last: number;
}

interface RestoredFile extends Restoration {
  /** As the backup's index had them. */
  readonly registers: readonly RegisterEnd[];
}

/** A folder that is restored now. */
export function writeRestored(
  home: string,
  found: { readonly backup: string; readonly time: Instant; readonly restoredAt: Instant },
  registers: readonly RegisterEnd[],
): Promise<void> {
  return write(home, { ...found, registers, missing: null });
}

function write(home: string, file: RestoredFile): Promise<void> {
  return writeDurably(join(home, fileName), utf8(`${JSON.stringify({ format, ...file }, null, 2)}\n`));
}

function parseEnd(json: Json): RegisterEnd {
  const read = memberReader(json, 'register', 'SETTING_INVALID', ['issuer', 'type', 'last']);
  return { issuer: read.text('issuer'), type: read.text('type'), last: read.natural('last') };
}

function parseMissing(json: Json): MissingEntries {
  const names = ['issuer', 'type', 'first', 'last', 'missing'] as const;
  const read = memberReader(json, 'missing', 'SETTING_INVALID', names);
  const [issuer, type] = [read.text('issuer'), read.text('type')];
  return { issuer, type, first: read.natural('first'), last: read.natural('last'), missing: read.natural('missing') };
}

function parse(json: Json): RestoredFile {
  const names = ['format', 'backup', 'time', 'restoredAt', 'registers', 'missing'] as const;
  const read = memberReader(json, fileName, 'SETTING_INVALID', names);
  return {
    backup: read.text('backup'),
    time: parseInstant(read.text('time')),
    restoredAt: parseInstant(read.text('restoredAt')),
    registers: read.array('registers').map(parseEnd),
    missing: read.value('missing') === null ? null : read.array('missing').map(parseMissing),
  };
}

async function readRestored(home: string): Promise<RestoredFile | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(home, fileName));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return parse(parseJson(bytes));
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    throw new YinxinError('SETTING_INVALID', { setting: fileName, reason: 'damaged' });
  }
}

/** Null of a folder that was never restored. @throws YinxinError SETTING_INVALID for a damaged file */
export async function readRestoration(home: string): Promise<Restoration | null> {
  const file = await readRestored(home);
  if (!file) return null;
  const { registers: _, ...restoration } = file;
  return restoration;
}

export interface AfterRestoreDeps {
  readonly home: string;
  readonly readModel: Pick<ReadModel, 'trustClaims' | 'register'>;
  readonly vault: Pick<Vault, 'entriesAfter'>;
  readonly keys: Pick<KeyStore, 'sm2Keys'>;
}

async function findMissing(
  { issuer, type }: RegisterName,
  [first, last]: readonly [first: number, last: number],
  vault: AfterRestoreDeps['vault'],
): Promise<MissingEntries | undefined> {
  let missing = Math.max(0, last - first + 1);
  for (let after = first - 1; ; ) {
    const kept = await vault.entriesAfter(issuer, type, after, entriesAtOnce);
    missing -= kept.filter((entry) => entry <= last).length;
    after = kept.at(-1) ?? last;
    if (after >= last) break;
  }
  return missing === 0 ? undefined : { issuer, type, first, last, missing };
}

/**
 * At the first start after a restore, once the ledger is followed and what was under way is settled: counts the entries that the ledger has and
 * the vault lacks in registers of bodies whose keys are held here, and notes them for good. Later starts read what was noted.
 */
export async function settleRestoration(deps: AfterRestoreDeps): Promise<Restoration | null> {
  const { home, readModel, vault, keys } = deps;
  const file = await readRestored(home);
  if (!file || file.missing !== null) return readRestoration(home);
  const own = new Set(keys.sm2Keys().map(({ issuer }) => issuer));
  const missing: MissingEntries[] = [];
  for (const { issuer, type } of readModel.trustClaims('').entitlements) {
    if (!own.has(issuer)) continue;
    const before = file.registers.find((register) => register.issuer === issuer && register.type === type);
    const last = readModel.register(issuer, type)?.last ?? 0;
    const found = await findMissing({ issuer, type }, [(before?.last ?? 0) + 1, last], vault);
    if (found) missing.push(found);
  }
  await write(home, { ...file, missing });
  return readRestoration(home);
}
