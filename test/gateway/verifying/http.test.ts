/** Verification and the registry over HTTP: what may be asked, in which language it is explained, and what is cached. */
import { randomUUID } from 'node:crypto';
import type { CertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import { inventValues } from '../../../gateway/demo/values.ts';
import { type Api, apiOf, codeOf, member } from '../../fixtures/api.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { licence } from '../world.ts';

describe('verification over HTTP', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  let file: CertificateFile;
  /** Height of the ledger before the certificate was revoked. */
  let height = 0;

  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
    const token = await api.token(market);
    const headers = () => ({ 'idempotency-key': randomUUID() });
    const rows = [{ values: inventValues(licence, '440300', 7) }];
    const request = { issuer: market, type: licence.type, rows };
    const batch = await api.post('/v1/batches', request, { token, headers: headers() });
    const page = await api.get(`/v1/batches/${String(member(batch, 'id'))}`, { token });
    [file] = member(page, 'certificates') as unknown as [CertificateFile];
    height = Number(member(batch, 'block')) + 1;
    const document = '示范〔2026〕1号';
    const change = { identifier: file.body.id, act: 'revoke', basis: 'licence-law-69', document };
    await api.post('/v1/status-changes', { issuer: market, changes: [change] }, { token, headers: headers() });
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  it('answers for a height and a time, by number and for what is presented', async () => {
    const path = `/v1/verifications/${file.body.id}`;
    const reason = async (query: string) => member(await api.get(path + query), 'verdict', 'reason');
    expect(await reason('')).to.equal('REVOKED');
    expect(await reason(`?height=${height}`)).to.equal('VALID');
    expect(await reason(`?height=${height}&domain=440303&matter=never-heard-of`)).to.equal('VALID');
    expect(await reason('?domain=990300')).to.equal('REVOKED');
    expect(await reason(`?height=${height}&domain=990300`)).to.equal('NOT_RECOGNISED');
    const posted = await api.post('/v1/verifications', { file, height });
    expect(member(posted, 'verdict', 'reason')).to.equal('VALID');
    expect(member(posted, 'height')).to.equal(height);
    expect(codeOf(await api.get(`${path}?height=1000000`))).to.equal('HEIGHT_UNKNOWN');
  });

  it('explains in the language of the asker, and only when asked', async () => {
    const path = `/v1/verifications/${file.body.id}`;
    for (const [language, title] of [
      ['zh', '状态'],
      ['en', 'Status'],
    ] as const) {
      const headers = { 'accept-language': language };
      const answers = [
        await api.get(`${path}?explain=true`, { headers }),
        await api.post('/v1/verifications', { file, explain: true }, { headers }),
      ];
      for (const answer of answers) {
        const explanation = member(answer, 'explanation') as readonly { check: string; title: string }[];
        expect(explanation.find(({ check }) => check === 'status')?.title).to.equal(title);
        expect(answer.headers.get('content-language')).to.equal(language);
      }
    }
    const plain = await api.get(`${path}?explain=false`);
    expect(plain.json).to.not.have.property('explanation');
    expect(plain.headers.get('content-language')).to.equal(null);
  });

  it('gives the trust list once, and says that nothing has changed after that', async () => {
    const first = await api.get('/v1/trust-list');
    expect(first.headers.get('cache-control')).to.equal('no-cache');
    const claims = JSON.parse(Buffer.from(first.text.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly [name: string]: readonly unknown[];
    };
    expect(claims['bases']).to.not.deep.equal([]);
    expect(claims['matters']).to.not.deep.equal([]);
    expect(claims['agreements']).to.be.an('array');
    const etag = first.headers.get('etag') ?? '';
    expect((await api.get('/v1/trust-list', { headers: { 'if-none-match': etag } })).status).to.equal(304);
  });

  it('gives every version of a type, and no other', async () => {
    const answer = await api.get('/v1/types/business-licence/1');
    expect(answer.json).to.deep.equal(licence);
    const etag = answer.headers.get('etag') ?? '';
    const again = await api.get('/v1/types/business-licence/1', { headers: { 'if-none-match': etag } });
    expect(again.status).to.equal(304);
    for (const path of ['business-licence/2', 'no-such-type/1']) {
      expect(codeOf(await api.get(`/v1/types/${path}`))).to.equal('NOT_FOUND');
    }
    for (const version of ['0', '01', 'x', '1e3'])
      expect(codeOf(await api.get(`/v1/types/business-licence/${version}`)), version).to.equal('INPUT_INVALID');
  });

  it('tells auditors how it knows the ledger, and nobody else', async () => {
    const { readModel } = gateway.running.gateway.services;
    const answer = await api.get('/v1/ledger', { token: await api.token('auditor') });
    const { height: newest, hash, digest } = await readModel.stateDigest();
    expect(answer.json).to.deep.include({ height: newest, hash, stateDigest: digest, voidCount: 0, void: [] });
    expect(answer.json).to.include({ confirmed: readModel.confirmedHeight() });
    expect(newest).to.equal(readModel.height());
    expect(codeOf(await api.get('/v1/ledger'))).to.equal('UNAUTHENTICATED');
    expect(codeOf(await api.get('/v1/ledger', { token: await api.token(market) }))).to.equal('SCOPE_MISSING');
    expect(codeOf(await api.get('/v1/ledger?height=1', { token: await api.token('auditor') }))).to.equal(
      'INPUT_INVALID',
    );
  });
});
