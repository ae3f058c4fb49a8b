/** Status lists over HTTP: signed by the gateway’s domain, cached, and closed to strangers where the type is not public. */
import {
  type Instant,
  parseInstant,
  type StatusList,
  type StatusListClaims,
  toInstant,
  toTrust,
  YinxinError,
} from '@yinxin/core';
import { readStatusList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { createApp } from '../../../gateway/http/app.ts';
import type { Services } from '../../../gateway/http/services.ts';
import { createStatusListSource, type StatusListSource } from '../../../gateway/http/status-lists.ts';
import { createSigner } from '../../../gateway/keys/signer.ts';
import { type Listening, listen } from '../../../gateway/listen.ts';
import { signStatusList } from '../../../gateway/lists/lists.ts';
import { type Api, apiOf, codeOf } from '../../fixtures/api.ts';
import { founded, issuer, now } from '../../fixtures/certificates.ts';
import { expectRefusal, openTestStore, useFolder } from '../support.ts';
import { claims, makeRegister, partnerType, publicType, revoked, type TestRegister } from './register.ts';

const domain = '440300';
const path = `/v1/status-lists/${issuer}/business-licence`;
const partnerPath = `/v1/status-lists/${issuer}/driving-licence`;

describe('gateway/http: status lists', () => {
  const folder = useFolder();
  let register: TestRegister;
  let source: StatusListSource;
  let clock: Instant;
  let signed: number;
  let failing: boolean;
  let listening: Listening;
  let api: Api;
  let read: (jws: string, type?: string) => Promise<StatusList>;

  beforeEach(async () => {
    register = makeRegister();
    clock = now;
    signed = 0;
    failing = false;
    const keys = await openTestStore(folder());
    const key = await keys.createListKey(domain);
    const signer = createSigner(keys);
    const row = { kind: 'listKey', domain, ...key, from: founded, until: null, compromisedFrom: null } as const;
    const trust = toTrust({ ...claims, listKeys: [row] });
    read = (jws, type = publicType.type) => readStatusList(jws, trust, { issuer, type, domain: '510100' });
    source = createStatusListSource({
      readModel: register,
      domain,
      clock: () => clock,
      async sign(list: StatusListClaims) {
        signed += 1;
        if (failing) throw new YinxinError('SIGNING_KEY_MISSING', { domain });
        return signStatusList(signer, key.kid, list);
      },
    });
    const tokens = {
      async authenticate(bearer: string) {
        if (bearer === 'none') throw new YinxinError('UNAUTHENTICATED');
        return { clientId: 'test', issuer: null, domain, scopes: [bearer] };
      },
    };
    const services = { readModel: register, statusLists: source, tokens } as unknown as Services; // all that this route looks at
    const { handler } = createApp({
      services: () => services,
      page: () => undefined,
      isTls: false,
      processFigures: () => ({ residentBytes: 1, uptimeSeconds: 1 }),
      logBug: (text) => expect.fail(text),
    });
    listening = await listen({ port: 0, tls: undefined }, handler);
    api = apiOf({ url: `http://localhost:${listening.port}`, home: '' });
  });
  afterEach(() => listening.close());

  const later = (seconds: number) => {
    clock = toInstant(Date.parse(clock) / 1000 + seconds);
  };
  const current = async (type = publicType.type) => (await source.current(issuer, type))?.document;

  it('are what core reads, by the list key of the gateway’s domain', async () => {
    register.state.changes.set(2, [revoked()]);
    const answer = await api.get(path);
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([200, 'application/statuslist+jwt']);
    const list = await read(answer.text);
    expect([list.iss, list.height, list.entries, list.statusOf(1), list.statusOf(2)]).to.deep.equal([
      domain,
      10,
      10,
      0,
      1,
    ]);
  });
  it('may be kept for their ttl by anyone, are revalidated by their ETag, and are answered with 304', async () => {
    const { headers } = await api.get(path);
    expect(headers.get('cache-control')).to.equal('public, max-age=600');
    const etag = headers.get('etag') ?? '';
    expect((await api.get(path, { headers: { 'if-none-match': etag } })).status).to.equal(304);
    register.state.height += 1;
    expect((await api.get(path, { headers: { 'if-none-match': etag } })).status).to.equal(200);
  });
  it('may never be kept past their end', async () => {
    register.state.changes.set(2, [revoked({ effective: parseInstant('2026-11-20T10:05:00Z') })]);
    expect((await api.get(path)).headers.get('cache-control')).to.equal('public, max-age=300');
    later(290);
    expect((await api.get(path)).headers.get('cache-control')).to.equal('public, max-age=10');
  });
  it('of types that are not public need a token of someone who verifies, and stay with who asked', async () => {
    const codes = [
      await api.get(partnerPath),
      await api.get(partnerPath, { token: 'none' }),
      await api.get(partnerPath, { token: 'admin' }),
    ];
    expect(codes.map(codeOf)).to.deep.equal(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'SCOPE_MISSING']);
    for (const scope of ['verify', 'issue', 'status', 'audit']) {
      const answer = await api.get(partnerPath, { token: scope });
      expect([answer.status, answer.headers.get('cache-control')], scope).to.deep.equal([200, 'private, max-age=600']);
      expect((await read(answer.text, partnerType.type)).type).to.equal(partnerType.type);
    }
  });
  it('of registers that do not exist are not found, and unknown parameters are refused', async () => {
    expect(codeOf(await api.get('/v1/status-lists/11990300DEMA00013K/business-licence'))).to.equal('NOT_FOUND');
    const unknown = `/v1/status-lists/${issuer}/no-such-type`;
    expect(codeOf(await api.get(unknown))).to.equal('UNAUTHENTICATED');
    expect(codeOf(await api.get(unknown, { token: 'verify' }))).to.equal('NOT_FOUND');
    expect(codeOf(await api.get(`${path}?entry=2`))).to.equal('INPUT_INVALID');
    expect(signed).to.equal(0);
  });

  it('are made once for all who ask at once, of one register', async () => {
    const documents = await Promise.all([1, 2, 3].map(() => current()));
    expect(new Set(documents).size).to.equal(1);
    expect([signed, register.reads()]).to.deep.equal([1, 1]);
    await current(partnerType.type);
    expect(signed).to.equal(2);
  });
  it('are made anew when the ledger has grown, the list has aged, or its end has come; else not', async () => {
    register.state.changes.set(2, [revoked({ effective: parseInstant('2026-11-20T10:15:00Z') })]);
    await current();
    later(599);
    await current();
    expect(signed).to.equal(1);
    later(1);
    await current();
    expect(signed).to.equal(2);
    register.state.height += 1;
    await current();
    expect(signed).to.equal(3);
    later(299);
    await current();
    expect(signed).to.equal(3);
    later(1);
    const text = new TextDecoder().decode((await current())?.bytes);
    expect(signed).to.equal(4);
    expect((await read(text)).statusOf(2)).to.equal(1);
  });
  it('that have ended because the ledger is away are not made again for every asker', async () => {
    register.state.asOf = parseInstant('2026-10-18T10:00:00Z');
    await current();
    await current();
    expect(signed).to.equal(1);
    expect((await api.get(path)).headers.get('cache-control')).to.equal('public, max-age=0');
    later(600);
    await current();
    expect(signed).to.equal(2);
  });
  it('are kept for the registers asked for last, and no more than 256', async () => {
    const any = createStatusListSource({
      readModel: { ...register, lastEntry: async () => 1 },
      domain,
      clock: () => clock,
      async sign() {
        signed += 1;
        return String(signed);
      },
    });
    for (let body = 0; body <= 256; body += 1) await any.current(String(body), publicType.type);
    await any.current('256', publicType.type);
    await any.current('1', publicType.type);
    expect(signed).to.equal(257);
    await any.current('0', publicType.type);
    expect(signed).to.equal(258);
  });
  it('that could not be signed are tried again for the next who asks', async () => {
    failing = true;
    await expectRefusal('SIGNING_KEY_MISSING', () => current());
    failing = false;
    expect((await current())?.mediaType).to.equal('application/statuslist+jwt');
  });
});
