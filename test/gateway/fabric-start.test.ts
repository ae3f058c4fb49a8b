/** `npm start -- --ledger fabric`: the demonstration of three cities on a real Fabric network, from the first start to a gateway that joins on its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CertificateFile, Json } from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { expect } from 'chai';
import { readCatalogue } from '../../gateway/demo/catalogue.ts';
import { inventValues } from '../../gateway/demo/values.ts';
import { apiOf, codeOf, member } from '../fixtures/api.ts';
import { describeWithFabric, withNetwork } from '../fixtures/fabric.ts';
import { certsFolder, chengduMarket, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const chengdu = '510100';
const licence = 'business-licence';

describeWithFabric('gateway: the demonstration on a Fabric network', function () {
  this.timeout(180_000);
  const network = withNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-fabric-start-'));
  const home = join(folder, 'home');
  const children: ChildProcess[] = [];
  let running: TestGateway | undefined;

  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    await running?.stop();
    running = undefined;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function spawnMain() {
    const env = { PATH: process.env['PATH'] ?? '', PORT: '0', YINXIN_HOME: home, YINXIN_NETWORK: network().home };
    const child = spawn(process.execPath, [main, '--ledger', 'fabric'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Uint8Array) => {
        output.text += Buffer.from(chunk).toString();
      });
    }
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    return { child, output, ended };
  }

  async function until(isSo: () => boolean, what: () => string): Promise<void> {
    for (let tries = 0; tries < 3_000; tries += 1) {
      if (isSo()) return;
      await delay(50);
    }
    throw new Error(`never happened: ${what()}`);
  }

  async function start(): Promise<TestGateway> {
    const catalogue = await readCatalogue(certsFolder);
    const ledger = { kind: 'demonstration', network: network().home } as const;
    running = await startTestGateway({ home, catalogue, ledger, withCertificates: true });
    return running;
  }

  const apiAt = ({ running }: TestGateway, at: number) => apiOf({ url: running.sites[at]?.url ?? '', home });

  async function issueInChengdu(started: TestGateway, key: string): Promise<CertificateFile> {
    const { types } = await readCatalogue(certsFolder);
    const type = types.find((one) => one.type === licence);
    if (!type) throw new Error('no licence');
    const api = apiAt(started, 1);
    const token = await api.token(chengduMarket);
    const request = { issuer: chengduMarket, type: licence, rows: [{ values: inventValues(type, chengdu, 7) }] };
    const issued = await api.post('/v1/batches', request, { token, headers: { 'idempotency-key': key } });
    const batch = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token });
    const [file] = (member(batch, 'certificates') ?? []) as unknown as readonly CertificateFile[];
    if (!file) throw new Error(issued.text);
    return file;
  }

  /** The reasons of every city's gateway, once all have seen as much as the one that knows most. */
  async function reasons(started: TestGateway, shown: { readonly [name: string]: unknown }) {
    const models = started.running.sites.map(({ gateway }) => gateway.services.readModel);
    const height = Math.max(...models.map((model) => model.height()));
    await Promise.all(models.map((model) => model.caughtUpTo(height - 1)));
    const asked = models.map((_, at) => apiAt(started, at).post('/v1/verifications', { ...shown, domain: chengdu }));
    return (await Promise.all(asked)).map(
      (answer): Json | undefined => member(answer, 'verdict', 'reason') ?? codeOf(answer),
    );
  }

  it('goes on after kill -9 in the middle of the first start, says where each city’s page is, and ends at Ctrl-C with 0', async () => {
    const killed = spawnMain();
    await until(
      () => existsSync(join(home, 'network.json')) || killed.child.exitCode !== null,
      () => killed.output.text,
    );
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(killed.output.text).not.to.include('Yinxin is ready');

    const { child, output, ended } = spawnMain();
    await until(
      () => output.text.includes('Yinxin is ready') || child.exitCode !== null,
      () => output.text,
    );
    const urls = ['Shenzhen', 'Chengdu', 'Chongqing'].map(
      (city) => new RegExp(`${city} +(http://localhost:\\d+)`).exec(output.text)?.[1] ?? '',
    );
    expect(new Set(urls).size, output.text).to.equal(3);
    for (const url of urls) expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    expect(output.text).to.include('成都市').and.not.include('Warning');
    child.kill('SIGINT');
    expect(await ended).to.equal(0);
  });

  it('starts again as it was; what one city issues and revokes, every city tells alike', async () => {
    const started = await start();
    const file = await issueInChengdu(started, 'fabric-one');
    const trust = started.running.gateway.services.readModel.trust();
    const anchored = await readAnchored(file.proof.anchored, trust);
    expect(anchored?.outcome === 'verified' && anchored.claims.iss).to.be.oneOf(['440300', '500000']);
    const { holderToken: _, ...shown } = file;
    expect(await reasons(started, { file: shown })).to.deep.equal(['VALID', 'VALID', 'VALID']);

    const chengduApi = apiAt(started, 1);
    const token = await chengduApi.token(chengduMarket);
    const code = await chengduApi.get(`/v1/certificates/${file.body.id}/code?face=open`, { token });
    const digits = String(member(code, 'digits'));
    expect(await reasons(started, { code: digits })).to.deep.equal(['VALID', 'VALID', 'VALID']);

    const change = { identifier: file.body.id, act: 'revoke', basis: 'licence-law-69', document: '示范〔2026〕1号' };
    const ask = { token, headers: { 'idempotency-key': 'fabric-revoke' } };
    await chengduApi.post('/v1/status-changes', { issuer: chengduMarket, changes: [change] }, ask);
    expect(await reasons(started, { file: shown })).to.deep.equal(['REVOKED', 'REVOKED', 'REVOKED']);
    const height = started.running.gateway.services.readModel.height();
    await started.stop();

    const again = await start();
    expect(again.running.gateway.services.readModel.height()).to.equal(height);
    expect(await reasons(again, { file: shown })).to.deep.equal(['REVOKED', 'REVOKED', 'REVOKED']);
    expect(again.bugs).to.deep.equal([]);
  });

  it('is joined by one organisation’s own gateway, by its profile alone', async () => {
    const ledger = { kind: 'member', profile: network().profile('chongqing'), domain: '500000' } as const;
    running = await startTestGateway({ home: join(folder, 'member'), ledger });
    const api = apiOf({ url: running.url, home: join(folder, 'member') });
    expect(member(await api.get('/readyz'), 'ready')).to.equal(true);
    expect(await api.token('admins/500000', 'admin')).to.match(/^ey/);
    expect(running.running.gateway.services.readModel.trust().issuer(chengduMarket)?.domain).to.equal(chengdu);
  });

  it('waits for a network that is just coming up', async () => {
    await network().run('down');
    const starting = start();
    starting.catch(() => undefined);
    await delay(1_500);
    const { code, stderr } = await network().run('up');
    expect(code, stderr).to.equal(0);
    const started = await starting;
    expect(await issueInChengdu(started, 'fabric-after')).to.have.property('body');
  });
});
