/** Client authentication by `private_key_jwt` (RFC 7521, RFC 7523; OpenID Connect Core §9). */
import { isJsonObject, type JsonObject, YinxinError } from '@yinxin/core';
import { peekClaims, readClaims } from '../jose.ts';
import type { Client, Clients } from './clients.ts';

/** Clocks may differ by this much. */
export const skewSeconds = 60;
const maxLifeSeconds = 300;
const maxAssertionLength = 4096;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const typ = 'JWT';

/** The decoded body of a token request; a name given twice must not reach this. */
export type GrantForm = { readonly [name: string]: string | undefined };

export interface Assertion {
  readonly client: Client;
  readonly jti: string;
  /** From then on (epoch seconds) the assertion is refused by its age. */
  readonly until: number;
}

/** Reasons other than `client` are told only to who holds the client's key. */
const invalid = (reason: string) => new YinxinError('CLIENT_INVALID', { reason });

/** Who signed. An unknown client and a bad signature look alike. */
async function authenticate(form: GrantForm, clients: Clients): Promise<{ client: Client; claims: JsonObject }> {
  const jws = form['client_assertion'] ?? '';
  if (form['client_assertion_type'] !== assertionType || jws.length > maxAssertionLength) throw invalid('client');
  const claimed = peekClaims(jws, typ);
  const clientId = isJsonObject(claimed) ? claimed['iss'] : undefined;
  const client = typeof clientId === 'string' ? clients.get(clientId) : undefined;
  const claims = client && (await readClaims(jws, typ, client.jwk));
  if (!client || !isJsonObject(claims)) throw invalid('client');
  return { client, claims };
}

/** One audience alone: an assertion that also names another server could be used by that server here. */
function isMeantForUs(aud: JsonObject[string] | undefined, audience: readonly string[]): boolean {
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return typeof only === 'string' && audience.includes(only);
}

function isTime(value: JsonObject[string] | undefined): value is number {
  return typeof value === 'number';
}

function checkTimes(claims: JsonObject, now: number): number {
  const { exp, iat, nbf } = claims;
  if (!isTime(exp)) throw invalid('exp');
  if (exp + skewSeconds <= now) throw invalid('expired');
  if (exp > now + maxLifeSeconds + skewSeconds) throw invalid('exp too far ahead');
  for (const [name, from] of Object.entries({ iat, nbf })) {
    if (from !== undefined && (!isTime(from) || from > now + skewSeconds)) throw invalid(name);
  }
  return exp + skewSeconds;
}

/**
 * The client behind a token request: its assertion is signed with its key, is meant for one of the audiences (exactly) and is
 * in time. **Whether its `jti` was used before is not verified.** `now` is in epoch seconds.
 * @throws YinxinError CLIENT_INVALID
 */
export async function verifyAssertion(
  form: GrantForm,
  clients: Clients,
  audience: readonly string[],
  now: number,
): Promise<Assertion> {
  const { client, claims } = await authenticate(form, clients);
  const clientId = form['client_id'] ?? client.clientId;
  if (claims['sub'] !== client.clientId || clientId !== client.clientId) throw invalid('sub');
  if (!isMeantForUs(claims['aud'], audience)) throw invalid('aud');
  const until = checkTimes(claims, now);
  const jti = claims['jti'];
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > 256) throw invalid('jti');
  return { client, jti, until };
}
