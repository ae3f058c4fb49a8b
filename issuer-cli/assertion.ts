/** How the command proves which client it is: `private_key_jwt` (RFC 7523), ES256, through `jose`. */
import { type ClientFile, epochSeconds, type Instant } from '@yinxin/core';
import { importJWK, SignJWT } from 'jose';

const lifetimeSeconds = 60;

/** A signed assertion for one request of a token. `id` must never be used twice. */
export async function signAssertion(client: ClientFile, audience: string, now: Instant, id: string): Promise<string> {
  const key = await importJWK({ ...client.privateKey }, 'ES256');
  const issuedAt = epochSeconds(now);
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setIssuer(client.clientId)
    .setSubject(client.clientId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(id)
    .sign(key);
}
