import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { securityHeaders } from '../../../gateway/http/security-headers.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

const html = (pin: string) =>
  `<!doctype html><html><script id="yinxin-pin" type="application/json">${pin}</script><script src="/page.js"></script></html>`;
const script = `const text = '${'印信'.repeat(600)}';\n`;

/** As bytes and headers: fetch would inflate. */
function getRaw(url: string, headers: { readonly [name: string]: string }) {
  return new Promise<{ readonly status: number; readonly length: number; readonly coding: string }>(
    (resolve, reject) => {
      request(url, { headers }, (response) => {
        let length = 0;
        response.on('data', (chunk: Uint8Array) => {
          length += chunk.length;
        });
        const coding = String(response.headers['content-encoding']);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, length, coding }));
      })
        .on('error', reject)
        .end();
    },
  );
}

describe('gateway/http: the page', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-page-'));
  let gateway: TestGateway;
  const get = (path: string, init: RequestInit = {}) => fetch(gateway.url + path, init);

  before(async () => {
    mkdirSync(join(folder, 'icons'));
    writeFileSync(join(folder, 'index.html'), html('null'));
    writeFileSync(join(folder, 'page.js'), script);
    writeFileSync(join(folder, 'icons', 'a.svg'), '<svg/>');
    gateway = await startTestGateway({ pageFolder: folder });
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });

  it('is served at the root with the pin of this network inside', async () => {
    const answer = await get('/');
    const pin = JSON.stringify(JSON.parse(readFileSync(join(gateway.home, 'pin.json'), 'utf8')));
    expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(await answer.text()).to.equal(html(pin));
  });

  it('carries headers that let nothing from elsewhere in', async () => {
    for (const path of ['/', '/page.js', '/v1/types', '/v1/nothing']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).to.include("default-src 'none'").and.include("require-trusted-types-for 'script'");
      expect(policy).not.to.include('unsafe');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('x-powered-by')).to.equal(null);
      expect(headers.get('strict-transport-security')).to.equal(null);
    }
    expect(securityHeaders(true).map(([name]) => name)).to.include('Strict-Transport-Security');
  });

  it('is compressed for who accepts it, with a validator for each form', async () => {
    const url = `${gateway.url}/page.js`;
    const [plain, br, gz, none] = await Promise.all(
      ['identity', 'gzip, br', 'gzip', 'br;q=0, deflate'].map((accept) => getRaw(url, { 'accept-encoding': accept })),
    );
    expect([plain?.coding, br?.coding, gz?.coding, none?.coding]).to.deep.equal([
      'undefined',
      'br',
      'gzip',
      'undefined',
    ]);
    expect(plain?.length).to.equal(Buffer.byteLength(script));
    expect(br?.length).to.be.lessThan(200);
    const etag = (await get('/page.js')).headers.get('etag') ?? '';
    expect((await get('/page.js', { headers: { 'if-none-match': etag } })).status).to.equal(304);
    expect((await get('/page.js', { headers: { 'if-none-match': '"other"' } })).status).to.equal(200);
  });

  it('answers HEAD without a body, and no other method', async () => {
    const head = await get('/page.js', { method: 'HEAD' });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
    const posted = await get('/page.js', { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
  });

  it('gives files of its folder and nothing beside it', async () => {
    expect((await get('/icons/a.svg')).headers.get('content-type')).to.equal('image/svg+xml');
    for (const path of ['/%2e%2e/pin.json', '/..%2fpin.json', '/icons', '/icons/', '/page.js/']) {
      expect((await getRaw(`${gateway.url}${path}`, {})).status, path).to.equal(404);
    }
  });
});
