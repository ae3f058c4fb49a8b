/** The command's folder (`$YINXIN_HOME`, else the next `.yinxin` upwards): gateway and home domain, pin, client files, the saved lists. */
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type ClientFile,
  type Json,
  memberReader,
  parseClientFile,
  parseJson,
  type TrustPin,
  utf8,
} from '@yinxin/core';
import { parseTrustPin } from '@yinxin/core/jose';
import { type Inputs, usageError } from './command.ts';
import type { Context } from './context.ts';
import { exists, readBytes } from './files.ts';

const maxSettingBytes = 64 * 1024;
const defaultGateway = 'http://localhost:8080';

export interface Home {
  /** Base URL of the gateway, without a slash at its end. */
  readonly gateway: string;
  /** That somebody named: then it is asked for everything, else whoever acts asks the gateway of the client file. */
  readonly isNamed: boolean;
  /** Code of the domain where this command is at home. */
  readonly domain: string | undefined;
  /** Where `trust` keeps the list; undefined without a folder. */
  readonly savedTrust: string | undefined;
  readonly folder: string | undefined;
}

async function findFolder(context: Context): Promise<string | undefined> {
  const named = context.env['YINXIN_HOME'];
  if (named) return resolve(context.cwd, named);
  for (let folder = context.cwd; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.yinxin'))) return join(folder, '.yinxin');
    if (folder === dirname(folder)) return undefined;
  }
}

async function readJson(path: string): Promise<Json> {
  return parseJson(await readBytes(path, maxSettingBytes));
}

async function readSettings(
  folder: string | undefined,
): Promise<{ readonly gateway?: string; readonly home?: string }> {
  const path = folder && join(folder, 'command.json');
  if (!path || !(await exists(path))) return {};
  const read = memberReader(await readJson(path), 'command.json', 'SETTING_INVALID', ['gateway', 'home']);
  return {
    ...(read.has('gateway') && { gateway: read.text('gateway') }),
    ...(read.has('home') && { home: read.text('home') }),
  };
}

function parseGateway(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw usageError('gateway', text);
  return text.replace(/\/+$/, '');
}

/** @throws YinxinError USAGE for a gateway that is no URL, SETTING_INVALID for a malformed `command.json` */
export async function openHome(inputs: Inputs, context: Context): Promise<Home> {
  const folder = await findFolder(context);
  const settings = await readSettings(folder);
  const named = inputs.text('gateway') ?? (context.env['YINXIN_GATEWAY'] || undefined);
  return {
    gateway: parseGateway(named ?? settings.gateway ?? defaultGateway),
    isNamed: named !== undefined,
    domain: settings.home,
    folder,
    savedTrust: folder && join(folder, 'trust-list.jwt'),
  };
}

/** The pin of `--pin` or of the folder; undefined where there is none. @throws YinxinError TRUST_INVALID, FILE_UNREADABLE */
export async function readPin(home: Home, inputs: Inputs, context: Context): Promise<TrustPin | undefined> {
  const named = inputs.text('pin');
  const path = named ? resolve(context.cwd, named) : home.folder && join(home.folder, 'pin.json');
  if (!path || (!named && !(await exists(path)))) return undefined;
  return parseTrustPin(new TextDecoder().decode(await readBytes(path, maxSettingBytes)));
}

/** The client files of the folder (of bodies, or of the cities' administrators), or the one that `--client` names. @throws YinxinError SETTING_INVALID, FILE_UNREADABLE */
export async function readClients(
  home: Home,
  inputs: Inputs,
  context: Context,
  kind: 'clients' | 'admins' = 'clients',
): Promise<readonly ClientFile[]> {
  const named = inputs.text('client');
  if (named) return [parseClientFile(await readJson(resolve(context.cwd, named)))];
  const folder = home.folder && join(home.folder, kind);
  if (!folder || !(await exists(folder))) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
  return Promise.all(names.map(async (name) => parseClientFile(await readJson(join(folder, name)))));
}

/** JSON for a file of the command's own. */
export function toJsonText(json: Json): Uint8Array {
  return utf8(`${JSON.stringify(json, null, 2)}\n`);
}
