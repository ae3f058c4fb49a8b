/** The environment, read once: what may be set, its defaults, and what is wrong with it. */
import { isAbsolute, resolve } from 'node:path';
import { YinxinError } from '@yinxin/core';

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
function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && `${url.origin}/` === url.href && /^https?:$/.test(url.protocol);
  if (!isOrigin) throw settingInvalid('YINXIN_PUBLIC_URL', 'not an origin');
  return url.origin;
}

/** @throws YinxinError SETTING_INVALID with `{setting, reason}` */
export function readSettings(environment: Environment, workingFolder: string): Settings {
  const get = (name: string) => environment[name] || undefined;
  const path = (name: string) => {
    const value = get(name);
    return value === undefined || isAbsolute(value) ? value : resolve(workingFolder, value);
  };
  const cert = path('YINXIN_TLS_CERT');
  const key = path('YINXIN_TLS_KEY');
  const homeName = get('YINXIN_HOME');
  if (cert === undefined && key !== undefined) throw settingInvalid('YINXIN_TLS_CERT', 'missing beside the other');
  if (key === undefined && cert !== undefined) throw settingInvalid('YINXIN_TLS_KEY', 'missing beside the other');
  return {
    port: readPort(get('PORT')),
    home: path('YINXIN_HOME') ?? resolve(workingFolder, '.yinxin'),
    ...(homeName !== undefined && { homeName }),
    publicUrl: readPublicUrl(get('YINXIN_PUBLIC_URL')),
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    passphraseFile: path('YINXIN_PASSPHRASE_FILE'),
  };
}
