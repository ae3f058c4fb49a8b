/** What a city's administrator does by the command, against a real gateway: bodies, keys, entitlements, agreements, proposals; and what is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ListKeyRow } from '@yinxin/core';
import { expect } from 'chai';
import { chengduMarket, housing, market, police, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { type LiveCommand, makeFolder, type Ran, runLive } from './support.ts';

const samples = fileURLToPath(new URL('../../certs/samples/', import.meta.url));

interface Key {
  readonly key: string;
  readonly use: string;
  readonly until: string | null;
  readonly vouchedBy: string;
  readonly compromisedFrom: string | null;
}

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');

describe('governing a city by the command', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  let gateway: TestGateway;
  let yinxin: LiveCommand;

  before(async () => {
    gateway = await startTestGateway();
    yinxin = runLive(gateway, folder.path);
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
    folder.remove();
  });

  async function done(...args: readonly string[]): Promise<Ran> {
    const ran = await yinxin(...args);
    expect(ran.exit, ran.err).to.equal(0);
    return ran;
  }

  async function refused(code: string, ...args: readonly string[]): Promise<Ran> {
    const ran = await yinxin(...args);
    expect([ran.exit, ran.out], ran.err).to.deep.equal([1, '']);
    expect(ran.err).to.include(`[${code}`).and.to.include('怎么办');
    return ran;
  }

  async function keysOf(issuer: string, use: string): Promise<readonly Key[]> {
    const keys = JSON.parse((await done('key', 'list', issuer, '--json')).out) as readonly Key[];
    return keys.filter((key) => key.use === use);
  }

  function write(name: string, value: object): string {
    writeFileSync(join(folder.path, name), JSON.stringify(value));
    return name;
  }

  describe('who acts', () => {
    it('the home city by default; --as names another by code or name', async () => {
      const name = ['--name', '深圳市公安局', '--name-en', 'Shenzhen Public Security Bureau (renamed)'];
      await done('issuer', 'rename', police, ...name);
      await refused('CALLER_NOT_PERMITTED', 'issuer', 'rename', police, ...name, '--as', '510100');
      await refused('CALLER_NOT_PERMITTED', 'issuer', 'rename', police, ...name, '--as', '成都市');
    });

    it('a city whose file is not here, or a client file of no administrator, is refused with exit 2', async () => {
      const unknown = await yinxin('proposal', 'list', '--as', '990000');
      expect([unknown.exit, unknown.err.includes('.yinxin/admins/')]).to.deep.equal([2, true]);
      const operator = join(gateway.home, 'clients', `${market}.json`);
      const wrong = await yinxin('proposal', 'list', '--client', operator);
      expect([wrong.exit, wrong.err.includes('[CLIENT_FILE_MISSING')]).to.deep.equal([2, true]);
    });
  });

  describe('key', () => {
    it('lists the keys of a body by use, state and origin, and those of the home city without one', async () => {
      const { out } = await done('key', 'list', '深圳市市场监督管理局');
      expect(out.trimEnd().split('\n')).to.have.length(4);
      for (const words of ['签发', '状态', '二维码', '在用', '建网时登记', '不限']) expect(out).to.include(words);
      const all = (await done('key', 'list')).out;
      expect(all.trimEnd().split('\n')).to.have.length(1 + 3 * 3 + 1);
      expect(all).to.match(/[A-Za-z0-9_-]{43} +深圳市 +清单 /);
      const nobody = await yinxin('key', 'list', '深圳市不存在的局');
      expect([nobody.exit, nobody.err.includes('yinxin issuer list')]).to.deep.equal([1, true]);
    });

    it('rotates with an overlap: another key vouches for the new one, and the old ends in seven days', async () => {
      const [old] = await keysOf(market, 'anchor');
      const { out } = await done('key', 'rotate', market, '--use', 'anchor');
      const keys = await keysOf(market, 'anchor');
      const fresh = keys.find(({ key }) => key !== old?.key);
      expect(keys).to.have.length(2);
      const [status] = await keysOf(market, 'status');
      expect(fresh?.vouchedBy).to.equal(status?.key);
      expect(out)
        .to.include(fresh?.key ?? '?')
        .and.to.include('旧密钥');
      const end = keys.find(({ key }) => key === old?.key)?.until ?? '';
      expect(Date.parse(end) - Date.now()).to.be.within(6.9 * 86_400_000, 7 * 86_400_000);
      await done('issue', `${samples}business-licence.csv`, '--as', market, '-o', 'rotated', '--yes');
    });

    it('a recovery key waits a day and is marked', async () => {
      const { out } = await done('key', 'rotate', market, '--use', 'code', '--recovery', '--json');
      const answer = JSON.parse(out) as { vouchedBy: string; from: string; retired: readonly object[] };
      expect([answer.vouchedBy, answer.retired.length]).to.deep.equal(['first', 0]);
      expect(Date.parse(answer.from) - Date.now()).to.be.greaterThan(86_000_000);
      expect((await done('key', 'list', market)).out)
        .to.include('尚未启用')
        .and.to.include('首个或恢复');
    });

    it('retires one at a time that has not passed', async () => {
      const [key] = await keysOf(police, 'code');
      const args = ['key', 'retire', key?.key ?? '', '--until'];
      const past = await refused('INPUT_INVALID', ...args, '2026-01-01');
      expect(past.err).to.include('以后的时间');
      await done(...args, '2099-01-01');
      expect((await keysOf(police, 'code'))[0]?.until).to.equal('2098-12-31T16:00:00Z');
      await refused('MALFORMED_KEY', 'key', 'retire', 'not-a-key');
      const { kid } = (JSON.parse((await done('key', 'list', '--json')).out) as readonly { kid?: string }[]).find(
        (row) => row.kid !== undefined,
      ) ?? { kid: '' };
      await done('key', 'retire', kid ?? '', '--until', '2099-01-01');
      for (const dashes of ['-', '--']) {
        const dashed = `${dashes}${'c'.repeat(43 - dashes.length)}`;
        await refused('KEY_UNKNOWN', 'key', 'retire', dashed, '--until', '2099-01-01');
        await refused('KEY_UNKNOWN', 'key', 'retire', '--until', '2099-01-01', '--', dashed);
      }
      expect((await done('key', 'list')).out).to.match(/深圳市 +清单 .*2099-01-01 00:00:00 +在用/);
      await refused('COMPROMISE_ILLEGAL', 'key', 'compromise', kid ?? '', '--from', inSeconds(60));
    });

    it('rotates the city’s key for lists, which goes on signing for thirty days, and says what verifiers must do', async () => {
      const listKeys = async () =>
        (JSON.parse((await done('key', 'list', '--json')).out) as readonly ListKeyRow[]).filter(({ kid }) => kid);
      const [old, ...none] = await listKeys();
      expect(none).to.deep.equal([]);
      const { out } = await done('key', 'rotate', '--list');
      const keys = await listKeys();
      expect(keys).to.have.length(2);
      const fresh = keys.find(({ kid }) => kid !== old?.kid);
      expect(fresh?.until).to.equal(null);
      for (const words of [fresh?.kid ?? '?', `旧密钥 ${old?.kid}`, 'yinxin trust', 'pin.json'])
        expect(out).to.include(words);
      const end = keys.find(({ kid }) => kid === old?.kid)?.until ?? '';
      expect(Date.parse(end) - Date.now()).to.be.within(29.9 * 86_400_000, 30 * 86_400_000);
      const again = JSON.parse((await done('key', 'rotate', '--list', '--overlap', '60', '--json')).out) as {
        readonly kid: string;
        readonly retired: readonly { readonly kid: string }[];
      };
      expect(
        again.retired.map(({ kid }) => kid),
        'the first ends before that anyway',
      ).to.deep.equal([fresh?.kid]);
      const other = await yinxin.in('en')('key', 'rotate', '--list', '--as', '510100');
      expect([other.exit, /need a new pin/.test(other.out)], other.err).to.deep.equal([0, true]);
      expect(await listKeys()).to.have.length(3);
    });

    it('refuses a rotation of nothing, of both, or of a list key without an overlap', async () => {
      for (const args of [
        [],
        ['--list', market],
        ['--list', '--use', 'anchor'],
        ['--list', '--recovery'],
        ['--list', '--overlap', '0'],
      ]) {
        const ran = await yinxin('key', 'rotate', ...args);
        expect([ran.exit, ran.out], args.join(' ')).to.deep.equal([2, '']);
      }
    });

    it('puts a compromise on record once, asked first; never in the future nor long ago', async () => {
      const [{ key } = { key: '' }] = await keysOf(police, 'status');
      const from = ['key', 'compromise', key, '--from'];
      await refused('COMPROMISE_ILLEGAL', ...from, inSeconds(60));
      const early = await refused('COMPROMISE_ILLEGAL', ...from, inSeconds(-40 * 86_400));
      expect(early.err).to.include('提案');
      await refused('CALLER_NOT_PERMITTED', ...from, inSeconds(-5), '--as', '510100');
      const no = await yinxin.answering('n')(...from, inSeconds(-5));
      expect([no.exit, (await keysOf(police, 'status'))[0]?.compromisedFrom]).to.deep.equal([1, null]);
      await done(...from, inSeconds(-5), '--yes');
      expect((await done('key', 'list', police)).out).to.include('已泄露，自');
      await refused('COMPROMISE_ILLEGAL', ...from, inSeconds(-4));
    });
  });

  describe('issuer and entitlement', () => {
    const bureau = '11990300DEMA004000';
    const name = ['--name', '深圳市示范局', '--name-en', 'Shenzhen Demonstration Bureau'];

    it('a body is registered in its city’s own region alone, and its former name is kept', async () => {
      await refused('OUTSIDE_REGION', 'issuer', 'register', bureau, ...name, '--region', '510100');
      const { out } = await done('issuer', 'register', bureau, ...name, '--region', '440304');
      expect(out).to.include('已登记机关').and.to.include(bureau);
      await refused('ALREADY_EXISTS', 'issuer', 'register', bureau, ...name);
      await done('issuer', 'rename', '深圳市示范局', '--name', '深圳市新示范局', '--name-en', 'New Bureau');
      expect((await done('issuer', 'list')).out).to.match(/11990300DEMA004000 +深圳市新示范局 +440304 +在运行/);
      expect((await done('issuer', 'list', '成都市')).out)
        .to.include(chengduMarket)
        .and.to.not.include(bureau);
      const nowhere = await yinxin('issuer', 'list', '990000');
      expect(nowhere.exit).to.equal(2);
    });

    it('an entitlement is granted, ended, and granted again', async () => {
      await done('entitlement', 'grant', bureau, '营业执照', '--until', '2099-01-01');
      await refused('ALREADY_EXISTS', 'entitlement', 'grant', bureau, '营业执照');
      expect((await done('entitlement', 'list', bureau)).out).to.match(/营业执照 +440304 .*在用/);
      const until = inSeconds(3);
      await done('entitlement', 'end', bureau, 'business-licence', '--until', until);
      await done('entitlement', 'grant', bureau, 'business-licence', '--from', until);
      const { out } = await done('entitlement', 'list', bureau, '--json');
      expect((JSON.parse(out) as readonly { windows: readonly object[] }[])[0]?.windows).to.have.length(2);
      await refused('TYPE_UNKNOWN', 'entitlement', 'grant', bureau, '通行证');
      await refused('CALLER_NOT_PERMITTED', 'entitlement', 'end', bureau, '营业执照', '--as', '成都市');
    });

    it('a closing into a city of another organisation waits for its consent', async () => {
      const none = await refused('SUCCESSION_ILLEGAL', 'issuer', 'accept', bureau, '--as', '成都市');
      expect(none.err).to.include('没有待同意的承接');
      expect((await done('issuer', 'close', bureau, '--successor', chengduMarket)).out).to.include('三十天内同意');
      expect((await done('issuer', 'list')).out).to.match(/11990300DEMA004000 .*待承接方同意：成都市市场监督管理局/);
      await refused('CALLER_NOT_PERMITTED', 'issuer', 'accept', bureau);
      await done('issuer', 'accept', bureau, '--as', '成都市');
      expect((await done('issuer', 'list')).out).to.match(/11990300DEMA004000 .*撤并，承接：成都市市场监督管理局/);
      await refused('ISSUER_CLOSED', 'issuer', 'close', bureau, '--no-successor');
      await refused('SUCCESSION_ILLEGAL', 'issuer', 'close', housing, '--successor', bureau);
    });
  });

  describe('agreement', () => {
    const party = (domain: string) => ({ domain, office: { zh: '示范专窗', en: 'Demo desk' }, phone: '000-0000 0000' });
    const terms = {
      agreement: 'shenzhen-chengdu',
      name: { zh: '深蓉互认协议', en: 'Shenzhen–Chengdu Agreement' },
      parties: [party('510100'), party('440300')],
      types: ['food-business-licence', 'business-licence'],
      matters: null,
    };

    it('is proposed by one and holds once the other approves', async () => {
      await done('agreement', 'propose', write('terms.json', terms));
      await refused('ALREADY_EXISTS', 'agreement', 'propose', 'terms.json');
      await refused('ALREADY_APPROVED', 'agreement', 'approve', 'shenzhen-chengdu');
      await refused('CALLER_NOT_PERMITTED', 'agreement', 'approve', 'shenzhen-chengdu', '--as', '重庆市');
      expect((await done('agreement', 'list')).out).to.match(/shenzhen-chengdu .*待各方同意（1\/2）/);
      await done('trust');
      const listed = (await done('agreement', 'list', '--trust', join(gateway.home, 'trust-list.jwt'))).out;
      expect(listed, 'a trust list names what all parties approved').to.not.include('shenzhen-chengdu');
      await done('agreement', 'propose', write('namesake.json', { ...terms, agreement: 'namesake' }));
      const unclear = await yinxin('agreement', 'approve', '深蓉互认协议', '--as', '成都市');
      expect([unclear.exit, unclear.err.includes('不止一项协议')]).to.deep.equal([2, true]);
      const last = await done('agreement', 'approve', 'shenzhen-chengdu', '--as', '成都市');
      expect(last.out).to.include('各方已齐');
      const shown = (await done('agreement', 'show', 'shenzhen-chengdu')).out;
      for (const words of ['执行中', '深圳市', '成都市', '示范专窗', '营业执照', '不限'])
        expect(shown).to.include(words);
    });

    it('is suspended and resumed by the same party, ended by any, and then for good', async () => {
      const act = (verb: string, ...more: string[]) => ['agreement', verb, 'shenzhen-chengdu', ...more];
      await done(...act('suspend', '--as', '成都市'));
      expect((await done('agreement', 'show', 'shenzhen-chengdu')).out).to.include('暂停执行');
      await refused('AGREEMENT_STATE', ...act('suspend', '--as', '成都市'));
      await refused('AGREEMENT_STATE', ...act('resume'));
      await done(...act('resume', '--as', '成都市'));
      const early = await refused('INPUT_INVALID', ...act('end', '--until', '2026-01-01'));
      expect(early.err).to.include('以后的时间');
      await done(...act('end', '--until', '2099-01-01'));
      const { until } = JSON.parse((await done(...act('show', '--json'))).out) as { until: string };
      expect(until).to.equal('2098-12-31T16:00:00Z');
    });

    it('with one party, or that is none at all, is refused', async () => {
      const alone = { ...terms, agreement: 'alone', parties: [party('440300')] };
      await refused('INPUT_INVALID', 'agreement', 'propose', write('alone.json', alone));
      await refused('INPUT_INVALID', 'agreement', 'propose', write('list.json', []));
      const none = await refused('NOT_FOUND', 'agreement', 'show', 'nowhere');
      expect(none.err).to.include('yinxin agreement list');
      await refused('FILE_UNREADABLE', 'agreement', 'propose', 'missing.json');
    });
  });

  describe('proposal', () => {
    const matter = (slug: string) => ({
      action: 'registerMatter',
      input: { matter: slug, name: { zh: '示范事项', en: 'Demo matter' } },
    });
    const propose = async (slug: string) => {
      const { out } = await done('proposal', 'make', write('proposal.json', matter(slug)), '--json');
      return (JSON.parse(out) as { txId: string }).txId;
    };

    it('holds once more than half of the organisations approve, each once', async () => {
      const id = await propose('demo-matter');
      const open = (await done('proposal', 'list', '--state', 'open')).out;
      expect(open).to.include(id.slice(0, 12)).and.to.include('示范事项 demo-matter').and.to.include('1/4');
      await refused('ALREADY_APPROVED', 'proposal', 'approve', id);
      const said: string[] = [];
      for (const city of ['成都市', '重庆市', '德阳市'])
        said.push((await done('proposal', 'approve', id.slice(0, 8), '--as', city)).out);
      expect(said.map((out) => out.includes('通过并生效'))).to.deep.equal([false, false, true]);
      expect((await done('matters')).out).to.include('demo-matter');
      expect((await done('proposal', 'list', '--state', 'adopted')).out).to.include(id.slice(0, 12));
      await refused('PROPOSAL_CLOSED', 'proposal', 'approve', id, '--as', '香港特别行政区');
    });

    it('is withdrawn by its proposer; another takes back its approval alone; it does not run out early', async () => {
      const id = await propose('other-matter');
      await done('proposal', 'approve', id, '--as', '成都市');
      await done('proposal', 'withdraw', id, '--as', '成都市');
      expect((await done('proposal', 'list', '--state', 'open')).out).to.include('1/4');
      await refused('PROPOSAL_NOT_EXPIRED', 'proposal', 'expire', id);
      await done('proposal', 'withdraw', id);
      expect((await done('proposal', 'list')).out).to.include('已撤回');
    });

    it('one that makes no sense is refused at once; an id that is none, or of nothing, is told where to look', async () => {
      await refused('INPUT_INVALID', 'proposal', 'make', write('odd.json', { action: 'seize', input: {} }));
      const none = await yinxin('proposal', 'approve', 'zzz');
      expect([none.exit, none.err.includes('yinxin proposal list')]).to.deep.equal([2, true]);
      const absent = await refused('NOT_FOUND', 'proposal', 'approve', '0123456789ab');
      expect(absent.err).to.include('yinxin proposal list');
    });
  });
});
