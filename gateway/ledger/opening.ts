/** Which ledger a gateway follows, and how it is opened. Each adapter is loaded when it is needed, so that nobody carries the other. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ascii, parseJson, YinxinError } from '@yinxin/core';
import { type ConnectionProfile, parseConnectionProfile } from '@yinxin/core/connection-profile';
import { writeDurably } from '../durable-file.ts';
import type { Clock, Random } from '../platform.ts';
import type { Ledger } from './port.ts';

export interface LedgerPlace {
  /** The gateway's data folder, which is there. */
  readonly home: string;
  readonly channel: string;
  readonly clock: Clock;
  readonly random: Random;
}

export type OpenLedger = (place: LedgerPlace) => Promise<Ledger>;

/** Folders in the data folder, one for each kind of ledger. */
const folders = { embedded: 'ledger', fabric: 'fabric' } as const;

const invalid = (setting: string, reason: string) => new YinxinError('SETTING_INVALID', { setting, reason });

/** Data of one ledger is of no use with another: numbers would be given twice, and the index would be of the other. */
function requireOwn(home: string, other: keyof typeof folders): void {
  if (existsSync(join(home, folders[other]))) throw invalid('YINXIN_HOME', `data of ${other}`);
}

/** @throws YinxinError SETTING_INVALID for data of a Fabric network, DATA_IN_USE, LEDGER_DAMAGED */
export const openEmbedded: OpenLedger = async ({ home, ...place }) => {
  requireOwn(home, 'fabric');
  const { openEmbeddedLedger } = await import('./embedded/ledger.ts');
  return openEmbeddedLedger({ folder: join(home, folders.embedded), ...place });
};

/** @throws YinxinError SETTING_INVALID with `{setting, reason}` */
export async function readProfile(path: string, setting: string): Promise<ConnectionProfile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    throw invalid(setting, 'unreadable');
  }
  try {
    return parseConnectionProfile(parseJson(bytes));
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    throw new YinxinError('SETTING_INVALID', { ...error.details, setting, reason: 'damaged' });
  }
}

/** The data folder belongs to the network that it first followed. */
async function requireSameNetwork(folder: string, { genesis }: ConnectionProfile): Promise<void> {
  const path = join(folder, 'genesis');
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return writeDurably(path, ascii(`${genesis}\n`));
  }
  if ((await readFile(path, 'latin1')).trim() !== genesis) throw invalid('YINXIN_HOME', 'data of another network');
}

/** By the profile in this file. @throws YinxinError SETTING_INVALID for a profile that cannot be used, or data of another ledger */
export function openFabricBy(path: string, setting: string): OpenLedger {
  return async ({ home, clock }) => {
    requireOwn(home, 'embedded');
    const folder = join(home, folders.fabric);
    const profile = await readProfile(path, setting);
    await requireSameNetwork(folder, profile);
    const { openFabricLedger } = await import('./fabric/ledger.ts');
    return openFabricLedger({ profile, profileFolder: dirname(path), folder, clock });
  };
}
