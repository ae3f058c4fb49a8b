/** A domain's list keys over time, through a whole gateway: the overlap, who missed it, a key in other hands, and the pin of whoever begins. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CertificateFile,
  epochSeconds,
  type Instant,
  type Json,
  sentence,
  type Trust,
  type TrustClaims,
  type TrustPin,
  toInstant,
  verify,
} from '@yinxin/core';
import { parseTrustPin, readAnchored, readStatusList, readTrustList, trustListTyp } from '@yinxin/core/jose';
import { expect } from 'chai';
import { inventValues } from '../../../gateway/demo/values.ts';
import { apiOf } from '../../fixtures/api.ts';
import { loadType } from '../../fixtures/certificates.ts';
import { market, smallCatalogue, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal } from '../support.ts';

const [home, witness] = ['440300', '500000'] as const;
const licence = loadType('business-licence');
const day = 86_400;

const kidOf = (jws: string) =>
  String((JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid);

describe('gateway: list keys that change', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'yinxin-rotation-'));
  const [data, pages] = [join(folder, 'data'), join(folder, 'page')];
  let seconds = Math.floor(Date.now() / 1000);
  const now = (): Instant => toInstant(seconds);
  let gateway: TestGateway;

  async function start(): Promise<void> {
    const catalogue = await smallCatalogue([market]);
    gateway = await startTestGateway({ home: data, catalogue, pageFolder: pages, clock: now });
  }
  before(async () => {
    mkdirSync(pages);
    writeFileSync(join(pages, 'index.html'), '<script id="yinxin-pin" type="application/json">null</script>');
    await start();
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => expect(gateway.bugs).to.deep.equal([]));

  const services = () => gateway.running.gateway.services;
  const govern = (transaction: 'retireListKey' | 'reportListKeyCompromise', input: Json, domain: string = home) =>
    services().governing.submit({ domain }, transaction, input);
  /** In a later second than the one before. */
  async function makeKey(domain: string = home): Promise<string> {
    seconds += 1;
    const { kid } = await services().governing.makeListKey({ domain });
    await heard();
    return kid;
  }
  const list = async () => (await apiOf(gateway).get('/v1/trust-list')).text;
  const statusList = async () => (await apiOf(gateway).get(`/v1/status-lists/${market}/${licence.type}`)).text;
  const pinFile = () => parseTrustPin(readFileSync(join(data, 'pin.json'), 'utf8'));
  async function pagePin(): Promise<TrustPin> {
    const text = await (await fetch(`${gateway.url}/`)).text();
    return parseTrustPin(/json">(.*)<\/script>/.exec(text)?.[1] ?? '');
  }
  function jwkOf(kid: string): TrustPin['keys'][number] {
    const jwk = gateway.running.gateway.keys.listKeys().find((key) => key.kid === kid)?.jwk;
    if (!jwk) throw new Error('no such key');
    return jwk;
  }
  async function expectPin(...kids: readonly string[]): Promise<void> {
    for (const pin of [pinFile(), await pagePin()]) {
      expect([pin.channel, pin.domain]).to.deep.equal(['certs', home]);
      expect(pin.keys).to.have.deep.members(kids.map(jwkOf));
    }
  }

  /** Lists bear the time at which the ledger was last heard. */
  async function heard(): Promise<void> {
    for (let left = 500; services().readModel.asOf() < now(); left -= 1) {
      if (left === 0) throw new Error('the ledger was not heard');
      await delay(10);
    }
  }

  let passes = 0;
  async function pass(time: number): Promise<void> {
    seconds += time;
    passes += 1;
    const matter = { matter: `pass-${passes}`, name: { zh: '示范事项', en: 'Demo matter' } };
    await services().governing.submit({ domain: home }, 'propose', { action: 'registerMatter', input: matter });
    await heard();
  }

  /** Keeps the newest list, as the page and the command do. */
  function makeVerifier(pin: TrustPin) {
    let previous: TrustClaims | undefined;
    return {
      async take(jws: string): Promise<Trust> {
        const read = await readTrustList(jws, pin, previous);
        previous = read.claims;
        return read.trust;
      },
      get seen() {
        return previous;
      },
    };
  }

  async function issue(name: string): Promise<CertificateFile> {
    const operator = { clientId: `operator-${market}`, issuer: market };
    const rows = [{ values: inventValues(licence, home, 1) }];
    const { issuing } = services();
    const { id } = await issuing.issue(operator, { issuer: market, type: licence.type, rows }, name);
    const [file] = (await issuing.batch(operator, id, 0, 1)).certificates;
    if (!file) throw new Error('nothing was issued');
    return file;
  }

  it('are followed by whoever meets one list of the overlap; who missed it needs a new pin', async () => {
    const pin = pinFile();
    const [met, missed] = [makeVerifier(pin), makeVerifier(pin)];
    const first = kidOf(await list());
    await expectPin(first);
    for (const verifier of [met, missed]) await verifier.take(await list());

    const second = await makeKey();
    await expectPin(first, second);
    await govern('retireListKey', { kid: first, until: toInstant(seconds + 30 * day) });
    await pass(29 * day);
    const during = await list();
    expect(kidOf(during), 'the old one goes on signing').to.equal(first);
    await met.take(during);
    expect(met.seen?.listKeys.map(({ kid }) => kid)).to.include.members([first, second]);

    await pass(2 * day);
    const later = await list();
    expect(kidOf(later)).to.equal(second);
    await met.take(later);
    const refusal = await expectRefusal('TRUST_INVALID', () => missed.take(later));
    expect(refusal.details).to.deep.equal({ why: 'key' });
    expect([sentence('TRUST_INVALID', 'zh').next, sentence('TRUST_INVALID', 'en').next].join()).to.match(
      /信任根.*a new pin/,
    );
    await expectPin(second);
    await makeVerifier(await pagePin()).take(later);
    const beginner = makeVerifier(pinFile());
    const trust = await beginner.take(later);
    await issue('after-the-change');
    const status = await statusList();
    expect(kidOf(status)).to.equal(second);
    await readStatusList(status, trust, { issuer: market, type: licence.type, domain: home });
  });

  it('stay as they are over a new start: nothing is registered, the pin is the same, the oldest signs', async () => {
    const third = await makeKey();
    const before = [services().readModel.height(), pinFile(), kidOf(await list())];
    expect(before[2]).to.not.equal(third);
    await gateway.stop();
    await start();
    expect([services().readModel.height(), pinFile(), kidOf(await list())]).to.deep.equal(before);
    expect(await pagePin()).to.deep.equal(pinFile());
  });

  it('once in other hands are believed in nothing more, and the next one signs at once', async () => {
    const verifier = makeVerifier(pinFile());
    const [taken, next] = [kidOf(await list()), await makeKey()];
    const others = services()
      .readModel.trustClaims(home)
      .listKeys.filter(({ domain, kid }) => domain === home && kid !== taken && kid !== next);
    for (const { kid, until } of others) if (until === null) await govern('retireListKey', { kid, until: now() });
    seconds += 1; // in the second of what was ordered before it a key has not ended yet
    await heard();
    const old = await verifier.take(await list());
    const asked = { issuer: market, type: licence.type, domain: home };
    const status = await statusList();
    expect((await readStatusList(status, old, asked)).entries).to.equal(1);

    await govern('reportListKeyCompromise', { kid: taken, from: now() });
    const after = await list();
    expect(kidOf(after)).to.equal(next);
    const trust = await verifier.take(after);
    await expectPin(next);
    await expectRefusal('STATUS_LIST_INVALID', () => readStatusList(status, trust, asked));
    const fresh = await statusList();
    expect(kidOf(fresh)).to.equal(next);
    expect((await readStatusList(fresh, trust, asked)).entries).to.equal(1);

    const forged = { ...services().readModel.trustClaims(home), height: 9_999 } as unknown as Json; // plain members
    const byThief = await gateway.running.gateway.signer.signList(taken, trustListTyp, forged);
    await expectRefusal('TRUST_INVALID', () => verifier.take(byThief));
    await expectRefusal('TRUST_INVALID', () => makeVerifier(pinFile()).take(byThief));
  });

  it('of a witness: what one in other hands anchored is doubt, and the next batch has the word of another', async () => {
    const judge = async (file: CertificateFile) => {
      const { trust } = await readTrustList(await list(), pinFile());
      const anchored = await readAnchored(file.proof.anchored, trust);
      if (!anchored) throw new Error('no word of a witness');
      const check = verify({ kind: 'file', file }, trust, now(), { anchored }).find((one) => one.check === 'anchor');
      return [check?.outcome, check && 'code' in check ? check.code : undefined];
    };
    const file = await issue('before');
    const kid = kidOf(file.proof.anchored ?? '');
    expect(services().readModel.trust().listKey(kid)?.domain).to.equal(witness);
    expect(await judge(file)).to.deep.equal(['passed', undefined]);
    const next = await makeKey(witness);
    expect(kidOf((await issue('during')).proof.anchored ?? ''), 'the oldest goes on').to.equal(kid);
    await govern('reportListKeyCompromise', { kid, from: now() }, witness);
    expect(await judge(file)).to.deep.equal(['inconclusive', 'ANCHORED_KEY_COMPROMISED']);
    const later = await issue('after');
    expect(kidOf(later.proof.anchored ?? '')).to.equal(next);
    expect(await judge(later)).to.deep.equal(['passed', undefined]);
  });

  it('none left: nothing is signed until another is made, for which verifiers need a new pin', async () => {
    const verifier = makeVerifier(pinFile());
    await verifier.take(await list());
    await govern('reportListKeyCompromise', { kid: kidOf(await list()), from: now() });
    await expectPin();
    await expectRefusal('SIGNING_KEY_MISSING', () => services().trustList.current());
    expect((await issue('unlisted')).proof.anchored).to.be.a('string');
    const next = await makeKey();
    const jws = await list();
    expect(kidOf(jws)).to.equal(next);
    await expectRefusal('TRUST_INVALID', () => verifier.take(jws));
    await expectPin(next);
    expect(epochSeconds((await makeVerifier(pinFile()).take(jws)).asOf)).to.be.at.least(seconds);
  });
});
