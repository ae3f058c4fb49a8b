/** Trust list and status lists kept for days without network: refreshed, refused when bad or older, and how old they may be. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { formatCertificateFile, formatListSubject, packStatuses, parseInstant, toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { channel, founded, issueOne, issuer, loadType, makeTrustClaims, now } from '../fixtures/certificates.ts';
import { market, police, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { deadGateway, type LiveCommand, makeFolder, type Ran, runCommand, runLive } from './support.ts';

const samples = fileURLToPath(new URL('../../certs/samples/', import.meta.url));

/** Passes everything on to a gateway, but for the paths whose answers are given here. */
async function startRelay(answers: Map<string, string>, gateway?: string): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const answer = answers.get(path);
    if (answer !== undefined) return void response.end(answer);
    if (gateway === undefined) return void response.writeHead(404).end();
    const authorization = request.headers.authorization;
    fetch(gateway + path, { headers: authorization === undefined ? {} : { authorization } })
      .then(async (passed) => response.writeHead(passed.status).end(await passed.text()))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

describe('status lists kept for days without network', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  const answers = new Map<string, string>();
  let gateway: TestGateway;
  let yinxin: LiveCommand;
  let relay: { url: string; server: Server };
  let files: readonly string[] = [];

  const path = `/v1/status-lists/${market}/business-licence`;
  const kept = () => join(gateway.home, 'status-lists', market, 'business-licence.jwt');
  const file = (at: number) => files[at] ?? '';
  const judge = async (args: readonly string[]) => {
    const env = { YINXIN_HOME: gateway.home, YINXIN_GATEWAY: deadGateway };
    const ran = await runCommand(['verify', ...args, '--json'], {
      cwd: folder.path,
      env,
      now: toInstant(Math.floor(Date.now() / 1000)),
    });
    const answer = JSON.parse(ran.out) as { verdict: { reason: string }; sources: { here: readonly string[] } };
    return { ...ran, reason: answer.verdict.reason, here: answer.sources.here };
  };
  const update = (url: string, ...args: readonly string[]): Promise<Ran> =>
    runLive({ url, home: gateway.home }, folder.path)('lists', ...args);

  before(async () => {
    gateway = await startTestGateway();
    relay = await startRelay(answers, gateway.url);
    yinxin = runLive(gateway, folder.path);
    const { exit, err } = await yinxin('issue', `${samples}business-licence.csv`, '-o', 'licences', '--as', market);
    expect(exit, err).to.equal(0);
    files = readdirSync(join(folder.path, 'licences'))
      .filter((name) => name.endsWith('.yinxin.json'))
      .sort()
      .map((name) => join('licences', name));
  });
  after(async () => {
    relay.server.close();
    await gateway.stop();
    folder.remove();
  });

  it('without a list the status is not known', async () => {
    expect((await yinxin('trust')).exit).to.equal(0);
    expect((await judge([file(0), '--offline'])).reason).to.equal('STATUS_UNKNOWN');
  });

  it('updates those of public types and, with a client file, the others; says how old each is', async () => {
    const { exit, out, err } = await update(gateway.url);
    expect(exit, out + err).to.equal(0);
    expect(out).to.match(/营业执照 +深圳市市场监督管理局 +3 .*秒前 +已更新/);
    expect(out)
      .to.match(/机动车驾驶证 +深圳市公安局 .*已更新/)
      .and.to.include('信任清单截至');
    const one = await update(gateway.url, 'business-licence', '--json');
    const { lists } = JSON.parse(one.out) as { lists: readonly { type: string; state: string }[] };
    expect(new Set(lists.map(({ type, state }) => `${type} ${state}`))).to.deep.equal(
      new Set(['business-licence updated']),
    );
  });

  it('without a client file those of other types are left out, and that is said', async () => {
    const home = join(folder.path, 'bare');
    mkdirSync(home);
    for (const name of ['pin.json', 'command.json'])
      writeFileSync(join(home, name), readFileSync(join(gateway.home, name)));
    const { exit, out } = await runLive({ url: gateway.url, home }, folder.path)('lists');
    expect(exit).to.equal(0);
    expect(out)
      .to.match(/机动车驾驶证 +深圳市公安局 +须有客户端文件/)
      .and.to.match(/营业执照 .*已更新/);
    expect(readdirSync(join(home, 'status-lists'))).to.not.include(police);
  });

  it('offline, or with a gateway that does not answer, they judge: valid, and checked here', async () => {
    for (const args of [[file(0), '--offline'], [file(0)]]) {
      const { exit, reason, here } = await judge(args);
      expect([exit, reason, here.includes('status')]).to.deep.equal([0, 'VALID', true]);
    }
    const then = await judge([file(0), '--offline', '--at', new Date().toISOString().replace(/\.\d+Z$/, 'Z')]);
    expect([then.exit, then.reason]).to.deep.equal([3, 'STATUS_PRESENT_ONLY']);
  });

  it('a certificate newer than the list is doubt; after an update a revoked one has ended, without saying how', async () => {
    const old = readFileSync(kept(), 'utf8');
    const decision = ['--basis', 'licence-law-69', '--document', '示范〔2026〕1号'];
    expect((await yinxin('revoke', file(0), ...decision)).exit).to.equal(0);
    const { exit } = await yinxin('issue', `${samples}business-licence.csv`, '-o', 'more', '--as', market, '--yes');
    expect(exit).to.equal(0);
    const [newer = ''] = readdirSync(join(folder.path, 'more')).filter((name) => name.endsWith('.yinxin.json'));
    expect((await judge([join('more', newer), '--offline'])).reason).to.equal('ENTRY_BEYOND_LIST');
    expect((await judge([file(0), '--offline'])).exit, 'still by the old list').to.equal(0);

    expect((await update(gateway.url)).exit).to.equal(0);
    const ended = await judge([file(0), '--offline']);
    expect([ended.exit, ended.reason]).to.deep.equal([1, 'ENDED']);
    expect((await judge([file(1), '--offline'])).exit).to.equal(0);
    answers.set(path, old);
  });

  it('one that is older than the one at hand is refused, and the good one stays', async () => {
    const good = readFileSync(kept(), 'utf8');
    const { exit, out } = await update(relay.url, 'business-licence');
    expect([exit, out.includes('[STATUS_LIST_ROLLBACK]'), out.includes('不收，沿用原来的')]).to.deep.equal([
      1,
      true,
      true,
    ]);
    expect(readFileSync(kept(), 'utf8')).to.equal(good);
  });

  it('so is one that is cut off, of another register, or no list at all', async () => {
    const good = readFileSync(kept(), 'utf8');
    const other = readFileSync(join(gateway.home, 'status-lists', market, 'food-business-licence.jwt'), 'utf8');
    for (const bad of [good.slice(0, -9), other, '{}', '']) {
      answers.set(path, bad);
      const { exit, out } = await update(relay.url, 'business-licence');
      expect([exit, out.includes('[STATUS_LIST_INVALID]')], bad.slice(0, 20)).to.deep.equal([1, true]);
      expect(readFileSync(kept(), 'utf8')).to.equal(good);
    }
    answers.delete(path);
  });

  it('one on disk that was tampered with is not used, which is said; an update mends it', async () => {
    const good = readFileSync(kept(), 'utf8');
    writeFileSync(kept(), `${good.slice(0, -20)}AAAA\n`);
    const { exit, reason, err } = await judge([file(1), '--offline']);
    expect([exit, reason, err.includes('没有用上')]).to.deep.equal([3, 'STATUS_UNKNOWN', true]);
    const shown = await update(deadGateway, 'business-licence', '--offline');
    expect([shown.exit, shown.out.includes('[STATUS_LIST_INVALID]')]).to.deep.equal([1, true]);
    expect((await update(gateway.url, 'business-licence')).exit).to.equal(0);
    expect((await judge([file(1), '--offline'])).exit).to.equal(0);
  });

  it('when the gateway does not answer, what is at hand is kept and its age told, exit 3; --offline only looks', async () => {
    const gone = await update(deadGateway);
    expect([gone.exit, gone.err.includes('连不上网关')]).to.deep.equal([3, true]);
    expect(gone.out).to.match(/营业执照 +深圳市市场监督管理局 +6 .*前 +沿用/);
    const looked = await update(deadGateway, '--offline');
    expect([looked.exit, looked.err]).to.deep.equal([0, '']);
    const unknown = await update(gateway.url, '通行证');
    expect([unknown.exit, unknown.err.includes('[TYPE_UNKNOWN')]).to.deep.equal([1, true]);
  });
});

/** A list key of the pinned domain, and what it signs. */
async function makeSigner() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const { x = '', y = '' } = jwk;
  const kid = await calculateJwkThumbprint(jwk);
  const own = { kty: 'EC', crv: 'P-256', x, y } as const;
  const { iss } = makeTrustClaims([]);
  const row = {
    kind: 'listKey',
    domain: iss,
    kid,
    jwk: own,
    from: founded,
    until: null,
    compromisedFrom: null,
  } as const;
  const sign = (typ: string, claims: object) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', typ, kid }).sign(privateKey);
  return { row, pin: { channel, domain: iss, keys: [own] }, sign };
}

const day = 86_400;
const nowSeconds = Date.parse(now) / 1000;

describe('how old a status list may be', () => {
  const folder = makeFolder();
  const home = join(folder.path, '.yinxin');
  after(() => folder.remove());

  it('is what the type says; past that the status is not known, and it is said since when', async () => {
    const [licence, acceptance] = [loadType('business-licence'), loadType('fire-acceptance')];
    expect([licence.statusMaxAgeSeconds, acceptance.statusMaxAgeSeconds]).to.deep.equal([day, 7 * day]);
    const { row, pin, sign } = await makeSigner();
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'pin.json'), JSON.stringify(pin));
    const claims = makeTrustClaims([licence, acceptance], { listKeys: [row], exp: nowSeconds + 40 * day });
    writeFileSync(join(home, 'trust-list.jwt'), await sign('yinxin-trust+jwt', claims));
    for (const type of [licence, acceptance]) {
      writeFileSync(join(folder.path, `${type.type}.yinxin.json`), formatCertificateFile(issueOne(type).file));
      const lst = deflateSync(packStatuses(8, [])).toString('base64url');
      const list = {
        iss: pin.domain,
        sub: formatListSubject(channel, issuer, type.type),
        height: 10,
        entries: 8,
        iat: nowSeconds,
        exp: nowSeconds + 40 * day,
        ttl: 600,
        status_list: { bits: 2, lst },
      };
      mkdirSync(join(home, 'status-lists', issuer), { recursive: true });
      const path = join(home, 'status-lists', issuer, `${type.type}.jwt`);
      writeFileSync(path, await sign('statuslist+jwt', list));
    }
    const verify = (type: string, days: number, ...more: readonly string[]) =>
      runCommand(['verify', `${type}.yinxin.json`, '--offline', ...more], {
        cwd: folder.path,
        env: { YINXIN_HOME: home },
        now: toInstant(nowSeconds + days * day),
      });
    const statusOf = async (type: string, days: number) => {
      const { out } = await verify(type, days, '--json');
      const { checks } = JSON.parse(out) as { checks: readonly { check: string; outcome: string; code?: string }[] };
      return checks.find(({ check }) => check === 'status');
    };
    for (const [type, days] of [
      [licence, 1],
      [acceptance, 7],
    ] as const) {
      expect((await statusOf(type.type, days))?.outcome, type.type).to.equal('passed');
      const late = await statusOf(type.type, days + 1);
      expect(late).to.deep.include({ outcome: 'inconclusive', code: 'STATUS_STALE', details: { asOf: now } });
      const { out } = await verify(type.type, days + 1);
      expect(out).to.match(new RegExp(`状态信息截至 +[-0-9: ]+（${days + 1} 天前）`));
    }
  });
});

describe('the trust list over the years', () => {
  const folder = makeFolder();
  const home = join(folder.path, '.yinxin');
  const answers = new Map<string, string>();
  let relay: { url: string; server: Server };
  const saved = () => readFileSync(join(home, 'trust-list.jwt'), 'utf8').trim().split('\n');
  const trust = (...args: readonly string[]) =>
    runCommand(['trust', ...args], { cwd: folder.path, env: { YINXIN_HOME: home, YINXIN_GATEWAY: relay.url }, now });

  before(async () => {
    mkdirSync(home, { recursive: true });
    relay = await startRelay(answers);
  });
  after(() => {
    relay.server.close();
    folder.remove();
  });

  it('goes on when the city changes its list key, as long as an earlier list names the new one', async () => {
    const [first, second, third, stranger] = await Promise.all([
      makeSigner(),
      makeSigner(),
      makeSigner(),
      makeSigner(),
    ]);
    writeFileSync(join(home, 'pin.json'), JSON.stringify(first.pin));
    const list = (by: typeof first, height: number, ...named: readonly (typeof first)[]) =>
      by.sign('yinxin-trust+jwt', makeTrustClaims([], { height, listKeys: named.map(({ row }) => row) }));
    const serve = async (list: Promise<string>) => answers.set('/v1/trust-list', await list);

    await serve(list(first, 10, first, second));
    expect((await trust()).exit).to.equal(0);
    expect(saved()).to.have.length(1);

    for (const height of [11, 12]) {
      await serve(list(second, height, second, third));
      expect((await trust()).exit).to.equal(0);
      expect(saved(), 'no more than is needed to believe it').to.have.length(2);
    }
    await serve(list(third, 13, third));
    expect((await trust()).exit).to.equal(0);
    expect(saved()).to.have.length(3);

    const before = saved();
    await serve(list(stranger, 14, stranger));
    const strange = await trust();
    expect([strange.exit, strange.err.includes('[TRUST_INVALID')]).to.deep.equal([1, true]);
    await serve(list(third, 12, third));
    const older = await trust();
    expect([older.exit, older.err.includes('[TRUST_ROLLBACK')]).to.deep.equal([1, true]);
    expect(saved()).to.deep.equal(before);

    const elsewhere = await trust('-o', 'carried.jwt');
    expect(elsewhere.exit, 'the gateway still serves the older one').to.equal(1);
    const bases = await runCommand(['bases', '--trust', join(home, 'trust-list.jwt'), '--json'], {
      cwd: folder.path,
      env: { YINXIN_HOME: home },
      now: parseInstant('2026-11-20T09:00:00Z'),
    });
    expect([bases.exit, bases.out.trim()], 'the saved file is believed as a whole').to.deep.equal([0, '[]']);
  });

  it('begins anew with a new pin, once a change of list keys was missed', async () => {
    const [first, second] = await Promise.all([makeSigner(), makeSigner()]);
    const list = (by: typeof first, height: number) =>
      by.sign('yinxin-trust+jwt', makeTrustClaims([], { height, listKeys: [by.row] }));
    rmSync(join(home, 'trust-list.jwt'));
    writeFileSync(join(home, 'pin.json'), JSON.stringify(first.pin));
    answers.set('/v1/trust-list', await list(first, 10));
    expect((await trust()).exit).to.equal(0);
    answers.set('/v1/trust-list', await list(second, 20));
    const missed = await trust();
    expect([missed.exit, missed.err.includes('[TRUST_INVALID')]).to.deep.equal([1, true]);
    expect(missed.err).to.include('信任根（pin）');
    writeFileSync(join(home, 'pin.json'), JSON.stringify(second.pin));
    expect((await trust()).exit).to.equal(0);
    expect(saved()).to.deep.equal([answers.get('/v1/trust-list')]);
  });
});
