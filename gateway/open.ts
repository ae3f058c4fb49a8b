/** Opens everything behind the routes, in order of need, and closes it in the opposite one. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { toInstant } from '@yinxin/core';
import { openBackups } from './backup/backups.ts';
import { noteErasures } from './backup/erasures.ts';
import type { DataFiles } from './data-files.ts';
import { createGoverning } from './governing/governing.ts';
import { createAnchoringSource } from './http/anchorings.ts';
import type { Services } from './http/services.ts';
import { createStatusListSource } from './http/status-lists.ts';
import { createTrustListSource } from './http/trust-list.ts';
import { openReadModel } from './index/open.ts';
import { networkRules } from './index/rules.ts';
import { createIssuing } from './issuing/create.ts';
import { createPartnerWords } from './issuing/partner-words.ts';
import { createKeeping } from './keeping/create.ts';
import type { ScryptCost } from './keys/passphrase-key.ts';
import { createSigner, type Signer } from './keys/signer.ts';
import { type KeyStore, openKeyStore } from './keys/store.ts';
import type { OpenLedger } from './ledger/opening.ts';
import type { Ledger } from './ledger/port.ts';
import { chooseListKey } from './lists/list-keys.ts';
import { signStatusList, signTrustList } from './lists/lists.ts';
import { type Clients, openClients } from './oauth/clients.ts';
import { createTokenService } from './oauth/tokens.ts';
import { createPartners } from './partners.ts';
import { createPinKeeper, keepPin, type PinKeeper, type PinKeeperDeps } from './pin.ts';
import { type Clock, poolRandom, type Random } from './platform.ts';
import { openVault } from './vault/open.ts';
import { createVerifying } from './verifying/create.ts';

export interface OpenOptions {
  /** The data folder. */
  readonly home: string;
  readonly channel: string;
  readonly openLedger: OpenLedger;
  /** Origins of the gateways that are asked to say of batches that they are anchored, and for bodies of certificates that they keep. */
  readonly partners: readonly string[];
  /** The domain whose trust list is served. */
  readonly domain: string;
  /** The folder where backups go. */
  readonly backups: string;
  readonly passphrase: string;
  /** Of a new key store; tests take a cheap one. */
  readonly cost?: ScryptCost;
  readonly clock: Clock;
  readonly random: Random;
  /** What goes into codes. */
  readonly publicUrl: string;
  /** URLs of this gateway that a client may name when it asks for a token. */
  readonly audience: readonly string[];
  /** Threads that may compute for bulk runs; 0: none. */
  readonly workers: number;
  /** Where the pin is kept. */
  readonly files: DataFiles;
  readonly pinned: PinKeeperDeps['pinned'];
}

export interface OpenGateway {
  readonly ledger: Ledger;
  readonly keys: KeyStore;
  readonly signer: Signer;
  readonly clients: Clients;
  readonly pin: PinKeeper;
  readonly services: Services;
  close(): Promise<void>;
}

/** @throws YinxinError DATA_IN_USE, PASSPHRASE_WRONG, KEY_STORE_DAMAGED, VAULT_DAMAGED, LEDGER_DAMAGED; as `openLedger` */
export async function openGateway(options: OpenOptions): Promise<OpenGateway> {
  const { home, channel, clock, domain, publicUrl, audience, files, pinned, passphrase, cost } = options;
  const random = poolRandom(options.random);
  const folder = (name: string) => join(home, name);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    opened.unshift(part);
    return part;
  };
  const close = async () => {
    for (const part of opened.splice(0)) await part.close();
  };
  try {
    const keys = await openKeyStore({ folder: folder('keys'), passphrase, random, ...(cost && { cost }) });
    const signer = createSigner(keys);
    const vaultKey = await keys.vaultKey();
    const vault = keep(await openVault({ folder: folder('vault'), key: vaultKey, random }));
    const ledger = keep(await options.openLedger({ home, channel, clock, random }));
    const readModel = keep(
      await openReadModel({ folder: folder('index'), ledger, channel, rules: networkRules, clock }),
    );
    const clients = await openClients(vault);
    const pin = createPinKeeper({ readModel, domain, files, clock, pinned });
    const chooseKey = (iat: number) => chooseListKey(keys, readModel.trust(), domain, toInstant(iat));
    const partners = options.partners.length > 0 ? createPartners({ origins: () => options.partners }) : undefined;
    const issuing = keep(
      createIssuing({
        ledger,
        readModel,
        vault,
        keys,
        signer,
        clock,
        random,
        publicUrl: () => publicUrl,
        wait: (time) => wait(time),
        workers: options.workers,
        ...(partners && { words: createPartnerWords({ partners, trust: () => readModel.trust() }) }),
      }),
    );
    const backups = keep(
      await openBackups({
        ...{ home, channel, domain, ledger, readModel, vault, vaultKey, keys, random, clock },
        folder: options.backups,
      }),
    );
    const services: Services = {
      readModel,
      issuing,
      keeping: noteErasures(createKeeping({ readModel, vault, clock }), backups),
      governing: keepPin(createGoverning({ ledger, readModel, keys, signer, clock }), pin),
      verifying: createVerifying({ readModel, vault, clock, ...(partners && { partners }) }),
      tokens: createTokenService({ clients, vault, clock, random, audience: () => audience }),
      trustList: createTrustListSource({
        readModel,
        domain,
        sign: (claims) => signTrustList(signer, chooseKey(claims.iat), claims),
        clock,
      }),
      statusLists: createStatusListSource({
        readModel,
        domain,
        sign: (claims) => signStatusList(signer, chooseKey(claims.iat), claims),
        clock,
      }),
      anchorings: createAnchoringSource({ readModel, keys, signer, domain }),
      backups,
    };
    return { ledger, keys, signer, clients, pin, services, close };
  } catch (error) {
    await close();
    throw error;
  }
}
