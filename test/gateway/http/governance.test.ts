/** Governance over REST: administrators of the demonstration's cities, and everyone else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgreementRow, type ClientFile, type Json, type ProposalRow, parseClientFile } from '@yinxin/core';
import { parseTrustPin, readTrustList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { bases } from '../../../gateway/demo/plan.ts';
import { inventValues } from '../../../gateway/demo/values.ts';
import { governanceTransactions } from '../../../gateway/governing/acting-domain.ts';
import {
  type Api,
  apiOf,
  codeOf,
  findOperation,
  member,
  readClient,
  requestSchema,
  validatorOf,
} from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const licence = loadType('business-licence');
const name = { zh: '示范事项', en: 'Demo matter' };

describe('gateway/http: governance', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  const admin = (domain: string) => api.token(`admins/${domain}`);
  const govern = async (domain: string, transaction: string, body: Json) =>
    api.post(`/v1/governance/${transaction}`, body, { token: await admin(domain) });

  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  it('gives every domain an administrator’s client file, for nobody else and with nothing else', () => {
    const file: ClientFile = readClient(gateway.home, 'admins/510600');
    expect(parseClientFile(file as unknown as Json)).to.deep.equal(file);
    expect(file).to.deep.include({ clientId: 'admin-510600', issuer: null, scopes: ['admin', 'audit'] });
  });

  it('adopts a proposal once more than half of the six organisations have approved', async () => {
    const action = { action: 'registerMatter', input: { matter: 'demo-matter', name } };
    const proposed = await govern('810000', 'propose', action);
    expect(proposed.status).to.equal(201);
    const proposal = String(member(proposed, 'event', 'proposal'));
    const states: (Json | undefined)[] = [];
    for (const domain of ['440300', '510600', '500000']) {
      states.push(member(await govern(domain, 'approve', { proposal }), 'event', 'state'));
    }
    expect(states).to.deep.equal(['open', 'open', 'adopted']);
    expect(codeOf(await govern('820000', 'approve', { proposal }))).to.equal('PROPOSAL_CLOSED');
  });

  it('lets two cities of one organisation approve once', async () => {
    const action = { action: 'registerMatter', input: { matter: 'other-matter', name } };
    const proposal = String(member(await govern('510600', 'propose', action), 'event', 'proposal'));
    expect(codeOf(await govern('512000', 'approve', { proposal }))).to.equal('ALREADY_APPROVED');
    const listed = await api.get('/v1/proposals?state=open', { token: await api.token('auditor') });
    const proposals = member(listed, 'proposals') as unknown as readonly ProposalRow[];
    expect(proposals.map((row) => [row.proposal, row.proposedBy])).to.deep.equal([[proposal, 'SichuanMSP']]);
    const withdrawn = await govern('511400', 'withdraw', { proposal });
    expect(member(withdrawn, 'event', 'state')).to.equal('withdrawn');
    const all = await api.get('/v1/proposals', { token: await admin('440300') });
    expect((member(all, 'proposals') as readonly Json[]).length).to.be.at.least(1);
  });

  it('lists the agreements, also one that not every party has approved, which the trust list does not name', async () => {
    const input = {
      agreement: 'half-approved',
      name,
      parties: ['440300', '510100'].map((domain) => ({ domain, office: name, phone: '000-0000 0000' })),
      types: [licence.type],
      matters: null,
      from: '2026-01-01T00:00:00Z',
      until: null,
      domain: '440300',
    };
    expect((await govern('440300', 'proposeAgreement', input)).status).to.equal(201);
    const list = async (token: string) => {
      const answer = await api.get('/v1/agreements', { token });
      return member(answer, 'agreements') as unknown as readonly AgreementRow[];
    };
    const [newest, ...others] = await list(await admin('510100'));
    expect(newest).to.include({ agreement: 'half-approved', approved: null });
    expect(others.length).to.be.at.least(1);
    expect(await list(await api.token('auditor'))).to.have.length(others.length + 1);
    const pin = parseTrustPin(readFileSync(join(gateway.home, 'pin.json'), 'utf8'));
    const named = async () => {
      const { trust } = await readTrustList((await api.get('/v1/trust-list')).text, pin);
      return trust.agreements.map(({ agreement }) => agreement);
    };
    expect(await named()).to.not.include('half-approved');
    const approval = { agreement: 'half-approved', domain: '510100' };
    expect((await govern('510100', 'approveAgreement', approval)).status).to.equal(201);
    expect(await named()).to.include('half-approved');
    expect(codeOf(await api.get('/v1/agreements', { token: await api.token(market) }))).to.equal('SCOPE_MISSING');
    expect(codeOf(await api.get('/v1/agreements'))).to.equal('UNAUTHENTICATED');
    expect(codeOf(await api.get('/v1/agreements?state=open', { token: await admin('510100') }))).to.equal(
      'INPUT_INVALID',
    );
  });

  it('makes a key that signs the next batch, and reports it compromised', async () => {
    const token = await admin('440300');
    const made = await api.post('/v1/keys', { issuer: market, use: 'anchor' }, { token });
    expect(made.status).to.equal(201);
    const key = String(member(made, 'key'));
    expect(member(made, 'vouchedBy')).to.match(/^[0-9a-f]{32}$/);
    const clerk = { token: await api.token(market), headers: { 'idempotency-key': 'by-the-new-key' } };
    const rows = [{ values: inventValues(licence, '440300', 1) }];
    const issued = await api.post('/v1/batches', { issuer: market, type: licence.type, rows }, clerk);
    const page = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token: clerk.token });
    const [file] = member(page, 'certificates') as readonly Json[];
    expect(JSON.stringify(file)).to.include(`\\nkey ${key}\\n`);
    const from = String(member(issued, 'time'));
    expect((await govern('440300', 'reportCompromise', { key, from })).status).to.equal(201);
    expect(codeOf(await govern('440300', 'reportCompromise', { key, from }))).to.equal('COMPROMISE_ILLEGAL');
  });

  it('makes a further key for the lists of the administrator’s own city, which is in its trust list', async () => {
    const made = await api.post('/v1/list-keys', {}, { token: await admin('440300') });
    expect(made.status).to.equal(201);
    const pin = parseTrustPin(readFileSync(join(gateway.home, 'pin.json'), 'utf8'));
    expect(pin.keys).to.have.length(2);
    const { trust } = await readTrustList((await api.get('/v1/trust-list')).text, pin);
    const kid = String(member(made, 'kid'));
    expect(trust.listKey(kid)).to.include({ domain: '440300', from: member(made, 'from'), until: null });
    const other = await api.post('/v1/list-keys', {}, { token: await admin('510100') });
    expect(gateway.running.gateway.services.readModel.trust().listKey(String(member(other, 'kid')))).to.include({
      domain: '510100',
    });
    for (const body of [{ domain: '510100' }, []]) {
      const refused = await api.post('/v1/list-keys', body, { token: await admin('440300') });
      expect(codeOf(refused)).to.equal('INPUT_INVALID');
    }
  });

  it('corrects a mistaken revocation', async () => {
    const token = await api.token(market);
    const rows = [{ values: inventValues(licence, '440300', 7) }];
    const headers = (key: string) => ({ token, headers: { 'idempotency-key': key } });
    const issued = await api.post('/v1/batches', { issuer: market, type: licence.type, rows }, headers('to-correct'));
    const page = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token });
    const [file] = member(page, 'certificates') as unknown as readonly { readonly body: { readonly id: string } }[];
    const change = (act: 'revoke' | 'correct') => {
      const item = { identifier: file?.body.id, act, basis: bases[act], document: '示范〔2026〕1号' };
      return api.post('/v1/status-changes', { issuer: market, changes: [item] }, headers(act));
    };
    expect((await change('revoke')).status).to.equal(201);
    expect((await change('correct')).status).to.equal(201);
    const found = await api.get(`/v1/verifications/${file?.body.id}`);
    expect(member(found, 'verdict', 'reason')).to.equal('VALID');
  });

  it('is for administrators alone, and knows no transaction but those of governance', async () => {
    const clerk = await api.token(market);
    const auditor = await api.token('auditor');
    for (const token of [clerk, auditor]) {
      for (const path of ['/v1/governance/propose', '/v1/keys', '/v1/list-keys']) {
        expect(codeOf(await api.post(path, {}, { token })), path).to.equal('SCOPE_MISSING');
      }
    }
    expect(codeOf(await api.post('/v1/governance/propose', {}))).to.equal('UNAUTHENTICATED');
    expect(codeOf(await api.get('/v1/proposals', { token: clerk }))).to.equal('SCOPE_MISSING');
    for (const transaction of ['found', 'anchor', 'changeStatus', 'readKey', 'toString', 'no-such']) {
      expect(codeOf(await govern('440300', transaction, {})), transaction).to.equal('ROUTE_UNKNOWN');
    }
    expect(codeOf(await api.get('/v1/proposals?state=lost', { token: auditor }))).to.equal('INPUT_INVALID');
  });

  it('refuses an empty input for every transaction, as the document does', async () => {
    const operation = findOperation('post', '/v1/governance/{transaction}');
    if (!operation) throw new Error('not in the document');
    expect(validatorOf(requestSchema(operation))({})).to.equal(false);
    for (const transaction of governanceTransactions) {
      const answer = await govern('440300', transaction, {});
      expect(codeOf(answer), transaction).to.match(/^(INPUT_INVALID|MALFORMED_STATEMENT|MALFORMED_KEY)$/);
    }
  });
});
