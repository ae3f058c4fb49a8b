/** As whom the gateway may sign: the profile's identities, each an X.509 certificate and its private key, read once. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Instant, toInstant, YinxinError } from '@yinxin/core';
import type { ConnectionProfile, ProfileIdentity } from '@yinxin/core/connection-profile';
import type { Caller } from '../port.ts';
import { createMessageSigner } from './signer.ts';

export interface FabricIdentity extends Caller {
  /** PEM, as it goes into every proposal. */
  readonly certificate: Uint8Array;
  /** The certificate's last second. */
  readonly notAfter: Instant;
  /** Over the whole message. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

const unusable = ({ msp, role }: ProfileIdentity) =>
  new YinxinError('SETTING_INVALID', { setting: 'profile', member: 'identities', msp, role });

async function readOnly(folder: string): Promise<Buffer> {
  const [name, ...more] = (await readdir(folder)).filter((file) => !file.startsWith('.'));
  if (name === undefined || more.length > 0) throw new Error('not exactly one file');
  return readFile(join(folder, name));
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** @throws YinxinError SETTING_INVALID: a file is missing, is not P-256, or certificate and key are not of one pair */
async function readIdentity(base: string, identity: ProfileIdentity): Promise<FabricIdentity> {
  const folder = resolve(base, identity.mspFolder);
  try {
    const parsed = new X509Certificate(await readOnly(join(folder, 'signcerts')));
    const key = createPrivateKey(await readOnly(join(folder, 'keystore')));
    if (!isP256(key) || !parsed.checkPrivateKey(key)) throw unusable(identity);
    const notAfter = toInstant(Math.floor(parsed.validToDate.getTime() / 1000));
    const certificate = Buffer.from(parsed.toString()); // without what the file may hold beside it: the contract takes no more
    return { msp: identity.msp, role: identity.role, certificate, notAfter, sign: createMessageSigner(key) };
  } catch {
    throw unusable(identity); // the cause would name a path of this machine
  }
}

export class Identities {
  readonly #all: readonly FabricIdentity[];
  readonly #clock: () => Instant;

  private constructor(all: readonly FabricIdentity[], clock: () => Instant) {
    this.#all = all;
    this.#clock = clock;
  }

  /** `base` is the profile's own folder. @throws YinxinError SETTING_INVALID `{setting: 'profile', member: 'identities', msp, role}` */
  static async read(profile: ConnectionProfile, base: string, clock: () => Instant): Promise<Identities> {
    return new Identities(await Promise.all(profile.identities.map((one) => readIdentity(base, one))), clock);
  }

  /** @throws YinxinError CALLER_NOT_PERMITTED `{msp, role}`; with `expired` when its certificate has run out, which every peer would refuse */
  get({ msp, role }: Caller): FabricIdentity {
    const found = this.#all.find((one) => one.msp === msp && one.role === role);
    if (!found) throw new YinxinError('CALLER_NOT_PERMITTED', { msp, role });
    if (this.#clock() > found.notAfter) {
      throw new YinxinError('CALLER_NOT_PERMITTED', { msp, role, expired: found.notAfter });
    }
    return found;
  }

  /** The one that reads for the gateway itself: of the organisation `msp`, its client where there is one. */
  reader(msp: string): FabricIdentity {
    const own = this.#all.filter((one) => one.msp === msp);
    const found = own.find(({ role }) => role === 'client') ?? own[0];
    if (!found) throw new YinxinError('SETTING_INVALID', { setting: 'profile', member: 'identities', msp });
    return found;
  }
}
