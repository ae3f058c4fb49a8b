/** Without a network: verifying, showing, disclosing, and types, by the saved trust list alone. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateFile, formatCertificateFile, parseCertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import { exampleValues, issueOne, loadType, makeCode } from '../fixtures/certificates.ts';
import { later, makeFolder, makeHome, type Ran, runCommand, type Surroundings } from './support.ts';

const licence = loadType('business-licence');
const acceptance = loadType('fire-acceptance');
const permit = loadType('residence-permit');

interface Answer {
  readonly verdict: { readonly verdict: string; readonly reason: string; readonly genuine: string };
  readonly sources: {
    readonly here: readonly string[];
    readonly server: readonly string[];
    readonly open: readonly string[];
    readonly gateway: string;
  };
  readonly fields: readonly { readonly key: string; readonly value: unknown; readonly masked: boolean }[];
}

describe('without a network', () => {
  const folder = makeFolder();
  let home = '';
  let jws = '';
  const path = (name: string) => join(folder.path, name);
  const write = (name: string, file: CertificateFile) => writeFileSync(path(name), formatCertificateFile(file));
  const command = (args: readonly string[], more: Surroundings = {}): Promise<Ran> =>
    runCommand(args, { cwd: folder.path, env: { YINXIN_HOME: home }, ...more });
  const judge = async (args: readonly string[], more: Surroundings = {}) => {
    const ran = await command(['verify', ...args, '--json'], more);
    return { ...ran, answer: JSON.parse(ran.out) as Answer };
  };

  before(async () => {
    ({ home, jws } = await makeHome(folder.path, [licence, acceptance, permit]));
    writeFileSync(path('trust.jwt'), jws);
    write('licence.yinxin.json', issueOne(licence).file);
    write('permit.yinxin.json', issueOne(permit).file);
  });
  after(() => folder.remove());

  it('a file cannot be confirmed, exit 3, and is not called false', async () => {
    const { exit, answer } = await judge(['licence.yinxin.json', '--offline']);
    expect([exit, answer.verdict.verdict]).to.deep.equal([3, 'indeterminate']);
    expect(answer.verdict.genuine).to.not.equal('no');
    expect(answer.sources.gateway).to.equal('not-asked');
    expect(answer.sources.here).to.include.members(['format', 'integrity', 'issuer', 'validity']);
    expect(answer.sources.open).to.include('status');
  });

  it('a file that is not there, or cannot be read, is named: exit 1', async () => {
    const missing = await command(['verify', 'missing.yinxin.json', '--offline', '--json']);
    expect([missing.exit, JSON.parse(missing.out).error.code]).to.deep.equal([1, 'FILE_UNREADABLE']);
    const { exit, err } = await command(['show', '.']);
    expect(exit).to.be.oneOf([1, 2]);
    expect(err).to.not.include(folder.path);
  });

  it('a gateway that does not answer is said, and the saved list judges', async () => {
    const { exit, out, err } = await command(['verify', 'licence.yinxin.json']);
    expect(exit).to.equal(3);
    expect(out).to.match(/^\? 无法确认\n/);
    expect(err).to.include('连不上网关').and.to.include('以前保存的信任清单');
  });

  it('an altered file is invalid all the same, exit 1', async () => {
    const { file } = issueOne(licence);
    write('altered.yinxin.json', { ...file, fields: { ...file.fields, holderName: '别的公司' } });
    const { exit, answer } = await judge(['altered.yinxin.json', '--trust', 'trust.jwt', '--offline']);
    expect([exit, answer.verdict.reason, answer.verdict.genuine]).to.deep.equal([1, 'FIELDS_MISMATCH', 'no']);
    const { out } = await command(['verify', 'altered.yinxin.json', '--offline']);
    expect(out).to.match(/^✗ 无效 · 内容或签名不符\n/);
    expect(out).to.include('[FIELDS_MISMATCH]').and.to.include('不要接受');
  });

  it('of a forged file it shows what it claims to be, and none of its content; the gateway hears nothing of it', async () => {
    const { out, err } = await command(['verify', 'altered.yinxin.json']);
    expect(out).to.include('未经证实').and.to.include('营业执照').and.to.not.include('别的公司');
    expect(err).to.not.include('连不上网关');
  });

  it('a file that is none accuses nobody and says that it cannot be read', async () => {
    writeFileSync(path('broken.yinxin.json'), '{"body":');
    const { exit, out } = await command(['verify', 'broken.yinxin.json', '--offline']);
    expect(exit).to.equal(1);
    expect(out)
      .to.match(/^\? 无法读取\n/)
      .and.to.include('[MALFORMED_JSON]');
  });

  it('a code by its digits, its text, or from the standard input gives the same', async () => {
    const { digits } = makeCode(issueOne(licence).file, licence, 'open');
    const answers = [
      await judge([digits, '--offline']),
      await judge([`https://yinxin.example/#${digits}`, '--offline']),
      await judge(['-', '--offline'], { input: `${digits}\n` }),
    ];
    for (const { exit, answer } of answers) {
      expect(exit).to.equal(3);
      expect(answer.sources.here).to.include('signature');
      expect(answer.fields.map(({ key }) => key)).to.deep.equal(licence.face);
    }
    const wrong = await judge([`${digits.slice(0, -1)}${digits.endsWith('1') ? 2 : 1}`, '--offline']);
    expect(wrong.exit).to.equal(1);
  });

  it('fields of persons are masked; colour is for terminals, and not with NO_COLOR', async () => {
    const { out } = await command(['verify', 'permit.yinxin.json', '--offline', '--explain']);
    expect(out).to.not.include(String(exampleValues(permit)['holderName']));
    expect(out)
      .to.include('张**')
      .and.to.include('（不显示）')
      .and.to.match(/\? 状态 +无法确认 · 没有连上网络/);
    expect(out).to.not.include('\u001b[');
    const env = { YINXIN_HOME: home };
    expect((await command(['verify', 'permit.yinxin.json', '--offline'], { env, isTerminal: true })).out).to.include(
      '\u001b[34m? 无法确认',
    );
    expect(
      (
        await command(['verify', 'permit.yinxin.json', '--offline'], {
          env: { ...env, NO_COLOR: '1' },
          isTerminal: true,
        })
      ).out,
    ).to.not.include('\u001b[');
  });

  it('past the end of the trust list nothing can be confirmed', async () => {
    const { exit, answer } = await judge(['licence.yinxin.json', '--offline'], { now: later });
    expect([exit, answer.verdict.verdict]).to.deep.equal([3, 'indeterminate']);
    expect(JSON.stringify(answer)).to.include('TRUST_EXPIRED');
  });

  it('a trust list that the pin did not sign is refused', async () => {
    const parts = jws.split('.');
    writeFileSync(
      path('other.jwt'),
      [parts[0], parts[1], (parts[2] ?? '').replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))].join('.'),
    );
    const { exit, err } = await command(['verify', 'licence.yinxin.json', '--trust', 'other.jwt', '--offline']);
    expect(exit).to.equal(1);
    expect(err).to.include('TRUST_INVALID');
  });

  it('without a pin it is said where one belongs, exit 3', async () => {
    const { exit, err } = await command(['verify', 'licence.yinxin.json'], { env: { YINXIN_HOME: path('nowhere') } });
    expect(exit).to.equal(3);
    expect(err).to.include('pin.json').and.to.include('TRUST_MISSING');
  });

  it('a number alone cannot be verified', async () => {
    const { file } = issueOne(licence);
    expect((await command(['verify', file.body.id, '--offline'])).exit).to.equal(3);
    const mistyped = await command(['verify', `${file.body.id.slice(0, -1)}${file.body.id.endsWith('0') ? 1 : 0}`]);
    expect(mistyped.exit).to.equal(1);
    expect(mistyped.err).to.include('MALFORMED_IDENTIFIER');
  });

  it('show lists every field of a file, unmasked', async () => {
    const { exit, out } = await command(['show', 'permit.yinxin.json', '--offline']);
    expect(exit).to.equal(0);
    for (const field of permit.fields.filter(({ kind }) => kind !== 'list'))
      expect(out).to.include(field.label.zh).and.to.include(String(field.example));
    expect((await command(['show', 'permit.yinxin.json', '--json'])).out.trimEnd()).to.equal(
      readFileSync(path('permit.yinxin.json'), 'utf8'),
    );
  });

  it('show writes what OpenSSL alone needs to verify the statement', async function () {
    const { exit, out } = await command(['show', 'permit.yinxin.json', '--offline', '--openssl', 'evidence']);
    expect(exit).to.equal(0);
    const [program = '', ...args] = out.trimEnd().split(' ');
    if (spawnSync(program, ['version']).status !== 0) return this.skip();
    expect(spawnSync(program, args, { cwd: path('evidence'), encoding: 'utf8' }).stdout).to.include(
      'Verified Successfully',
    );
    writeFileSync(
      join(path('evidence'), 'statement.txt'),
      `${readFileSync(join(path('evidence'), 'statement.txt'), 'utf8')}\n`,
    );
    expect(spawnSync(program, args, { cwd: path('evidence') }).status).to.not.equal(0);
  });

  it('disclose writes a file of some fields, by key or label, that verifies like the first and carries no token', async () => {
    const label = permit.fields.find(({ key }) => key === 'holderName')?.label.zh ?? '';
    const { exit } = await command([
      'disclose',
      'permit.yinxin.json',
      '--fields',
      `${label}，certNumber`,
      '-o',
      'shown.yinxin.json',
    ]);
    expect(exit).to.equal(0);
    const shown = parseCertificateFile(readFileSync(path('shown.yinxin.json')));
    expect(Object.keys(shown.fields).sort()).to.deep.equal(['certNumber', 'holderName']);
    expect([shown.secret, shown.holderToken]).to.deep.equal([undefined, undefined]);
    expect(statSync(path('shown.yinxin.json')).mode & 0o777).to.equal(0o600);
    expect((await judge(['shown.yinxin.json', '--offline'])).answer.sources.here).to.include('integrity');
    const refused = await command(['disclose', 'shown.yinxin.json', '--fields', 'photo', '-o', 'x.json']);
    expect(refused.exit).to.equal(2);
    const unknown = await command(['disclose', 'permit.yinxin.json', '--fields', '无此栏', '-o', 'x.json']);
    expect(unknown.err).to.include(label).and.to.not.include('holderIdNumber');
    const nowhere = await command(['disclose', 'permit.yinxin.json', '--fields', label, '-o', 'missing/x.json']);
    expect(nowhere.err).to.include('找不到“missing”');
  });

  it('types and template answer from the saved list', async () => {
    const { exit, out } = await command(['types']);
    expect([exit, out.trimEnd().split('\n').length]).to.deep.equal([0, 4]);
    const { out: template } = await command(['template', '营业执照']);
    expect(template).to.equal(`${licence.fields.map(({ label }) => label.zh).join(',')}\r\n`);
    expect((await command(['template', 'business-licence', '--lang', 'key'])).out).to.match(/^holderUscc,/);
    expect((await command(['types', '居住证'])).out).to.include('residence-permit/1');
    const unknown = await command(['types', '通行证']);
    expect([unknown.exit, unknown.err.includes('通行证')]).to.deep.equal([1, true]);
  });

  it('what would steer the terminal is not shown', async () => {
    const { file } = issueOne(permit);
    write('hostile.yinxin.json', { ...file, fields: { ...file.fields, holderName: '\u009b31m\u202e李' } });
    for (const args of [['verify'], ['show']]) {
      const { out } = await command([...args, 'hostile.yinxin.json', '--offline']);
      expect(out).to.not.match(/[\u0080-\u009f\u202e]/);
    }
  });

  it('a certificate that says no is shown as such', async () => {
    const negative = acceptance.conclusion?.negative[0] ?? '';
    write('no.yinxin.json', issueOne(acceptance, { ...exampleValues(acceptance), conclusion: negative }).file);
    const ran = await command(['verify', 'no.yinxin.json', '--offline', '--json']);
    expect(JSON.parse(ran.out)).to.include({ conclusion: 'negative' });
  });
});
