/** Client files of the demonstration: an operator for every issuing body, an administrator for every domain, an auditor, a partner that verifies. */
import type { ClientFile } from '@yinxin/core';
import type { DataFiles } from '../data-files.ts';
import { drawEs256Secret, es256PublicJwk } from '../jose.ts';
import type { Clients, Scope } from '../oauth/clients.ts';
import type { Random } from '../platform.ts';
import type { Catalogue } from './catalogue.ts';

export interface ClientDeps {
  readonly files: DataFiles;
  /** The gateway that knows the clients of a domain, and its base URL, which goes into the files: where this machine reaches it. */
  readonly placeOf: (domain: string) => { readonly clients: Clients; readonly gateway: string };
  readonly random: Random;
}

interface WantedClient {
  readonly clientId: string;
  /** Folder and name of the file. */
  readonly file: string;
  readonly issuer: string | null;
  readonly domain: string;
  readonly scopes: readonly Scope[];
}

function wantedClients({ issuers, domains }: Pick<Catalogue, 'issuers' | 'domains'>): readonly WantedClient[] {
  const home = domains[0]?.domain ?? '';
  return [
    ...issuers.map(({ issuer, domain }): WantedClient => {
      const scopes = ['issue', 'status', 'verify'] as const;
      return { clientId: `operator-${issuer}`, file: `clients/${issuer}`, issuer, domain, scopes };
    }),
    ...domains.map(({ domain }): WantedClient => {
      return {
        clientId: `admin-${domain}`,
        file: `admins/${domain}`,
        issuer: null,
        domain,
        scopes: ['admin', 'audit'],
      };
    }),
    { clientId: 'auditor', file: 'clients/auditor', issuer: null, domain: home, scopes: ['audit', 'verify'] },
    { clientId: 'verifier', file: 'clients/verifier', issuer: null, domain: home, scopes: ['verify'] },
  ];
}

/** The gateway learns the public key before the file is there: a file that exists always works. */
async function createClient(wanted: WantedClient, { files, placeOf, random }: ClientDeps): Promise<void> {
  const { clientId, file, issuer, domain, scopes } = wanted;
  const { clients, gateway } = placeOf(domain);
  const secret = drawEs256Secret(random);
  const jwk = es256PublicJwk(secret);
  await clients.add({ clientId, issuer, domain, scopes, jwk });
  await files.writeClient(file, {
    format: 'yinxin-client/1',
    gateway,
    clientId,
    issuer,
    domain,
    scopes,
    privateKey: { ...jwk, d: Buffer.from(secret).toString('base64url') },
  });
}

async function refreshClient(name: string, file: ClientFile, { files, placeOf }: ClientDeps): Promise<void> {
  const { gateway } = placeOf(file.domain);
  if (file.gateway !== gateway) await files.writeClient(name, { ...file, gateway });
}

/** Makes the files that are missing; those that are there keep their keys and learn a new address. */
export async function writeClients(catalogue: Pick<Catalogue, 'issuers' | 'domains'>, deps: ClientDeps): Promise<void> {
  for (const wanted of wantedClients(catalogue)) {
    const file = await deps.files.readClient(wanted.file);
    if (file && deps.placeOf(file.domain).clients.get(file.clientId)) await refreshClient(wanted.file, file, deps);
    else await createClient(wanted, deps);
  }
}
