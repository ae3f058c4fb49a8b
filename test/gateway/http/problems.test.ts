import { errorEntry, isErrorCode, sentence } from '@yinxin/core';
import { expect } from 'chai';
import {
  type Api,
  apiOf,
  codeOf,
  formHeaders,
  member,
  readClient,
  toAssertion,
  tokenForm,
} from '../../fixtures/api.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const json = { 'content-type': 'application/json' };
const mebibyte = 1_048_576;

describe('gateway/http: problems', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  const post = (raw: string | Uint8Array, headers: { readonly [name: string]: string } = json) =>
    api.send('POST', '/v1/verifications', { raw, headers });

  it('are RFC 9457 with the code, its status, and the sentences of core', async () => {
    const answer = await api.get('/v1/verifications/abc');
    expect(answer.headers.get('content-type')).to.equal('application/problem+json');
    const { what, next } = sentence('MALFORMED_IDENTIFIER', 'zh');
    expect(answer.json).to.deep.include({
      type: 'urn:yinxin:error:MALFORMED_IDENTIFIER',
      status: 400,
      title: what,
      detail: next,
    });
  });

  it('speak the language that is preferred, Chinese by default', async () => {
    const title = async (language: string) =>
      member(await api.get('/v1/verifications/abc', { headers: { 'accept-language': language } }), 'title');
    const zh = sentence('MALFORMED_IDENTIFIER', 'zh').what;
    const en = sentence('MALFORMED_IDENTIFIER', 'en').what;
    expect(await title('en-GB,en;q=0.9')).to.equal(en);
    expect(await title('fr, en;q=0.2, zh-CN;q=0.8')).to.equal(zh);
    expect(await title('fr')).to.equal(zh);
    expect(await title('zh;q=0, en;q=0.1')).to.equal(en);
  });

  it('tell an unknown path, an unknown method and an unknown media type apart', async () => {
    expect(codeOf(await api.get('/v1/nothing'))).to.equal('ROUTE_UNKNOWN');
    expect(codeOf(await api.get('/V1/TYPES'))).to.equal('ROUTE_UNKNOWN');
    const put = await api.send('PUT', '/v1/batches');
    expect(codeOf(put)).to.equal('METHOD_UNKNOWN');
    expect(put.headers.get('allow')).to.equal('POST');
    const remove = await api.send('DELETE', '/v1/types');
    expect(remove.headers.get('allow')).to.equal('GET, HEAD');
    expect(codeOf(await post('{}', { 'content-type': 'text/plain' }))).to.equal('MEDIA_TYPE_UNSUPPORTED');
    expect(codeOf(await post('{}', { 'content-type': 'application/json; charset=gbk' }))).to.equal(
      'MEDIA_TYPE_UNSUPPORTED',
    );
    expect(codeOf(await post('{}', { ...json, 'content-encoding': 'gzip' }))).to.equal('MEDIA_TYPE_UNSUPPORTED');
    expect(codeOf(await api.send('POST', '/oauth/token', { raw: '{}', headers: json }))).to.equal(
      'MEDIA_TYPE_UNSUPPORTED',
    );
  });

  it('refuse JSON that is cut off, doubled, too deep, too large, not UTF-8 or not of this request', async () => {
    expect(codeOf(await post('{"code":'))).to.equal('MALFORMED_JSON');
    expect(codeOf(await post(''))).to.equal('MALFORMED_JSON');
    expect(codeOf(await post('{"code":"1","code":"2"}'))).to.equal('DUPLICATE_KEY');
    expect(codeOf(await post(`{"file":${'['.repeat(20)}${']'.repeat(20)}}`))).to.equal('TOO_DEEP');
    expect(codeOf(await post('{"code":1.5}'))).to.equal('NOT_CANONICAL');
    expect(codeOf(await post(new Uint8Array([0x22, 0xff, 0x22])))).to.equal('MALFORMED_TEXT');
    expect(codeOf(await post('[]'))).to.equal('INPUT_INVALID');
    expect(codeOf(await post('{"__proto__":{}}'))).to.equal('INPUT_INVALID');
    expect(codeOf(await post(`"${'x'.repeat(mebibyte)}"`))).to.equal('TOO_LARGE');
  });

  it('read what is too large to its end, so that the answer arrives, also without a declared length', async () => {
    const token = await api.token(market);
    const headers = { ...json, 'idempotency-key': 'large' };
    const answer = await api.send('POST', '/v1/batches', { raw: 'x'.repeat(17 * mebibyte), headers, token });
    expect(answer.status).to.equal(413);
    const chunk = new Uint8Array(mebibyte);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 3) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const init: RequestInit = { method: 'POST', headers: json, body, duplex: 'half' };
    expect((await fetch(`${gateway.url}/v1/verifications`, init)).status).to.equal(413);
  });

  it('refuse a query with a member that is unknown or given twice, and a broken path', async () => {
    for (const path of ['/v1/types?x=1', '/v1/verifications/abc?at=1&at=2', '/v1/trust-list?purpose=']) {
      expect(codeOf(await api.get(path)), path).to.equal('INPUT_INVALID');
    }
    expect(codeOf(await api.get('/v1/verifications/%E0%A4%A'))).to.equal('INPUT_INVALID');
  });

  it('never repeat what was sent', async () => {
    const secret = '990300190305150110';
    const answers = [
      await api.get(`/v1/verifications/${secret}`),
      await post(JSON.stringify({ identifier: '1', claims: { holderIdNumber: { a: { b: secret } } } })),
      await api.get(`/v1/verifications/abc?domain=${secret}`),
      await api.get(`/v1/${secret}`),
    ];
    for (const { text, status } of answers) {
      expect(status).to.be.within(400, 404);
      expect(text).not.to.include(secret);
    }
  });

  it('refuse a token to who cannot prove to be the client', async () => {
    const client = readClient(gateway.home, market);
    const audience = `${gateway.url}/oauth/token`;
    const ask = async (form: string) =>
      codeOf(await api.send('POST', '/oauth/token', { raw: form, headers: formHeaders }));
    const used = tokenForm(toAssertion(client, audience));
    expect(await ask(used)).to.equal(undefined);
    expect(await ask(used)).to.equal('CLIENT_INVALID');
    expect(await ask(tokenForm(toAssertion(client, 'https://elsewhere.example/oauth/token')))).to.equal(
      'CLIENT_INVALID',
    );
    expect(await ask(tokenForm(toAssertion(client, audience, { exp: 1 })))).to.equal('CLIENT_INVALID');
    expect(await ask(tokenForm(toAssertion(client, audience), { scope: 'audit' }))).to.equal('SCOPE_MISSING');
    expect(await ask('grant_type=password')).to.equal('GRANT_UNSUPPORTED');
    expect(await ask(`${tokenForm(toAssertion(client, audience))}&grant_type=x`)).to.equal('INPUT_INVALID');
  });

  it('carry the status that the table gives their code', async () => {
    const answer = await api.get('/v1/verifications/abc');
    const code = codeOf(answer);
    if (!isErrorCode(code)) throw new Error('no code');
    expect(answer.status).to.equal(errorEntry(code).http);
  });
});
