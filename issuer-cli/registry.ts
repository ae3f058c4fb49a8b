/** What people name, found in the trust list: types, matters, places; and whose client file acts. */
import {
  type CertificateType,
  type ClientFile,
  findEntitlementFault,
  type Instant,
  type Trust,
  type Words,
  YinxinError,
} from '@yinxin/core';
import { type Inputs, usageError } from './command.ts';
import { type Context, say } from './context.ts';
import { type Home, readClients } from './home.ts';
import { loadNames } from './trust-list.ts';

const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase();

const isNamed = (name: string, ...own: readonly string[]) => own.some((text) => fold(text) === fold(name));

/** A type by its slug or one of its names. @throws YinxinError TYPE_UNKNOWN with `{type}` */
export function findType(types: readonly CertificateType[], name: string): CertificateType {
  const found = types.find(({ type, name: words, officialName }) =>
    isNamed(name, type, words.zh, words.en, officialName),
  );
  if (!found) throw new YinxinError('TYPE_UNKNOWN', { type: name.slice(0, 64) });
  return found;
}

/** Slugs or codes with their names, for somebody who named another. */
export function listChoices(rows: readonly (readonly [code: string, name: Words])[], context: Context): string {
  return rows.map(([code, name]) => `${code} ${say(context, name)}`).join(say(context, { zh: '、', en: ', ' }));
}

/** A matter by its slug or one of its names: its slug. @throws YinxinError USAGE with those that there are */
export function findMatter(trust: Trust, name: string, context: Context): string {
  const found = trust.matters.find(({ matter, name: words }) => isNamed(name, matter, words.zh, words.en));
  if (found) return found.matter;
  const choices = listChoices(
    trust.matters.map(({ matter, name: words }) => [matter, words]),
    context,
  );
  throw usageError('matter', name.slice(0, 40), { choices });
}

/** A place by its code, or a domain by one of its names: its code. @throws YinxinError USAGE when it lies in no domain of the network */
export function findPlace(trust: Trust, name: string, context: Context): string {
  const named = trust.domains.find(({ name: words }) => isNamed(name, words.zh, words.en));
  if (named) return named.domain;
  if (trust.domainOf(name)) return name;
  const choices = listChoices(
    trust.domains.map(({ domain, name: words }) => [domain, words]),
    context,
  );
  throw usageError('domain-unknown', name.slice(0, 40), { choices });
}

/** A body by its credit code or one of its full names: its code. A code need not be known yet. @throws YinxinError ISSUER_UNKNOWN with `{issuer}` */
export function findIssuer(
  issuers: readonly { readonly issuer: string; readonly name: Words }[],
  name: string,
): string {
  const found = issuers.find(({ issuer, name: words }) => isNamed(name, issuer, words.zh, words.en));
  if (found) return found.issuer;
  throw new YinxinError('ISSUER_UNKNOWN', { issuer: name.slice(0, 64) });
}

/** What a command is about to do, and for what. */
export interface Task {
  readonly scope: 'issue' | 'status' | 'verify' | 'audit';
  /** The body that may do it, or, once that is closed, the one that took over. */
  readonly issuer?: string;
  /** Else any body that may issue this type. */
  readonly type?: string;
}

function isEntitled(trust: Trust, issuer: string, type: string, now: Instant): boolean {
  return findEntitlementFault(trust.issuer(issuer), trust.entitlement(issuer, type), now) === undefined;
}

function findNamed(clients: readonly ClientFile[], trust: Trust | undefined, name: string): ClientFile | undefined {
  return clients.find(({ issuer }) => {
    const words = issuer === null ? undefined : trust?.issuer(issuer)?.name;
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
  known?: Trust,
): Promise<ClientFile> {
  const all = await readClients(home, inputs, context);
  const named = inputs.text('as');
  const trust =
    known ?? (named !== undefined || task.issuer !== undefined ? await loadNames(home, inputs, context) : undefined);
  if (named !== undefined) {
    const chosen = findNamed(all, trust, named);
    if (chosen) return chosen;
    throw new YinxinError('CLIENT_FILE_MISSING', { issuer: named });
  }
  const able = all.filter(({ scopes }) => scopes.includes(task.scope));
  if (inputs.text('client') !== undefined && able[0]) return able[0];
  const { issuer, type } = task;
  if (issuer !== undefined) {
    const acting = trust?.managerOf(issuer, context.now())?.issuer ?? issuer;
    const own = able.find((client) => client.issuer === acting);
    if (own) return own;
    throw new YinxinError('CLIENT_FILE_MISSING', { issuer: acting });
  }
  const entitled = able.filter((client) => {
    if (type === undefined) return true;
    return trust && client.issuer !== null && isEntitled(trust, client.issuer, type, context.now());
  });
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
    const least = findVerifier(await readClients(home, inputs, context));
    if (!least) throw error;
    return least;
  }
}

/** The body that a client acts for. @throws YinxinError CLIENT_FILE_MISSING for one of no body, such as an auditor */
export function issuerOf({ issuer }: ClientFile): string {
  if (!issuer) throw new YinxinError('CLIENT_FILE_MISSING');
  return issuer;
}

/** @throws YinxinError ISSUER_CLOSED with `{issuer, successor}` for a body that issues nothing more */
export function requireOpen(trust: Trust, issuer: string, now: Instant): void {
  const closed = trust.issuer(issuer)?.closed;
  if (closed && closed.at <= now) throw new YinxinError('ISSUER_CLOSED', { issuer, successor: closed.successor });
}

/** Of the clients that verify and are of no body the one that may do least besides. */
export function findVerifier(clients: readonly ClientFile[]): ClientFile | undefined {
  const verifiers = clients.filter(({ issuer, scopes }) => !issuer && scopes.includes('verify'));
  return [...verifiers].sort((a, b) => a.scopes.length - b.scopes.length)[0];
}

function pickOnly(clients: readonly ClientFile[], trust: Trust | undefined, { type }: Task): ClientFile {
  const [first, ...others] = clients;
  if (!first) throw new YinxinError('CLIENT_FILE_MISSING', type === undefined ? {} : { type });
  if (others.length === 0) return first;
  const names = clients.map(({ issuer }) => trust?.issuer(issuer ?? '')?.name.zh ?? issuer ?? '');
  throw usageError('which-issuer', '--as', { choices: names.join('、') });
}
