/** The trust list, verified by the pin: from a file, the gateway, or what `trust` saved. */
import { resolve } from 'node:path';
import { type Trust, type TrustClaims, type TrustPin, YinxinError } from '@yinxin/core';
import { readTrustList } from '@yinxin/core/jose';
import type { Inputs } from './command.ts';
import type { Context } from './context.ts';
import { exists, readBytes, writeAtomically } from './files.ts';
import { connectGateway, isUnreachable } from './gateway.ts';
import { type Home, readPin } from './home.ts';

const maxListBytes = 32 * 1024 * 1024;

export interface KnownTrust {
  readonly trust: Trust;
  readonly claims: TrustClaims;
  /** The list as it was signed, after those that vouch for its key where the pin does not: oldest first. */
  readonly chain: readonly string[];
  readonly source: 'server' | 'file' | 'saved';
}

/** Reads a file of lists, one a line: the first by the pin, each further one also by the keys that the list before it names. */
async function readChain(path: string, pin: TrustPin, source: KnownTrust['source']): Promise<KnownTrust> {
  const text = new TextDecoder().decode(await readBytes(path, maxListBytes));
  const chain = text.trim().split('\n');
  let read: Pick<KnownTrust, 'trust' | 'claims'> | undefined;
  for (const jws of chain) read = await readTrustList(jws, pin, read?.claims);
  if (!read) throw new YinxinError('TRUST_INVALID', { why: 'empty' });
  return { ...read, chain, source };
}

async function readSaved(home: Home, pin: TrustPin): Promise<KnownTrust | undefined> {
  if (home.savedTrust === undefined || !(await exists(home.savedTrust))) return undefined;
  return readChain(home.savedTrust, pin, 'saved');
}

/** The saved list, where the pin still believes it: with a new pin, after a change of list keys that was missed, one begins anew. */
async function readBelieved(home: Home, pin: TrustPin): Promise<KnownTrust | undefined> {
  try {
    return await readSaved(home, pin);
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'TRUST_INVALID') return undefined;
    throw error;
  }
}

/** Of the lists that were kept, as few as are needed to believe this one: none where the pin names its key. */
async function findVouching(jws: string, pin: TrustPin, kept: readonly string[]): Promise<readonly string[]> {
  let previous: TrustClaims | undefined;
  for (const [count, before] of kept.entries()) {
    if (await isBelieved(jws, pin, previous)) return kept.slice(0, count);
    previous = (await readTrustList(before, pin, previous)).claims;
  }
  return kept;
}

async function isBelieved(jws: string, pin: TrustPin, previous: TrustClaims | undefined): Promise<boolean> {
  try {
    await readTrustList(jws, pin, previous);
    return true;
  } catch (error) {
    if (error instanceof YinxinError) return false;
    throw error;
  }
}

async function requirePin(home: Home, inputs: Inputs, context: Context): Promise<TrustPin> {
  const pin = await readPin(home, inputs, context);
  if (!pin) throw new YinxinError('TRUST_MISSING', { why: 'pin' });
  return pin;
}

/**
 * Fetches the list; one of a lower height than the saved one is refused. One signed by a new list key is believed when the saved one names that key.
 * @throws YinxinError GATEWAY_UNREACHABLE, TRUST_INVALID, TRUST_ROLLBACK, TRUST_MISSING without a pin
 */
export async function fetchTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust> {
  const pin = await requirePin(home, inputs, context);
  const jws = (await connectGateway(home.gateway, undefined, context).getText('/v1/trust-list')).trim();
  const saved = await readBelieved(home, pin);
  const read = await readTrustList(jws, pin, saved?.claims);
  return { ...read, chain: [...(await findVouching(jws, pin, saved?.chain ?? [])), jws], source: 'server' };
}

/** Keeps a list, in one step. @throws YinxinError FILE_UNREADABLE, also without a folder */
export async function saveTrust(path: string | undefined, { chain }: KnownTrust): Promise<string> {
  if (path === undefined) throw new YinxinError('FILE_UNREADABLE', { file: '.yinxin', reason: 'ENOENT' });
  await writeAtomically(path, `${chain.join('\n')}\n`);
  return path;
}

/**
 * The list of `--trust`, else the gateway's, else (offline, or when the gateway does not answer) the one that `trust` saved.
 * @throws YinxinError TRUST_MISSING `{why}`, TRUST_INVALID, TRUST_ROLLBACK, FILE_UNREADABLE
 */
export async function loadTrust(home: Home, inputs: Inputs, context: Context): Promise<KnownTrust> {
  const pin = await requirePin(home, inputs, context);
  const named = inputs.text('trust');
  if (named !== undefined) return readChain(resolve(context.cwd, named), pin, 'file');
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
