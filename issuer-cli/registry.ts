/** What the command knows of the network: the trust list, verified by the pin; and which client file acts. */
import { resolve } from 'node:path';
import {
  type CertificateType,
  type ClientFile,
  type Instant,
  isInWindow,
  type Trust,
  type TrustPin,
  YinxinError,
} from '@yinxin/core';
import { readTrustList } from '@yinxin/core/jose';
import { type Inputs, usageError } from './command.ts';
import type { Context } from './context.ts';
import { exists, readBytes } from './files.ts';
import { connectGateway, isUnreachable } from './gateway.ts';
import { type Home, readClients, readPin } from './home.ts';

const maxListBytes = 8 * 1024 * 1024;

export interface KnownTrust {
  readonly trust: Trust;
  /** As it was signed. */
  readonly jws: string;
  readonly source: 'server' | 'file' | 'saved';
}

async function readListFile(path: string, pin: TrustPin, source: KnownTrust['source']): Promise<KnownTrust> {
  const jws = new TextDecoder().decode(await readBytes(path, maxListBytes)).trim();
  return { trust: (await readTrustList(jws, pin)).trust, jws, source };
}

async function readSaved(home: Home, pin: TrustPin): Promise<KnownTrust | undefined> {
  if (home.savedTrust === undefined || !(await exists(home.savedTrust))) return undefined;
  return readListFile(home.savedTrust, pin, 'saved');
}

/** Fetches the list; one of a lower height than the saved one is refused. @throws YinxinError GATEWAY_UNREACHABLE, TRUST_INVALID, TRUST_ROLLBACK, TRUST_MISSING without a pin */
export async function fetchTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust> {
  const pin = await readPin(home, inputs, context);
  if (!pin) throw new YinxinError('TRUST_MISSING', { why: 'pin' });
  const jws = (await connectGateway(home.gateway, undefined, context).getText('/v1/trust-list')).trim();
  const seen = (await readSaved(home, pin))?.trust.height ?? 0;
  return { trust: (await readTrustList(jws, pin, seen)).trust, jws, source: 'server' };
}

/**
 * The list of `--trust`, else the gateway's, else (offline, or when the gateway does not answer) the one that `trust` saved.
 * @throws YinxinError TRUST_MISSING `{why}`, TRUST_INVALID, TRUST_ROLLBACK, FILE_UNREADABLE
 */
export async function loadTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust> {
  const pin = await readPin(home, inputs, context);
  if (!pin) throw new YinxinError('TRUST_MISSING', { why: 'pin' });
  const named = inputs.text('trust');
  if (named !== undefined) return readListFile(resolve(context.cwd, named), pin, 'file');
  try {
    if (!inputs.flag('offline')) return await fetchTrust(home, inputs, context);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const saved = await readSaved(home, pin);
    if (saved) return saved;
    throw error;
  }
  const saved = await readSaved(home, pin);
  if (saved) return saved;
  throw new YinxinError('TRUST_MISSING', { why: 'list' });
}

/** The trust list where one is at hand, for names and labels only; without it keys and codes have to do. */
export async function loadNames(home: Home, inputs: Inputs, context: Context): Promise<Trust | undefined> {
  try {
    return (await loadTrust(home, inputs, context)).trust;
  } catch (error) {
    if (error instanceof YinxinError) return undefined;
    throw error;
  }
}

const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase();

/** A type by its slug or one of its names. @throws YinxinError TYPE_UNKNOWN with `{type}` */
export function findType(types: readonly CertificateType[], name: string): CertificateType {
  const wanted = fold(name);
  const found = types.find(({ type, name: words, officialName }) =>
    [type, words.zh, words.en, officialName].some((own) => fold(own) === wanted),
  );
  if (!found) throw new YinxinError('TYPE_UNKNOWN', { type: name.slice(0, 64) });
  return found;
}

/** What a command is about to do, and for what. */
export interface Task {
  readonly scope: 'issue' | 'status' | 'verify' | 'audit';
  /** The one body that may do it. */
  readonly issuer?: string;
  /** Else any body that may issue this type. */
  readonly type?: string;
}

function isEntitled(trust: Trust, issuer: string, type: string, now: Instant): boolean {
  const row = trust.entitlement(issuer, type);
  return row !== undefined && isInWindow(row, now);
}

function findNamed(clients: readonly ClientFile[], trust: Trust | undefined, name: string): ClientFile | undefined {
  return clients.find(({ issuer }) => {
    const words = trust?.issuer(issuer)?.name;
    return issuer === name || (words !== undefined && (words.zh === name || words.en === name));
  });
}

/**
 * The client that acts: the one named by `--as` or `--client`; else that of the task's body; else that of the one body that is entitled
 * to the type, at home first.
 * @throws YinxinError CLIENT_FILE_MISSING with `{issuer}` or `{type}`; USAGE when several could act
 */
export async function chooseClient(
  home: Home,
  inputs: Inputs,
  context: Context,
  task: Task,
  trust?: Trust,
): Promise<ClientFile> {
  const all = await readClients(home, inputs, context);
  const named = inputs.text('as');
  const chosen =
    named === undefined
      ? undefined
      : (findNamed(all, trust, named) ?? findNamed(all, await loadNames(home, inputs, context), named));
  if (chosen) return chosen;
  if (named !== undefined) throw new YinxinError('CLIENT_FILE_MISSING', { issuer: named });
  const able = all.filter(({ scopes }) => scopes.includes(task.scope));
  if (inputs.text('client') !== undefined && able[0]) return able[0];
  const { issuer, type } = task;
  if (issuer !== undefined) {
    const own = able.find((client) => client.issuer === issuer);
    if (own) return own;
    throw new YinxinError('CLIENT_FILE_MISSING', { issuer });
  }
  const entitled = able.filter(
    (client) => type === undefined || (trust && isEntitled(trust, client.issuer, type, context.now())),
  );
  const atHome = entitled.filter(({ domain }) => domain === home.domain);
  return pickOnly(atHome.length > 0 ? atHome : entitled, trust, task);
}

/** For a verification with a purpose: the issuing body's own client, else the one of a verifier that may do least besides. */
export async function chooseVerifier(
  home: Home,
  inputs: Inputs,
  context: Context,
  issuer: string,
  trust?: Trust,
): Promise<ClientFile> {
  try {
    return await chooseClient(home, inputs, context, { scope: 'verify', issuer }, trust);
  } catch (error) {
    if (!(error instanceof YinxinError) || error.code !== 'CLIENT_FILE_MISSING' || inputs.text('as') !== undefined)
      throw error;
    const clients = await readClients(home, inputs, context);
    const verifiers = clients.filter((client) => client.issuer === '' && client.scopes.includes('verify'));
    const [least] = [...verifiers].sort((a, b) => a.scopes.length - b.scopes.length);
    if (!least) throw error;
    return least;
  }
}

function pickOnly(clients: readonly ClientFile[], trust: Trust | undefined, { type }: Task): ClientFile {
  const [first, ...others] = clients;
  if (!first) throw new YinxinError('CLIENT_FILE_MISSING', type === undefined ? {} : { type });
  if (others.length === 0) return first;
  const names = clients.map(({ issuer }) => trust?.issuer(issuer)?.name.zh ?? issuer);
  throw usageError('which-issuer', '--as', { choices: names.join('、') });
}
