/** Status lists as a verifier reads them: whose signature counts, for which register, and what is refused. */
import {
  type IssuerRow,
  parseInstant,
  type StatusListClaims,
  type Trust,
  type TrustClaims,
  toTrust,
} from '@yinxin/core';
import { readStatusList, statusListTyp, trustListTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { channel, founded, issuer, loadType, makeTrustClaims, now } from '../../fixtures/certificates.ts';
import {
  type ListKey,
  listType,
  makeListClaims,
  makeListKey,
  makeLst,
  nowSeconds,
  outcomeOf,
  sign,
  signBytes,
  signList,
} from './signing.ts';

const [home, own, stranger] = ['440300', '510100', '500000'] as const;
const successor = '11990300DEMA00013K';
const asked = { issuer, type: listType, domain: own };
const base = makeTrustClaims([loadType(listType)]);

describe('status list', () => {
  let homeKey: ListKey;
  let ownKey: ListKey;
  let strangerKey: ListKey;
  let trust: Trust;
  const trustWith = (changes: Partial<TrustClaims>) =>
    toTrust({ ...base, listKeys: [homeKey.row, ownKey.row, strangerKey.row], ...changes });
  before(async () => {
    [homeKey, ownKey, strangerKey] = (await Promise.all(
      [home, own, stranger].map((domain) => makeListKey(domain)),
    )) as [ListKey, ListKey, ListKey];
    trust = trustWith({});
  });
  const read = async (changes: Partial<StatusListClaims>, key = homeKey, by = trust) =>
    outcomeOf(readStatusList(await signList(key, changes), by, asked));

  it('of the issuer’s domain is read', async () => {
    const list = await readStatusList(await signList(homeKey), trust, asked);
    expect([1, 2, 3, 4, 5, 10].map((entry) => list.statusOf(entry))).to.deep.equal([0, 1, 2, 3, 0, 0]);
    const { statusOf: _, ...facts } = list;
    expect(facts).to.deep.equal({
      iss: home,
      issuer,
      type: listType,
      height: 10,
      entries: 10,
      issuedAt: now,
      expires: '2026-11-21T10:00:00Z',
    });
    expect(() => list.statusOf(11)).to.throw(RangeError);
    expect(() => list.statusOf(0)).to.throw(RangeError);
  });

  describe('signatures', () => {
    it('by the verifier’s own domain are accepted, by any other refused', async () => {
      expect(await read({}, ownKey)).to.equal('read');
      expect(await read({}, strangerKey)).to.equal('STATUS_LIST_INVALID iss');
    });
    it('by a domain that names another as its signer are refused', async () => {
      expect(await read({ iss: own })).to.equal('STATUS_LIST_INVALID iss');
      expect(await read({ iss: home }, strangerKey)).to.equal('STATUS_LIST_INVALID iss');
    });
    it('by the domain of the body that took over count from when it did', async () => {
      const [first] = base.issuers;
      if (!first) throw new Error('the fixture has one body');
      const closed: IssuerRow = { ...first, closed: { at: parseInstant('2026-11-20T09:00:00Z'), successor } };
      const heir: IssuerRow = { ...first, issuer: successor, domain: stranger, region: stranger };
      const merged = trustWith({ issuers: [closed, heir] });
      expect(await read({}, strangerKey, merged)).to.equal('read');
      expect(await read({}, homeKey, merged)).to.equal('read');
      const earlier = { iat: nowSeconds - 7_200, exp: nowSeconds };
      expect(await read(earlier, strangerKey, merged)).to.equal('STATUS_LIST_INVALID iss');
      expect(await read(earlier, homeKey, merged)).to.equal('read');
    });
    it('by keys that the trust list does not have, or of another key than is named, are refused', async () => {
      const unknown = await makeListKey(home);
      expect(await read({}, unknown)).to.equal('STATUS_LIST_INVALID key');
      const posing = await signList(unknown, {}, { kid: homeKey.row.kid });
      expect(await outcomeOf(readStatusList(posing, trust, asked))).to.equal('STATUS_LIST_INVALID signature');
    });
    it('count only inside the key’s window, by the list’s own time', async () => {
      const window = { from: founded, until: parseInstant('2026-11-20T10:00:00Z') };
      const retired = trustWith({ listKeys: [{ ...homeKey.row, ...window }] });
      expect(await read({ iat: nowSeconds - 1 }, homeKey, retired)).to.equal('read');
      expect(await read({}, homeKey, retired)).to.equal('STATUS_LIST_INVALID key');
      const early = { iat: Date.parse(founded) / 1000 - 1, exp: Date.parse(founded) / 1000 + 3_600 };
      expect(await read(early)).to.equal('STATUS_LIST_INVALID key');
    });
    it('by a key with a record of compromise are refused, whatever time they state', async () => {
      const compromisedFrom = parseInstant('2026-11-20T09:59:59Z');
      const tainted = trustWith({ listKeys: [{ ...homeKey.row, compromisedFrom }] });
      expect(await read({}, homeKey, tainted)).to.equal('STATUS_LIST_INVALID key');
      expect(await read({ iat: nowSeconds - 86_400 }, homeKey, tainted)).to.equal('STATUS_LIST_INVALID key');
    });
  });

  it('of another register is refused: another channel, issuing body or type', async () => {
    for (const sub of [
      `urn:yinxin:other:${issuer}:${listType}`,
      `urn:yinxin:${channel}:${successor}:${listType}`,
      `urn:yinxin:${channel}:${issuer}:driving-licence`,
      `urn:yinxin:${channel}:${issuer}:${listType}:`,
      '',
    ]) {
      expect(await read({ sub }), sub).to.equal('STATUS_LIST_INVALID sub');
    }
  });
  it('older than one seen before is refused', async () => {
    const jws = await signList(homeKey, { height: 10 });
    expect(await outcomeOf(readStatusList(jws, trust, asked, 10))).to.equal('read');
    expect(await outcomeOf(readStatusList(jws, trust, asked, 11))).to.equal('STATUS_LIST_ROLLBACK');
  });
  it('truncated or over-long is refused', async () => {
    const shorter = { bits: 2, lst: makeLst(3, { 2: 'REVOKED' }) } as const;
    expect(await read({ status_list: shorter })).to.equal('STATUS_LIST_INVALID length');
    const longer = { bits: 2, lst: makeLst(40, { 2: 'REVOKED' }) } as const;
    expect(await read({ status_list: longer })).to.equal('STATUS_LIST_INVALID inflates to too many bytes');
    expect(await read({ entries: 9 })).to.equal('read');
    expect(await read({ entries: 7 })).to.equal('STATUS_LIST_INVALID inflates to too many bytes');
    expect(await read({ entries: 12 })).to.equal('STATUS_LIST_INVALID length');
  });
  it('whose times make no sense is refused', async () => {
    expect(await read({ exp: nowSeconds })).to.equal('STATUS_LIST_INVALID time');
    expect(await read({ exp: nowSeconds - 1 })).to.equal('STATUS_LIST_INVALID time');
    expect(await read({ exp: Number.MAX_SAFE_INTEGER })).to.equal('STATUS_LIST_INVALID time');
    for (const bad of [{ ttl: 0 }, { iat: -1 }, { height: 1.5 }, { entries: -1 }]) {
      expect(await read(bad), JSON.stringify(bad)).to.match(/^STATUS_LIST_INVALID/);
    }
  });
  it('with a claim too many, one missing, one of another kind, or another number of bits is refused', async () => {
    const good = makeListClaims(home);
    const names = Object.keys(good);
    for (const name of names) {
      const without = Object.fromEntries(Object.entries(good).filter(([own]) => own !== name));
      const wrong = { ...good, [name]: [good] };
      for (const claims of [without, wrong]) {
        const jws = await sign(homeKey, statusListTyp, claims);
        expect(await outcomeOf(readStatusList(jws, trust, asked)), name).to.match(/^STATUS_LIST_INVALID/);
      }
    }
    const { lst } = good.status_list;
    for (const more of [
      { ...good, aud: 'me' },
      { ...good, status_list: { bits: 1, lst } },
      { ...good, status_list: { bits: 2, lst, aggregation_uri: 'https://example.test' } },
      { ...good, status_list: { bits: 2 } },
    ]) {
      const jws = await sign(homeKey, statusListTyp, more);
      expect(await outcomeOf(readStatusList(jws, trust, asked)), JSON.stringify(more)).to.match(/^STATUS_LIST_INVALID/);
    }
  });
  it('under another typ, another algorithm or with more in its header is refused', async () => {
    for (const header of [{ typ: trustListTyp }, { typ: 'JWT' }, { jku: 'https://example.test' }, { kid: 7 }]) {
      const jws = await signList(homeKey, {}, header).catch(() => 'jose refuses to make it');
      expect(await outcomeOf(readStatusList(jws, trust, asked)), JSON.stringify(header)).to.equal(
        'STATUS_LIST_INVALID header',
      );
    }
    const [, payload = ''] = (await signList(homeKey)).split('.');
    for (const alg of ['none', 'HS256', 'SM2']) {
      const forged = Buffer.from(JSON.stringify({ alg, typ: statusListTyp, kid: homeKey.row.kid })).toString(
        'base64url',
      );
      expect(await outcomeOf(readStatusList(`${forged}.${payload}.AAAA`, trust, asked)), alg).to.equal(
        'STATUS_LIST_INVALID header',
      );
    }
  });
  it('whose payload names a claim twice is refused', async () => {
    const text = JSON.stringify(makeListClaims(home));
    const twice = new TextEncoder().encode(text.replace('{', '{"entries":10,'));
    const jws = await signBytes(homeKey, statusListTyp, twice);
    expect(await outcomeOf(readStatusList(jws, trust, asked))).to.equal('STATUS_LIST_INVALID signature');
  });
  it('changed in any one character is refused', async () => {
    const jws = await signList(homeKey);
    for (let at = 0; at < jws.length; at += 1) {
      const other = jws[at] === 'A' ? 'B' : 'A';
      const changed = `${jws.slice(0, at)}${other}${jws.slice(at + 1)}`;
      expect(await outcomeOf(readStatusList(changed, trust, asked)), String(at)).to.match(/^STATUS_LIST_INVALID/);
    }
  });
  it('cut off anywhere, or with anything behind it, is refused', async () => {
    const jws = await signList(homeKey);
    for (let length = 0; length < jws.length; length += 7) {
      expect(await outcomeOf(readStatusList(jws.slice(0, length), trust, asked)), String(length)).to.match(
        /^STATUS_LIST_INVALID/,
      );
    }
    for (const more of ['A', '=', '.', '.AAAA', '\n']) {
      expect(await outcomeOf(readStatusList(jws + more, trust, asked)), more).to.match(/^STATUS_LIST_INVALID/);
    }
  });
});
