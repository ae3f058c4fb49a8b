/** Every command of the README is run, in its order, as a newcomer would. `npm start` and `npm test` are what continuous integration and a fresh clone run. */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { describeWithFabric, findBasePort } from '../fixtures/fabric.ts';
import { root, Tour } from '../walk/tour.ts';

const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)];
const lines = blocks
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '' && line !== 'npm start' && line !== 'npm test');
const startOnFabric = 'npm start -- --ledger fabric';
const isFabric = (line: string) => line === startOnFabric || line.startsWith('npm run network');
const commands = lines.filter((line) => !isFabric(line));
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

describeWithFabric('the README’s commands on Fabric', function () {
  this.timeout(150_000);
  const tour = new Tour(['--ledger', 'fabric']);
  const network = join(tour.folder, 'network');
  const previous = process.env['YINXIN_NETWORK'];
  let basePort: number;
  const run = (command: string) =>
    spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8', env: { ...process.env, YINXIN_NETWORK: network } });

  before(async () => {
    process.env['YINXIN_NETWORK'] = network;
    basePort = await findBasePort();
  });
  after(async () => {
    await tour.end();
    run('npm run network -- reset --yes');
    if (previous === undefined) delete process.env['YINXIN_NETWORK'];
    else process.env['YINXIN_NETWORK'] = previous;
  });

  for (const command of lines.filter(isFabric)) {
    it(command, async () => {
      if (command === startOnFabric) return tour.startGateway();
      const isUp = command.endsWith(' up');
      const { status, stdout, stderr } = run(isUp ? `${command} --base-port ${basePort}` : command);
      expect(status, stdout + stderr).to.equal(0);
    });
  }
});
