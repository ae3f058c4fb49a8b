/** The routes about what a body's gateway keeps: who may, what comes out; each answer is held against the OpenAPI document by the fixture. */
import { type CertificateFile, parseJson, type RosterRow, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import { inventValues } from '../../../gateway/demo/values.ts';
import { type Answer, type Api, apiOf, codeOf, member } from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { chengduMarket, market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const licence = loadType('business-licence');
const document = '示范〔2026〕8号';

describe('gateway/http: what is kept', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  let clerk: string;
  let files: readonly CertificateFile[];

  const rowOf = (number: number): RosterRow => ({ values: inventValues(licence, '440300', number) });
  const claimsOf = ({ values }: RosterRow) => ({
    values: Object.fromEntries(licence.claim.map((key) => [key, values[key]])),
  });
  const find = (numbers: readonly number[], token = clerk) =>
    api.post(
      '/v1/duplicates',
      { issuer: market, type: licence.type, rows: numbers.map((number) => claimsOf(rowOf(number))) },
      { token },
    );

  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
    clerk = await api.token(market);
    const roster = { issuer: market, type: licence.type, rows: [1, 2, 3, 4].map(rowOf) };
    const batch = await api.post('/v1/batches', roster, { token: clerk, headers: { 'idempotency-key': 'one' } });
    const page = await api.get(`/v1/batches/${String(member(batch, 'id'))}`, { token: clerk });
    files = member(page, 'certificates') as unknown as readonly CertificateFile[];
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  const refusal = (answer: Answer) => [answer.status, codeOf(answer)];

  it('finds duplicates among as many rows as a request of a roster has', async () => {
    const answer = await find([9, 3, 1]);
    expect(member(answer, 'duplicates')).to.deep.equal([
      { row: 1, identifier: files[2]?.body.id },
      { row: 2, identifier: files[0]?.body.id },
    ]);
    const [one] = [claimsOf(rowOf(1))];
    const many = (count: number) => ({
      issuer: market,
      type: licence.type,
      rows: Array.from({ length: count }, () => one),
    });
    const all = await api.post('/v1/duplicates', many(4_096), { token: clerk });
    expect(member(all, 'duplicates')).to.have.length(4_096);
    expect(refusal(await api.post('/v1/duplicates', many(4_097), { token: clerk }))).to.deep.equal([
      413,
      'TOO_MANY_ROWS',
    ]);
  });

  it('answers the body’s own operators alone', async () => {
    const other = await api.token(chengduMarket);
    const { id: identifier } = files[0]?.body ?? {};
    const administrator = await api.post('/v1/vault/rotations', { issuer: market }, { token: clerk });
    expect(refusal(administrator)).to.deep.equal([403, 'SCOPE_MISSING']);
    expect(refusal(await find([1], other))).to.deep.equal([403, 'CALLER_NOT_PERMITTED']);
    const erased = await api.post('/v1/erasures', { identifier, document }, { token: other });
    expect(refusal(erased)).to.deep.equal([404, 'CERTIFICATE_UNKNOWN']);
    const register = `issuer=${market}&type=${licence.type}`;
    const exported = await api.get(`/v1/certificates?${register}`, { token: other });
    expect(refusal(exported)).to.deep.equal([403, 'CALLER_NOT_PERMITTED']);
    for (const path of [`/v1/certificates?${register}`, '/v1/duplicates', '/v1/erasures', '/v1/vault/rotations']) {
      const anonymous = await (path.includes('?') ? api.get(path) : api.post(path, {}));
      expect(refusal(anonymous), path).to.deep.equal([401, 'UNAUTHENTICATED']);
    }
  });

  it('refuses what is no request', async () => {
    const post = async (path: string, body: unknown) => refusal(await api.post(path, body, { token: clerk }));
    const [register, values] = [{ issuer: market, type: licence.type }, rowOf(1).values];
    expect(await post('/v1/duplicates', { ...register, rows: [{ values }] })).to.deep.equal([400, 'INPUT_INVALID']);
    expect(await post('/v1/duplicates', { ...register, rows: [{}] })).to.deep.equal([400, 'INPUT_INVALID']);
    const { id: identifier } = files[0]?.body ?? {};
    expect(await post('/v1/erasures', { identifier })).to.deep.equal([400, 'INPUT_INVALID']);
    expect(await post('/v1/erasures', { identifier: 'x', document })).to.deep.equal([400, 'MALFORMED_IDENTIFIER']);
    for (const query of ['', 'type=x/y', `type=${licence.type}&limit=1001`, `type=${licence.type}&more=1`]) {
      const answer = await api.get(`/v1/certificates?${query}`, { token: clerk });
      expect(refusal(answer), query).to.deep.equal([400, 'INPUT_INVALID']);
    }
  });

  it('exports by pages, and leaves out what was erased', async () => {
    const page = async (after: number, limit: number) => {
      const path = `/v1/certificates?type=${licence.type}&after=${after}&limit=${limit}`;
      const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${clerk}` } });
      expect(response.headers.get('content-type')).to.equal('application/x-ndjson');
      expect(response.headers.get('cache-control')).to.equal('no-store');
      const lines = (await response.text()).split('\n');
      expect(lines.pop()).to.equal('');
      return lines.map((line) => parseJson(utf8(line), { maxBytes: 1_000_000 }) as unknown as CertificateFile);
    };
    const own = files.map(({ holderToken: _, ...file }) => file);
    expect(await page(0, 3)).to.deep.equal(own.slice(0, 3));
    expect(await page(3, 3)).to.deep.equal(own.slice(3));
    const { id: identifier } = files[1]?.body ?? {};
    const erased = await api.post('/v1/erasures', { identifier, document }, { token: clerk });
    expect([erased.status, member(erased, 'document')]).to.deep.equal([201, document]);
    expect(await page(0, 9)).to.deep.equal([own[0], own[2], own[3]]);
    const gone = await api.get(`/v1/certificates/${identifier}`, { token: clerk });
    expect(refusal(gone)).to.deep.equal([410, 'CERTIFICATE_ERASED']);
    expect(member(await find([1, 2]), 'duplicates')).to.have.length(1);
  });
});
