/** The first day of the demonstration network: keys for every issuing body and domain, then one founding transaction. Begun again, it goes on. */
import {
  type FoundInput,
  formatStatement,
  type Instant,
  isJsonObject,
  type Json,
  type KeyUse,
  type PossessionStatement,
  type RegisterKeyInput,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import type { Signer } from '../keys/signer.ts';
import type { KeyStore, Sm2Key } from '../keys/store.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Clock } from '../platform.ts';
import type { Catalogue } from './catalogue.ts';
import type { Progress } from './progress.ts';

export interface FoundingDeps {
  readonly channel: string;
  readonly ledger: Ledger;
  readonly keys: KeyStore;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly progress: Progress;
}

const uses: readonly KeyUse[] = ['anchor', 'status', 'code'];

/** Whether the channel has its network row: the founding transaction makes everything or nothing. */
export async function isFounded(ledger: Ledger, msp: string): Promise<boolean> {
  try {
    return isJsonObject(await ledger.evaluate({ msp, role: 'client' }, 'readNetwork', {}));
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** Those that an earlier start made are taken up. */
async function createKeys({ issuers, domains }: Catalogue, { keys, progress }: FoundingDeps): Promise<void> {
  const wanted = issuers.flatMap(({ issuer }) => uses.map((use) => ({ issuer, use })));
  for (const [at, { issuer, use }] of wanted.entries()) {
    const isThere = keys.sm2Keys().some((key) => key.issuer === issuer && key.use === use);
    if (!isThere) await keys.createSm2Key(issuer, use);
    progress.step({ zh: '生成 SM2 密钥', en: 'SM2 keys' }, at + 1, wanted.length);
  }
  for (const { domain } of domains)
    if (!keys.listKeys().some((key) => key.domain === domain)) await keys.createListKey(domain);
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

function toFoundInput({ domains, issuers, types, bases, matters }: Catalogue, deps: FoundingDeps): FoundInput {
  const { channel, keys, signer } = deps;
  const time = deps.clock();
  const window = { from: time, until: null };
  return {
    channel,
    domains,
    types: types.map((definition) => ({ definition })),
    bases,
    matters,
    issuers: issuers.map(({ issuer, domain, region, name }) => ({ issuer, domain, region, name, from: time })),
    keys: firstKeys(keys).map((key) => toKeyInput(key, channel, time, signer)),
    listKeys: keys.listKeys().map((key) => ({ ...key, ...window })),
    entitlements: issuers.flatMap(({ issuer, region, types: names }) =>
      names.map((type) => ({ issuer, type, region, ...window })),
    ),
  };
}

/** Founds the network unless it is there. @throws YinxinError of the contract */
export async function foundNetwork(catalogue: Catalogue, deps: FoundingDeps): Promise<void> {
  const msp = catalogue.domains[0]?.msp ?? '';
  if (await isFounded(deps.ledger, msp)) return;
  await createKeys(catalogue, deps);
  const input = toFoundInput(catalogue, deps);
  await deps.ledger.submit({ msp, role: 'admin' }, 'found', input as unknown as Json); // interfaces have no index signature
  const count = catalogue.types.length;
  deps.progress.step({ zh: '登记证照类型', en: 'Certificate types' }, count, count);
  deps.progress.step({ zh: '登记颁发机构', en: 'Issuing bodies' }, catalogue.issuers.length, catalogue.issuers.length);
}
