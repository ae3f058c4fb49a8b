/**
 * The first day of the demonstration network, a ceremony: every gateway makes the keys of its own domains' bodies and lists, proves that it
 * holds them, and gives the public halves to the home gateway, which sends one founding transaction. Begun again, it goes on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type FoundInput,
  formatStatement,
  type Instant,
  isJsonObject,
  type Json,
  type KeyUse,
  type PossessionStatement,
  type RegisterKeyInput,
  type RegisterListKeyInput,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import type { Signer } from '../keys/signer.ts';
import type { KeyStore, Sm2Key } from '../keys/store.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Clock } from '../platform.ts';
import type { Catalogue } from './catalogue.ts';
import type { Cities, City } from './cities.ts';
import type { Progress } from './progress.ts';

export interface FoundingDeps {
  readonly channel: string;
  readonly cities: Cities;
  readonly clock: Clock;
  readonly progress: Progress;
}

const uses: readonly KeyUse[] = ['anchor', 'status', 'code'];
const lookAgain = { times: 20, milliseconds: 250 } as const;

/** Whether the channel has its network row: the founding transaction makes everything or nothing. */
export async function isFounded(ledger: Ledger, msp: string): Promise<boolean> {
  try {
    return isJsonObject(await ledger.evaluate({ msp, role: 'client' }, 'readNetwork', {}));
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

function keysOf({ cities }: FoundingDeps, domain: string): KeyStore {
  return (cities.of(domain) ?? cities.home).gateway.keys;
}

/** In each gateway's own store. Those that an earlier start made are taken up. */
async function createKeys({ issuers, domains }: Catalogue, deps: FoundingDeps): Promise<void> {
  const wanted = issuers.flatMap(({ issuer, domain }) => uses.map((use) => ({ issuer, domain, use })));
  for (const [at, { issuer, domain, use }] of wanted.entries()) {
    const keys = keysOf(deps, domain);
    const isThere = keys.sm2Keys().some((key) => key.issuer === issuer && key.use === use);
    if (!isThere) await keys.createSm2Key(issuer, use);
    deps.progress.step({ zh: '生成 SM2 密钥', en: 'SM2 keys' }, at + 1, wanted.length);
  }
  for (const { domain } of domains) {
    const keys = keysOf(deps, domain);
    if (!keys.listKeys().some((key) => key.domain === domain)) await keys.createListKey(domain);
  }
}

function toKeyInput(
  { issuer, use, publicKey }: Sm2Key,
  channel: string,
  time: Instant,
  signer: Signer,
): RegisterKeyInput {
  const statement: PossessionStatement = {
    format: 'yinxin-key/1',
    channel,
    issuer,
    use,
    publicKey: toBase64(publicKey),
    time,
  };
  return {
    possession: formatStatement(statement),
    signature: toBase64(signer.signPossession(statement)),
    from: time,
    until: null,
    vouchedBy: null,
  };
}

/** Of several keys for one use (a start was cut off between two writes) the first is registered. */
function firstKeys(keys: KeyStore): readonly Sm2Key[] {
  const first = new Map<string, Sm2Key>();
  for (const key of keys.sm2Keys()) {
    const place = `${key.issuer}/${key.use}`;
    if (!first.has(place)) first.set(place, key);
  }
  return [...first.values()];
}

/** What one gateway brings: its keys, each proven to be held, and those of its lists. */
function toPart({ gateway }: City, channel: string, time: Instant): Pick<FoundInput, 'keys' | 'listKeys'> {
  const { keys, signer } = gateway;
  return {
    keys: firstKeys(keys).map((key) => toKeyInput(key, channel, time, signer)),
    listKeys: keys.listKeys().map((key): RegisterListKeyInput => ({ ...key, from: time, until: null })),
  };
}

function toFoundInput({ domains, issuers, types, bases, matters }: Catalogue, deps: FoundingDeps): FoundInput {
  const { channel, cities } = deps;
  const time = deps.clock();
  const parts = cities.all.map((city) => toPart(city, channel, time));
  const window = { from: time, until: null };
  return {
    channel,
    domains,
    types: types.map((definition) => ({ definition })),
    bases,
    matters,
    issuers: issuers.map(({ issuer, domain, region, name }) => ({ issuer, domain, region, name, from: time })),
    keys: parts.flatMap(({ keys }) => keys),
    listKeys: parts.flatMap(({ listKeys }) => listKeys),
    entitlements: issuers.flatMap(({ issuer, region, types: names }) =>
      names.map((type) => ({ issuer, type, region, ...window })),
    ),
  };
}

/** Whether a founding whose end was not seen, by this start or an earlier one, has come to its peer in the meantime. */
async function isFoundedAfterAll(ledger: Ledger, msp: string, error: unknown): Promise<boolean> {
  const code = error instanceof YinxinError ? error.code : undefined;
  if (code !== 'COMMIT_UNKNOWN' && code !== 'ALREADY_EXISTS' && code !== 'CONFLICT') return false;
  for (let tries = 0; tries < lookAgain.times; tries += 1) {
    if (await isFounded(ledger, msp)) return true;
    await delay(lookAgain.milliseconds);
  }
  return false;
}

/** Founds the network unless it is there. @throws YinxinError of the contract; NETWORK_STATE when it was founded by keys that lie elsewhere */
export async function foundNetwork(catalogue: Catalogue, deps: FoundingDeps): Promise<void> {
  const msp = catalogue.domains[0]?.msp ?? '';
  const { ledger, keys } = deps.cities.home.gateway;
  if (await isFounded(ledger, msp)) {
    if (keys.sm2Keys().length > 0) return;
    throw new YinxinError('NETWORK_STATE', { setting: 'YINXIN_HOME', reason: 'founded elsewhere' });
  }
  await createKeys(catalogue, deps);
  const input = toFoundInput(catalogue, deps);
  try {
    await ledger.submit({ msp, role: 'admin' }, 'found', input as unknown as Json); // interfaces have no index signature
  } catch (error) {
    if (!(await isFoundedAfterAll(ledger, msp, error))) throw error;
  }
  const count = catalogue.types.length;
  deps.progress.step({ zh: '登记证照类型', en: 'Certificate types' }, count, count);
  deps.progress.step({ zh: '登记颁发机构', en: 'Issuing bodies' }, catalogue.issuers.length, catalogue.issuers.length);
}
