/** The environment, read once: what may be set, its defaults, and what is wrong with it. */
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { YinxinError } from '@yinxin/core';

/** Which ledger: one in this process; the demonstration on a local Fabric network; or one organisation's part of a Fabric network that runs elsewhere. */
export type LedgerSettings =
  | { readonly kind: 'embedded' }
  /** YINXIN_NETWORK: the folder that `npm run network` keeps. */
  | { readonly kind: 'demonstration'; readonly network: string }
  /** YINXIN_FABRIC_PROFILE, the connection profile, and YINXIN_DOMAIN, whose gateway this is. */
  | { readonly kind: 'member'; readonly profile: string; readonly domain: string };

export interface Settings {
  /** PORT, 0 for any free one. */
  readonly port: number;
  /** YINXIN_HOME, absolute. */
  readonly home: string;
  /** YINXIN_HOME as it was set, for messages about it. */
  readonly homeName?: string;
  /** YINXIN_PUBLIC_URL without a slash at its end; undefined: the address listened on. */
  readonly publicUrl: string | undefined;
  /** YINXIN_TLS_CERT and YINXIN_TLS_KEY: paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** YINXIN_PASSPHRASE_FILE. */
  readonly passphraseFile: string | undefined;
  /** YINXIN_BACKUPS: where backups go, in a folder for each gateway; undefined: `backups` in the data folder. */
  readonly backups?: string;
  readonly ledger: LedgerSettings;
  /** YINXIN_WORKERS: threads that compute for bulk runs, 0 to 8; undefined: by the machine. */
  readonly workers?: number;
  /** YINXIN_PARTNERS: origins of other cities' gateways. */
  readonly partners: readonly string[];
}

export type Environment = { readonly [name: string]: string | undefined };

const defaultPort = 8080;

export function settingInvalid(setting: string, reason: string): YinxinError {
  return new YinxinError('SETTING_INVALID', { setting, reason });
}

function readPort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw settingInvalid('PORT', 'not a port');
  return Number(text);
}

/** An origin alone: codes are made of it, and the page's paths begin at its root. */
function readOrigin(setting: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && `${url.origin}/` === url.href && /^https?:$/.test(url.protocol);
  if (!isOrigin) throw settingInvalid(setting, 'not an origin');
  return url.origin;
}

function readPartners(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => name !== '').map((name) => readOrigin('YINXIN_PARTNERS', name));
}

const maxWorkers = 8;

/** One processor is left to the main thread, where there is more than one. */
export const usualWorkers = (processors: number) => Math.min(maxWorkers, Math.max(1, processors - 1));

function readWorkers(text: string): number {
  if (!/^\d$/.test(text) || Number(text) > maxWorkers) throw settingInvalid('YINXIN_WORKERS', `not 0 to ${maxWorkers}`);
  return Number(text);
}

/** `--ledger embedded` or `--ledger fabric`; what else may be given is nothing. */
function readLedgerArgument(args: readonly string[]): string | undefined {
  const options = { ledger: { type: 'string' } } as const;
  const { values, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const isKnown = (token: (typeof tokens)[number]) => token.kind === 'option' && token.name === 'ledger';
  const unknown = tokens.find((token) => !isKnown(token));
  if (unknown) throw settingInvalid(args[unknown.index] ?? '', 'unknown argument');
  const { ledger } = values;
  if (ledger !== undefined && ledger !== 'embedded' && ledger !== 'fabric') {
    throw settingInvalid('--ledger', 'not a ledger');
  }
  return ledger;
}

interface LedgerNames {
  readonly argument: string | undefined;
  readonly network: string;
  readonly profile: string | undefined;
  readonly domain: string | undefined;
}

function readLedger({ argument, network, profile, domain }: LedgerNames): LedgerSettings {
  if (profile === undefined) return argument === 'fabric' ? { kind: 'demonstration', network } : { kind: 'embedded' };
  if (argument === 'embedded') throw settingInvalid('YINXIN_FABRIC_PROFILE', 'not with this ledger');
  if (domain === undefined) throw settingInvalid('YINXIN_DOMAIN', 'missing beside the profile');
  if (!/^\d{6}$/.test(domain)) throw settingInvalid('YINXIN_DOMAIN', 'not a domain');
  return { kind: 'member', profile, domain };
}

/** `args`: those of the command line. @throws YinxinError SETTING_INVALID with `{setting, reason}` */
export function readSettings(environment: Environment, workingFolder: string, args: readonly string[] = []): Settings {
  const get = (name: string) => environment[name] || undefined;
  const path = (name: string) => {
    const value = get(name);
    return value === undefined || isAbsolute(value) ? value : resolve(workingFolder, value);
  };
  const cert = path('YINXIN_TLS_CERT');
  const key = path('YINXIN_TLS_KEY');
  const homeName = get('YINXIN_HOME');
  const workers = get('YINXIN_WORKERS');
  const publicUrl = get('YINXIN_PUBLIC_URL');
  const backups = path('YINXIN_BACKUPS');
  if (cert === undefined && key !== undefined) throw settingInvalid('YINXIN_TLS_CERT', 'missing beside the other');
  if (key === undefined && cert !== undefined) throw settingInvalid('YINXIN_TLS_KEY', 'missing beside the other');
  return {
    port: readPort(get('PORT')),
    home: path('YINXIN_HOME') ?? resolve(workingFolder, '.yinxin'),
    ...(homeName !== undefined && { homeName }),
    publicUrl: publicUrl === undefined ? undefined : readOrigin('YINXIN_PUBLIC_URL', publicUrl),
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    passphraseFile: path('YINXIN_PASSPHRASE_FILE'),
    ...(backups !== undefined && { backups }),
    ledger: readLedger({
      argument: readLedgerArgument(args),
      network: path('YINXIN_NETWORK') ?? resolve(workingFolder, '.yinxin-network'),
      profile: path('YINXIN_FABRIC_PROFILE'),
      domain: get('YINXIN_DOMAIN'),
    }),
    ...(workers !== undefined && { workers: readWorkers(workers) }),
    partners: readPartners(get('YINXIN_PARTNERS')),
  };
}
