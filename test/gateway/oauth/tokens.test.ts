/** Access tokens: the grant, its answers to bad assertions (RFC 7521, 7523), and what a token is good for. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { type Json, parseInstant } from '@yinxin/core';
import { expect } from 'chai';
import { CompactSign, generateKeyPair, importJWK, UnsecuredJWT } from 'jose';
import { drawEs256Secret, es256PublicJwk, importJwsSigner } from '../../../gateway/jose.ts';
import { type Client, type Clients, openClients, type Scope } from '../../../gateway/oauth/clients.ts';
import { createTokenService, type TokenService } from '../../../gateway/oauth/tokens.ts';
import { openVault } from '../../../gateway/vault/open.ts';
import type { Vault } from '../../../gateway/vault/vault.ts';
import { makeClock, seededRandom } from '../../fixtures/network.ts';
import { expectRefusal, flip, useFolder } from '../support.ts';

const endpoint = 'https://gateway.example/oauth/token';
const start = parseInstant('2026-11-20T09:00:00Z');
const now = Date.parse(start) / 1000;
const secret = drawEs256Secret(seededRandom('client'));
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const client: Client = {
  clientId: 'demo-bureau',
  issuer: '11990300DEMA00021E',
  domain: '440300',
  scopes: ['issue', 'status'],
  jwk: es256PublicJwk(secret),
};

type Claims = { readonly [name: string]: Json | undefined };
type Form = { readonly [name: string]: string | undefined };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
let lastJti = 0;

function makeClaims(changes: Claims = {}): Claims {
  lastJti += 1;
  const times = { iat: now, exp: now + 120 };
  return { iss: client.clientId, sub: client.clientId, aud: endpoint, jti: `id-${lastJti}`, ...times, ...changes };
}

async function makeAssertion(changes: Claims = {}, key = secret, typ = 'JWT'): Promise<string> {
  const sign = await importJwsSigner(key, 'any-kid');
  return sign(typ, new TextEncoder().encode(JSON.stringify(makeClaims(changes))));
}

function makeForm(assertion: string, changes: Form = {}): Form {
  const authentication = { client_assertion_type: assertionType, client_assertion: assertion };
  return { grant_type: 'client_credentials', ...authentication, ...changes };
}

describe('tokens', () => {
  const folder = useFolder();
  let vault: Vault;
  let clients: Clients;
  let tokens: TokenService;
  let clock = makeClock(start);
  let starts = 0;

  /** The gateway's start; every one draws a key of its own. */
  async function startGateway(): Promise<void> {
    starts += 1;
    const random = seededRandom(`start ${starts}`);
    vault = await openVault({ folder: join(folder(), 'vault'), key: seededRandom('vault')(32), random });
    clients = await openClients(vault);
    const audience = () => [endpoint, 'https://gateway.example'];
    tokens = createTokenService({ clients, vault, clock: clock.now, random, audience });
  }

  beforeEach(async () => {
    clock = makeClock(start);
    await startGateway();
    await clients.add(client);
  });
  afterEach(() => vault.close());

  const grant = async (changes: Claims = {}, form: Form = {}) =>
    tokens.grant(makeForm(await makeAssertion(changes), form));
  const refuse = async (assertion: string, reason: string, form: Form = {}) => {
    const refusal = await expectRefusal('CLIENT_INVALID', () => tokens.grant(makeForm(assertion, form)));
    expect(refusal.details).to.deep.equal({ reason });
  };

  describe('granting', () => {
    it('answers a good assertion with a token for all of the client’s scopes', async () => {
      const answer = await grant();
      expect(answer).to.deep.include({ token_type: 'Bearer', expires_in: 600, scope: 'issue status' });
      const { clientId, issuer, domain, scopes } = client;
      expect(await tokens.authenticate(answer.access_token)).to.deep.equal({ clientId, issuer, domain, scopes });
    });

    it('takes any of its own URLs as the audience, alone or in an array of one', async () => {
      for (const aud of [endpoint, 'https://gateway.example', [endpoint]]) await grant({ aud });
    });

    it('grants the scopes asked for, and none that the client does not have', async () => {
      const answer = await grant({}, { scope: 'status' });
      expect(answer.scope).to.equal('status');
      expect((await tokens.authenticate(answer.access_token)).scopes).to.deep.equal(['status']);
      for (const scope of ['admin', 'issue admin', 'everything', 'issue  status']) {
        await expectRefusal('SCOPE_MISSING', () => grant({}, { scope }));
      }
    });

    it('takes a client_id that agrees, and refuses another', async () => {
      await grant({}, { client_id: client.clientId });
      await refuse(await makeAssertion(), 'sub', { client_id: 'other' });
    });

    it('refuses every other grant', async () => {
      for (const grant_type of [undefined, '', 'password', 'authorization_code', 'refresh_token']) {
        const assertion = await makeAssertion();
        await expectRefusal('GRANT_UNSUPPORTED', () => tokens.grant(makeForm(assertion, { grant_type })));
      }
    });

    it('refuses a request without an assertion, or with a password', async () => {
      const bare = { grant_type: 'client_credentials' };
      for (const form of [bare, { ...bare, client_id: client.clientId, client_secret: 'x' }]) {
        await expectRefusal('CLIENT_INVALID', () => tokens.grant(form));
      }
      await refuse(await makeAssertion(), 'client', { client_assertion_type: `${assertionType}x` });
      await refuse('', 'client');
    });
  });

  describe('assertions', () => {
    it('refuses alg none', async () => {
      await refuse(new UnsecuredJWT({ ...makeClaims() }).encode(), 'client');
      await refuse(`${encode({ alg: 'none', typ: 'JWT' })}.${encode(makeClaims())}.AA`, 'client');
    });

    it('refuses HS256 with the public key as its secret', async () => {
      const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(makeClaims())}`;
      for (const password of [JSON.stringify(client.jwk), client.jwk.x, Buffer.from(client.jwk.x, 'base64url')]) {
        await refuse(`${signed}.${createHmac('sha256', password).update(signed).digest('base64url')}`, 'client');
      }
    });

    it('refuses another signature algorithm, also with a genuine signature', async () => {
      const { privateKey } = await generateKeyPair('EdDSA');
      const payload = new TextEncoder().encode(JSON.stringify(makeClaims()));
      const jws = await new CompactSign(payload).setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' }).sign(privateKey);
      await refuse(jws, 'client');
    });

    it('refuses a header that brings its own key, names critical members, or has another typ', async () => {
      const key = await importJWK({ ...client.jwk, d: Buffer.from(secret).toString('base64url') }, 'ES256');
      const headers = [
        { typ: 'JWT', jwk: { ...client.jwk } },
        { typ: 'JWT', jku: 'https://evil.example' },
        { typ: 'JWT', x5u: 'https://evil.example' },
        { typ: 'at+jwt' },
        {},
      ];
      for (const header of headers) {
        const payload = new TextEncoder().encode(JSON.stringify(makeClaims()));
        await refuse(
          await new CompactSign(payload).setProtectedHeader({ alg: 'ES256', ...header }).sign(key),
          'client',
        );
      }
    });

    it('refuses an unknown client and a foreign key alike', async () => {
      await refuse(await makeAssertion({ iss: 'nobody', sub: 'nobody' }), 'client');
      await refuse(await makeAssertion({}, drawEs256Secret(seededRandom('thief'))), 'client');
    });

    it('refuses changed claims, a changed signature, and another spelling of the same signature', async () => {
      const [header = '', payload = '', signature = ''] = (await makeAssertion()).split('.');
      const bytes = Buffer.from(signature, 'base64url');
      await refuse(`${header}.${encode(makeClaims({ exp: now + 299 }))}.${signature}`, 'client');
      await refuse(`${header}.${payload}.${Buffer.from(flip(bytes, 40)).toString('base64url')}`, 'client');
      await refuse(`${header}.${payload}.${bytes.toString('base64')}`, 'client');
      await refuse(`${header}.${payload}.${signature}.`, 'client');
      const stray = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const last = stray[stray.indexOf(signature.slice(-1)) + 1] ?? 'A';
      await refuse(`${header}.${payload}.${signature.slice(0, -1)}${last}`, 'client');
    });

    it('refuses what is not a JWS at all, of any size', async () => {
      for (const text of ['x', '..', 'a.b.c', 'é.é.é', `${'A'.repeat(5000)}.AA.AA`]) await refuse(text, 'client');
    });

    it('refuses an issuer and a subject that differ', async () => {
      await refuse(await makeAssertion({ sub: 'other' }), 'sub');
      await refuse(await makeAssertion({ sub: undefined }), 'sub');
    });

    it('refuses another audience, none, and one among several', async () => {
      const others: readonly (Json | undefined)[] = [
        undefined,
        null,
        'https://other.example/oauth/token',
        `${endpoint}/`,
        [],
        [endpoint, 'https://other.example'],
        [[endpoint]],
        { url: endpoint },
      ];
      for (const aud of others) await refuse(await makeAssertion({ aud }), 'aud');
    });

    it('refuses an assertion that is past, beyond the skew of clocks', async () => {
      await grant({ exp: now - 59 });
      await refuse(await makeAssertion({ exp: now - 60 }), 'expired');
    });

    it('refuses an assertion without an end, or with one too far ahead', async () => {
      for (const exp of [undefined, null, String(now + 60)]) await refuse(await makeAssertion({ exp }), 'exp');
      await grant({ exp: now + 360 });
      await refuse(await makeAssertion({ exp: now + 361 }), 'exp too far ahead');
    });

    it('refuses times of beginning in the future, beyond the skew of clocks', async () => {
      await grant({ iat: now + 60, nbf: now + 60 });
      await grant({ iat: undefined });
      await refuse(await makeAssertion({ iat: now + 61 }), 'iat');
      await refuse(await makeAssertion({ nbf: now + 61 }), 'nbf');
      await refuse(await makeAssertion({ iat: '0' }), 'iat');
    });

    it('refuses an assertion without an id', async () => {
      for (const jti of [undefined, '', 7, 'x'.repeat(257)]) await refuse(await makeAssertion({ jti }), 'jti');
    });

    it('takes each assertion, and each id, once', async () => {
      const assertion = await makeAssertion({ jti: 'once' });
      await tokens.grant(makeForm(assertion));
      await refuse(assertion, 'jti used before');
      await refuse(await makeAssertion({ jti: 'once', exp: now + 200 }), 'jti used before');
    });

    it('takes one of two that come at the same moment', async () => {
      const assertion = await makeAssertion();
      const outcomes = await Promise.allSettled([1, 2].map(() => tokens.grant(makeForm(assertion))));
      expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    });

    it('remembers a used assertion across a restart', async () => {
      const assertion = await makeAssertion();
      await tokens.grant(makeForm(assertion));
      await vault.close();
      await startGateway();
      await refuse(assertion, 'jti used before');
    });

    it('forgets ids once their assertions are refused by age', async () => {
      await grant();
      clock.advance(1000);
      await grant({ exp: now + 1100 });
      expect(await vault.listSealed('assertion/')).to.have.length(1);
    });

    it('keeps the ids of two clients apart', async () => {
      await clients.add({ ...client, clientId: 'other' });
      await grant({ jti: 'same' });
      await grant({ jti: 'same', iss: 'other', sub: 'other' });
    });
  });

  describe('authenticating', () => {
    const unauthenticated = (token: string) => expectRefusal('UNAUTHENTICATED', () => tokens.authenticate(token));

    it('ends a token after ten minutes', async () => {
      const { access_token } = await grant();
      clock.advance(599);
      await tokens.authenticate(access_token);
      clock.advance(1);
      await unauthenticated(access_token);
    });

    it('refuses what is not a token of this gateway', async () => {
      const { access_token } = await grant();
      const [header = '', payload = '', signature = ''] = access_token.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const wider = encode({ ...claims, scope: 'issue status admin' });
      for (const token of [
        '',
        'x',
        `Bearer ${access_token}`,
        `${header}.${wider}.${signature}`,
        `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.AA`,
        await makeAssertion(),
        await makeAssertion(claims, secret, 'at+jwt'),
      ]) {
        await unauthenticated(token);
      }
    });

    it('refuses tokens from before a restart', async () => {
      const { access_token } = await grant();
      await vault.close();
      await startGateway();
      await unauthenticated(access_token);
    });

    it('takes a scope away at once', async () => {
      const { access_token } = await grant();
      await clients.add({ ...client, scopes: ['status'] });
      expect((await tokens.authenticate(access_token)).scopes).to.deep.equal(['status']);
    });

    it('knows clients again after a restart', async () => {
      const partner: Client = { ...client, clientId: 'partner', issuer: null, scopes: ['verify'] satisfies Scope[] };
      await clients.add(partner);
      await vault.close();
      await startGateway();
      expect(clients.get('partner')).to.deep.equal(partner);
      expect(clients.get('nobody')).to.equal(undefined);
    });
  });
});
