/** Trust lists and anchorings as a verifier reads them: by what it pinned, never by what the message says of itself. */
import {
  type ErrorCode,
  type Json,
  parseInstant,
  type TrustClaims,
  type TrustPin,
  toTrust,
  YinxinError,
} from '@yinxin/core';
import { anchoredTyp, parseTrustPin, readAnchored, readTrustList, trustListTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { channel, founded, loadType, makeTrustClaims } from '../../fixtures/certificates.ts';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

async function toJwk(keys: Keys): Promise<TrustPin['keys'][number]> {
  const { x = '', y = '' } = await exportJWK(keys.publicKey);
  return { kty: 'EC', crv: 'P-256', x, y };
}

function sign(
  keys: Keys,
  typ: string,
  claims: unknown,
  header: { readonly [name: string]: unknown } = {},
): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', typ, kid: 'chengdu', ...header })
    .sign(keys.privateKey);
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof YinxinError) return error.code;
    throw error;
  }
}

describe('trust list', () => {
  const claims = makeTrustClaims([loadType('business-licence')]);
  let keys: Keys;
  let pin: TrustPin;
  before(async () => {
    keys = await generateKeyPair('ES256', { extractable: true });
    pin = { channel, domain: '510100', keys: [await toJwk(keys)] };
  });
  const read = async (changes: Partial<TrustClaims>, header = {}, seen = 0) =>
    readTrustList(await sign(keys, trustListTyp, { ...claims, ...changes }, header), pin, seen);

  it('signed by a pinned key is read', async () => {
    const { trust } = await read({});
    expect(trust.height).to.equal(10);
    expect(trust.type('business-licence', 1)?.name.zh).to.equal('营业执照');
  });
  it('signed by another key is refused', async () => {
    const other = await generateKeyPair('ES256', { extractable: true });
    expect(await codeOf(readTrustList(await sign(other, trustListTyp, claims), pin))).to.equal('TRUST_INVALID');
  });
  it('of another channel or domain is refused', async () => {
    expect(await codeOf(read({ channel: 'other' }))).to.equal('TRUST_INVALID');
    expect(await codeOf(read({ iss: '440300' }))).to.equal('TRUST_INVALID');
  });
  it('lower than one seen before is refused', async () => {
    expect(await codeOf(read({}, {}, 10))).to.equal(undefined);
    expect(await codeOf(read({}, {}, 11))).to.equal('TRUST_ROLLBACK');
  });
  it('with a member too many, or one missing, is refused', async () => {
    const { exp: _, ...without } = claims;
    expect(await codeOf(readTrustList(await sign(keys, trustListTyp, without), pin))).to.equal('TRUST_INVALID');
    const more = { ...claims, admin: true };
    expect(await codeOf(readTrustList(await sign(keys, trustListTyp, more), pin))).to.equal('TRUST_INVALID');
  });
  it('under another typ, with unknown header members, or changed in any part is refused', async () => {
    expect(await codeOf(read({}, { typ: anchoredTyp }))).to.equal('TRUST_INVALID');
    expect(await codeOf(read({}, { jku: 'https://example.test' }))).to.equal('TRUST_INVALID');
    const jws = await sign(keys, trustListTyp, claims);
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: trustListTyp, kid: 'chengdu' })).toString('base64url');
    for (const bad of [
      `${none}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}A.${signature}`,
    ]) {
      expect(await codeOf(readTrustList(bad, pin)), bad.slice(0, 40)).to.equal('TRUST_INVALID');
    }
  });
  it('the pin itself is read strictly', () => {
    expect(parseTrustPin(JSON.stringify(pin))).to.deep.equal(pin);
    const bad: readonly Json[] = [
      {},
      { ...pin, keys: [{ kty: 'EC' }] } as Json,
      { ...pin, extra: 1 } as unknown as Json,
    ];
    for (const json of bad) expect(() => parseTrustPin(JSON.stringify(json))).to.throw('TRUST_INVALID');
  });
});

describe('anchoring', () => {
  const claims = {
    iss: '510100',
    channel,
    statement: 'b3wWCGq5PJ6NjwJuENapMRd/nnF+uLedy5gNG7NQbfg=',
    txId: 'ab'.repeat(32),
    block: 7,
    time: '2026-11-20T09:00:00Z',
  };
  const trustWith = async (keys: Keys, domain = '510100') =>
    toTrust(
      makeTrustClaims([], {
        listKeys: [{ kind: 'listKey', domain, kid: 'chengdu', jwk: await toJwk(keys), from: founded, until: null }],
      }),
    );
  let keys: Keys;
  before(async () => {
    keys = await generateKeyPair('ES256', { extractable: true });
  });
  const outcome = async (changes: object, domain?: string, header = {}) =>
    (
      await readAnchored(
        await sign(keys, anchoredTyp, { ...claims, ...changes }, header),
        await trustWith(keys, domain),
      )
    )?.outcome;

  it('by a list key of the trust list is verified', async () => {
    expect(await outcome({})).to.equal('verified');
    expect(await readAnchored(null, await trustWith(keys))).to.equal(undefined);
  });
  it('by a key of another domain than it names is invalid', async () => {
    expect(await outcome({}, '440300')).to.equal('invalid');
  });
  it('from before the key was in force is invalid', async () => {
    expect(await outcome({ time: parseInstant('2025-12-31T23:59:59Z') })).to.equal('invalid');
  });
  it('badly formed is invalid', async () => {
    expect(await outcome({ block: -1 })).to.equal('invalid');
    expect(await outcome({ more: 1 })).to.equal('invalid');
    expect(await outcome({}, '510100', { typ: 'JWT' })).to.equal('invalid');
    expect((await readAnchored('not a token', await trustWith(keys)))?.outcome).to.equal('invalid');
  });
  it('by a key that the trust list does not have leaves a doubt', async () => {
    expect(await outcome({}, '510100', { kid: 'other' })).to.equal('unknown-key');
  });
});
