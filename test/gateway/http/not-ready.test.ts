import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { createApp } from '../../../gateway/http/app.ts';
import type { Services } from '../../../gateway/http/services.ts';
import { type Listening, listen } from '../../../gateway/listen.ts';
import { type Api, apiOf, codeOf, member } from '../../fixtures/api.ts';

describe('gateway/http: an app without a gateway behind it', () => {
  let listening: Listening;
  let api: Api;
  let services: () => Services | undefined = () => undefined;
  const bugs: string[] = [];
  before(async () => {
    const { handler } = createApp({
      services: () => services(),
      page: () => undefined,
      isTls: false,
      processFigures: () => ({ residentBytes: 1, uptimeSeconds: 2.5 }),
      logBug: (text) => bugs.push(text),
    });
    listening = await listen({ port: 0, tls: undefined }, handler);
    api = apiOf({ url: `http://localhost:${listening.port}`, home: '' });
  });
  after(() => listening.close());

  it('is alive, not ready, and says when to come back', async () => {
    expect((await api.get('/healthz')).status).to.equal(200);
    for (const path of ['/readyz', '/v1/types', '/v1/trust-list', '/v1/verifications/x']) {
      const answer = await api.get(path);
      expect([answer.status, codeOf(answer)], path).to.deep.equal([503, 'NOT_READY']);
      expect(Number(answer.headers.get('retry-after'))).to.be.greaterThan(0);
    }
    expect((await api.get('/')).status).to.equal(404);
  });

  it('gives figures without a height, and its description', async () => {
    const { text } = await api.get('/metrics');
    expect(text).to.include('process_uptime_seconds 2\n').and.not.include('yinxin_ledger_height');
    expect(member(await api.get('/openapi.json'), 'openapi')).to.equal('3.1.0');
  });

  it('tells nothing of a bug but that there is one, and logs where, without what', async () => {
    services = () => {
      throw new Error('张示例 990300190305150110');
    };
    const answer = await api.get('/v1/types', { headers: { 'accept-language': 'en' } });
    expect([answer.status, codeOf(answer), member(answer, 'details')]).to.deep.equal([500, 'INTERNAL', {}]);
    expect(answer.text).not.to.include('990300190305150110').and.not.include('not-ready.test');
    expect(bugs.join()).to.include('not-ready.test').and.not.include('990300190305150110');
  });

  it('is no longer ready once the ledger is not followed, and says why', async () => {
    let fault: unknown;
    const readModel = {
      fault: () => fault,
      height: () => 3,
      confirmedHeight: () => 2,
      voids: () => ({ count: 1, newest: [] }),
      asOf: () => '2026-11-20T09:00:00Z',
    };
    services = () => ({ readModel }) as unknown as Services; // all that readiness looks at
    const ready = await api.get('/readyz');
    expect(ready.status).to.equal(200);
    expect(ready.json, 'void transactions are told, and no reason not to serve').to.deep.equal({
      ready: true,
      height: 3,
      confirmed: 2,
      asOf: '2026-11-20T09:00:00Z',
      voidCount: 1,
    });
    const { text } = await api.get('/metrics');
    expect(text)
      .to.match(/^yinxin_ledger_confirmed_height 2$/m)
      .and.match(/^yinxin_ledger_void_transactions 1$/m);
    for (const [code, status] of [
      ['LEDGER_DAMAGED', 500],
      ['LEDGER_DIVERGED', 500],
      ['LEDGER_UNREACHABLE', 503],
    ] as const) {
      fault = new YinxinError(code);
      const answer = await api.get('/readyz');
      expect([answer.status, codeOf(answer)]).to.deep.equal([status, code]);
    }
  });

  it('closes at once when a client keeps its connection', async () => {
    const { handler } = createApp({
      services: () => undefined,
      page: () => undefined,
      isTls: false,
      processFigures: () => ({ residentBytes: 1, uptimeSeconds: 1 }),
      logBug: () => undefined,
    });
    const other = await listen({ port: 0, tls: undefined }, handler);
    await (await fetch(`http://localhost:${other.port}/healthz`)).text();
    const began = Date.now();
    await other.close();
    expect(Date.now() - began).to.be.lessThan(1_500);
  });
});
