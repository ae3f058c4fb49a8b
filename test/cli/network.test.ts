/** The rules of the network by the command, against a real gateway: where a certificate is acceptable, how things stood, corrections of mistakes. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { chengduMarket, housing, market, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { type LiveCommand, makeFolder, runLive } from './support.ts';

const samples = fileURLToPath(new URL('../../certs/samples/', import.meta.url));

interface Answer {
  readonly exit: number;
  readonly verdict: { readonly verdict: string; readonly reason: string; readonly genuine: string };
  readonly checks: readonly { readonly check: string; readonly outcome: string }[];
  readonly explanation: readonly { readonly check: string; readonly title: string; readonly sentence: string }[];
  readonly height: number;
  readonly sources: { readonly server: readonly string[] };
  readonly certificate?: {
    readonly issuerName: { readonly zh: string };
    readonly successor?: { readonly issuer: string };
  };
}

const decide = (number: number, basis = 'licence-law-69') => [
  '--basis',
  basis,
  '--document',
  `示范〔2026〕${number}号`,
  '--yes',
];
const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_050 - (Date.now() % 1_000)));
const nowText = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

describe('the rules of the network, by the command', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  let gateway: TestGateway;
  let yinxin: LiveCommand;
  let files: readonly string[] = [];

  const file = (at: number) => files[at] ?? '';
  const numberOf = (path: string) => path.slice(path.lastIndexOf('/') + 1, -'.yinxin.json'.length);

  async function verify(...args: readonly string[]): Promise<Answer> {
    const { exit, out } = await yinxin('verify', ...args, '--json');
    return { exit, ...(JSON.parse(out) as Omit<Answer, 'exit'>) };
  }

  async function issue(type: string, body: string, name: string): Promise<readonly string[]> {
    const { exit, err } = await yinxin('issue', `${samples}${type}.csv`, '--as', body, '-o', name, '--yes');
    expect(exit, err).to.equal(0);
    return readdirSync(join(folder.path, name))
      .filter((found) => found.endsWith('.yinxin.json'))
      .sort()
      .map((found) => join(name, found));
  }

  before(async () => {
    gateway = await startTestGateway();
    yinxin = runLive(gateway, folder.path);
    files = await issue('business-licence', chengduMarket, 'licences');
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
    folder.remove();
  });

  it('at home by default: of another city genuine, but not recognised; the missing rule is named, and whom to ask', async () => {
    const judged = await verify(file(0));
    expect([judged.exit, judged.verdict.reason, judged.verdict.genuine]).to.deep.equal([1, 'NOT_RECOGNISED', 'yes']);
    const { out } = await yinxin('verify', file(0));
    expect(out).to.match(/^! 真实 · 本地不予互认\n/);
    for (const words of ['成都市与深圳市之间没有关于“营业执照”的互认协议', '成都市市场监督管理局'])
      expect(out).to.include(words);
  });

  it('says so in English', async () => {
    const { out } = await yinxin.in('en')('verify', file(0));
    expect(out).to.include('no agreement between Chengdu and Shenzhen').and.to.include('ask the issuing body');
  });

  it('--anywhere leaves recognition out', async () => {
    const judged = await verify(file(0), '--anywhere');
    expect([judged.exit, judged.checks.find(({ check }) => check === 'recognition')?.outcome]).to.deep.equal([
      0,
      'skipped',
    ]);
  });

  it('by an agreement, which is named; a place inside a city is the city', async () => {
    for (const place of ['500000', '重庆市', 'Chongqing', '500103']) {
      const { exit, out } = await yinxin('verify', file(0), '--domain', place, '--matter', '企业开办');
      expect(exit, out).to.equal(0);
      expect(out).to.include('成渝德眉资电子证照互认协议').and.to.include('chengyu-demeizi');
    }
    expect((await verify(file(0), '--domain', '510104')).exit).to.equal(0);
  });

  it('for a matter that it covers: none named is doubt, another is a no, with what it covers and the office', async () => {
    const open = await verify(file(0), '--domain', '500000');
    expect([open.exit, open.verdict.verdict, open.verdict.reason]).to.deep.equal([
      3,
      'indeterminate',
      'MATTER_REQUIRED',
    ]);
    const { exit, out } = await yinxin('verify', file(0), '--domain', '500000', '--matter', 'cross-border-clearance');
    expect([exit, out.includes('[MATTER_NOT_COVERED]')]).to.deep.equal([1, true]);
    expect(out).to.include('企业开办').and.to.include('成都市政务服务互认专窗');
  });

  it('a number is answered the same', async () => {
    const number = numberOf(file(0));
    expect((await verify(number)).verdict.reason).to.equal('NOT_RECOGNISED');
    expect((await verify(number, '--domain', '重庆市', '--matter', '企业开办')).exit).to.equal(0);
    expect((await verify(number, '--anywhere')).exit).to.equal(0);
    expect((await yinxin('verify', number)).out).to.include('成都市与深圳市之间没有');
  });

  it('an unknown place or matter is told those that there are, exit 2', async () => {
    for (const place of ['990000', '成都']) {
      const { exit, err } = await yinxin('verify', file(0), '--domain', place);
      expect([exit, err.includes(place), err.includes('510100 成都市')]).to.deep.equal([2, true, true]);
    }
    const { exit, err } = await yinxin('verify', file(0), '--domain', '500000', '--matter', '开公司');
    expect([exit, err.includes('开公司'), err.includes('company-setup 企业开办')]).to.deep.equal([2, true, true]);
  });

  it('--explain says every check in words, the same list as the API', async () => {
    const asked = ['--domain', '500000', '--matter', 'company-setup'];
    const own = await verify(file(0), ...asked);
    const { out } = await yinxin('verify', file(0), ...asked, '--explain');
    for (const { title, sentence } of own.explanation) expect(out).to.include(title).and.to.include(sentence);
    expect(out).to.match(/✓ 互认 +通过 · .*\n +互认协议 +成渝德眉资/);
    const { body } = JSON.parse(await yinxin.read(file(0))) as { body: { id: string } };
    const response = await fetch(`${gateway.url}/v1/verifications`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'zh' },
      body: JSON.stringify({
        file: JSON.parse(await yinxin.read(file(0))),
        domain: '500000',
        matter: 'company-setup',
        explain: true,
      }),
    });
    const theirs = (await response.json()) as Answer;
    const words = ({ explanation }: Answer) => explanation.map(({ title, sentence }) => [title, sentence]);
    expect(words(theirs), body.id).to.deep.equal(words(own));
  });

  it('asked about a time before it was issued says that', async () => {
    const { exit, out } = await yinxin('verify', file(0), '--anywhere', '--at', '2026-01-01');
    expect([exit, out.includes('[NOT_YET_ISSUED]')]).to.deep.equal([1, true]);
    expect(out).to.include('2026-01-01 00:00:00');
  });

  it('a height that the ledger has not reached is refused; at one before it, there was no such certificate', async () => {
    const beyond = await yinxin('verify', file(0), '--anywhere', '--height', '999999');
    expect([beyond.exit, beyond.err.includes('[HEIGHT_UNKNOWN')]).to.deep.equal([1, true]);
    const early = await verify(file(0), '--anywhere', '--height', '1');
    expect(early.exit).to.not.equal(0);
    expect(early.verdict.verdict).to.not.equal('valid');
  });

  it('a mistaken revocation is corrected: valid again from when it was revoked; the history holds both', async () => {
    const { height } = await verify(file(1), '--anywhere');
    expect((await yinxin('revoke', file(1), ...decide(1))).exit).to.equal(0);
    const between = await verify(file(1), '--anywhere');
    expect([between.verdict.reason, between.exit]).to.deep.equal(['REVOKED', 1]);
    await nextSecond();
    const revokedAt = nowText();
    const corrected = await yinxin('correct', file(1), ...decide(2, 'penalty-law-75'));
    expect(corrected.exit, corrected.err).to.equal(0);
    expect(corrected.out).to.include('更正').and.to.include('示范〔2026〕2号');
    expect((await verify(file(1), '--anywhere')).exit).to.equal(0);
    expect((await verify(file(1), '--anywhere', '--at', revokedAt)).exit, 'as it is known now').to.equal(0);
    const then = await verify(file(1), '--anywhere', '--height', String(between.height));
    expect([then.verdict.reason, then.height], 'as it was known then').to.deep.equal(['REVOKED', between.height]);
    expect((await verify(file(1), '--anywhere', '--height', String(height))).exit).to.equal(0);
    const history = await yinxin('history', file(1), '--as', chengduMarket);
    expect(history.out).to.include('更正（第 1 次处理）').and.to.include('penalty-law-75');
  });

  it('a correction names the act by --change; one that is not there is refused', async () => {
    expect((await yinxin('suspend', file(1), ...decide(3, 'penalty-law-9'))).exit).to.equal(0);
    const wrong = await yinxin('correct', file(1), ...decide(4, 'penalty-law-75'), '--change', '2');
    expect([wrong.exit, wrong.err.includes('[STATUS_STEP_ILLEGAL')]).to.deep.equal([1, true]);
    const right = await yinxin('correct', file(1), ...decide(4, 'penalty-law-75'), '--change', '3');
    expect(right.exit, right.err).to.equal(0);
    expect((await verify(file(1), '--anywhere')).exit).to.equal(0);
  });

  it('a change counts from its effective time, past or future, and at most a year ahead', async () => {
    const past = nowText();
    await nextSecond();
    expect((await yinxin('cancel', file(2), ...decide(5, 'licence-law-70'), '--effective', past)).exit).to.equal(0);
    const judged = await verify(file(2), '--anywhere', '--at', past);
    expect(judged.verdict.reason).to.equal('CANCELLED');
    const late = await yinxin('suspend', file(0), ...decide(6, 'penalty-law-9'), '--effective', '2099-01-01');
    expect([late.exit, late.err.includes('[EFFECTIVE_ILLEGAL')]).to.deep.equal([1, true]);
  });

  it('a basis that is not registered, or not for this act, is told those that are', async () => {
    for (const basis of ['licence-law-70', 'tax-law-1']) {
      const { exit, err } = await yinxin('revoke', file(0), ...decide(7, basis));
      expect([exit, err.includes('[BASIS_UNKNOWN'), err.includes('licence-law-69 行政许可法第六十九条')]).to.deep.equal(
        [1, true, true],
      );
    }
    const bases = await yinxin('bases');
    expect(bases.out).to.match(/penalty-law-9 +暂停、恢复、吊销 +行政处罚法第九条/);
    expect(JSON.parse((await yinxin('bases', '--json')).out)).to.deep.include({
      kind: 'basis',
      basis: 'licence-law-69',
      name: { zh: '行政许可法第六十九条', en: 'Administrative Licence Law, article 69' },
      acts: ['revoke'],
    });
    expect((await yinxin('matters')).out).to.match(/company-setup +企业开办/);
  });

  it('after an agreement has ended the answer for today differs from that for before', async () => {
    const place = ['--domain', '500000', '--matter', 'company-setup'];
    await nextSecond();
    const before = nowText();
    const until = new Date(Date.now() + 2_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const ended = await yinxin('agreement', 'end', 'chengyu-demeizi', '--as', '成都市', '--until', until);
    expect(ended.exit, ended.err).to.equal(0);
    while (nowText() < until) await nextSecond();
    const today = await yinxin('verify', file(0), ...place);
    expect([today.exit, today.out.includes('[AGREEMENT_NOT_IN_FORCE]')]).to.deep.equal([1, true]);
    expect(today.out).to.include('已终止').and.to.include('成都市政务服务互认专窗');
    expect((await verify(file(0), ...place, '--at', before)).exit).to.equal(0);
  });

  it('after a merger the successor acts: its client is found, the certificate names it; the closed body issues and reissues nothing', async () => {
    const [opinion = ''] = await issue('fire-acceptance', housing, 'opinions');
    const at = new Date(Date.now() + 2_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const closed = await yinxin('issuer', 'close', housing, '--successor', market, '--at', at);
    expect(closed.exit, closed.err).to.equal(0);
    while (nowText() <= at) await nextSecond();
    const { certificate } = await verify(opinion);
    expect(certificate?.successor?.issuer).to.equal(market);
    for (const args of [
      ['issue', `${samples}fire-acceptance.csv`, '--as', housing],
      ['reissue', opinion, '--set', '文号=示范消验〔2026〕9号'],
    ]) {
      const { exit, err } = await yinxin(...args);
      expect([exit, err.includes('[ISSUER_CLOSED'), err.includes(market)]).to.deep.equal([1, true, true]);
    }
    expect((await yinxin('revoke', opinion, ...decide(8))).exit).to.equal(0);
    const { exit, out } = await yinxin('verify', opinion);
    expect([exit, out.includes('[REVOKED]'), /现由 +深圳市市场监督管理局/.test(out)]).to.deep.equal([1, true, true]);
  });

  it('a key in other hands: what it issued since falls, what it issued before stands, and at a height before that was known all did', async () => {
    const [old = ''] = await issue('business-licence', market, 'old');
    await nextSecond();
    const from = nowText();
    const [newer = ''] = await issue('business-licence', market, 'newer');
    const { height, exit } = await verify(newer);
    expect(exit).to.equal(0);
    const keys = JSON.parse((await yinxin('key', 'list', market, '--json')).out) as readonly {
      key: string;
      use: string;
    }[];
    const key = keys.find(({ use }) => use === 'anchor')?.key ?? '';
    expect((await yinxin('key', 'compromise', key, '--from', from)).exit).to.equal(0);
    expect((await verify(old)).exit).to.equal(0);
    for (const named of [newer, numberOf(newer)]) {
      const fallen = await verify(named);
      expect([fallen.exit, fallen.verdict.reason, fallen.verdict.genuine]).to.deep.equal([1, 'KEY_COMPROMISED', 'no']);
      const then = await verify(named, '--height', String(height));
      expect([then.exit, then.height]).to.deep.equal([0, height]);
      expect(then.sources.server).to.include.members(['issuer', 'anchor', 'status', 'recognition']);
    }
    const content = JSON.parse(await yinxin.read(newer)) as { fields: object };
    const altered = { ...content, fields: { ...content.fields, holderName: '别的公司' } };
    writeFileSync(join(folder.path, 'altered.yinxin.json'), JSON.stringify(altered));
    const forged = await verify('altered.yinxin.json', '--height', String(height));
    expect([forged.verdict.reason, forged.verdict.genuine]).to.deep.equal(['FIELDS_MISMATCH', 'no']);
    const refused = await yinxin('issue', `${samples}business-licence.csv`, '--as', market, '-o', 'none', '--yes');
    expect([refused.exit, refused.err.includes('[SIGNING_KEY_MISSING')]).to.deep.equal([1, true]);
  });
});
