/** Backups and restores that are cut off: a full disk, a killed gateway, a killed restore. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { openBackups } from '../../../gateway/backup/backups.ts';
import { checkBackup } from '../../../gateway/backup/restoring.ts';
import { canMount } from '../../faults/small-disk.ts';
import { codeOf, member } from '../../fixtures/api.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal } from '../support.ts';
import { backupPath, makeBackup, openClerk, passphraseOf, useFolders } from './support.ts';

const restore = fileURLToPath(new URL('../../../gateway/restore.ts', import.meta.url));
const backupProcess = fileURLToPath(new URL('./backup-process.ts', import.meta.url));
const quiet = () => undefined;

describe('a backup that is cut off', () => {
  const folder = useFolders();

  it('fails cleanly on a full disk, and the gateway goes on', async function () {
    if (!canMount()) return this.skip();
    const disk = folder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    let gateway: TestGateway | undefined;
    try {
      gateway = await startTestGateway({ backups: disk });
      const clerk = await openClerk(gateway);
      await clerk.issue(500);
      await clerk.issue(500, 'food-business-licence');
      const token = await clerk.api.token('admins/440300');
      const answer = await clerk.api.post('/v1/backups', {}, { token });
      expect(codeOf(answer)).to.equal('BACKUP_FAILED');
      expect(member(answer, 'details', 'reason')).to.equal('ENOSPC');
      expect(readdirSync(join(disk, '440300'))).to.deep.equal([]);
      const [first = ''] = await clerk.issue(1);
      expect(await clerk.verdict(first)).to.equal('valid');
      expect(gateway.bugs).to.deep.equal([]);
    } finally {
      await gateway?.stop();
      execFileSync('umount', [disk]);
    }
  });

  it('leaves room on the disk of the data', async () => {
    const gateway = await startTestGateway();
    try {
      const { ledger, keys, services } = gateway.running.gateway;
      const empty = { freeze: () => ({ blocks: async function* () {}, close: async () => undefined }) };
      const place = folder();
      const backups = await openBackups({
        ...{ home: gateway.home, folder: place, channel: 'certs', domain: '440300', ledger, keys },
        vaultKey: new Uint8Array(32),
        vault: { ...empty } as never, // nothing but its copy is asked for
        readModel: { ...services.readModel, ...empty },
        random: (bytes) => new Uint8Array(bytes),
        clock: () => services.readModel.time(),
        reserveBytes: Number.MAX_SAFE_INTEGER,
      });
      await expectRefusal('BACKUP_FAILED', () => backups.make({ domain: '440300' }));
      expect(readdirSync(place)).to.deep.equal([]);
    } finally {
      await gateway.stop();
    }
  });

  it('is refused at the start where the folder for backups cannot be', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const error = await expectRefusal('SETTING_INVALID', () => startTestGateway({ backups: file }));
    expect(error.details).to.deep.equal({ setting: 'YINXIN_BACKUPS', reason: 'no place for backups' });
  });

  it('is shown while it is written, and given up when the gateway is stopped', async () => {
    const home = join(folder(), 'home');
    const gateway = await startTestGateway({ home });
    await (await openClerk(gateway)).issue(400);
    const { backups } = gateway.running.gateway.services;
    const administrator = { domain: '440300' };
    const refused = expectRefusal('BACKUP_FAILED', () => backups.make(administrator));
    expect((await backups.list(administrator)).writing).to.have.keys('name', 'since', 'bytes');
    await gateway.stop();
    expect((await refused).details).to.deep.equal({ reason: 'closing' });
    expect(readdirSync(join(home, 'backups'))).to.deep.equal([]);
  });

  it('leaves nothing that looks finished when the gateway is killed', async () => {
    const home = join(folder(), 'home');
    const first = await startTestGateway({ home });
    const clerk = await openClerk(first);
    const issued = [...(await clerk.issue(400)), ...(await clerk.issue(400, 'food-business-licence'))];
    const passphrase = passphraseOf(home);
    await first.stop();
    const place = join(home, 'backups');
    for (const milliseconds of [0, 4, 12, 30]) {
      const child = spawn(process.execPath, [backupProcess, home], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await delay(milliseconds);
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const name of readdirSync(place).filter((file) => file.endsWith('.backup'))) {
        await checkBackup({ backup: join(place, name), passphrase, report: quiet });
      }
    }
    const second = await startTestGateway({ home });
    try {
      expect(readdirSync(place).filter((file) => file.endsWith('.tmp'))).to.deep.equal([]);
      const again = await openClerk(second);
      for (const identifier of issued.slice(0, 20)) expect(await again.verdict(identifier)).to.equal('valid');
      const backup = await makeBackup(again.api);
      expect(backup.certificates).to.equal(issued.length);
    } finally {
      await second.stop();
    }
  });

  it('leaves the folder as it was when a restore is killed, and all of it when it is not', async () => {
    const gateway = await startTestGateway();
    const clerk = await openClerk(gateway);
    await clerk.issue(300);
    const path = backupPath(gateway, await makeBackup(clerk.api));
    const env = { PATH: process.env['PATH'] ?? '', YINXIN_PASSPHRASE_FILE: join(gateway.home, 'passphrase') };
    const target = join(folder(), 'restored');
    try {
      for (const milliseconds of [250, 400, 550]) {
        const child = spawn(process.execPath, [restore, path, target], { env, stdio: 'ignore' });
        const ended = once(child, 'exit'); // it may end before its time
        await delay(milliseconds);
        child.kill('SIGKILL');
        await ended;
        if (existsSync(target)) break;
      }
      if (!existsSync(target)) execFileSync(process.execPath, [restore, path, target], { env, stdio: 'ignore' });
      expect(readdirSync(target)).to.include.members(['restored.json', 'keys', 'vault', 'index', 'ledger']);
    } finally {
      await gateway.stop();
    }
  });
});

describe('npm run restore', () => {
  const folder = useFolders();
  let gateway: TestGateway;
  let path: string;

  before(async () => {
    gateway = await startTestGateway();
    const clerk = await openClerk(gateway);
    await clerk.issue(20);
    path = backupPath(gateway, await makeBackup(clerk.api));
  });
  after(() => gateway.stop());

  async function run(...args: readonly string[]) {
    const env = { PATH: process.env['PATH'] ?? '', YINXIN_PASSPHRASE_FILE: join(gateway.home, 'passphrase') };
    const child = spawn(process.execPath, [restore, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (said.out += String(chunk)));
    child.stderr.on('data', (chunk) => (said.err += String(chunk)));
    const [code] = await once(child, 'close');
    return { code, ...said };
  }

  it('says in Chinese or English what it verified', async () => {
    const checked = await run('--check', path);
    expect(checked).to.include({ code: 0, err: '' });
    expect(checked.out).to.include('备份完好').and.to.include('20 份证照');
    const restored = await run(path, join(folder(), 'a'), '--lang', 'en');
    expect(restored.code).to.equal(0);
    expect(restored.out).to.include('Certificates: 20, all open and are the ledger’s');
    expect(restored.out).to.include('every link and hash').and.to.include('Restored:');
  });

  it('ends with the exit code of what is wrong', async () => {
    expect(await run(path)).to.include({ code: 2, out: '' });
    expect(await run('--what', path)).to.include({ code: 2, out: '' });
    const full = await run(path, gateway.home);
    expect(full.code).to.equal(1);
    expect(full.err).to.include('FOLDER_NOT_EMPTY');
    const missing = await run('--check', join(folder(), 'none'), '--lang', 'en');
    expect(missing.code).to.equal(1);
    expect(missing.err).to.include('FILE_UNREADABLE').and.to.include('cannot be read');
  });
});
