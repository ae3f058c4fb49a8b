/** Files as lines over the wire, answers that break off, and a gateway that takes no more. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type CertificateFile, formatCertificateFile, parseCertificateFile, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import { inventValues } from '../../../gateway/demo/values.ts';
import { jsonBytesOf } from '../../../gateway/http/body.ts';
import { type Api, apiOf, member } from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal } from '../support.ts';

const licence = loadType('business-licence');
const ndjson = 'application/x-ndjson';

describe('gateway/http: certificate files as lines', function () {
  this.timeout(30_000);
  let gateway: TestGateway;
  let api: Api;
  let clerk: string;

  before(async () => {
    gateway = await startTestGateway();
    api = apiOf(gateway);
    clerk = await api.token(market);
  });
  after(() => gateway.stop());
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  const rosterOf = (count: number, from = 0) =>
    JSON.stringify({
      issuer: market,
      type: licence.type,
      rows: Array.from({ length: count }, (_, at) => ({ values: inventValues(licence, '440300', from + at) })),
    });
  const headers = (key: string) => ({
    authorization: `Bearer ${clerk}`,
    'content-type': 'application/json',
    'idempotency-key': key,
    accept: `${ndjson}, application/json;q=0.5`,
  });
  const post = (body: string, key: string) =>
    fetch(`${gateway.url}/v1/batches`, { method: 'POST', body, headers: headers(key) });
  const get = (path: string, accept = ndjson) =>
    fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${clerk}`, accept } });

  it('follow the summary: in the order of the rows, each the bytes that core reads, with the holder’s token', async () => {
    const count = 700;
    const answer = await post(rosterOf(count), 'lines-1');
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([201, ndjson]);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const text = await answer.text();
    const [head = '', ...lines] = text.split('\n');
    expect(lines.pop()).to.equal('');
    const summary = JSON.parse(head) as { readonly id: string; readonly first: number; readonly last: number };
    expect(summary.last - summary.first + 1).to.equal(count);
    const files = lines.map((line) => parseCertificateFile(utf8(line)));
    expect(files.map(({ body }) => body.entry - summary.first)).to.deep.equal([...files.keys()]);
    expect(files.every(({ holderToken }) => holderToken !== undefined)).to.equal(true);
    const verified = await api.post('/v1/verifications', { file: files[count - 1] });
    expect(member(verified, 'verdict')).to.have.property('verdict', 'valid');

    const page = await get(`/v1/batches/${summary.id}?limit=4096`);
    expect(page.status).to.equal(200);
    const [second = '', ...again] = (await page.text()).split('\n');
    expect(JSON.parse(second)).to.deep.equal({ ...summary, next: null });
    expect(again.slice(0, -1).every((line, at) => line === lines[at])).to.equal(true);
    const json = await api.get(`/v1/batches/${summary.id}?limit=2`, { token: clerk });
    const [file] = member(json, 'certificates') as unknown as readonly CertificateFile[];
    expect(Buffer.from(formatCertificateFile(file ?? ({} as CertificateFile))).toString()).to.equal(lines[0]);
  });

  it('are JSON for who does not ask for lines, and a page of lines alone may be longer than 500', async () => {
    const answer = await api.post('/v1/batches', JSON.parse(rosterOf(2, 5_000)), {
      token: clerk,
      headers: { 'idempotency-key': 'lines-2', accept: `${ndjson};q=0, application/json` },
    });
    expect(answer.status).to.equal(201);
    const path = `/v1/batches/${String(member(answer, 'id'))}?limit=501`;
    expect((await get(path, 'application/json')).status).to.equal(400);
    expect((await get(path)).status).to.equal(200);
    const none = await fetch(`${gateway.url}${path}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${clerk}`, accept: ndjson },
    });
    expect([none.status, await none.text()]).to.deep.equal([200, '']);
  });

  it('that break off are read again, by the batch or with the same key', async () => {
    const ending = new AbortController();
    const body = rosterOf(2_000, 10_000);
    const broken = await fetch(`${gateway.url}/v1/batches`, {
      method: 'POST',
      body,
      headers: headers('lines-3'),
      signal: ending.signal,
    });
    const reader = broken.body?.getReader();
    await reader?.read();
    ending.abort();
    await reader?.read().catch(() => undefined);
    const lines = (await (await post(body, 'lines-3')).text()).split('\n');
    expect(lines).to.have.length(2_002);
    const { id } = JSON.parse(lines[0] ?? '') as { readonly id: string };
    const page = (await (await get(`/v1/batches/${id}?limit=4096`)).text()).split('\n');
    expect(page.slice(1).every((line, at) => line === lines[at + 1])).to.equal(true);
  });

  it('are refused as problems', async () => {
    const answer = await post(rosterOf(1).replace(licence.type, 'no-such-type'), 'lines-4');
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([422, 'application/problem+json']);
    expect((await get('/v1/batches/x')).status).to.equal(404);
  });

  it('wait for room: where too much waits, 429 says when to come again, before the body is sent; the rest goes on', async () => {
    const megabytes = 16 * 1_048_576;
    /** Announces so much and sends nothing. */
    const announce = (key: string) => {
      const sent = sendRequest(`${gateway.url}/v1/batches`, {
        method: 'POST',
        headers: { ...headers(key), 'content-length': megabytes },
      });
      sent.on('error', () => undefined);
      sent.flushHeaders();
      return { sent, answer: new Promise<IncomingMessage>((resolve) => sent.once('response', resolve)) };
    };
    const held = [announce('held-1'), announce('held-2')];
    await api.get('/healthz');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const refused = announce('held-3');
    const answer = await refused.answer;
    expect([answer.statusCode, answer.headers['retry-after']]).to.deep.equal([429, '1']);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).to.include({ code: 'QUEUE_FULL', status: 429 });
    expect((await post(rosterOf(1, 20_000), 'lines-5')).status, 'a counter').to.equal(201);
    for (const { sent } of [...held, refused]) sent.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await post(rosterOf(200, 21_000), 'lines-6')).status, 'when they have gone').to.equal(201);
  });
});

describe('gateway/http: a request that is cut off', () => {
  it('is refused, also when nobody has begun to read it: who it is from takes its time', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = 'host: a\r\ncontent-type: application/json\r\ncontent-length: 1000';
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\n${headers}\r\n\r\n{`);
    const [request] = (await once(server, 'request')) as [IncomingMessage];
    socket.resetAndDestroy();
    await new Promise((resolve) => request.once('close', resolve));
    const late = () => delay(1_000, undefined, { ref: false });
    await expectRefusal('MALFORMED_TEXT', () => Promise.race([jsonBytesOf(request, 2_000).read(), late()]));
    server.close();
  });
});
