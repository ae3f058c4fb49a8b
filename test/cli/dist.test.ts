/** The command in one file, for machines without this repository. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatCertificateFile } from '@yinxin/core';
import { expect } from 'chai';
import { issueOne, loadType } from '../fixtures/certificates.ts';
import { makeFolder, makeHome } from './support.ts';

const at = (path: string) => fileURLToPath(new URL(`../../issuer-cli/${path}`, import.meta.url));

describe('the built command', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  const licence = loadType('business-licence');
  let home = '';
  before(async () => {
    const built = spawnSync(process.execPath, [at('build.ts')], { encoding: 'utf8' });
    expect(built.status, built.stderr).to.equal(0);
    copyFileSync(at('dist/yinxin.mjs'), join(folder.path, 'yinxin.mjs'));
    home = (await makeHome(folder.path, [licence])).home;
  });
  after(() => folder.remove());

  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(folder.path, 'yinxin.mjs'), ...args], {
      encoding: 'utf8',
      cwd: folder.path,
      env: { PATH: '', YINXIN_HOME: home, YINXIN_GATEWAY: 'http://127.0.0.1:9' },
    });

  it('says its version, helps, and makes a template', () => {
    expect(run('--version')).to.include({ status: 0, stdout: 'yinxin 0.1.0\n' });
    expect(run('--help').stdout).to.include('按名册签发证照');
    expect(run('template', 'business-licence', '--lang', 'key')).to.include({ status: 0, stderr: '' });
  });

  it('verifies a file offline', () => {
    writeFileSync(join(folder.path, 'a.yinxin.json'), formatCertificateFile(issueOne(licence).file));
    const { status, stdout } = run('verify', 'a.yinxin.json', '--offline', '--json');
    expect(status).to.equal(3);
    expect(JSON.parse(stdout)).to.have.nested.property('sources.here').that.includes('integrity');
  });
});
