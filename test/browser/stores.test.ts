/** What the page keeps, without a browser: lists that are exchanged for newer ones only, list keys that rotate, registers that leave. */
import { deflateSync } from 'node:zlib';
import {
  formatListSubject,
  type Instant,
  type ListKeyRow,
  packStatuses,
  parseInstant,
  type Status,
  type TrustClaims,
  toInstant,
  toTrust,
} from '@yinxin/core';
import { expect } from 'chai';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { createStatusStore, type ListReply, type Register } from '../../verifier-web/status-store.ts';
import { type Keep, openKeep } from '../../verifier-web/storage.ts';
import { createTrustStore } from '../../verifier-web/trust-store.ts';
import { channel, issuer, loadType, makeTrustClaims, now } from '../fixtures/certificates.ts';

const epoch = Date.parse(now) / 1000;
const domain = '510100';
const licence = loadType('business-licence');

async function makeSigner() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const { x = '', y = '' } = await exportJWK(publicKey);
  const jwk: ListKeyRow['jwk'] = { kty: 'EC', crv: 'P-256', x, y };
  const kid = await calculateJwkThumbprint({ ...jwk });
  const from = parseInstant('2026-01-01T00:00:00Z');
  const row: ListKeyRow = { kind: 'listKey', domain, kid, jwk, from, until: null, compromisedFrom: null };
  const sign = (typ: string, claims: object) =>
    new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'ES256', typ, kid })
      .sign(privateKey);
  return { row, sign };
}

type Signer = Awaited<ReturnType<typeof makeSigner>>;

/** A browser's storage with room for so many characters. */
function makeKeep(room = Number.POSITIVE_INFINITY): { keep: Keep; kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem(name: string, text: string) {
      const used = [...kept].reduce((sum, [key, value]) => sum + (key === name ? 0 : value.length), 0);
      if (used + text.length > room) throw new Error('QuotaExceededError');
      kept.set(name, text);
    },
    removeItem: (name: string) => kept.delete(name),
  };
  return { keep: openKeep(() => storage as unknown as Storage), kept }; // the three that are used
}

const trustList = (signer: Signer, changes: Partial<TrustClaims>) =>
  signer.sign('yinxin-trust+jwt', makeTrustClaims([licence], changes));

describe('the trust list that the page keeps', () => {
  const open = (keep: Keep, pinned: Signer, lists: readonly (string | undefined)[]) => {
    let asked = 0;
    let clock = 0;
    const store = createTrustStore({
      pinText: JSON.stringify({ channel, domain, keys: [pinned.row.jwk] }),
      secure: true,
      keep,
      fetchList: async () => lists[asked++],
      milliseconds: () => {
        clock += 61_000;
        return clock;
      },
    });
    return store;
  };

  it('follows a rotation of list keys, and needs no network to follow it again', async () => {
    const [first, second, third] = [await makeSigner(), await makeSigner(), await makeSigner()];
    const lists = [
      await trustList(first, { height: 10, listKeys: [first.row, second.row] }),
      await trustList(second, { height: 11, listKeys: [second.row, third.row] }),
      await trustList(third, { height: 12, listKeys: [third.row] }),
    ];
    const { keep } = makeKeep();
    const store = open(keep, first, lists);
    for (const height of [10, 11, 12]) expect((await store.current()).trust?.height).to.equal(height);
    const again = open(keep, first, [undefined]);
    expect(await again.current()).to.deep.include({ problem: undefined });
    expect(again.state.trust?.height).to.equal(12);
    const stranger = open(makeKeep().keep, first, [lists[2]]);
    expect(await stranger.current()).to.deep.include({ trust: undefined, problem: 'TRUST_INVALID' });
  });

  it('keeps no more lists than it needs to come from the pin to the newest', async () => {
    const [first, second] = [await makeSigner(), await makeSigner()];
    const { keep, kept } = makeKeep();
    const both = { listKeys: [first.row, second.row] };
    const lists = [
      await trustList(first, { height: 10, ...both }),
      await trustList(second, { height: 11, ...both }),
      await trustList(second, { height: 12, ...both }),
    ];
    const store = open(keep, first, lists);
    for (const _ of lists) await store.current();
    const count = () => (JSON.parse(kept.get('yinxin.trust') ?? '{}') as { lists: string[] }).lists.length;
    expect(count()).to.equal(2);
    await open(keep, first, [await trustList(first, { height: 13, ...both })]).current();
    expect(count()).to.equal(1);
  });

  it('refuses one that is older than one seen, or by a key that the newest says is compromised, and goes on', async () => {
    const [first, second] = [await makeSigner(), await makeSigner()];
    const lost = { ...first.row, compromisedFrom: now };
    const { keep } = makeKeep();
    const store = open(keep, first, [
      await trustList(first, { height: 10, listKeys: [first.row, second.row] }),
      await trustList(second, { height: 11, listKeys: [lost, second.row] }),
      await trustList(second, { height: 10, listKeys: [first.row, second.row] }),
      await trustList(first, { height: 99, listKeys: [first.row] }),
    ]);
    await store.current();
    await store.current();
    expect((await store.current()).problem).to.equal('TRUST_ROLLBACK');
    expect((await store.current()).problem).to.equal('TRUST_INVALID');
    expect(store.state.trust?.height).to.equal(11);
    const after = open(keep, first, [await trustList(first, { height: 99, listKeys: [first.row] })]);
    expect((await after.current()).trust?.height).to.equal(11);
  });
});

describe('the status lists that the page keeps', () => {
  const register: Register = { issuer, type: licence.type };
  const pinText = '{}';

  async function makeList(
    signer: Signer,
    { type = licence.type, height = 10, iat = epoch, status = 'ACTIVE' as Status },
  ): Promise<Exclude<ListReply, undefined>> {
    const lst = deflateSync(packStatuses(9, [{ entry: 1, status }])).toString('base64url');
    const sub = formatListSubject(channel, issuer, type);
    const times = { iat, exp: iat + 86_400, ttl: 600 };
    const claims = { iss: domain, sub, height, entries: 9, ...times, status_list: { bits: 2, lst } };
    return { list: await signer.sign('statuslist+jwt', claims), tag: `"${height}"` };
  }

  const open = (keep: Keep, answer: (register: Register, tag: string | undefined) => Promise<ListReply>) => {
    const clock = { seconds: epoch };
    const time = (): Instant => toInstant(clock.seconds);
    return { clock, store: createStatusStore({ pinText, domain, keep, fetchList: answer, now: time }) };
  };

  const trustOf = (...signers: readonly Signer[]) =>
    toTrust(makeTrustClaims([licence], { listKeys: signers.map(({ row }) => row) }));

  it('asks again once its time is over, with the tag of what it has, and takes “unchanged” for an answer', async () => {
    const signer = await makeSigner();
    const trust = trustOf(signer);
    const tags: (string | undefined)[] = [];
    const { keep } = makeKeep();
    const { clock, store } = open(keep, async (_, tag) => {
      tags.push(tag);
      return tag === undefined ? makeList(signer, {}) : 'unchanged';
    });
    await store.refresh(register, trust);
    await store.refresh(register, trust);
    clock.seconds += 601;
    await store.refresh(register, trust);
    await store.refresh(register, trust);
    expect(tags).to.deep.equal([undefined, '"10"']);
    expect((await store.find(register, trust)).list?.statusOf(1)).to.equal(0);
    const later = open(keep, async () => undefined).store;
    expect((await later.find(register, trust)).list?.height).to.equal(10);
  });

  it('refuses one that is older, of another register, or by a key that is not of the trust list, and keeps what it has', async () => {
    const [signer, stranger] = [await makeSigner(), await makeSigner()];
    const trust = trustOf(signer);
    const answers = [
      await makeList(signer, { height: 10, status: 'REVOKED' }),
      await makeList(signer, { height: 9 }),
      await makeList(signer, { height: 10, iat: epoch - 60 }),
      await makeList(signer, { height: 11, type: 'food-business-licence' }),
      await makeList(stranger, { height: 11 }),
    ];
    const problems: unknown[] = [];
    const { clock, store } = open(makeKeep().keep, async () => answers.shift());
    while (answers.length > 0) {
      await store.refresh(register, trust);
      clock.seconds += 601;
      const { list, problem } = await store.find(register, trust);
      problems.push(problem);
      expect(list?.statusOf(1)).to.equal(1);
    }
    expect(problems).to.deep.equal([
      undefined,
      'STATUS_LIST_ROLLBACK',
      'STATUS_LIST_ROLLBACK',
      'STATUS_LIST_INVALID',
      'STATUS_LIST_INVALID',
    ]);
  });

  it('judges by no list whose key was given up since', async () => {
    const signer = await makeSigner();
    const { keep } = makeKeep();
    const { store } = open(keep, () => makeList(signer, {}));
    await store.refresh(register, trustOf(signer));
    const lost = { ...signer, row: { ...signer.row, compromisedFrom: now } };
    expect(await store.find(register, trustOf(lost))).to.deep.equal({
      list: undefined,
      problem: 'STATUS_LIST_INVALID',
    });
  });

  it('keeps the registers asked about last, within bounds and within the storage', async () => {
    const signer = await makeSigner();
    const trust = trustOf(signer);
    const names = Array.from({ length: 50 }, (_, at) => ({ issuer, type: `type-${at}` }));
    const listsIn = (kept: Map<string, string>) => [...kept.keys()].filter((name) => name.startsWith('yinxin.list.'));
    const wide = makeKeep();
    const { store } = open(wide.keep, ({ type }) => makeList(signer, { type }));
    for (const name of names) {
      await store.refresh(name, trust);
      await store.find({ issuer, type: 'type-0' }, trust);
    }
    expect(listsIn(wide.kept)).to.have.length(48);
    expect(wide.kept.has(`yinxin.list.${issuer}/type-0`)).to.equal(true);
    expect(wide.kept.has(`yinxin.list.${issuer}/type-1`)).to.equal(false);
    const narrow = makeKeep(6_000);
    const small = open(narrow.keep, ({ type }) => makeList(signer, { type })).store;
    for (const name of names) await small.refresh(name, trust);
    expect(listsIn(narrow.kept).length).to.be.within(2, 12);
    expect(narrow.kept.has(`yinxin.list.${issuer}/type-49`)).to.equal(true);
  });

  it('works on where nothing can be kept at all', async () => {
    const signer = await makeSigner();
    const trust = trustOf(signer);
    const { store } = open(makeKeep(0).keep, () => makeList(signer, {}));
    await store.refresh(register, trust);
    expect(await store.find(register, trust)).to.deep.equal({ list: undefined, problem: undefined });
  });
});
