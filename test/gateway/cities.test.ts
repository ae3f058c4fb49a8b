/** Several gateways on one ledger, one for each organisation, as on a Fabric network: founding together, issuing apart, verifying everywhere. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CertificateFile, formatIdentifier, type Json, toInstant } from '@yinxin/core';
import { readAnchored, readTrustList } from '@yinxin/core/jose';
import { expect } from 'chai';
import { type Catalogue, readCatalogue } from '../../gateway/demo/catalogue.ts';
import { planRegisters } from '../../gateway/demo/certificates.ts';
import { planFabric, restrictCatalogue } from '../../gateway/demo/sites.ts';
import { inventValues } from '../../gateway/demo/values.ts';
import { joinNetwork } from '../../gateway/joining.ts';
import { openEmbeddedLedger } from '../../gateway/ledger/embedded/ledger.ts';
import { openEmbedded, openFabricBy } from '../../gateway/ledger/opening.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import { listenSite, type OpenSite } from '../../gateway/site.ts';
import { type Answer, apiOf, codeOf, member } from '../fixtures/api.ts';
import {
  certsFolder,
  chengduMarket,
  market,
  shared,
  smallCatalogue,
  startTestCities,
  startTestGateway,
  type TestGateway,
} from '../fixtures/gateway.ts';
import { expectRefusal, useFolder } from './support.ts';

const threeCities = new Set(['ShenzhenMSP', 'ChengduMSP', 'ChongqingMSP']);
const clock = () => toInstant(Math.floor(Date.now() / 1000));
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

async function threeCityCatalogue(): Promise<Catalogue> {
  return restrictCatalogue(await smallCatalogue([market, chengduMarket, '11990300DEMA00312H']), threeCities);
}

describe('gateway: three cities on one ledger', function () {
  this.timeout(60_000);
  const folder = useFolder();
  let ledger: Ledger;
  let catalogue: Catalogue;
  let cities: TestGateway | undefined;

  beforeEach(async () => {
    catalogue = await threeCityCatalogue();
    ledger = await openEmbeddedLedger({ folder: join(folder(), 'shared'), channel: 'certs', clock, random });
  });
  afterEach(async () => {
    await cities?.stop();
    cities = undefined;
    await ledger.close();
  });

  const home = () => join(folder(), 'home');
  async function start(withCertificates = false): Promise<TestGateway> {
    cities = await startTestCities(shared(ledger), { home: home(), catalogue, withCertificates });
    return cities;
  }

  /** Speaks to the gateway of the city at this place, as clients of the home folder. */
  const apiAt = ({ running }: TestGateway, at: number) => apiOf({ url: running.sites[at]?.url ?? '', home: home() });

  async function issueInChengdu(started: TestGateway, key = 'one'): Promise<CertificateFile> {
    const api = apiAt(started, 1);
    const type = catalogue.types.find((one) => one.type === 'business-licence');
    if (!type) throw new Error('no licence');
    const token = await api.token(chengduMarket);
    const rows = [{ values: inventValues(type, '510100', 7) }];
    const body = { issuer: chengduMarket, type: type.type, rows };
    const issued = await api.post('/v1/batches', body, { token, headers: { 'idempotency-key': key } });
    const batch = await api.get(`/v1/batches/${String(member(issued, 'id'))}`, { token });
    const [file] = member(batch, 'certificates') as unknown as readonly CertificateFile[];
    if (!file) throw new Error('nothing issued');
    return file;
  }

  const reasonOf = (answer: Answer) => member(answer, 'verdict', 'reason') ?? codeOf(answer);
  async function reasons(started: TestGateway, file: CertificateFile): Promise<readonly (Json | undefined)[]> {
    const { holderToken: _, ...shown } = file;
    const body = { file: shown, domain: '510100' };
    const everywhere = started.running.sites.map((_, at) => apiAt(started, at).post('/v1/verifications', body));
    return (await Promise.all(everywhere)).map(reasonOf);
  }

  it('are founded together: each makes and holds the keys of its own bodies and lists, and no other’s', async () => {
    const { running } = await start();
    const held = running.sites.map(({ gateway: { keys } }) => ({
      bodies: [...new Set(keys.sm2Keys().map(({ issuer }) => issuer))],
      lists: keys.listKeys().map(({ domain }) => domain),
    }));
    expect(held).to.deep.equal([
      { bodies: [market], lists: ['440300'] },
      { bodies: [chengduMarket], lists: ['510100'] },
      { bodies: ['11990300DEMA00312H'], lists: ['500000'] },
    ]);
    for (const { gateway } of running.sites) {
      const trust = gateway.services.readModel.trust();
      for (const { key } of running.sites.flatMap((site) => site.gateway.keys.sm2Keys())) {
        expect(trust.key(key)?.vouchedBy).to.equal('founding');
      }
    }
  });

  it('serve their own lists, pinned by their own keys', async () => {
    const started = await start();
    for (const [at, domain] of ['440300', '510100', '500000'].entries()) {
      const files = at === 0 ? home() : join(home(), 'cities', domain);
      const pin = JSON.parse(readFileSync(join(files, 'pin.json'), 'utf8')) as Parameters<typeof readTrustList>[1];
      const { text } = await apiAt(started, at).get('/v1/trust-list');
      expect((await readTrustList(text, pin)).claims.iss).to.equal(domain);
    }
  });

  it('issue apart and verify everywhere; a file carries another city’s word on its anchoring', async () => {
    const started = await start();
    const file = await issueInChengdu(started);
    const [shenzhen] = started.running.sites;
    if (!shenzhen) throw new Error('no site');
    const { readModel } = shenzhen.gateway.services;
    const anchored = await readAnchored(file.proof.anchored, readModel.trust());
    expect(anchored?.outcome === 'verified' && anchored.claims.iss).to.equal('440300');
    expect(await reasons(started, file)).to.deep.equal(['VALID', 'VALID', 'VALID']);
    const path = `/v1/anchorings/${file.body.issuer}/${file.body.type}/${file.body.entry}`;
    const words = await Promise.all([0, 1, 2].map((at) => apiAt(started, at).get(path)));
    expect(words.map((word) => codeOf(word) ?? word.headers.get('cache-control'))).to.deep.equal([
      'public, max-age=600',
      'NOT_FOUND',
      'public, max-age=600',
    ]);
    expect(words[0]?.text).to.equal(file.proof.anchored);
    const etag = words[0]?.headers.get('etag') ?? '';
    const again = await apiAt(started, 0).get(path, { headers: { 'if-none-match': etag } });
    expect(again.status).to.equal(304);
  });

  it('answer by number alike, whichever of them issued', async () => {
    const started = await start();
    const { body } = await issueInChengdu(started);
    const block = started.running.sites[1]?.gateway.services.readModel.height() ?? 0;
    for (const { gateway } of started.running.sites) await gateway.services.readModel.caughtUpTo(block - 1);
    const answers = await Promise.all(
      [0, 1, 2].map((at) => apiAt(started, at).get(`/v1/verifications/${body.id}?domain=510100`)),
    );
    const [elsewhere, own] = answers;
    expect(answers.map(reasonOf)).to.deep.equal(['VALID', 'VALID', 'VALID']);
    for (const name of ['certificate', 'fields', 'conclusion', 'checks']) {
      expect(elsewhere && member(elsewhere, name), name).to.deep.equal(own && member(own, name));
    }
    const bodies = await Promise.all([0, 1, 2].map((at) => apiAt(started, at).get(`/v1/bodies/${body.id}`)));
    expect(bodies.map((answer) => codeOf(answer) ?? answer.status)).to.deep.equal(['NOT_FOUND', 200, 'NOT_FOUND']);
    expect(bodies[1]?.headers.get('cache-control')).to.equal('no-store');
    const refused = ['1.2.3', `${body.id.slice(0, -1)}_`, `${body.id}?leaf=x`].map((name) =>
      apiAt(started, 1).get(`/v1/bodies/${name}`),
    );
    expect((await Promise.all(refused)).map(codeOf)).to.deep.equal([
      'MALFORMED_IDENTIFIER',
      'MALFORMED_IDENTIFIER',
      'INPUT_INVALID',
    ]);
  });

  it('give no word on what there is not, and refuse what is no entry', async () => {
    const started = await start();
    const at = (entry: string) => apiAt(started, 0).get(`/v1/anchorings/${chengduMarket}/business-licence/${entry}`);
    expect(codeOf(await at('1'))).to.equal('NOT_FOUND');
    for (const entry of ['0', '-1', '1.5', 'x', '01', '1234567890123']) {
      expect(codeOf(await at(entry)), entry).to.equal('INPUT_INVALID');
    }
  });

  it('see a revocation by one of them at once, and tell its status by number and leaf as well', async () => {
    const started = await start();
    const file = await issueInChengdu(started);
    const api = apiAt(started, 1);
    const change = { identifier: file.body.id, act: 'revoke', basis: 'licence-law-69', document: '示范〔2026〕1号' };
    const ask = { token: await api.token(chengduMarket), headers: { 'idempotency-key': 'revoke' } };
    await api.post('/v1/status-changes', { issuer: chengduMarket, changes: [change] }, ask);
    const block = started.running.sites[1]?.gateway.services.readModel.height() ?? 0;
    for (const { gateway } of started.running.sites) await gateway.services.readModel.caughtUpTo(block - 1);
    expect(await reasons(started, file)).to.deep.equal(['REVOKED', 'REVOKED', 'REVOKED']);
    const byNumber = await apiAt(started, 0).get(`/v1/verifications/${file.body.id}?domain=510100`);
    expect([
      reasonOf(byNumber),
      (member(byNumber, 'knowledge', 'changes') as Json[] | undefined)?.length,
    ]).to.deep.equal(['REVOKED', 1]);
  });

  it('write client files into the home folder, each for its own city’s gateway, which alone knows the client', async () => {
    const started = await start();
    const gatewayOf = (name: string) =>
      (JSON.parse(readFileSync(join(home(), `${name}.json`), 'utf8')) as { readonly gateway: string }).gateway;
    const urls = started.running.sites.map(({ url }) => url);
    expect(
      [`clients/${market}`, `clients/${chengduMarket}`, 'admins/500000', 'clients/auditor', 'command'].map(gatewayOf),
    ).to.deep.equal([urls[0], urls[1], urls[2], urls[0], urls[0]]);
    expect(await apiAt(started, 1).token(chengduMarket)).to.match(/^ey/);
    expect(await apiAt(started, 0).token(chengduMarket)).to.equal('undefined');
    expect(gatewayOf('cities/510100/command')).to.equal(urls[1]);
  });

  it('make the demonstration’s certificates, each at its own city, and nothing twice at the next start', async () => {
    const count = async (started: TestGateway) => {
      const found: unknown[] = [];
      for (const { issuer, type, fates } of planRegisters(catalogue)) {
        const at = ['440300', '510100', '500000'].indexOf(issuer.domain);
        const { services } = started.running.sites[at]?.gateway ?? started.running.gateway;
        for (const index of fates.keys()) {
          const parts = { typeCode: type.code, issuer: issuer.issuer, serial: index + 1, version: 1 };
          const { verdict } = await services.verifying.byNumber(
            formatIdentifier(parts),
            { scopes: ['verify'] },
            { purpose: 't' },
          );
          found.push(verdict.reason);
        }
      }
      return { found, height: started.running.gateway.services.readModel.height() };
    };
    const first = await count(await start(true));
    expect(new Set(first.found)).to.include.all.keys('VALID', 'REVOKED', 'SUPERSEDED', 'SUSPENDED');
    await cities?.stop();
    const second = await count(await start(true));
    expect(second).to.deep.equal(first);
    const { vault } = await wordless();
    expect(vault).to.equal(0);
  });

  /** How many batches of all cities have no word after some seconds: a partner that was not ready when it was first asked is asked again after five. */
  async function wordless(): Promise<{ readonly vault: number }> {
    const sites = cities?.running.sites ?? [];
    for (let tries = 0; ; tries += 1) {
      let missing = 0;
      for (const { domains, gateway } of sites) {
        for (const body of catalogue.issuers.filter(({ domain }) => domains.includes(domain))) {
          for (const type of body.types) {
            const operator = { clientId: 'test', issuer: body.issuer };
            const answer = await gateway.services.issuing.batch(operator, `${body.issuer}.${type}.1`, 0, 1);
            if (answer.certificates[0]?.proof.anchored === null) missing += 1;
          }
        }
      }
      if (missing === 0 || tries === 120) return { vault: missing };
      await delay(100);
    }
  }

  it('go on where a start was cut off, whatever it had done', async () => {
    let left = 0;
    /** Every start is cut off one submission later than the one before. */
    const cutting = async () => {
      let submissions = 0;
      const open = shared(ledger);
      return async (place: Parameters<typeof open>[0]): Promise<Ledger> => {
        const inner = await open(place);
        return {
          ...inner,
          submit(...asked) {
            submissions += 1;
            if (submissions > left) throw new Error('cut off');
            return inner.submit(...asked);
          },
        };
      };
    };
    for (let isDone = false; !isDone; left += left < 2 ? 1 : 5) {
      const options = { home: home(), catalogue, withCertificates: true };
      cities = await startTestCities(await cutting(), options).catch((error: unknown) => {
        if (error instanceof Error && /cut off/.test(error.message)) return undefined;
        throw error;
      });
      isDone = cities !== undefined;
    }
    expect(left).to.be.greaterThan(10);
    const { readModel } = cities?.running.gateway.services ?? {};
    const certificates = planRegisters(catalogue).map(({ issuer, type, fates }) => {
      const reissues = fates.filter((fate) => fate?.kind === 'reissued').length;
      return [readModel?.register(issuer.issuer, type.type)?.last, fates.length + reissues];
    });
    for (const [made, planned] of certificates) expect(made).to.equal(planned);
  });

  it('take in a city that came later: proposed, approved by a majority of the others, with keys of its own', async () => {
    const two = restrictCatalogue(catalogue, new Set(['ShenzhenMSP', 'ChengduMSP']));
    cities = await startTestCities(shared(ledger), { home: home(), catalogue: two });
    await cities.stop();
    const heights: number[] = [];
    for (const _ of [1, 2]) {
      const { running } = await start();
      const third = running.sites[2]?.gateway;
      const trust = third?.services.readModel.trust();
      expect(trust?.domain('500000')?.msp).to.equal('ChongqingMSP');
      expect(third?.keys.sm2Keys().map(({ key }) => trust?.key(key)?.vouchedBy)).to.deep.equal([
        'first',
        'first',
        'first',
      ]);
      expect(third?.keys.listKeys().map(({ kid }) => trust?.listKey(kid)?.domain)).to.deep.equal(['500000']);
      const proposals = running.gateway.services.governing.proposals().proposals;
      expect(proposals.map(({ state, approvals }) => [state, approvals.length])).to.deep.equal([['adopted', 2]]);
      heights.push(running.gateway.services.readModel.height());
      await running.stop();
    }
    cities = undefined;
    expect(heights[1]).to.equal(heights[0]);
  });

  it('refuse a network that was founded from another data folder', async () => {
    await (await start()).stop();
    cities = undefined;
    const error = await expectRefusal('NETWORK_STATE', () =>
      startTestCities(shared(ledger), { home: join(folder(), 'another'), catalogue }),
    );
    expect(error.details).to.deep.equal({ setting: 'YINXIN_HOME', reason: 'founded elsewhere' });
  });

  /** A gateway of one organisation in a folder of its own, that joins. */
  async function joinAs(domain: string, msp: string): Promise<{ readonly site: OpenSite; stop(): Promise<void> }> {
    const surroundings = {
      settings: { tls: undefined, passphraseFile: undefined },
      clock,
      random,
      terminal: { input: process.stdin, output: process.stderr },
      processFigures: () => ({ residentBytes: 0, uptimeSeconds: 0 }),
      logBug: () => undefined,
      cost: { N: 16, r: 1, p: 1 },
    };
    const plan = { domains: [domain], home: join(folder(), 'member'), port: 0, publicUrl: undefined };
    const listening = await listenSite({ ...plan, openLedger: shared(ledger) }, surroundings);
    try {
      const site = await listening.open({ channel: 'certs', partners: [], makePage: async () => new Map() });
      await joinNetwork({ site, domain, msp, clock, random });
      site.serve();
      return { site, stop: () => listening.stop() };
    } catch (error) {
      await listening.stop();
      throw error;
    }
  }

  it('are joined by a gateway that others run with them: a list key, client files, a pin, and nothing twice', async () => {
    await start();
    const heights: number[] = [];
    for (const _ of [1, 2]) {
      const { site, stop } = await joinAs('510100', 'ChengduMSP');
      const { services, keys } = site.gateway;
      expect(keys.listKeys().map(({ kid }) => services.readModel.trust().listKey(kid)?.domain)).to.deep.equal([
        '510100',
      ]);
      const api = apiOf({ url: site.url, home: join(folder(), 'member') });
      for (const name of [chengduMarket, 'admins/510100', 'auditor', 'verifier']) {
        expect(await api.token(name), name).to.match(/^ey/);
      }
      heights.push(services.readModel.height());
      await stop();
    }
    expect(heights[1]).to.equal(heights[0]);
  });

  it('are not joined before they are founded, by a domain that they do not have, or as another organisation', async () => {
    const reasonOf = async (code: 'NETWORK_STATE' | 'SETTING_INVALID', ...who: Parameters<typeof joinAs>) =>
      (await expectRefusal(code, () => joinAs(...who))).details['reason'];
    expect(await reasonOf('NETWORK_STATE', '510100', 'ChengduMSP')).to.equal('not founded');
    await start();
    expect(await reasonOf('NETWORK_STATE', '810000', 'HongKongMSP')).to.equal('not registered');
    expect(await reasonOf('SETTING_INVALID', '440300', 'ChengduMSP')).to.equal('of another');
  });

  it('let go of every port and lock when one of them cannot start', async () => {
    mkdirSync(join(home(), 'cities'), { recursive: true });
    writeFileSync(join(home(), 'cities', '510100'), 'not a folder');
    await expectRefusal('FILE_UNREADABLE', start);
    expect(existsSync(join(home(), 'lock'))).to.equal(false);
    expect(readdirSync(home())).to.deep.equal(['cities']);
  });
});

describe('gateway: the ledger that data belongs to', function () {
  this.timeout(30_000);
  const folder = useFolder();
  const genesis = 'ab'.repeat(32);

  function writeProfile(name: string, msp: string, changes: object = {}): string {
    const node = (name: string, msp: string) => ({
      name,
      msp,
      address: '127.0.0.1:1',
      tlsCa: 'ca.pem',
      serverName: null,
    });
    const profile = {
      format: 'yinxin-fabric/1',
      channel: 'certs',
      chaincode: 'yinxin',
      genesis,
      msp,
      peers: [node('peer.own', msp), node('peer.other', 'OtherMSP')],
      orderers: [],
      tls: { certificate: 'c.pem', key: 'k.pem' },
      identities: [{ msp, role: 'client', mspFolder: 'client' }],
      ...changes,
    };
    const path = join(folder(), 'network', 'profiles', `${name}.json`);
    mkdirSync(join(folder(), 'network', 'profiles'), { recursive: true });
    writeFileSync(path, JSON.stringify(profile));
    return path;
  }

  const place = () => ({ home: folder(), channel: 'certs', clock, random });
  const reasonOf = async (open: () => Promise<unknown>) =>
    (await expectRefusal('SETTING_INVALID', open)).details['reason'];

  it('is not mixed with another kind of ledger, or another network', async () => {
    const fabric = openFabricBy(writeProfile('shenzhen', 'ShenzhenMSP'), 'YINXIN_NETWORK');
    const embedded = await openEmbedded(place());
    await embedded.close();
    expect(await reasonOf(() => fabric(place()))).to.equal('data of embedded');
    const other = { ...place(), home: join(folder(), 'other') };
    mkdirSync(join(other.home, 'fabric'), { recursive: true });
    writeFileSync(join(other.home, 'fabric', 'genesis'), `${'cd'.repeat(32)}\n`);
    expect(await reasonOf(() => fabric(other))).to.equal('data of another network');
    expect(await reasonOf(() => openEmbedded(other))).to.equal('data of fabric');
  });

  it('is refused with a profile that cannot be read, or is none', async () => {
    const path = join(folder(), 'none.json');
    expect(await reasonOf(() => openFabricBy(path, 'X')(place()))).to.equal('unreadable');
    writeFileSync(path, '{}');
    expect(await reasonOf(() => openFabricBy(path, 'X')(place()))).to.equal('damaged');
    const settings = { ledger: { kind: 'member', profile: path, domain: '510100' } } as const;
    expect(await reasonOf(() => startTestGateway({ home: join(folder(), 'home'), ...settings }))).to.equal('damaged');
  });

  it('is planned from the network’s profiles: a site for each organisation that certs/ knows, home first', async () => {
    const catalogue = await readCatalogue(certsFolder);
    const settings = { home: '/data', port: 9_000, publicUrl: 'https://certs.example' };
    const network = join(folder(), 'network');
    const missing = await expectRefusal('NETWORK_STATE', () => planFabric(settings, network, catalogue));
    expect(missing.details).to.include({ setting: 'YINXIN_NETWORK', reason: 'no network' });
    for (const city of ['Chengdu', 'City7', 'Shenzhen', 'Sichuan']) writeProfile(city.toLowerCase(), `${city}MSP`);
    writeProfile('demonstration', 'ShenzhenMSP');
    const plan = await planFabric(settings, network, catalogue);
    expect(plan.sites.map(({ domains, home, port, publicUrl }) => [domains, home, port, publicUrl])).to.deep.equal([
      [['440300'], '/data', 9_000, 'https://certs.example'],
      [['510100'], '/data/cities/510100', 9_001, undefined],
      [['510600', '511400', '512000'], '/data/cities/510600', 9_002, undefined],
    ]);
    expect(plan.catalogue.agreements).to.deep.equal([]);
    writeProfile('chongqing', 'ChongqingMSP');
    const four = await planFabric({ ...settings, port: 0 }, network, catalogue);
    expect(four.catalogue.agreements.map(({ agreement }) => agreement)).to.deep.equal(['chengyu-demeizi']);
    expect(four.sites.map(({ port }) => port)).to.deep.equal([0, 0, 0, 0]);
    await expectRefusal('SETTING_INVALID', () => planFabric({ ...settings, port: 65_535 }, network, catalogue));
  });
});
