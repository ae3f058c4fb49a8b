/** The systems that may ask for tokens: their public keys and scopes, sealed in the vault so that nobody adds one by editing a file. */
import type { Json } from '@yinxin/core';
import type { PublicJwk } from '../jose.ts';
import type { Vault } from '../vault/vault.ts';

/** Issue certificates, change statuses, verify as a partner, read histories, administer. */
export const scopes = ['issue', 'status', 'verify', 'audit', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export function isScope(text: unknown): text is Scope {
  return scopes.some((scope) => scope === text);
}

export interface Client {
  /** Readable on disk: nothing personal. */
  readonly clientId: string;
  /** The body that it acts for; null for a partner that only verifies. */
  readonly issuer: string | null;
  readonly domain: string;
  readonly scopes: readonly Scope[];
  /** The ES256 key that its assertions verify with; one per client. */
  readonly jwk: PublicJwk;
}

export interface Clients {
  /** Adds the client, or takes the place of the one with its id; on disk when the promise settles. */
  add(client: Client): Promise<void>;
  get(clientId: string): Client | undefined;
}

const prefix = 'client/';

export async function openClients(vault: Pick<Vault, 'putSealed' | 'listSealed'>): Promise<Clients> {
  const known = new Map<string, Client>();
  for (const { value } of await vault.listSealed(prefix)) {
    const client = value as unknown as Client; // sealed by `add` alone
    known.set(client.clientId, client);
  }
  return {
    async add({ clientId, issuer, domain, scopes, jwk: { kty, crv, x, y } }) {
      const client: Client = { clientId, issuer, domain, scopes: [...scopes], jwk: { kty, crv, x, y } };
      await vault.putSealed(`${prefix}${clientId}`, client as unknown as Json); // interfaces have no index signature
      known.set(clientId, client);
    },
    get: (clientId) => known.get(clientId),
  };
}
