/** `npm run network`: up from nothing, up again after every kind of interruption, down. On one real network. */
import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseConnectionProfile } from '@yinxin/core/connection-profile';
import { expect } from 'chai';
import { ordererCryptoOf } from '../../network/paths.ts';
import { orderersOf, portOf } from '../../network/plan.ts';
import { isPortFree } from '../../network/ports.ts';
import { findProcess, isRunning, listProcesses, logFile } from '../../network/processes.ts';
import { readStatus } from '../../network/status.ts';
import { describeWithFabric, runNetworkCommand, type TestNetwork, withNetwork } from '../fixtures/fabric.ts';

function kill({ paths }: TestNetwork, ...names: readonly string[]): void {
  for (const name of names) {
    const found = findProcess(paths, name);
    if (!found) throw new Error(`${name} does not run`);
    process.kill(found.pid, 'SIGKILL');
  }
}

describeWithFabric('a network of three cities', function () {
  this.timeout(60_000);
  const network = withNetwork();

  it('is whole: every process runs and is healthy, and every peer finds those of all cities', async () => {
    const { nodes, isWhole } = await readStatus(network().context);
    expect(isWhole).to.equal(true);
    const count = (kind: string) => nodes.filter((node) => node.kind === kind).length;
    expect([count('orderer'), count('peer'), count('contract')]).to.deep.equal([4, 3, 3]);
  });

  it('writes profiles that the gateway reads, each city with its own peer first', () => {
    const read = (name: string) => parseConnectionProfile(JSON.parse(readFileSync(network().profile(name), 'utf8')));
    expect(read('chengdu').msp).to.equal('ChengduMSP');
    expect(read('chengdu').peers.map(({ msp }) => msp)).to.deep.equal(['ChengduMSP', 'ShenzhenMSP', 'ChongqingMSP']);
    expect(read('chengdu').identities.every(({ msp }) => msp === 'ChengduMSP')).to.equal(true);
    const [{ mspFolder } = { mspFolder: '' }] = read('chengdu').identities;
    const [certificate = ''] = globSync('signcerts/*', { cwd: join(network().paths.profiles, mspFolder) });
    const pem = readFileSync(
      join(network().paths.profiles, mspFolder, 'signcerts', certificate.split('/').at(-1) ?? ''),
    );
    expect(new X509Certificate(pem).subject).to.include('C=CN').and.to.include('L=Chengdu');
    expect(new Set(read('demonstration').identities.map(({ msp }) => msp)).size).to.equal(3);
    expect(read('shenzhen').genesis).to.equal(network().plan.genesis);
    for (const { mspFolder } of read('demonstration').identities) {
      expect(existsSync(join(network().paths.profiles, mspFolder, 'keystore'))).to.equal(true);
    }
  });

  it('keeps every private key and every folder to its user', () => {
    const { home } = network();
    const keys = globSync(['**/*_sk', '**/*.key', '**/connections/*.json', '**/server/connection.json'], { cwd: home });
    expect(keys.length).to.be.greaterThan(50);
    for (const key of keys) expect(statSync(join(home, key)).mode & 0o077, key).to.equal(0);
    expect(statSync(home).mode & 0o077).to.equal(0);
  });

  it('gives a contract process no identity that could endorse', () => {
    expect(globSync('crypto/peerOrganizations/*/peers/contract.*/msp', { cwd: network().home })).to.deep.equal([]);
  });

  it('refuses another network on its ports, and names the port', async () => {
    const other = `${network().home}-other`;
    const { basePort } = network().plan;
    const { code, stderr } = await runNetworkCommand(other, 'up', '--base-port', String(basePort));
    rmSync(other, { recursive: true });
    expect(code).to.equal(1);
    expect(stderr)
      .to.include('NETWORK_STATE')
      .and.to.match(new RegExp(`\\b${basePort + 14}\\b`))
      .and.to.include('--base-port');
  });

  it('refuses to become a network of another shape', async () => {
    const { code, stderr } = await network().run('up', '--cities', '4');
    expect(code).to.equal(1);
    expect(stderr).to.include('NETWORK_STATE').and.to.include('add-city');
  });

  it('lets one command at a time work on it', async () => {
    const [first, second] = await Promise.all([network().run('up'), network().run('up')]);
    expect([first.code, second.code].sort()).to.deep.equal([0, 1]);
    expect(first.stderr + second.stderr).to.include('NETWORK_STATE');
  });

  it('tells in its status which process was killed, and completes itself', async () => {
    kill(network(), 'peer.chengdu', 'contract.shenzhen', 'orderer.province');
    const { code, stdout } = await network().run('status');
    expect(code).to.equal(1);
    for (const name of ['peer.chengdu', 'contract.shenzhen', 'orderer.province']) {
      expect(stdout.split('\n').find((line) => line.includes(name))).to.include('not running');
    }
    const untouched = findProcess(network().paths, 'peer.shenzhen')?.pid;
    expect((await network().run('up')).stderr).to.equal('');
    expect((await network().run('status')).code).to.equal(0);
    expect(findProcess(network().paths, 'peer.shenzhen')?.pid).to.equal(untouched);
  });

  it('names a port of its own that another program took, and goes on when that is gone', async () => {
    kill(network(), 'contract.chengdu');
    const taken = network().plan.basePort + 27;
    while (!(await isPortFree(taken))) await sleep(20);
    const server = createServer().listen(taken, '127.0.0.1');
    const { code, stderr } = await network().run('up');
    await new Promise((resolve) => server.close(resolve));
    expect(code).to.equal(1);
    expect(stderr).to.include('NETWORK_STATE').and.to.include(String(taken));
    expect((await network().run('up')).stderr).to.equal('');
  });

  it('prints a row by Fabric’s own peer, with nothing but the folder of an operator', () => {
    const FABRIC_CFG_PATH = join(network().home, 'operators', 'chengdu');
    const args = ['chaincode', 'query', '-C', 'certs', '-n', 'yinxin', '-c', '{"Args":["readNetwork","{}"]}'];
    const env = { ...process.env, FABRIC_CFG_PATH, FABRIC_LOGGING_SPEC: 'error' };
    const { stderr } = spawnSync(network().context.programs.peer, args, { env, encoding: 'utf8' });
    expect(stderr).to.include('YINXIN/1 NOT_FOUND');
  });

  it('takes a process of the same number for another one when it started at another time', () => {
    const record = findProcess(network().paths, 'peer.shenzhen');
    if (!record) throw new Error('peer.shenzhen does not run');
    expect(isRunning(record)).to.equal(true);
    expect(
      isRunning({ ...record, mark: record.mark.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)) }),
    ).to.equal(false);
  });

  it('goes on after the command was killed at any moment of its work', async () => {
    const { home, paths } = network();
    await network().run('down');
    for (const milliseconds of [150, 400, 800, 1300]) {
      const main = fileURLToPath(new URL('../../network/main.ts', import.meta.url));
      const child = spawn(process.execPath, [main, 'up', '--home', home], { stdio: 'ignore' });
      const exit = once(child, 'exit');
      await sleep(milliseconds);
      child.kill('SIGKILL');
      await exit;
    }
    expect((await network().run('up')).stderr).to.equal('');
    expect((await readStatus(network().context)).isWhole).to.equal(true);
    expect(existsSync(paths.lock)).to.equal(false);
  });

  it('finds a process whose record was never written', async () => {
    const { paths } = network();
    const before = findProcess(paths, 'peer.chengdu');
    expect(before).to.not.equal(undefined);
    rmSync(join(paths.processes, 'peer.chengdu.json'));
    expect((await network().run('up')).stderr).to.equal('');
    expect(findProcess(paths, 'peer.chengdu')).to.deep.equal(before);
  });

  it('joins an orderer again that was taken off the channel', async () => {
    const { context, paths, plan } = network();
    const [, orderer] = orderersOf(plan);
    if (!orderer) throw new Error('no orderer');
    const { admin, tlsCa } = ordererCryptoOf(paths, orderer);
    const address = `127.0.0.1:${portOf(plan, orderer, 'ordererAdmin')}`;
    const tls = ['--ca-file', tlsCa, '--client-cert', admin.tls.certificate, '--client-key', admin.tls.key];
    const ask = (...args: readonly string[]) => {
      const all = ['channel', ...args, '--channelID', plan.channel, '--orderer-address', address, ...tls];
      return spawnSync(context.programs.osnadmin, all, { encoding: 'utf8', timeout: 5000 }).stdout;
    };
    expect(ask('remove')).to.include('204');
    const ledger = join(paths.nodeOf('orderer.chengdu'), 'data', 'ledger', 'chains', plan.channel);
    while (existsSync(ledger)) await sleep(20);
    expect((await network().run('up')).stderr).to.equal('');
    while (!ask('list').includes('"status": "active"')) await sleep(100);
    expect(readFileSync(logFile(paths, 'orderer.chengdu'), 'utf8')).to.not.include('panic');
  });

  it('gives a peer that lost everything its ledger back', async () => {
    const { paths } = network();
    kill(network(), 'peer.shenzhen');
    rmSync(join(paths.nodeOf('peer.shenzhen'), 'data'), { recursive: true });
    expect((await network().run('up')).stderr).to.equal('');
    expect((await network().run('status')).code).to.equal(0);
  });

  it('ends every process, also one that is halted, and starts again with its data', async () => {
    const { paths, plan } = network();
    const records = listProcesses(paths);
    expect(records).to.have.length(10);
    const halted = findProcess(paths, 'orderer.chengdu');
    if (halted) process.kill(halted.pid, 'SIGSTOP');
    expect((await network().run('down')).code).to.equal(0);
    expect(records.filter(isRunning)).to.deep.equal([]);
    expect(listProcesses(paths)).to.deep.equal([]);
    expect((await network().run('up')).stderr).to.equal('');
    expect(network().plan).to.deep.equal(plan);
  });
});
