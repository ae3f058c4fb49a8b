/** Trust lists and anchorings as a verifier reads them: by what it pinned, never by what the message says of itself. */
import {
  type Json,
  type ListKeyRow,
  type Lookups,
  parseInstant,
  type TrustClaims,
  type TrustPin,
  toTrust,
} from '@yinxin/core';
import { anchoredTyp, parseTrustPin, readAnchored, readTrustList, trustListTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { channel, founded, loadType, makeTrustClaims } from '../../fixtures/certificates.ts';
import { codeOf, type ListKey, makeListKey, nowSeconds, outcomeOf, sign } from '../lists/signing.ts';
import { fromFile, good, judge } from './judge.ts';

const domain = '510100';
const claims = makeTrustClaims([loadType('business-licence')]);

describe('trust list', () => {
  let key: ListKey;
  let pin: TrustPin;
  before(async () => {
    key = await makeListKey(domain);
    pin = { channel, domain, keys: [key.row.jwk] };
  });
  const read = async (changes: Partial<TrustClaims>, header = {}, previous?: TrustClaims) =>
    readTrustList(await sign(key, trustListTyp, { ...claims, ...changes }, header), pin, previous);

  it('signed by a pinned key is read', async () => {
    const { trust } = await read({});
    expect(trust.height).to.equal(10);
    expect(trust.type('business-licence', 1)?.name.zh).to.equal('营业执照');
  });
  it('signed by another key is refused, under its own name and under the pinned one', async () => {
    const other = await makeListKey(domain);
    const own = await sign(other, trustListTyp, claims);
    expect(await outcomeOf(readTrustList(own, pin))).to.equal('TRUST_INVALID key');
    const posing = await sign(other, trustListTyp, claims, { kid: key.row.kid });
    expect(await outcomeOf(readTrustList(posing, pin))).to.equal('TRUST_INVALID signature');
  });
  it('that names no key, or a pinned one by another name, is refused', async () => {
    expect(await outcomeOf(read({}, { kid: undefined }))).to.equal('TRUST_INVALID header');
    expect(await outcomeOf(read({}, { kid: 'chengdu' }))).to.equal('TRUST_INVALID key');
  });
  it('of another channel or domain is refused', async () => {
    expect(await codeOf(read({ channel: 'other' }))).to.equal('TRUST_INVALID');
    expect(await codeOf(read({ iss: '440300' }))).to.equal('TRUST_INVALID');
  });
  it('lower than one seen before is refused', async () => {
    expect(await codeOf(read({}, {}, { ...claims, height: 10 }))).to.equal('read');
    expect(await codeOf(read({}, {}, { ...claims, height: 11 }))).to.equal('TRUST_ROLLBACK');
  });
  it('that ends before it begins, or at no time at all, is refused', async () => {
    for (const times of [{ exp: claims.iat }, { exp: claims.iat - 1 }, { exp: Number.MAX_SAFE_INTEGER }, { iat: -1 }]) {
      expect(await codeOf(read(times)), JSON.stringify(times)).to.equal('TRUST_INVALID');
    }
  });
  it('with a member too many, or one missing, is refused', async () => {
    for (const name of Object.keys(claims)) {
      const without = Object.fromEntries(Object.entries(claims).filter(([own]) => own !== name));
      const jws = await sign(key, trustListTyp, without);
      expect(await codeOf(readTrustList(jws, pin)), name).to.equal('TRUST_INVALID');
    }
    const more = await sign(key, trustListTyp, { ...claims, admin: true });
    expect(await codeOf(readTrustList(more, pin))).to.equal('TRUST_INVALID');
  });
  it('with rows of another kind than their place is refused', async () => {
    const [row] = claims.domains;
    for (const name of ['issuers', 'keys', 'listKeys', 'entitlements', 'types', 'bases', 'matters', 'agreements']) {
      expect(await codeOf(read({ [name]: [row] })), name).to.equal('TRUST_INVALID');
      expect(await codeOf(read({ [name]: [null] })), name).to.equal('TRUST_INVALID');
    }
  });
  it('under another typ, with unknown header members, or changed in any part is refused', async () => {
    expect(await codeOf(read({}, { typ: anchoredTyp }))).to.equal('TRUST_INVALID');
    expect(await codeOf(read({}, { jku: 'https://example.test' }))).to.equal('TRUST_INVALID');
    const jws = await sign(key, trustListTyp, claims);
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: trustListTyp, kid: key.row.kid })).toString(
      'base64url',
    );
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

describe('list keys that change', () => {
  let first: ListKey;
  let second: ListKey;
  let third: ListKey;
  let pin: TrustPin;
  before(async () => {
    first = await makeListKey(domain);
    second = await makeListKey(domain);
    third = await makeListKey(domain);
    pin = { channel, domain, keys: [first.row.jwk] };
  });
  const naming = (height: number, ...listKeys: readonly ListKeyRow[]): TrustClaims => ({ ...claims, height, listKeys });
  const read = async (by: ListKey, list: TrustClaims, previous?: TrustClaims) =>
    readTrustList(await sign(by, trustListTyp, list), pin, previous);

  it('are followed over several lists, each signed by a key that the one before named', async () => {
    const one = await read(first, naming(11, first.row, second.row));
    const two = await read(second, naming(12, second.row, third.row), one.claims);
    const three = await read(third, naming(13, third.row), two.claims);
    expect(three.trust.height).to.equal(13);
  });
  it('are refused where no earlier list named them, whatever the list itself says', async () => {
    const list = naming(12, second.row, third.row);
    expect(await outcomeOf(read(second, list))).to.equal('TRUST_INVALID key');
    const { claims: one } = await read(first, naming(11, first.row, second.row));
    expect(await outcomeOf(read(third, list, one))).to.equal('TRUST_INVALID key');
  });
  it('of another domain sign no list of this one', async () => {
    const foreign = await makeListKey('440300');
    const one = naming(11, first.row, foreign.row);
    expect(await outcomeOf(read(foreign, naming(12, foreign.row), one))).to.equal('TRUST_INVALID key');
  });
  it('count inside their windows only, the pinned one too', async () => {
    const until = parseInstant('2026-11-20T10:00:00Z');
    for (const key of [first, second]) {
      const one = { ...naming(11, { ...key.row, until }), iat: nowSeconds - 60 };
      const before = { ...naming(12, key.row), iat: nowSeconds - 1 };
      expect(await outcomeOf(read(key, before, one))).to.equal('read');
      expect(await outcomeOf(read(key, naming(12, key.row), one))).to.equal('TRUST_INVALID key');
      const unborn = naming(11, { ...key.row, from: parseInstant('2026-11-20T10:00:01Z') });
      expect(await outcomeOf(read(key, naming(12, key.row), unborn))).to.equal('TRUST_INVALID key');
    }
  });
  it('that have ended help no thief who dates a list back: what was seen already was later', async () => {
    const until = parseInstant('2026-11-20T09:30:00Z');
    const seen = naming(11, { ...first.row, until }, second.row);
    const stolen = { ...naming(12, first.row), iat: nowSeconds - 86_400 };
    expect(await outcomeOf(read(first, stolen, seen))).to.equal('TRUST_INVALID key');
  });
  it('sign no list that claims to hold for longer than forty days', async () => {
    const list = naming(11, first.row);
    expect(await outcomeOf(read(first, { ...list, exp: list.iat + 40 * 86_400 }))).to.equal('read');
    expect(await outcomeOf(read(first, { ...list, exp: list.iat + 40 * 86_400 + 1 }))).to.equal('TRUST_INVALID time');
  });
  it('with a record of compromise sign nothing more, the pinned one too', async () => {
    for (const key of [first, second]) {
      const one = naming(11, { ...key.row, compromisedFrom: parseInstant('2026-11-20T09:59:00Z') });
      const earlier = { ...naming(12, key.row), iat: nowSeconds - 3_600 };
      expect(await outcomeOf(read(key, earlier, one))).to.equal('TRUST_INVALID key');
    }
  });
  it('may be told of by the very key that was compromised: the list after it needs another', async () => {
    const tainted = { ...first.row, compromisedFrom: parseInstant('2026-11-20T09:59:00Z') };
    const { claims: one } = await read(first, naming(11, tainted, second.row));
    expect(await outcomeOf(read(first, naming(12, first.row), one))).to.equal('TRUST_INVALID key');
    expect(await outcomeOf(read(second, naming(12, tainted, second.row), one))).to.equal('read');
  });
  it('do not help an older list', async () => {
    const { claims: one } = await read(first, naming(11, first.row, second.row));
    expect(await codeOf(read(second, naming(10, second.row), one))).to.equal('TRUST_ROLLBACK');
  });
});

describe('anchoring', () => {
  const anchored = {
    iss: domain,
    channel,
    statement: 'b3wWCGq5PJ6NjwJuENapMRd/nnF+uLedy5gNG7NQbfg=',
    txId: 'ab'.repeat(32),
    block: 7,
    time: '2026-11-20T09:00:00Z',
  };
  let key: ListKey;
  before(async () => {
    key = await makeListKey(domain);
  });
  const trustWith = (changes: Partial<ListKeyRow> = {}) =>
    toTrust(makeTrustClaims([], { listKeys: [{ ...key.row, ...changes }] }));
  const outcome = async (changes: object, row: Partial<ListKeyRow> = {}, header = {}) =>
    (await readAnchored(await sign(key, anchoredTyp, { ...anchored, ...changes }, header), trustWith(row)))?.outcome;

  it('by a list key of the trust list is verified', async () => {
    expect(await outcome({})).to.equal('verified');
    expect(await readAnchored(null, trustWith())).to.equal(undefined);
  });
  it('by a key of another domain than it names is invalid', async () => {
    expect(await outcome({}, { domain: '440300' })).to.equal('invalid');
  });
  it('from before the key was in force, or after, is invalid', async () => {
    expect(await outcome({ time: parseInstant('2025-12-31T23:59:59Z') })).to.equal('invalid');
    expect(await outcome({}, { until: parseInstant('2026-11-20T09:00:00Z') })).to.equal('invalid');
    expect(await outcome({}, { until: parseInstant('2026-11-20T09:00:01Z') })).to.equal('verified');
  });
  it('by a key with a record of compromise leaves a doubt, whatever time it states; badly signed it is invalid', async () => {
    const compromised = { compromisedFrom: parseInstant('2026-11-20T09:30:00Z') };
    expect(await outcome({}, compromised)).to.equal('compromised-key');
    expect(await outcome({ time: founded }, compromised)).to.equal('compromised-key');
    const other = await makeListKey(domain);
    const posing = await sign(other, anchoredTyp, anchored, { kid: key.row.kid });
    expect((await readAnchored(posing, trustWith(compromised)))?.outcome).to.equal('invalid');
  });
  it('by such a key proves nothing of a file: a doubt offline, and no matter where the ledger is asked', async () => {
    const compromised = { compromisedFrom: parseInstant('2026-11-20T09:30:00Z') };
    const read = await readAnchored(await sign(key, anchoredTyp, anchored), trustWith(compromised));
    if (!read) throw new Error('an anchoring was given');
    const anchorBy = (lookups: Lookups) =>
      judge(fromFile(good.file), lookups).checks.find(({ check }) => check === 'anchor');
    expect(anchorBy({ anchored: read })).to.include({ outcome: 'inconclusive', code: 'ANCHORED_KEY_COMPROMISED' });
    expect(anchorBy({ anchored: read, ledger: good.knowledge })).to.include({ outcome: 'passed' });
  });
  it('badly formed is invalid', async () => {
    expect(await outcome({ block: -1 })).to.equal('invalid');
    expect(await outcome({ more: 1 })).to.equal('invalid');
    expect(await outcome({}, {}, { typ: 'JWT' })).to.equal('invalid');
    expect((await readAnchored('not a token', trustWith()))?.outcome).to.equal('invalid');
  });
  it('by a key that the trust list does not have leaves a doubt', async () => {
    expect(await outcome({}, {}, { kid: 'other' })).to.equal('unknown-key');
  });
});
