/** The command as a clerk runs it, in processes of its own, against a real gateway with a ledger of its own. */
import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findDigits } from '@yinxin/core';
import { expect } from 'chai';
import { chengduMarket, housing, smallCatalogue, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { readPng } from './picture.ts';
import { makeFolder } from './support.ts';

const main = fileURLToPath(new URL('../../issuer-cli/main.ts', import.meta.url));
const samples = fileURLToPath(new URL('../../certs/samples/', import.meta.url));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Answer {
  readonly verdict: { readonly verdict: string; readonly reason: string; readonly genuine: string };
  readonly sources: {
    readonly here: readonly string[];
    readonly server: readonly string[];
    readonly open: readonly string[];
  };
  readonly fields?: readonly { readonly key: string; readonly value: unknown }[];
  readonly supersededBy?: string;
}

const decide = (number: number, basis = 'licence-law-69') => [
  '--basis',
  basis,
  '--document',
  `示范〔2026〕${number}号`,
];

describe('the command against a gateway', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway();
    cpSync(samples, join(folder.path, 'samples'), { recursive: true });
  });
  after(async () => {
    await gateway.stop();
    folder.remove();
  });

  function yinxin(...args: readonly string[]): Promise<Ran> {
    const env = {
      ...process.env,
      YINXIN_HOME: gateway.home,
      YINXIN_GATEWAY: gateway.url,
      LANG: 'zh_CN.UTF-8',
      LC_ALL: '',
    };
    const child = spawn(process.execPath, [main, ...args], {
      cwd: folder.path,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    return new Promise((resolve) => {
      child.on('close', (status) => {
        resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }

  async function verify(...args: readonly string[]): Promise<Answer & { readonly exit: number | null }> {
    const { status, stdout } = await yinxin('verify', ...args, '--json');
    return { exit: status, ...(JSON.parse(stdout) as Answer) };
  }

  const inFolder = (...parts: readonly string[]) => join(folder.path, ...parts);
  const filesOf = (name: string) =>
    readdirSync(inFolder(name))
      .filter((file) => file.endsWith('.yinxin.json'))
      .sort()
      .map((file) => join(name, file));

  async function issue(type: string, output: string): Promise<readonly [string, string, string]> {
    const { status, stderr } = await yinxin('issue', `samples/${type}.csv`, '-o', output);
    expect(status, stderr).to.equal(0);
    const [a, b, c, ...more] = filesOf(output);
    if (a === undefined || b === undefined || c === undefined || more.length > 0) throw new Error('not three files');
    return [a, b, c];
  }

  it('issues a sample, one owner-only file per row named by its number, and a list of which is whose', async () => {
    const { status, stdout } = await yinxin('issue', 'samples/business-licence.csv', '-o', 'licences', '--json');
    expect(status).to.equal(0);
    const { certificates, issuer } = JSON.parse(stdout) as {
      issuer: string;
      certificates: readonly { line: number; identifier: string; file: string }[];
    };
    expect(certificates.map(({ line }) => line)).to.deep.equal([2, 3, 4]);
    const roster = readFileSync(inFolder('samples/business-licence.csv'), 'utf8').trimEnd().split('\n');
    for (const { line, identifier, file } of certificates) {
      expect(file).to.equal(join('licences', `${identifier}.yinxin.json`));
      expect(statSync(inFolder(file)).mode & 0o777).to.equal(0o600);
      const { body, fields, holderToken } = JSON.parse(readFileSync(inFolder(file), 'utf8')) as {
        body: { id: string; issuer: string };
        fields: { holderUscc: string };
        holderToken: string;
      };
      expect([body.id, body.issuer]).to.deep.equal([identifier, issuer]);
      expect(roster[line - 1]?.split(',')[0]).to.equal(fields.holderUscc);
      expect(holderToken).to.have.length(44);
    }
    const list = readFileSync(inFolder('licences/issued.csv'), 'utf8');
    expect(list.trimEnd().split('\r\n')).to.have.length(4);
  });

  it('does not issue the same roster again unasked, not for a job either', async () => {
    for (const more of [[], ['--yes']]) {
      const again = await yinxin('issue', 'samples/business-licence.csv', '-o', 'licences', ...more);
      expect([again.status, again.stderr.includes('ROSTER_REPEATED')]).to.deep.equal([1, true]);
    }
    const over = await yinxin('issue', 'samples/business-licence.csv', '-o', 'licences', '--again');
    expect([over.status, over.stderr.includes('不能覆盖')]).to.deep.equal([2, true]);
    expect(filesOf('licences')).to.have.length(3);
  });

  it('started twice at the same moment in one folder, issues once', async () => {
    const start = () => yinxin('issue', 'samples/business-licence.csv', '-o', 'twice');
    const both = await Promise.all([start(), start()]);
    expect(both.map(({ status }) => status)).to.include(0);
    for (const { status, stderr } of both.filter(({ status }) => status !== 0))
      expect([1, 2], stderr).to.include(status);
    expect(filesOf('twice')).to.have.length(3);
  });

  it('goes on with an unfinished run, and issues nothing twice', async () => {
    const list = readFileSync(inFolder('licences/issued.csv'), 'utf8');
    const before = filesOf('licences');
    writeFileSync(inFolder('licences/.run.log'), '');
    expect((await yinxin('issue', 'samples/business-licence.csv', '-o', 'licences')).status).to.equal(0);
    expect(filesOf('licences')).to.deep.equal(before);
    expect(readFileSync(inFolder('licences/issued.csv'), 'utf8')).to.equal(list);
  });

  it('verifies valid, then after a revocation invalid with REVOKED; the history lists both acts', async () => {
    const [file = ''] = filesOf('licences');
    const number = file.slice('licences/'.length, -'.yinxin.json'.length);
    const good = await verify(file);
    expect([good.exit, good.verdict.verdict, good.verdict.genuine]).to.deep.equal([0, 'valid', 'yes']);
    expect(good.sources.here).to.deep.equal(['format', 'integrity', 'signature', 'issuer', 'validity', 'recognition']);
    expect(good.sources.server).to.deep.equal(['anchor', 'status']);
    expect((await verify(number)).exit).to.equal(0);

    const revoked = await yinxin('revoke', file, ...decide(1));
    expect(revoked.status, revoked.stderr).to.equal(0);
    for (const named of [file, number]) {
      const bad = await verify(named);
      expect([bad.exit, bad.verdict.verdict, bad.verdict.reason]).to.deep.equal([1, 'invalid', 'REVOKED']);
    }
    const shown = await yinxin('verify', file);
    expect(shown.stdout).to.match(/^✗ 无效 · 已撤销\n/);
    expect(shown.stdout).to.include('示范〔2026〕1号').and.to.include('不要接受');

    const again = await yinxin('revoke', number, ...decide(2));
    expect([again.status, again.stderr.includes('STATUS_STEP_ILLEGAL')]).to.deep.equal([1, true]);
    expect(again.stderr).to.include(number).and.to.include('已撤销');

    const history = await yinxin('history', number);
    expect(history.status, history.stderr).to.equal(0);
    const lines = history.stdout.trimEnd().split('\n');
    expect(lines).to.have.length(3);
    expect(lines[1]).to.include('签发').and.to.include('ShenzhenMSP');
    expect(lines[2]).to.include('撤销').and.to.include('licence-law-69').and.to.include('示范〔2026〕1号');
    expect((await yinxin('history', number, '--as', 'nobody')).status).to.equal(2);
  });

  it('suspends and resumes several at once', async () => {
    const [, second = '', third = ''] = filesOf('licences');
    expect((await yinxin('suspend', second, third, ...decide(3, 'penalty-law-9'))).status).to.equal(0);
    expect((await verify(third)).verdict.reason).to.equal('SUSPENDED');
    expect((await yinxin('resume', third, ...decide(4, 'penalty-law-9'))).status).to.equal(0);
    expect((await verify(third)).exit).to.equal(0);
    expect((await verify(second)).verdict.reason).to.equal('SUSPENDED');
  });

  it('reissues with a corrected value: the new one is valid, the old one superseded by it', async () => {
    const [, , third = ''] = filesOf('licences');
    const { status, stdout, stderr } = await yinxin(
      'reissue',
      third,
      '--set',
      '名称=深圳更名有限公司',
      '-o',
      'reissued',
      '--json',
    );
    expect(status, stderr).to.equal(0);
    const { identifier, file } = JSON.parse(stdout) as { identifier: string; file: string };
    expect(identifier).to.match(/\.002\.[0-9A-Z]$/);
    const renewed = await verify(file);
    expect(renewed.exit).to.equal(0);
    expect(renewed.fields?.find(({ key }) => key === 'holderName')?.value).to.equal('深圳更名有限公司');
    const old = await verify(third);
    expect([old.exit, old.verdict.reason, old.supersededBy]).to.deep.equal([1, 'SUPERSEDED', identifier]);
    const [first = ''] = filesOf('licences');
    const refused = await yinxin('reissue', first, '--set', '名称=深圳更名有限公司');
    expect([refused.status, refused.stderr.includes('[SUPERSESSION_ILLEGAL')]).to.deep.equal([1, true]);
    const wrong = await yinxin('reissue', file, '--set', '注册资本=很多');
    expect([wrong.status, wrong.stderr.includes('请写金额')]).to.deep.equal([1, true]);
  });

  it('a file of some fields verifies; where it is not recognised the rule is missing', async () => {
    const [first] = await issue('driving-licence', 'driving');
    expect((await yinxin('disclose', first, '--fields', '姓名,准驾车型', '-o', 'shown.yinxin.json')).status).to.equal(
      0,
    );
    const shown = await verify('shown.yinxin.json');
    expect([shown.exit, shown.fields?.length]).to.deep.equal([0, 2]);
    const elsewhere = await verify('shown.yinxin.json', '--domain', '510100');
    expect([elsewhere.exit, elsewhere.verdict.reason, elsewhere.verdict.genuine]).to.deep.equal([
      1,
      'NOT_RECOGNISED',
      'yes',
    ]);
  });

  it('a number of a person’s certificate needs what the holder says, or a purpose', async () => {
    const [file = ''] = filesOf('driving');
    const number = file.slice('driving/'.length, -'.yinxin.json'.length);
    const bare = await yinxin('verify', number);
    expect(bare.status, bare.stderr).to.equal(3);
    expect(bare.stdout)
      .to.match(/^\? 无法确认\n/)
      .and.to.include('[CLAIMS_REQUIRED]')
      .and.to.include('--claim');
    const claims = (name: string) => ['--claim', '证号=99030019060203022x', '--claim', `姓名=${name}`];
    expect((await verify(number, ...claims('李示范'))).exit).to.equal(0);
    const mismatch = await verify(number, ...claims('李四'));
    expect([mismatch.exit, mismatch.verdict.reason]).to.deep.equal([3, 'CERTIFICATE_UNKNOWN']);
    expect((await verify(number, '--purpose', '核对驾驶资格')).exit).to.equal(0);
  });

  it('draws open and closed codes that an independent reader reads and that verify', async () => {
    const [first = ''] = filesOf('driving');
    const number = first.slice('driving/'.length, -'.yinxin.json'.length);
    const requests: readonly (readonly [named: string, name: string, ...options: string[]])[] = [
      [first, 'open.png'],
      [number, 'closed.png', '--closed', '--to', '示范银行', '--purpose', '开户', '--expires', '2099-12-31'],
    ];
    for (const [named, name, ...options] of requests) {
      const { status, stdout, stderr } = await yinxin('code', named, '-o', name, '--json', ...options);
      expect(status, stderr).to.equal(0);
      const { symbol, digits } = JSON.parse(stdout) as { symbol: string; digits: string };
      const read = readPng(readFileSync(inFolder(name)));
      expect(read).to.equal(symbol);
      expect(findDigits(read ?? '')).to.equal(digits);
      const judged = await verify(read ?? '');
      expect([judged.exit, judged.fields?.length]).to.deep.equal([0, options.length === 0 ? 3 : 0]);
    }
    expect((await yinxin('code', first)).stdout).to.include('█▀▀▀▀▀█');
    const bound = await yinxin('verify', readPng(readFileSync(inFolder('closed.png'))) ?? '');
    expect(bound.stdout)
      .to.match(/限用于\s+开户/)
      .and.to.match(/限出示给\s+示范银行/);
    const late = await yinxin('code', number, '--expires', '2026-01-01');
    expect([late.status, late.stderr.includes('已经过去')]).to.deep.equal([2, true]);
  });

  it('never shows a certificate that says no, or whose conclusion was left out, as a plain yes', async () => {
    const files = await issue('fire-acceptance', 'opinions');
    const file = files.find((name) => readFileSync(inFolder(name), 'utf8').includes('"不合格"')) ?? '';
    const number = file.slice('opinions/'.length, -'.yinxin.json'.length);
    const head = async (...named: string[]) => (await yinxin('verify', ...named)).stdout.split('\n')[0];
    for (const named of [file, number]) expect(await head(named)).to.equal('✓ 真实有效 · 结论：不合格');
    expect((await yinxin('disclose', file, '--fields', '文号', '-o', 'concealed.yinxin.json')).status).to.equal(0);
    const { stdout } = await yinxin('code', file, '--closed', '--json');
    const { digits } = JSON.parse(stdout) as { digits: string };
    for (const named of ['concealed.yinxin.json', digits])
      expect(await head(named)).to.equal('✓ 真实有效 · 结论未出示');
  });

  it('says from when a change that lies ahead will count', async () => {
    const [file = ''] = filesOf('opinions');
    const { issuers } = await smallCatalogue();
    const body = issuers.find(({ issuer }) => issuer === housing)?.name.zh ?? '';
    const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const options = [...decide(9, 'penalty-law-9'), '--effective', day, '--as', body];
    const { status, stdout, stderr } = await yinxin('suspend', file, ...options);
    expect(status, stderr).to.equal(0);
    expect([status, stdout.includes(`${day} 00:00:00 起生效`)]).to.deep.equal([0, true]);
    expect((await verify(file)).exit).to.equal(0);
  });

  it('offline, by a saved trust list, proves a file genuine and anchored, and says that its status is not known', async () => {
    expect((await yinxin('trust', '-o', 'trust-list.jwt')).status).to.equal(0);
    const [first = ''] = filesOf('driving');
    const judged = await verify(first, '--trust', 'trust-list.jwt', '--offline');
    expect([judged.exit, judged.verdict.verdict, judged.verdict.reason]).to.deep.equal([
      3,
      'indeterminate',
      'STATUS_UNKNOWN',
    ]);
    expect(judged.verdict.genuine).to.equal('yes');
    expect(judged.sources.here).to.include.members(['signature', 'anchor']);
    expect(judged.sources.open).to.deep.equal(['status']);
  });

  it('lists the types, and shows a certificate by number to the body that issued it', async () => {
    const types = await yinxin('types', '--json');
    expect(JSON.parse(types.stdout)).to.have.length((await smallCatalogue()).types.length);
    const [first = ''] = filesOf('driving');
    const shown = await yinxin('show', first.slice('driving/'.length, -'.yinxin.json'.length));
    expect(shown.status, shown.stderr).to.equal(0);
    expect(shown.stdout).to.include('李示范');
  });

  it('acts for the body that --as names', async () => {
    const { issuers } = await smallCatalogue();
    const name = issuers.find(({ issuer }) => issuer === chengduMarket)?.name.zh ?? '';
    const { status, stdout, stderr } = await yinxin('issue', 'samples/business-licence.csv', '--as', name, '--json');
    expect(status, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ issuer: chengduMarket });
    const wrong = await yinxin('issue', 'samples/fire-acceptance.csv', '--as', name);
    expect([wrong.status, wrong.stderr.includes('NOT_ENTITLED'), wrong.stderr.includes('不要接受')]).to.deep.equal([
      1,
      true,
      false,
    ]);
    expect(stdout).to.match(/"folder": "certificates\/business-licence-\d{4}-\d{2}-\d{2}"/);
  });

  it('with the gateway gone says so, and judges by the saved list what it can', async () => {
    expect(gateway.bugs).to.deep.equal([]);
    expect((await yinxin('trust')).status).to.equal(0);
    await gateway.running.stop();
    const [first = ''] = filesOf('driving');
    for (const list of [['--trust', 'trust-list.jwt'], []]) {
      const { status, stdout, stderr } = await yinxin('verify', first, ...list);
      expect([status, stderr.includes('连不上网关')]).to.deep.equal([3, true]);
      expect(stdout).to.match(/^\? 无法确认\n/);
      expect(stdout).to.include('证照本身真实').and.to.include('[STATUS_UNKNOWN]');
    }
    expect((await yinxin('history', first)).status).to.equal(3);
  });
});
