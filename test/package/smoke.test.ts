/** The command as it is handed out, both forms, far from the repository: an empty environment, no Node but the one beside it, and nothing of the repository read. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { bundleCommand } from '../../issuer-cli/packaging/bundle.ts';
import { nameExecutable } from '../../issuer-cli/packaging/executable.ts';
import { batchLauncher } from '../../issuer-cli/packaging/launchers.ts';
import { nodeNeeded } from '../../issuer-cli/packaging/node-needed.ts';
import { packageCommand } from '../../issuer-cli/packaging/package.ts';
import { startTestGateway, type TestGateway } from '../fixtures/gateway.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isWindows = process.platform === 'win32';
const hasStrace = spawnSync('strace', ['-o', '/dev/null', process.execPath, '--version']).status === 0;
const executable = nameExecutable(process.platform, process.arch);

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function collect(
  program: string,
  args: readonly string[],
  cwd: string,
  env: { readonly [name: string]: string },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: program.endsWith('.cmd'),
    });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout: out.join(''), stderr: err.join('') }));
  });
}

/** A link where both lie on one disk: 120 MB. */
function takeNode(path: string): void {
  try {
    linkSync(process.execPath, path);
  } catch {
    copyFileSync(process.execPath, path);
  }
}

describe('the packaged command', function () {
  this.timeout(60_000);
  let folder = '';
  let gateway: TestGateway;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-package-'));
    gateway = await startTestGateway();
    await packageCommand(join(folder, 'bin'), process.execPath);
    takeNode(join(folder, 'bin', isWindows ? 'node.exe' : 'node'));
    cpSync(gateway.home, join(folder, 'home'), {
      recursive: true,
      filter: (path) => !/vault|ledger|index/.test(path.slice(gateway.home.length)),
    });
    copyFileSync(join(root, 'certs', 'samples', 'business-licence.csv'), join(folder, 'business-licence.csv'));
  });
  after(async () => {
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const forms = [isWindows ? 'yinxin.cmd' : 'yinxin', ...(executable === undefined ? [] : [executable])];
  for (const form of forms) {
    describe(form, () => {
      const place = (name: string) => join(folder, `${form}-${name}`);
      const environment = () => ({ YINXIN_HOME: join(folder, 'home'), YINXIN_GATEWAY: gateway.url });
      const run = (...args: readonly string[]) => collect(join(folder, 'bin', form), args, folder, environment());

      it('helps, in Chinese where nothing else is asked for', async () => {
        const { status, stdout, stderr } = await run('--help');
        expect(status, stderr).to.equal(0);
        expect(stdout).to.contain('按名册签发证照');
        expect((await run('--version')).stdout).to.match(/^yinxin \d+\.\d+\.\d+\n$/);
      });

      it('refuses an unknown option with the exit code for it', async () => {
        expect(await run('issue', 'business-licence.csv', '--nonsense')).to.include({ status: 2 });
      });

      it('makes a template, issues a roster, verifies, and says so when nothing was decided', async () => {
        const template = await run('template', 'business-licence', '-o', place('template.csv'));
        expect(template.status, template.stderr).to.equal(0);
        expect(readFileSync(place('template.csv'), 'utf8')).to.contain('统一社会信用代码');
        const issued = await run('issue', 'business-licence.csv', '-o', place('out'), '--yes');
        expect(issued.status, issued.stderr).to.equal(0);
        const files = readdirSync(place('out')).filter((name) => name.endsWith('.yinxin.json'));
        expect(files).to.have.length(3);
        const verified = await run('verify', join(place('out'), files[0] ?? ''), '--json');
        expect(verified.status, verified.stdout + verified.stderr).to.equal(0);
        expect(JSON.parse(verified.stdout)).to.have.nested.property('verdict.verdict', 'valid');
        const { status } = await run('verify', join(place('out'), files[1] ?? ''), '--offline');
        expect(status).to.equal(3);
      });

      it('reads no file of the repository', async function () {
        if (!hasStrace) this.skip();
        const log = place('trace.log');
        const args = ['-f', '-s', '400', '-e', 'trace=%file', '-o', log, join(folder, 'bin', form)];
        const errand = ['issue', 'business-licence.csv', '-o', place('traced'), '--yes'];
        const env = { ...environment(), PATH: process.env['PATH'] ?? '' };
        const { status, stderr } = await collect('strace', [...args, ...errand], folder, env);
        expect(status, stderr).to.equal(0);
        const lines = readFileSync(log, 'utf8').split('\n');
        expect(lines.length).to.be.greaterThan(20);
        expect(lines.filter((line) => line.includes(root) || line.includes('node_modules'))).to.deep.equal([]);
      });
    });
  }

  it('digests are those of coreutils’ cksum', function () {
    const { status, stdout, stderr } = spawnSync('cksum', ['--check', 'SM3SUMS'], {
      cwd: join(folder, 'bin'),
      encoding: 'utf8',
    });
    if (/unrecognized option|invalid option/.test(stderr ?? '') || status === null) this.skip();
    expect(status, stdout + stderr).to.equal(0);
  });

  describe('without a Node that will do', () => {
    const start = (program: string, args: readonly string[], PATH: string): SpawnSyncReturns<string> =>
      spawnSync(program, args, { encoding: 'utf8', env: { PATH } });
    let lonely = '';
    before(() => {
      lonely = join(folder, 'lonely');
      mkdirSync(join(lonely, 'old'), { recursive: true });
      for (const name of ['yinxin', 'yinxin.cjs']) copyFileSync(join(folder, 'bin', name), join(lonely, name));
      writeFileSync(join(lonely, 'old', 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });";
      writeFileSync(join(lonely, 'older.cjs'), older);
    });
    const expected = { status: 3, stdout: '', stderr: `${nodeNeeded.zh}\n${nodeNeeded.en}\n` };

    it('the launcher says what is needed: none, or one too old', function () {
      if (isWindows) this.skip();
      expect(start(join(lonely, 'yinxin'), ['--version'], '')).to.include(expected);
      expect(start(join(lonely, 'yinxin'), ['--version'], join(lonely, 'old'))).to.include(expected);
    });

    it('finds the one of PATH, and itself behind a link', function () {
      if (isWindows) this.skip();
      const path = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
      spawnSync('ln', ['-s', join(lonely, 'yinxin'), join(lonely, 'old', 'link')]);
      expect(start(join(lonely, 'old', 'link'), ['--version'], path)).to.include({ status: 0, stderr: '' });
    });

    it('the file itself says it too', () => {
      const args = ['--require', join(lonely, 'older.cjs'), join(lonely, 'yinxin.cjs'), '--version'];
      expect(start(process.execPath, args, '')).to.include(expected);
    });
  });
});

describe('what goes into the package', () => {
  it('is the same bytes each time, and tells nothing of where it was built', async function () {
    this.timeout(20_000);
    const [one, other] = [await bundleCommand(), await bundleCommand()];
    expect(one.code).to.equal(other.code);
    expect(one.code).not.to.contain(root);
    expect(one.packages.map(({ name }) => name)).to.include.members(['jose', 'sm-crypto-v2', 'qrcode']);
    expect(one.packages.filter(({ licence }) => licence === '')).to.deep.equal([]);
  });

  it('a batch file has CRLF alone, Chinese only after the code page was changed, and no sentence that cmd.exe would read as its own', () => {
    expect(batchLauncher.replaceAll('\r\n', '')).not.to.match(/[\r\n]/);
    const lines = batchLauncher.split('\r\n');
    const firstChinese = lines.findIndex((line) => /\P{ASCII}/u.test(line));
    expect(lines.indexOf('chcp 65001 >nul')).to.be.within(1, firstChinese);
    expect(nodeNeeded.zh + nodeNeeded.en).not.to.match(/[&|<>^%!"'()]/);
    expect(lines.at(-1)).to.equal('');
    expect(lines.at(-2)).to.equal('"%NODE%" "%~dp0yinxin.cjs" %*');
  });
});
