/** Every command of the README is run, in its order, as a newcomer would. `npm start` and `npm test` are what continuous integration and a fresh clone run. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { root, Tour } from '../walk/tour.ts';

const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)];
const commands = blocks
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '' && line !== 'npm start' && line !== 'npm test');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('the README’s commands', () => {
  const tour = new Tour();
  before(async function () {
    this.timeout(120_000);
    symlinkSync(join(root, 'certs'), join(tour.folder, 'certs'));
    await tour.startGateway();
  });
  after(() => tour.end());

  for (const command of commands) {
    it(`${command.startsWith('openssl') ? 'OpenSSL: ' : ''}${command}`, function () {
      if (command.startsWith('openssl') && !hasOpenssl) this.skip();
      const PATH = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command.replace(/^npx yinxin\b/, 'yinxin')], {
        cwd: tour.folder,
        encoding: 'utf8',
        env: { ...process.env, PATH, YINXIN_HOME: tour.home },
      });
      expect(status, stdout + stderr).to.equal(0);
    });
  }

  it('are more than a handful', () => expect(commands.length).to.be.at.least(7));
});
