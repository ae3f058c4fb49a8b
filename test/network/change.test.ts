/** A network that changes while it runs: a city joins, the contract is replaced, and an organisation deploys with nothing but its profile. On one real network. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { YinxinError } from '@yinxin/core';
import { parseConnectionProfile } from '@yinxin/core/connection-profile';
import { expect } from 'chai';
import type { Context } from '../../network/context.ts';
import { buildContract, writeConnection, writePackage } from '../../network/contract.ts';
import { deployContract } from '../../network/deploy.ts';
import { type Committed, readCommitted } from '../../network/lifecycle.ts';
import { channelOf, operatorOf } from '../../network/members.ts';
import { citiesOf } from '../../network/plan.ts';
import { findProcess, listProcesses } from '../../network/processes.ts';
import { findEndorsers } from '../../network/ready.ts';
import { readStatus } from '../../network/status.ts';
import { upgradeContract } from '../../network/upgrade.ts';
import { describeWithFabric, withNetwork } from '../fixtures/fabric.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'network', 'main.ts');

/** A repository like this one, but for what `change` does to its contract. */
function copyRepository(change: (chaincode: string) => void): { readonly root: string; remove(): void } {
  const copy = mkdtempSync(join(tmpdir(), 'yinxin-repository-'));
  for (const name of ['core', 'node_modules']) symlinkSync(join(root, name), join(copy, name));
  cpSync(join(root, 'chaincode'), join(copy, 'chaincode'), { recursive: true });
  change(join(copy, 'chaincode'));
  return { root: copy, remove: () => rmSync(copy, { recursive: true }) };
}

function replaceText(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, text.replaceAll(from, to));
}

const renameTitle = (title: string) => (chaincode: string) =>
  replaceText(join(chaincode, 'META-INF', 'metadata.json'), '"title": "Yinxin"', `"title": "${title}"`);

describeWithFabric('a network that changes while it runs', function () {
  this.timeout(60_000);
  const network = withNetwork();

  function committedOn(city: number): Promise<Committed | undefined> {
    const { context, plan } = network();
    const asked = citiesOf(plan)[city];
    if (!asked) throw new Error('no such city');
    return readCommitted(operatorOf(context, asked), channelOf(context, plan));
  }

  async function withRepository<T>(
    change: (chaincode: string) => void,
    work: (context: Context) => Promise<T>,
  ): Promise<T> {
    const { root, remove } = copyRepository(change);
    try {
      return await work({ ...network().context, repository: { root, node: process.execPath } });
    } finally {
      remove();
    }
  }

  it('lets a city in, also when the command was killed half-way, and leaves the approvals of the others as they were', async () => {
    const before = network().plan.contract;
    const child = spawn(process.execPath, [main, 'add-city', 'Sichuan', '--home', network().home], { stdio: 'ignore' });
    const exit = once(child, 'exit'); // it may be quicker
    await sleep(1300);
    child.kill('SIGKILL');
    await exit;
    const { stderr } = await network().run('add-city', 'Sichuan');
    expect(stderr === '' || stderr.includes('NETWORK_STATE'), stderr).to.equal(true); // it may have been killed too late
    const { plan, paths, context } = network();
    expect(plan.cities).to.deep.equal(['Shenzhen', 'Chengdu', 'Chongqing', 'Sichuan']);
    expect(plan.contract).to.deep.equal(before);
    expect((await readStatus(context)).isWhole).to.equal(true);
    const committed = await committedOn(3);
    expect(committed?.sequence).to.equal(1);
    expect(committed?.approvedBy.toSorted()).to.deep.equal(['ChengduMSP', 'ChongqingMSP', 'ShenzhenMSP', 'SichuanMSP']);
    for (const city of citiesOf(plan)) {
      expect((await findEndorsers(paths, plan, city)).toSorted(), city.name).to.deep.equal(
        committed?.approvedBy.toSorted(),
      );
    }
    const profile = parseConnectionProfile(JSON.parse(readFileSync(network().profile('shenzhen'), 'utf8')));
    expect(profile.peers.map(({ msp }) => msp)).to.include('SichuanMSP');
    expect(existsSync(network().profile('sichuan'))).to.equal(true);
  });

  it('refuses a city that is there, and a name that is none', async () => {
    const again = await network().run('add-city', 'chengdu');
    expect([again.code, again.stderr.includes('USAGE')]).to.deep.equal([2, true]);
    const there = await network().run('add-city', 'CHengdu');
    expect([there.code, there.stderr.includes('NETWORK_STATE')]).to.deep.equal([1, true]);
  });

  it('says that there is nothing to upgrade to when the contract is the same', async () => {
    const { code, stdout } = await network().run('upgrade');
    expect(code).to.equal(0);
    expect(stdout).to.include('already');
    expect((await committedOn(0))?.sequence).to.equal(1);
  });

  it('goes on with the old contract when the new one does not start, and tells why', async () => {
    const breaks = (chaincode: string) =>
      replaceText(join(chaincode, 'contract.ts'), "super('yinxin');", "throw new Error('broken');");
    const error = await withRepository(breaks, (context) => upgradeContract(context).catch((error: unknown) => error));
    expect(error instanceof YinxinError && error.details['why']).to.include('broken');
    expect((await committedOn(0))?.sequence).to.equal(1);
    expect(findProcess(network().paths, 'contract.shenzhen')).to.not.equal(undefined);
  });

  it('replaces the contract by the word of every city, and ends the old processes', async () => {
    const plan = await withRepository(renameTitle('Yinxin 2'), upgradeContract);
    const committed = await committedOn(1);
    expect(committed?.sequence).to.equal(2);
    expect(committed?.sm3).to.equal(plan?.contract?.sm3);
    expect(committed?.approvedBy).to.have.length(4);
    const names = listProcesses(network().paths).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('contract.'))).to.deep.equal([
      'contract.chengdu.2',
      'contract.chongqing.2',
      'contract.shenzhen.2',
      'contract.sichuan.2',
    ]);
    expect((await network().run('up')).stderr).to.equal('');
    expect((await network().run('status')).code).to.equal(0);
  });

  it('goes back to an earlier contract, whichever port that had when it was installed', async () => {
    await withRepository(renameTitle('Yinxin 2b'), upgradeContract); // sequence 3, on the port of the first
    const { stderr } = await network().run('upgrade'); // sequence 4, on the other: this repository's, which sequence 1 was
    expect(stderr).to.equal('');
    expect(network().plan.contract?.sequence).to.equal(4);
    expect((await network().run('status')).code).to.equal(0);
  });

  it('deploys for one organisation after another with their profiles alone, and commits once most have approved', async () => {
    await withRepository(renameTitle('Yinxin 3'), async (context) => {
      const { plan, paths } = network();
      const sm3 = await buildContract(context.repository, paths);
      const contract = { sm3, packageId: writePackage(paths, sm3), sequence: 5 };
      for (const city of citiesOf(plan)) writeConnection(plan, paths, city, contract);

      const deploy = (name: string) => deployContract(context, network().profile(name));
      const first = await deploy('shenzhen');
      expect(first.isCommitted).to.equal(false);
      expect(first.missing.toSorted()).to.deep.equal(['ChengduMSP', 'ChongqingMSP', 'SichuanMSP']);
      expect((await deploy('shenzhen')).missing).to.have.length(3);
      expect((await deploy('chengdu')).isCommitted).to.equal(false);
      expect((await deploy('chongqing')).isCommitted).to.equal(true);
      expect((await deploy('sichuan')).missing).to.deep.equal([]);
      const committed = await committedOn(0);
      expect([committed?.sequence, committed?.sm3, committed?.approvedBy.length]).to.deep.equal([5, sm3, 4]);
    });
  });
});
