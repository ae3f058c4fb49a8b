/** `npm run network -- doctor` on a real network: green, then each fault by itself, which turns exactly its own check red, then green again. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject, type Json } from '@yinxin/core';
import { expect } from 'chai';
import { checkAnswers } from '../../network/doctor/checks/answers.ts';
import { checkClock } from '../../network/doctor/checks/clock.ts';
import { checkDisk } from '../../network/doctor/checks/disk.ts';
import { checkExpiry } from '../../network/doctor/checks/expiry.ts';
import { checkGenesis } from '../../network/doctor/checks/genesis.ts';
import { checkMsp } from '../../network/doctor/checks/msp.ts';
import type { DoctorContext } from '../../network/doctor/context.ts';
import { exitCodeOf, runChecks } from '../../network/doctor/examination.ts';
import { checkIds, type Finding } from '../../network/doctor/finding.ts';
import { pickArray, pickText } from '../../network/doctor/json.ts';
import { describeWithFabric, runNetworkCommand, withNetwork } from '../fixtures/fabric.ts';
import { breakChannel } from './doctor-channel.ts';
import {
  callDoctor,
  cityNamed,
  cryptoNamed,
  editJson,
  endCertificate,
  examine,
  findFinding,
  list,
  overwriteWith,
  pidOf,
  planOf,
  repair,
  runPeer,
  start,
  stop,
  waitUntilListening,
  withFile,
  withoutData,
} from './doctor-support.ts';

const mebibyte = 1024 ** 2;
const dayMilliseconds = 86_400_000;

describeWithFabric('doctor', function () {
  this.timeout(60_000);
  const network = withNetwork();
  /** Knows what a healthy network answers: for faults that lie in files of this machine, or in the machine itself. */
  let knowing: DoctorContext;

  /** What is wrong, as `check subject`: failures, and warnings after a question mark. */
  async function examineFiles(machine: Partial<DoctorContext> = {}): Promise<readonly string[]> {
    const examination = await runChecks({ ...knowing, ...machine });
    return [...list(examination, 'failed'), ...list(examination, 'warning').map((line) => `? ${line}`)];
  }

  before(async () => {
    knowing = callDoctor(network());
    await runChecks(knowing);
  });

  describe('on a healthy network', () => {
    it('finds all well in less than fifteen seconds, with a line for each check, aligned', async () => {
      const began = performance.now();
      const { code, stdout, stderr } = await network().run('doctor');
      expect(performance.now() - began).to.be.lessThan(15_000);
      expect(stderr).to.equal('');
      expect(code, stdout).to.equal(0);
      const lines = stdout.split('\n').filter((line) => line.startsWith('  ✓ 正常  '));
      expect(lines).to.have.length(checkIds.length);
      expect(stdout).to.include(`${checkIds.length} 类检查全部正常`);
    });

    it('finds all well by a path longer than a file’s name may be', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'yinxin-long-'));
      const deep = join(folder, 'd'.repeat(200), '深'.repeat(60));
      mkdirSync(deep, { recursive: true });
      symlinkSync(network().home, join(deep, 'net'));
      const { code, stdout } = await runNetworkCommand(join(deep, 'net'), 'doctor');
      rmSync(folder, { recursive: true });
      expect(code, stdout).to.equal(0);
    });

    it('sees with a profile what can be seen from outside, and names what it cannot', async () => {
      const examination = await examine(network(), { profile: network().profile('chengdu') });
      expect(list(examination, 'failed').concat(list(examination, 'warning'))).to.deep.equal([]);
      expect(list(examination, 'skipped')).to.deep.equal([
        'processes -',
        'orderers -',
        'contract-build -',
        'contract-id -',
        'memory -',
      ]);
    });

    it('leaves nothing behind and refuses options that it does not have', async () => {
      expect((await network().run('doctor', '--raft')).code).to.equal(2);
      expect((await network().run('doctor', '--profile', join(network().home, 'none.json'))).stderr).to.include(
        'none.json',
      );
    });
  });

  describe('programs', () => {
    it('says which one is missing, and skips what needs it', async () => {
      const folder = join(network().paths.scratch, 'few-programs');
      mkdirSync(folder);
      for (const [name, path] of Object.entries(network().context.programs)) {
        if (name !== 'osnadmin') writeFileSync(join(folder, name), `#!/bin/sh\nexec ${path} "$@"\n`, { mode: 0o700 });
      }
      const environment = { ...process.env, YINXIN_FABRIC_BIN: folder };
      const examination = await examine(network(), { environment });
      // no orderer can be asked, so none counts towards the quorum
      expect(list(examination, 'failed')).to.deep.equal(['programs osnadmin', 'orderers certs']);
      expect(list(examination, 'skipped')).to.have.length(4);
    });

    it('says which one is too old', async () => {
      const folder = join(network().paths.scratch, 'old-programs');
      mkdirSync(folder);
      for (const [name, path] of Object.entries(network().context.programs)) {
        const script = name === 'cryptogen' ? 'echo "cryptogen:\n Version: v3.1.4"' : `exec ${path} "$@"`;
        writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o700 });
      }
      const { programs } = callDoctor(network(), { environment: { YINXIN_FABRIC_BIN: folder } });
      expect(await examineFiles({ programs })).to.deep.equal(['programs cryptogen']);
    });
  });

  describe('files of the network', () => {
    it('tls: an authority that did not sign what the nodes present', async () => {
      const { tlsCa } = cryptoNamed(network(), 'Chengdu');
      const examination = await withFile(tlsCa, overwriteWith(cryptoNamed(network(), 'Shenzhen').tlsCa), () =>
        examine(network()),
      );
      // the files are no longer of one family, which follows
      expect([...new Set(list(examination, 'failed'))]).to.deep.equal([
        'tls peer.chengdu',
        'tls contract.chengdu',
        'msp ChengduMSP',
      ]);
      expect(findFinding(examination, 'heights', 'peer.chengdu').state).to.equal('skipped');
    });

    it('tls: a node that still presents an older certificate than its folder has', async () => {
      const { peer, contract } = cryptoNamed(network(), 'Chengdu');
      const found = await withFile(peer.tls.certificate, overwriteWith(contract.tls.certificate), () =>
        withFile(peer.tls.key, overwriteWith(contract.tls.key), () => examineFiles()),
      );
      expect(found).to.deep.equal(['? tls peer.chengdu']);
    });

    it('expiry: a certificate that has ended, and one that is about to', async () => {
      const { client, folder } = cryptoNamed(network(), 'Chengdu');
      const file = join(client.msp, 'signcerts', 'User1@chengdu.yinxin.internal-cert.pem');
      const key = join(folder, 'ca', 'priv_sk');
      const endsIn = (days: number) => (path: string) =>
        endCertificate(path, key, new Date(Date.now() + days * dayMilliseconds));
      expect(await withFile(file, endsIn(-1), () => examineFiles())).to.deep.equal(['expiry ChengduMSP']);
      const statesOf = async () => new Set((await checkExpiry(knowing)).map(({ state }) => state));
      expect(await withFile(file, endsIn(29), statesOf)).to.deep.equal(new Set(['ok', 'warning']));
      expect(await withFile(file, endsIn(31), statesOf)).to.deep.equal(new Set(['ok']));
    });

    it('msp: an authority that the channel does not know, a key that is not the certificate’s, a role that is wrong', async () => {
      const [own, other] = [cryptoNamed(network(), 'Chengdu'), cryptoNamed(network(), 'Shenzhen')];
      const authority = (city: typeof own, name: string) =>
        join(city.msp, 'cacerts', `ca.${name}.yinxin.internal-cert.pem`);
      const swap = overwriteWith(authority(other, 'shenzhen'));
      const found = await withFile(authority(own, 'chengdu'), swap, () => examineFiles());
      expect([...new Set(found)]).to.deep.equal(['msp ChengduMSP']);

      const key = join(own.client.msp, 'keystore', 'priv_sk');
      const wrongKey = overwriteWith(join(own.admin.msp, 'keystore', 'priv_sk'));
      const failuresOf = async () =>
        (await checkMsp(knowing)).flatMap(({ state, subject, found }) =>
          state === 'failed' ? [subject, found.en] : [],
        );
      expect((await withFile(key, wrongKey, failuresOf)).join()).to.match(
        /^ChengduMSP,.* does not hold the certificate’s key$/,
      );

      const certificate = join(own.client.msp, 'signcerts', 'User1@chengdu.yinxin.internal-cert.pem');
      const adminCertificate = join(own.admin.msp, 'signcerts', 'Admin@chengdu.yinxin.internal-cert.pem');
      const asAdmin = await withFile(key, wrongKey, () =>
        withFile(certificate, overwriteWith(adminCertificate), failuresOf),
      );
      expect(asAdmin.join()).to.match(/^ChengduMSP,.* lacks the role client$/);
    });

    it('keys: a private key that others may read', async () => {
      const { client } = cryptoNamed(network(), 'Chengdu');
      chmodSync(client.tls.key, 0o640);
      const examination = await runChecks(knowing);
      chmodSync(client.tls.key, 0o600);
      expect(list(examination, 'failed')).to.deep.equal([`keys ${network().home}`]);
      expect(findFinding(examination, 'keys', network().home).advice?.zh).to.include(`chmod 600 ${client.tls.key}`);
    });

    it('genesis: a profile that means another channel, and a file that is another block', async () => {
      const file = network().profile('chengdu');
      const change = (json: Json) => (isJsonObject(json) ? { ...json, genesis: '0'.repeat(64) } : json);
      const inProfile = await withFile(
        file,
        (path) => editJson(path, change),
        async () => [await examineFiles(), await checkGenesis(callDoctor(network(), { profile: file }))] as const,
      );
      expect(inProfile[0]).to.deep.equal([`genesis ${file}`]);
      expect(inProfile[1].map(({ state }) => state)).to.deep.equal(['failed', 'failed', 'failed']);
      const { genesis } = network().paths;
      const fetch = (path: string) => writeFileSync(path, readFileSync(join(network().paths.scratch, 'block-1')));
      const city = cityNamed(network(), 'Chengdu');
      await runPeer(network(), city, [
        'channel',
        'fetch',
        '1',
        join(network().paths.scratch, 'block-1'),
        '--channelID',
        'certs',
      ]);
      const inFile = await withFile(genesis, fetch, () => examineFiles());
      expect(inFile).to.deep.equal([`genesis ${genesis}`]);
    });

    it('contract-build: one byte more than what was approved', async () => {
      const { plan, paths } = network();
      const folder = paths.contractOf(plan.contract?.sm3 ?? '');
      const append = (path: string) => writeFileSync(path, ' ', { flag: 'a' });
      expect(await withFile(join(folder, 'contract.cjs'), append, () => examineFiles())).to.deep.equal([
        'contract-build yinxin',
      ]);
    });
  });

  describe('the machine', () => {
    it('clock: twenty minutes off, either way, and one minute', async () => {
      const nodes = knowing.view.local?.nodes.filter(({ kind }) => kind !== 'contract').map(({ name }) => name) ?? [];
      const shifted = (minutes: number) => () => new Date(Date.now() + minutes * 60_000);
      const all = nodes.map((name) => `clock ${name}`);
      expect(all).to.have.length(7);
      expect(await examineFiles({ now: shifted(20) })).to.deep.equal(all);
      const statesAt = async (minutes: number) =>
        new Set((await checkClock({ ...knowing, now: shifted(minutes) })).map(({ state }) => state));
      expect(await statesAt(-20)).to.deep.equal(new Set(['failed']));
      expect(await statesAt(1)).to.deep.equal(new Set(['warning']));
      expect(await statesAt(0)).to.deep.equal(new Set(['ok']));
    });

    it('disk: nearly full, and filling', async () => {
      const space = (freeMebibytes: number, totalMebibytes: number) => async () => ({
        freeBytes: freeMebibytes * mebibyte,
        totalBytes: totalMebibytes * mebibyte,
      });
      const { home } = network();
      expect(await examineFiles({ measureDisk: space(199, 1000) })).to.deep.equal([`disk ${home}`]);
      const stateOf = async (freeMebibytes: number, totalMebibytes: number) =>
        (await checkDisk({ ...knowing, measureDisk: space(freeMebibytes, totalMebibytes) }))[0]?.state;
      expect(await stateOf(200, 1000)).to.equal('warning');
      expect(await stateOf(2047, 4000)).to.equal('warning');
      expect(await stateOf(9000, 100_000)).to.equal('warning');
      expect(await stateOf(11_000, 100_000)).to.equal('ok');
    });

    it('memory: nearly none left', async () => {
      const measureMemory = () => ({ freeBytes: 255 * mebibyte, totalBytes: 8192 * mebibyte });
      expect(await examineFiles({ measureMemory })).to.deep.equal(['? memory machine']);
    });
  });

  describe('a contract process', () => {
    const name = 'contract.chengdu';
    after(() => repair(network()));

    async function askFromOutside(): Promise<readonly Finding[]> {
      const findings = await checkAnswers(callDoctor(network(), { profile: network().profile('chengdu') }));
      return findings.filter(({ state }) => state === 'failed');
    }

    it('processes: killed, and the advice is to start it; what follows is skipped', async () => {
      process.kill(pidOf(network(), name), 'SIGKILL');
      const { code, stdout } = await network().run('doctor', '--json');
      const json: Json = JSON.parse(stdout);
      expect(code).to.equal(1);
      expect(json).to.include({ format: 'yinxin-doctor/1', isWell: false });
      const found = pickArray(json, 'findings');
      const listed = (state: string) =>
        found
          .filter((finding) => pickText(finding, 'state') === state)
          .map((finding) => `${pickText(finding, 'check')} ${pickText(finding, 'subject')}`);
      expect(new Set(found.map((finding) => pickText(finding, 'check')))).to.deep.equal(new Set(checkIds));
      expect(listed('failed')).to.deep.equal([`processes ${name}`]);
      expect(listed('skipped')).to.deep.equal([
        `ports ${name}`,
        `tls ${name}`,
        `contract-id ${name}`,
        'answers peer.chengdu',
      ]);
      const advice = found.find((finding) => pickText(finding, 'state') === 'failed');
      const command = `npm run network -- up --home ${network().home}`;
      expect(pickText(advice, 'advice', 'zh')).to.include(`运行 ${command}`);
      expect(pickText(advice, 'advice', 'en')).to.include(`run ${command}`);
    });

    it('answers: seen from outside, the contract of one peer is away', async () => {
      const found = await askFromOutside();
      expect(found.map(({ subject }) => subject)).to.deep.equal(['peer.chengdu']);
      expect(found[0]?.advice?.en).to.include('start it');
    });

    it('ports: another program listens in its place, which cannot shake hands', async () => {
      const [port = 0] = planOf(network(), name).ports;
      const server = await new Promise<Server>((resolve) => {
        const made = createServer((socket) => socket.destroy());
        made.listen(port, '127.0.0.1', () => resolve(made));
      });
      const examination = await examine(network());
      await new Promise((resolve) => server.close(resolve));
      expect(list(examination, 'failed')).to.deep.equal([`processes ${name}`, `ports ${name}`, `tls ${name}`]);
      expect(findFinding(examination, 'ports', name).found.zh).to.include(`pid ${process.pid}`);
    });

    it('contract-id: started by another id, which makes clients wait in vain', async () => {
      const wrong = (arg: string) => arg.replace(/^(yinxin-[0-9a-f]{64}):[0-9a-f]{64}$/, `$1:${'0'.repeat(64)}`);
      await start(network(), name, (args) => args.map(wrong));
      await waitUntilListening(network(), name);
      const [examination, outside] = await Promise.all([examine(network()), askFromOutside()]);
      expect(list(examination, 'failed')).to.deep.equal([`contract-id ${name}`]);
      expect(list(examination, 'skipped')).to.deep.equal(['answers peer.chengdu']);
      expect(findFinding(examination, 'contract-id', name).advice?.en).to.include(`kill ${pidOf(network(), name)}`);
      expect(outside.map(({ subject }) => subject)).to.deep.equal(['peer.chengdu']);
      expect(outside[0]?.advice?.en).to.include('--chaincode-id');
      await stop(network(), name);
    });

    it('tls: one that presents a certificate that has ended', async () => {
      const { contract, folder } = cryptoNamed(network(), 'Chengdu');
      const end = (path: string) =>
        endCertificate(path, join(folder, 'tlsca', 'priv_sk'), new Date(Date.now() - dayMilliseconds));
      const examination = await withFile(contract.tls.certificate, end, async () => {
        await start(network(), name);
        await waitUntilListening(network(), name);
        return examine(network());
      });
      await stop(network(), name);
      // the file has ended too, and the peer does not trust the process
      expect(list(examination, 'failed')).to.deep.equal([`tls ${name}`, 'expiry ChengduMSP', 'answers peer.chengdu']);
    });
  });

  describe('an orderer', () => {
    it('orderers: one that is not on the channel; three of four are enough', async () => {
      const examination = await withoutData(network(), 'orderer.province', () => examine(network()));
      expect(list(examination, 'failed')).to.deep.equal(['orderers orderer.province']);
      expect(list(examination, 'warning')).to.deep.equal(['orderers certs']);
      await repair(network());
    });
  });

  breakChannel(network, () => knowing);

  describe('after all of it', () => {
    it('finds all well again', async () => {
      const examination = await examine(network());
      expect([...list(examination, 'failed'), ...list(examination, 'warning')]).to.deep.equal([]);
      expect(exitCodeOf(examination)).to.equal(0);
    });
  });
});
