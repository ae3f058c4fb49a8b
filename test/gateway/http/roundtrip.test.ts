/** Every path of the REST surface once with what it is for; each answer is held against the OpenAPI document by the fixture. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Act,
  type CertificateFile,
  formatCertificateFile,
  fromBase64,
  type Json,
  parseCertificateFile,
  presentCode,
  toLeaf,
  verify,
} from '@yinxin/core';
import { parseTrustPin, readAnchored, readTrustList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { bases } from '../../../gateway/demo/plan.ts';
import { inventValues } from '../../../gateway/demo/values.ts';
import { type Answer, type Api, apiOf, codeOf, member } from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { chengduMarket, housing, market, police, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const licence = loadType('business-licence');
const acceptance = loadType('fire-acceptance');
const permit = loadType('residence-permit');
const issuedRows = 3;

describe('gateway/http: from a roster to a verdict', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  let clerk: string;
  let batch: Answer;
  let files: readonly CertificateFile[];

  const roster = (numbers: readonly number[]) => ({
    issuer: market,
    type: licence.type,
    rows: numbers.map((number) => ({ values: inventValues(licence, '440300', number) })),
  });
  const issue = (body: unknown, key: string, token = clerk) =>
    api.post('/v1/batches', body, { token, headers: { 'idempotency-key': key } });
  const fileOf = (index: number): CertificateFile => {
    const file = files[index];
    if (!file) throw new Error(`no file ${index}`);
    return file;
  };
  const change = (index: number, act: Act, key: string) => {
    const item = { identifier: fileOf(index).body.id, act, basis: bases[act], document: '示范〔2026〕1号' };
    return api.post(
      '/v1/status-changes',
      { issuer: market, changes: [item] },
      { token: clerk, headers: { 'idempotency-key': key } },
    );
  };

  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
    clerk = await api.token(market);
    batch = await issue(roster([1, 2, 3]), 'roster-1');
    const page = await api.get(`/v1/batches/${String(member(batch, 'id'))}`, { token: clerk });
    files = member(page, 'certificates') as unknown as readonly CertificateFile[];
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  it('issues a batch and gives its files, each the bytes that core reads', () => {
    expect(batch.status).to.equal(201);
    expect(files.length).to.equal(issuedRows);
    for (const file of files) expect(parseCertificateFile(formatCertificateFile(file))).to.deep.equal(file);
  });

  it('gives a batch page by page', async () => {
    const path = `/v1/batches/${String(member(batch, 'id'))}`;
    const first = await api.get(`${path}?limit=2`, { token: clerk });
    const rest = await api.get(`${path}?limit=2&after=${String(member(first, 'next'))}`, { token: clerk });
    expect((member(first, 'certificates') as readonly Json[]).length).to.equal(2);
    expect((member(rest, 'certificates') as readonly Json[]).length).to.equal(1);
    expect(member(rest, 'next')).to.equal(null);
  });

  it('answers the same key and roster alike, and refuses the key for another roster', async () => {
    const again = await issue(roster([1, 2, 3]), 'roster-1');
    expect(again.json).to.deep.equal(batch.json);
    expect(codeOf(await issue(roster([4]), 'roster-1'))).to.equal('IDEMPOTENCY_KEY_REUSED');
  });

  it('names every bad row and signs none', async () => {
    const [good, bad] = roster([5, 6]).rows;
    const rows = [good, { values: { ...bad?.values, holderUscc: '91990300DEMB000142', validFrom: '2025-02-30' } }];
    const answer = await issue({ ...roster([]), rows }, randomUUID());
    expect(answer.status).to.equal(422);
    expect(codeOf(answer)).to.equal('ROWS_INVALID');
    expect(member(answer, 'details')).to.deep.equal({});
    expect(member(answer, 'rows')).to.deep.equal([
      { row: 1, key: 'holderUscc', code: 'CHECK_DIGIT_INVALID' },
      { row: 1, key: 'validFrom', code: 'DATE_INVALID' },
    ]);
  });

  it('verifies a file, a number, a number with claims, a leaf and a code', async () => {
    const file = fileOf(0);
    const { id } = file.body;
    const leaf = Buffer.from(toLeaf(file.body)).toString('base64');
    const { holderUscc, holderName } = file.fields;
    const code = await api.get(`/v1/certificates/${id}/code?face=open`, { token: clerk });
    const answers = [
      await api.get(`/v1/verifications/${id}`),
      await api.post('/v1/verifications', { file }),
      await api.post('/v1/verifications', { identifier: id, claims: { holderUscc, holderName } }),
      await api.post('/v1/verifications', { identifier: id, leaf }),
      await api.post('/v1/verifications', { code: member(code, 'digits') }),
      await api.post('/v1/verifications', { code: member(code, 'symbol') }),
    ];
    for (const answer of answers) expect(member(answer, 'verdict', 'verdict')).to.equal('valid');
  });

  it('says what a certificate concludes, as far as it is shown, and what a code was made for', async () => {
    const token = await api.token(housing);
    const rows = [{ values: { ...inventValues(acceptance, '440300', 1), conclusion: '不合格' } }];
    const issued = await issue({ issuer: housing, type: acceptance.type, rows }, randomUUID(), token);
    const page = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token });
    const [file] = member(page, 'certificates') as unknown as readonly CertificateFile[];
    const path = `/v1/certificates/${file?.body.id ?? ''}/code`;
    const bound = `?purpose=${encodeURIComponent('开户')}&expires=2099-01-01T00:00:00Z`;
    const code = await api.get(path + bound, { token });
    const answers = [
      await api.post('/v1/verifications', { code: member(code, 'digits') }),
      await api.post('/v1/verifications', { file }),
      await api.get(`/v1/verifications/${file?.body.id ?? ''}`),
      await api.post('/v1/verifications', { file: fileOf(0) }),
    ];
    const conclusions = answers.map((answer) => member(answer, 'conclusion'));
    expect(conclusions).to.deep.equal(['hidden', 'negative', 'negative', 'none']);
    const terms = answers.map((answer) => member(answer, 'terms'));
    const expected = { purpose: '开户', expires: '2099-01-01T00:00:00Z' };
    expect(terms).to.deep.equal([expected, undefined, undefined, undefined]);
  });

  it('says of a file that was changed, and of one that cannot be read, that it is invalid: findings, not errors', async () => {
    const file = fileOf(0);
    const changed = await api.post('/v1/verifications', {
      file: { ...file, fields: { ...file.fields, holderName: '另一公司' } },
    });
    expect(member(changed, 'verdict', 'reason')).to.equal('FIELDS_MISMATCH');
    const unreadable = await api.post('/v1/verifications', { file: { body: 1 } });
    expect(unreadable.status).to.equal(200);
    expect(member(unreadable, 'verdict', 'check')).to.equal('format');
    const code = await api.post('/v1/verifications', { code: '123' });
    expect(member(code, 'verdict', 'verdict')).to.equal('invalid');
  });

  it('signs a closed code by default and an open one when asked, for the clerk and for the holder', async () => {
    const { body, holderToken } = fileOf(1);
    const path = `/v1/certificates/${body.id}/code`;
    const closed = await api.get(path, { token: clerk });
    const open = await api.get(`${path}?face=open&purpose=${encodeURIComponent('开户')}&expires=2099-01-01T00:00:00Z`, {
      headers: { authorization: `Yinxin-Holder ${holderToken ?? ''}` },
    });
    for (const [answer, kind] of [
      [closed, 'closed'],
      [open, 'open'],
    ] as const) {
      const presented = presentCode(String(member(answer, 'symbol')));
      expect(presented.kind === 'code' && presented.signedCode.code.face.kind).to.equal(kind);
    }
    expect(String(member(open, 'symbol')).startsWith(`${gateway.url}/`)).to.equal(true);
    const other = fileOf(0).holderToken ?? '';
    const refused = await api.get(path, { headers: { authorization: `Yinxin-Holder ${other}` } });
    expect(codeOf(refused)).to.equal('CERTIFICATE_UNKNOWN');
  });

  it('revokes, and says so in verification and history', async () => {
    const { id } = fileOf(2).body;
    const changed = await change(2, 'revoke', 'revoke-1');
    expect(changed.status).to.equal(201);
    const verdict = member(await api.get(`/v1/verifications/${id}`), 'verdict');
    expect(verdict).to.include({ verdict: 'invalid', reason: 'REVOKED', check: 'status' });
    const auditor = await api.token('auditor');
    const history = await api.get(`/v1/history/certificates/${id}`, { token: auditor });
    const items = member(history, 'items') as readonly { readonly event: string }[];
    expect(items.map(({ event }) => event)).to.deep.equal(['anchored', 'status-changed']);
    const page = await api.get(`/v1/history/certificates/${id}?limit=1`, { token: clerk });
    expect(member(page, 'next')).to.equal(1);
    expect(codeOf(await change(2, 'suspend', 'suspend-1'))).to.equal('STATUS_STEP_ILLEGAL');
  });

  it('gives a clerk the stored file, without the holder’s token', async () => {
    const file = fileOf(0);
    const { holderToken: _, ...rest } = file;
    const answer = await api.get(`/v1/certificates/${file.body.id}`, { token: clerk });
    expect(answer.json).to.deep.equal(rest);
  });

  it('serves a trust list that its own pin reads, and by which a file verifies without the gateway', async () => {
    const { text, headers } = await api.get('/v1/trust-list');
    expect(headers.get('content-type')).to.equal('application/jwt');
    const pin = parseTrustPin(readFileSync(join(gateway.home, 'pin.json'), 'utf8'));
    const { trust } = await readTrustList(text, pin);
    const file = fileOf(0);
    const anchored = await readAnchored(file.proof.anchored, trust);
    const checks = verify({ kind: 'file', file }, trust, trust.asOf, anchored ? { anchored } : {});
    const outcomes = new Map(checks.map(({ check, outcome }) => [check, outcome]));
    expect([outcomes.get('signature'), outcomes.get('anchor')]).to.deep.equal(['passed', 'passed']);
  });

  it('signs the trust list anew when the ledger has grown, and not before', async () => {
    const before = await api.get('/v1/trust-list');
    const etag = before.headers.get('etag') ?? '';
    const same = await api.get('/v1/trust-list', { headers: { 'if-none-match': etag } });
    expect(same.status).to.equal(304);
    await issue(roster([7]), randomUUID());
    const after = await api.get('/v1/trust-list', { headers: { 'if-none-match': etag } });
    expect(after.status).to.equal(200);
    expect(after.text).not.to.equal(before.text);
  });

  it('lists the types', async () => {
    const types = member(await api.get('/v1/types'), 'types') as readonly { readonly type: string }[];
    expect(types.map(({ type }) => type)).to.include.members([licence.type, permit.type]);
  });

  describe('who may what', () => {
    it('refuses a clerk of another body everywhere', async () => {
      const other = await api.token(chengduMarket);
      const { id } = fileOf(0).body;
      expect(codeOf(await issue(roster([8]), randomUUID(), other))).to.equal('CALLER_NOT_PERMITTED');
      const answers = [
        await api.get(`/v1/batches/${String(member(batch, 'id'))}`, { token: other }),
        await api.get(`/v1/certificates/${id}`, { token: other }),
        await api.get(`/v1/certificates/${id}/code`, { token: other }),
        await api.get(`/v1/history/certificates/${id}`, { token: other }),
      ];
      expect(answers.map(codeOf)).to.deep.equal([
        'NOT_FOUND',
        'CERTIFICATE_UNKNOWN',
        'CERTIFICATE_UNKNOWN',
        'SCOPE_MISSING',
      ]);
    });

    it('asks for a token, and for one that holds', async () => {
      const { id } = fileOf(0).body;
      const paths = [
        `/v1/certificates/${id}`,
        `/v1/certificates/${id}/code`,
        `/v1/history/certificates/${id}`,
        '/v1/batches/x',
      ];
      for (const path of paths) {
        const answer = await api.get(path);
        expect(codeOf(answer), path).to.equal('UNAUTHENTICATED');
        expect(answer.headers.get('www-authenticate')).to.match(/^Bearer/);
        expect(codeOf(await api.get(path, { token: 'abc' })), path).to.equal('UNAUTHENTICATED');
      }
      expect(codeOf(await api.post('/v1/batches', roster([1])))).to.equal('UNAUTHENTICATED');
      expect(codeOf(await api.post('/v1/status-changes', {}))).to.equal('UNAUTHENTICATED');
    });

    it('treats a token that does not hold as an error even where none is needed', async () => {
      const answer = await api.get(`/v1/verifications/${fileOf(0).body.id}`, { token: 'abc' });
      expect(codeOf(answer)).to.equal('UNAUTHENTICATED');
    });

    it('asks for the scope', async () => {
      const narrow = await api.token(market, 'status');
      const auditor = await api.token('auditor');
      expect(codeOf(await issue(roster([1]), randomUUID(), narrow))).to.equal('SCOPE_MISSING');
      expect(codeOf(await issue(roster([1]), randomUUID(), auditor))).to.equal('SCOPE_MISSING');
    });

    it('wants an idempotency key from whoever changes something', async () => {
      expect(codeOf(await api.post('/v1/batches', roster([1]), { token: clerk }))).to.equal('IDEMPOTENCY_KEY_MISSING');
      expect(codeOf(await api.post('/v1/status-changes', {}, { token: clerk }))).to.equal('IDEMPOTENCY_KEY_MISSING');
    });

    it('tells nobody about a person by number alone, and a partner only for a purpose and masked', async () => {
      const officer = await api.token(police);
      const rows = [{ values: inventValues(permit, '440300', 1) }];
      const issued = await issue({ issuer: police, type: permit.type, rows }, randomUUID(), officer);
      const page = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token: officer });
      const [file] = member(page, 'certificates') as unknown as readonly CertificateFile[];
      const path = `/v1/verifications/${file?.body.id ?? ''}`;
      expect(codeOf(await api.get(path))).to.equal('CLAIMS_REQUIRED');
      const partner = await api.token('verifier');
      expect(codeOf(await api.get(path, { token: partner }))).to.equal('INPUT_INVALID');
      const seen = await api.get(`${path}?purpose=${encodeURIComponent('入学')}`, { token: partner });
      expect(member(seen, 'verdict', 'verdict')).to.equal('valid');
      expect(seen.text).not.to.include(String(file?.fields['holderIdNumber']));
    });
  });

  it('keeps what is for one asker out of every cache', async () => {
    const answer = await api.get(`/v1/verifications/${fileOf(0).body.id}`);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(answer.headers.get('etag')).to.equal(null);
  });

  it('counts requests and verdicts for /metrics', async () => {
    const { text } = await api.get('/metrics');
    expect(text).to.match(/^yinxin_verifications_total\{verdict="valid"\} [1-9]/m);
    expect(text).to.match(/^yinxin_requests_total\{status="201"\} [1-9]/m);
    expect(text).to.match(/^yinxin_ledger_height [1-9]/m);
    expect(text).to.match(/^process_resident_memory_bytes [1-9]/m);
  });

  it('reads a secret of 16 bytes in every file that it issues', () => {
    for (const { secret } of files) expect(fromBase64(secret ?? '').length).to.equal(16);
  });
});
