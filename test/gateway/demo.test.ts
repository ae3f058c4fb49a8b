/** The demonstration network: what it holds, that it survives being killed, and `npm start` as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  addDays,
  type CertificateType,
  checkValues,
  deriveValidity,
  type ErrorCode,
  epochSeconds,
  formatIdentifier,
  type Json,
  parseCalendarDate,
  toInstant,
  type VerificationAnswer,
} from '@yinxin/core';
import { expect } from 'chai';
import { type Catalogue, readCatalogue } from '../../gateway/demo/catalogue.ts';
import { planRegisters } from '../../gateway/demo/certificates.ts';
import { inventPerson, inventUscc } from '../../gateway/demo/invented.ts';
import { fatesOf } from '../../gateway/demo/plan.ts';
import { inventValues, toExpired, toNotYetValid } from '../../gateway/demo/values.ts';
import { apiOf, member } from '../fixtures/api.ts';
import { exampleValues } from '../fixtures/certificates.ts';
import { certsFolder, chengduMarket, market, smallCatalogue, startTestGateway } from '../fixtures/gateway.ts';
import { useFolder } from './support.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const today = parseCalendarDate('2026-11-20');
const homeDomain = '440300';

describe('gateway/demo: invented values', () => {
  let catalogue: Catalogue;
  before(async () => {
    catalogue = await readCatalogue(certsFolder);
  });

  it('are valid for every type, city and number', () => {
    for (const type of catalogue.types) {
      for (const { domain } of catalogue.domains) {
        for (const number of [1, 2, 3, 60, 500]) {
          const values = checkValues(type, inventValues(type, domain, number));
          deriveValidity(type, values, today);
        }
      }
    }
  });

  it('differ from one number to the next', () => {
    for (const type of catalogue.types) {
      const seen = Array.from({ length: 12 }, (_, index) => JSON.stringify(inventValues(type, homeDomain, index + 1)));
      expect(new Set(seen).size, type.type).to.equal(seen.length);
    }
  });

  it('name the city of the body that issues', () => {
    const [licence] = catalogue.types.filter(({ type }) => type === 'business-licence');
    if (!licence) throw new Error('no licence');
    const text = JSON.stringify(inventValues(licence, '510100', 1));
    expect(text).to.include('成都').and.not.include('深圳');
  });

  it('move the last day into last year, or the first into next year', () => {
    const withFate = (kind: string) =>
      catalogue.types.filter(({ type }) => fatesOf(type).some((fate) => fate.kind === kind));
    const days = (type: CertificateType, move: typeof toExpired) =>
      deriveValidity(type, checkValues(type, move(type, inventValues(type, homeDomain, 1), today)), today);
    expect(withFate('expired').length).to.be.greaterThan(1);
    for (const type of withFate('expired'))
      expect(String(days(type, toExpired).validUntil).slice(0, 4)).to.equal('2025');
    for (const type of withFate('not-yet-valid'))
      expect(days(type, toNotYetValid).validFrom.slice(0, 4)).to.equal('2027');
  });

  it('are people and bodies that cannot be real', () => {
    for (let number = 0; number < 200; number += 1) {
      const { idNumber, birthDate } = inventPerson(number);
      expect(idNumber).to.match(/^990300190\d/);
      expect(birthDate < addDays(parseCalendarDate('1909-12-31'), 1)).to.equal(true);
      expect(inventUscc('91990300DEMB000141', number)).to.match(/^91990300DEMB1/);
    }
  });
});

describe('gateway/demo: the network', function () {
  this.timeout(60_000);
  const folder = useFolder();

  /** The reason of each planned certificate, asked of the gateway itself. */
  async function readReasons(home: string, catalogue: Catalogue): Promise<ReadonlyMap<string, number>> {
    const gateway = await startTestGateway({ home, catalogue, withCertificates: true });
    const counts = new Map<string, number>();
    const { verifying } = gateway.running.gateway.services;
    for (const { issuer, type, fates } of planRegisters(catalogue)) {
      for (const index of fates.keys()) {
        const identifier = formatIdentifier({
          typeCode: type.code,
          issuer: issuer.issuer,
          serial: index + 1,
          version: 1,
        });
        const access = { scopes: ['verify'] };
        const answer: VerificationAnswer = await verifying.byNumber(identifier, access, { purpose: 'test' });
        const { reason } = answer.verdict;
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    await gateway.stop();
    return counts;
  }

  it('holds valid, suspended, superseded, revoked, cancelled, withdrawn, forfeited and expired certificates, each once however often it starts', async () => {
    const catalogue = await smallCatalogue();
    const first = await readReasons(folder(), catalogue);
    const reasons: readonly ErrorCode[] = [
      'SUSPENDED',
      'SUPERSEDED',
      'REVOKED',
      'CANCELLED',
      'WITHDRAWN',
      'FORFEITED',
      'EXPIRED',
    ];
    expect([...first.keys()]).to.have.members(['VALID', ...reasons]);
    expect(await readReasons(folder(), catalogue)).to.deep.equal(first);
  });

  it('registers a 39th type and who may issue it at the next start, and nothing twice', async () => {
    const catalogue = await smallCatalogue([market]);
    const [like] = catalogue.types;
    if (!like) throw new Error('no type');
    const added: CertificateType = {
      ...like,
      type: 'thirty-ninth',
      code: '11990300DEMA00021E939',
      codeOrigin: 'demonstration',
    };
    const issuers = catalogue.issuers.map((issuer) => ({ ...issuer, types: [...issuer.types, added.type] }));
    await (await startTestGateway({ home: folder(), catalogue })).stop();
    const larger = { ...catalogue, issuers, types: [...catalogue.types, added] };
    const heights: number[] = [];
    for (const _ of [1, 2]) {
      const gateway = await startTestGateway({ home: folder(), catalogue: larger });
      const api = apiOf(gateway);
      const rows = [{ values: inventValues(added, homeDomain, 1) }];
      const ask = { token: await api.token(market), headers: { 'idempotency-key': 'first' } };
      const issued = await api.post('/v1/batches', { issuer: market, type: added.type, rows }, ask);
      expect(member(issued, 'first')).to.equal(1);
      heights.push(gateway.running.gateway.services.readModel.height());
      await gateway.stop();
    }
    expect(heights[1]).to.equal(heights[0]);
  });

  /** Approvals of each agreement, and how many blocks there are. */
  async function readAgreements(catalogue: Catalogue) {
    const gateway = await startTestGateway({ home: folder(), catalogue });
    const { readModel } = gateway.running.gateway.services;
    const agreements = readModel.trust().agreements.map(({ agreement, approvals, approved }) => {
      return { agreement, parties: approvals.map(({ domain }) => domain), isApproved: approved !== null };
    });
    const height = readModel.height();
    await gateway.stop();
    return { agreements, height };
  }

  it('has the agreements approved by every party, once, and goes on where a start was cut off between two', async () => {
    const catalogue = await smallCatalogue();
    const [chengyu] = catalogue.agreements;
    if (!chengyu) throw new Error('no agreement');
    const cut = await startTestGateway({ home: folder(), catalogue: { ...catalogue, agreements: [] } });
    const { governing } = cut.running.gateway.services;
    const { years: _, ...terms } = chengyu;
    const input = { ...terms, from: '2026-01-01T00:00:00Z', until: null, domain: '500000' };
    await governing.submit({ domain: '500000' }, 'proposeAgreement', input as unknown as Json); // plain members
    await governing.submit({ domain: '510600' }, 'approveAgreement', {
      agreement: chengyu.agreement,
      domain: '510600',
    });
    await cut.stop();
    const first = await readAgreements(catalogue);
    expect(first.agreements).to.deep.equal([
      {
        agreement: 'chengyu-demeizi',
        parties: ['500000', '510600', '510100', '511400', '512000'],
        isApproved: true,
      },
      { agreement: 'shenzhen-hongkong-macao', parties: ['440300', '810000', '820000'], isApproved: true },
    ]);
    expect(await readAgreements(catalogue)).to.deep.equal(first);
  });

  it('shows recognition: a licence of Chongqing counts in Chengdu for the matters agreed on, and not in Shenzhen', async () => {
    const body = '11990300DEMA00312H';
    const catalogue = await smallCatalogue([body]);
    const gateway = await startTestGateway({ home: folder(), catalogue, withCertificates: true });
    const code = catalogue.types.find(({ type }) => type === 'business-licence')?.code ?? '';
    const identifier = formatIdentifier({ typeCode: code, issuer: body, serial: 1, version: 1 });
    const reasons: Json[] = [];
    for (const query of [
      'domain=500000',
      'domain=510100&matter=company-setup',
      'domain=510100',
      'domain=510600&matter=vehicle-transfer',
      'domain=510600&matter=cross-border-business',
      'domain=440300&matter=company-setup',
      'domain=440305',
    ]) {
      const answer = await apiOf(gateway).get(`/v1/verifications/${identifier}?${query}`);
      reasons.push(member(answer, 'verdict', 'reason') ?? null);
    }
    await gateway.stop();
    expect(reasons).to.deep.equal([
      'VALID',
      'VALID',
      'MATTER_REQUIRED',
      'VALID',
      'MATTER_NOT_COVERED',
      'NOT_RECOGNISED',
      'NOT_RECOGNISED',
    ]);
  });

  it('registers a domain, a body and a matter that came later, as the contract asks for it, and nothing twice', async () => {
    const catalogue = await smallCatalogue([market]);
    const name = { zh: '珠海市', en: 'Zhuhai' };
    const domain = { domain: '440400', name, region: '4404', msp: 'ZhuhaiMSP' };
    const matter = { matter: 'later-matter', name };
    const body = {
      issuer: '11990300DEMA005156',
      domain: '440400',
      region: '440400',
      name,
      types: ['business-licence'],
    };
    const larger: Catalogue = {
      ...catalogue,
      domains: [...catalogue.domains, domain],
      matters: [...catalogue.matters, matter],
      issuers: [...catalogue.issuers, body],
    };
    const cut = await startTestGateway({ home: folder(), catalogue });
    const action = { action: 'registerMatter', input: matter };
    await cut.running.gateway.services.governing.submit({ domain: '510100' }, 'propose', action);
    await cut.stop();
    const heights: number[] = [];
    for (const _ of [1, 2]) {
      const gateway = await startTestGateway({ home: folder(), catalogue: larger });
      const { keys, services } = gateway.running.gateway;
      const trust = services.readModel.trust();
      expect(services.governing.proposals().proposals.map(({ state }) => state)).to.deep.equal(['adopted', 'adopted']);
      expect([trust.domain('440400')?.msp, trust.matter('later-matter')?.name.en]).to.deep.equal([
        'ZhuhaiMSP',
        'Zhuhai',
      ]);
      const own = keys.sm2Keys().filter(({ issuer }) => issuer === body.issuer);
      expect(own.map(({ key }) => trust.key(key)?.vouchedBy)).to.deep.equal(['first', 'first', 'first']);
      expect(trust.listKey(keys.listKeys().find((key) => key.domain === '440400')?.kid ?? '')).to.include({
        domain: '440400',
      });
      expect(trust.entitlement(body.issuer, 'business-licence')?.windows).to.have.length(1);
      expect(await apiOf(gateway).token('admins/440400', 'admin')).to.match(/^ey/);
      heights.push(services.readModel.height());
      await gateway.stop();
    }
    expect(heights[1]).to.equal(heights[0]);
  });

  it('leaves a body alone that was closed', async () => {
    const catalogue = await smallCatalogue([market]);
    const gateway = await startTestGateway({ home: folder(), catalogue });
    const { readModel, governing } = gateway.running.gateway.services;
    const at = toInstant(epochSeconds(readModel.time()) + 60);
    await governing.submit({ domain: homeDomain }, 'closeIssuer', { issuer: market, at, successor: null });
    await gateway.stop();
    const { types } = await readCatalogue(certsFolder);
    const issuers = catalogue.issuers.map((issuer) => ({ ...issuer, types: [...issuer.types, 'hygiene-licence'] }));
    const again = await startTestGateway({ home: folder(), catalogue: { ...catalogue, issuers, types } });
    expect(again.running.gateway.services.readModel.trust().entitlement(market, 'hygiene-licence')).to.equal(undefined);
    await again.stop();
  });

  it('takes a type that is one more file in the folder, and nothing else', async () => {
    const certs = join(folder(), 'certs');
    cpSync(certsFolder, certs, { recursive: true });
    const like = JSON.parse(readFileSync(join(certs, 'types', 'hygiene-licence.json'), 'utf8')) as CertificateType;
    const code = `${chengduMarket}939`;
    const added = {
      ...like,
      type: 'fishing-licence',
      code,
      codeOrigin: 'demonstration',
      name: { zh: '捕捞许可证', en: 'Fishing Licence' },
    };
    writeFileSync(join(certs, 'types', 'fishing-licence.json'), JSON.stringify(added));
    const gateway = await startTestGateway({ home: join(folder(), 'home'), catalogue: await readCatalogue(certs) });
    const api = apiOf(gateway);
    const rows = [{ values: exampleValues(like) }];
    const ask = { token: await api.token(chengduMarket), headers: { 'idempotency-key': 'one-file' } };
    const issued = await api.post('/v1/batches', { issuer: chengduMarket, type: added.type, rows }, ask);
    expect(member(issued, 'first')).to.equal(1);
    const identifier = formatIdentifier({ typeCode: code, issuer: chengduMarket, serial: 1, version: 1 });
    const answer = await gateway.running.gateway.services.verifying.byNumber(
      identifier,
      { scopes: ['verify'] },
      { purpose: 'test' },
    );
    expect(answer.certificate?.typeName.zh).to.equal('捕捞许可证');
    expect(answer.checks.find(({ check }) => check === 'issuer')?.outcome).to.equal('passed');
    await gateway.stop();
  });

  it('tells client files and the command when it listens elsewhere', async () => {
    const catalogue = await smallCatalogue([market]);
    const read = (name: string) =>
      JSON.parse(readFileSync(join(folder(), name), 'utf8')) as { readonly gateway: string };
    const first = await startTestGateway({ home: folder(), catalogue });
    const { privateKey } = read(`clients/${market}.json`) as unknown as { readonly privateKey: unknown };
    await first.stop();
    const second = await startTestGateway({ home: folder(), catalogue });
    expect(second.url).not.to.equal(first.url);
    expect([read(`clients/${market}.json`).gateway, read('command.json').gateway]).to.deep.equal([
      second.url,
      second.url,
    ]);
    expect(read(`clients/${market}.json`)).to.deep.include({ privateKey });
    expect(await apiOf(second).token(market)).to.match(/^ey/);
    await second.stop();
  });

  it('keeps every file of the data folder to its owner', async () => {
    const gateway = await startTestGateway({ home: folder(), catalogue: await smallCatalogue([market]) });
    expect(statSync(folder()).mode & 0o077).to.equal(0);
    for (const name of [
      'passphrase',
      'pin.json',
      'network.json',
      'command.json',
      `clients/${market}.json`,
      'admins/810000.json',
    ]) {
      expect(statSync(join(folder(), name)).mode & 0o077, name).to.equal(0);
    }
    await gateway.stop();
  });
});

describe('gateway: npm start as a process', function () {
  this.timeout(60_000);
  const folder = useFolder();
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  });

  function start(environment: { readonly [name: string]: string } = {}) {
    const env = { PATH: process.env['PATH'] ?? '', PORT: '0', YINXIN_HOME: folder(), ...environment };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Uint8Array) => {
      output.out += Buffer.from(chunk).toString();
    });
    child.stderr.on('data', (chunk: Uint8Array) => {
      output.err += Buffer.from(chunk).toString();
    });
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    return { child, output, ended };
  }

  async function until(isSo: () => boolean, what: () => string): Promise<void> {
    for (let tries = 0; tries < 600; tries += 1) {
      if (isSo()) return;
      await delay(50);
    }
    throw new Error(`never happened: ${what()}`);
  }

  it('goes on after kill -9 in the middle of the first start, serves, and ends at Ctrl-C with 0', async () => {
    const killed = start();
    const isUnderWay = () => existsSync(join(folder(), 'network.json'));
    await until(isUnderWay, () => killed.output.err);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(killed.output.out).not.to.include('Yinxin is ready');

    const { child, output, ended } = start();
    await until(
      () => output.out.includes('Yinxin is ready'),
      () => output.err,
    );
    const url = /http:\/\/localhost:\d+/.exec(output.out)?.[0] ?? '';
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).to.equal(200);
    const { types } = (await (await fetch(`${url}/v1/types`)).json()) as { readonly types: readonly unknown[] };
    expect(types.length).to.equal(readdirSync(join(certsFolder, 'types')).length);
    const example = /npx yinxin verify (\S+)/.exec(output.out)?.[1] ?? '';
    const answer = (await (await fetch(`${url}/v1/verifications/${example}`)).json()) as VerificationAnswer;
    expect(answer.verdict.verdict).to.equal('valid');
    for (const command of ['types', 'issue certs/samples/business-licence.csv', 'verify']) {
      expect(output.out).to.include(`npx yinxin ${command}`);
    }

    const other = start();
    expect(await other.ended).to.equal(1);
    expect(other.output.err).to.include(`process ${child.pid}`).and.include('DATA_IN_USE');

    child.kill('SIGINT');
    expect(await ended).to.equal(0);
    expect(existsSync(join(folder(), 'lock'))).to.equal(false);
  });

  it('says which data folder cannot be made and ends with 1, even where the system never lets one be made', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const home of ['/proc/nope', '/proc/nope/deeper', '/sys/nope', relative(process.cwd(), main)]) {
      const { output, ended } = start({ YINXIN_HOME: home });
      expect(await ended, output.err).to.equal(1);
      expect(output.err).to.include(`(${home}: `).and.include('FILE_UNREADABLE').and.not.include('    at ');
    }
  });

  it('says what is wrong with a setting and ends with 2, without touching anything', async () => {
    const { output, ended } = start({ PORT: 'http' });
    expect(await ended).to.equal(2);
    expect(output.err).to.include('PORT 不是').and.include('SETTING_INVALID').and.not.include('    at ');
    expect(readdirSync(folder())).to.deep.equal([]);
  });
});
