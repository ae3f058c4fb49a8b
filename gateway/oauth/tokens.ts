/** Access tokens: the client credentials grant (RFC 6749 §4.4) by `private_key_jwt`, and JWT access tokens (RFC 9068, ES256). */
import { canonicalBytes, epochSeconds, isJsonObject, type TokenAnswer, toBase64, YinxinError } from '@yinxin/core';
import { drawEs256Secret, es256PublicJwk, importJwsSigner, readClaims } from '../jose.ts';
import type { Clock, Random } from '../platform.ts';
import { type GrantForm, verifyAssertion } from './assertion.ts';
import { type Client, type Clients, isScope, type Scope } from './clients.ts';
import { createReplays, type ReplayVault } from './replays.ts';

export type { GrantForm } from './assertion.ts';

/** What a token allows. */
export interface Authenticated {
  readonly clientId: string;
  readonly issuer: string | null;
  readonly domain: string;
  readonly scopes: readonly Scope[];
}

export interface TokenService {
  /** @throws YinxinError GRANT_UNSUPPORTED; CLIENT_INVALID with a reason; SCOPE_MISSING when a scope is asked for that is not the client's */
  grant(form: GrantForm): Promise<TokenAnswer>;
  /** `bearer` is the token alone, without the scheme. A client that is gone, or lost a scope, loses it at once. @throws YinxinError UNAUTHENTICATED */
  authenticate(bearer: string): Promise<Authenticated>;
}

export interface TokenServiceOptions {
  readonly clients: Clients;
  /** Remembers used assertions. */
  readonly vault: ReplayVault;
  readonly clock: Clock;
  readonly random: Random;
  /** Every URL of the token endpoint (and of the gateway as an issuer) that an assertion may name. */
  readonly audience: () => readonly string[];
}

const lifeSeconds = 600;
const typ = 'at+jwt';
const maxTokenLength = 4096;
/** Issuer and audience of the tokens: only this process reads them, by a key that dies with it. */
const self = 'urn:yinxin:gateway';

function chooseScopes(client: Client, asked: string | undefined): readonly Scope[] {
  if (asked === undefined || asked === '') return client.scopes;
  return asked.split(' ').map((scope) => {
    if (!isScope(scope) || !client.scopes.includes(scope)) throw new YinxinError('SCOPE_MISSING');
    return scope;
  });
}

export function createTokenService({ clients, vault, clock, random, audience }: TokenServiceOptions): TokenService {
  const secret = drawEs256Secret(random);
  const jwk = es256PublicJwk(secret);
  const signer = importJwsSigner(secret);
  const replays = createReplays(vault);

  async function sign(client: Client, scope: string, now: number): Promise<string> {
    const id = toBase64(random(16));
    const times = { iat: now, exp: now + lifeSeconds };
    const { clientId } = client;
    const claims = { iss: self, aud: self, sub: clientId, client_id: clientId, jti: id, scope, ...times };
    return (await signer)(typ, canonicalBytes(claims));
  }

  return {
    async grant(form) {
      if (form['grant_type'] !== 'client_credentials') throw new YinxinError('GRANT_UNSUPPORTED');
      const now = epochSeconds(clock());
      const { client, jti, until } = await verifyAssertion(form, clients, audience(), now);
      const scope = chooseScopes(client, form['scope']).join(' ');
      if (!(await replays.takeOnce(client.clientId, jti, until, now))) {
        throw new YinxinError('CLIENT_INVALID', { reason: 'jti used before' });
      }
      return { access_token: await sign(client, scope, now), token_type: 'Bearer', expires_in: lifeSeconds, scope };
    },

    async authenticate(bearer) {
      const claims = bearer.length > maxTokenLength ? undefined : await readClaims(bearer, typ, jwk);
      const { sub, exp, scope } = isJsonObject(claims) ? claims : {};
      const client = typeof sub === 'string' ? clients.get(sub) : undefined;
      const isInTime = typeof exp === 'number' && exp > epochSeconds(clock());
      if (!client || !isInTime || typeof scope !== 'string') throw new YinxinError('UNAUTHENTICATED');
      const { clientId, issuer, domain } = client;
      const granted = scope.split(' ');
      return { clientId, issuer, domain, scopes: client.scopes.filter((own) => granted.includes(own)) };
    },
  };
}
