/** A backup of a gateway that goes on issuing, and what is restored from it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupAnswer, BackupsAnswer } from '@yinxin/core';
import { expect } from 'chai';
import { checkBackup } from '../../../gateway/backup/restoring.ts';
import { codeOf } from '../../fixtures/api.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal } from '../support.ts';
import {
  backupPath,
  type Clerk,
  makeBackup,
  marked,
  openClerk,
  passphraseOf,
  restoreTo,
  startRestored,
  useFolders,
} from './support.ts';

describe('backup of a running gateway', () => {
  const folder = useFolders();
  let gateway: TestGateway;
  let clerk: Clerk;
  let passphrase: string;
  /** Acknowledged before the backup was asked for. */
  let early: readonly string[];
  let suspended: string;
  let backup: BackupAnswer;

  /** Batches in flight of two registers, and status changes, while the backup is written. */
  before(async () => {
    gateway = await startTestGateway();
    clerk = await openClerk(gateway);
    passphrase = passphraseOf(gateway.home);
    early = [...(await clerk.issue(300)), ...(await clerk.issue(200, 'food-business-licence'))];
    suspended = early[7] ?? '';
    await clerk.suspend(suspended);
    const streams = ['business-licence', 'food-business-licence'].map(async (type) => {
      for (let round = 0; round < 4; round += 1) {
        const [first = ''] = await clerk.issue(150, type);
        await clerk.suspend(first);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    backup = await makeBackup(clerk.api);
    await Promise.all(streams);
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
  });

  it('says what it holds, and is the file that it names', () => {
    const path = backupPath(gateway, backup);
    expect(statSync(path).size).to.equal(backup.bytes);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).to.equal(backup.digest);
    expect(backup.parts.map(({ part }) => part)).to.deep.equal(['ledger', 'vault', 'index', 'keys', 'files']);
    expect(backup.certificates).to.be.at.least(early.length);
    expect(backup.height).to.be.at.least(3);
  });

  it('holds nothing personal that can be read, no private key and no passphrase', () => {
    const bytes = readFileSync(backupPath(gateway, backup));
    expect(bytes.includes(marked.legalRepresentative)).to.equal(false);
    expect(bytes.includes(passphrase)).to.equal(false);
    expect(bytes.includes('"d":')).to.equal(false);
  });

  it('is listed for the administrator of the gateway’s own domain alone', async () => {
    const { api } = clerk;
    const listed = await api.get('/v1/backups', { token: await api.token('admins/440300') });
    const { name, time, bytes, height } = backup;
    expect(listed.json as unknown as BackupsAnswer).to.deep.equal({
      writing: null,
      backups: [{ name, time, bytes, height }],
      damaged: [],
      restored: null,
    });
    const elsewhere = await api.token('admins/510100');
    expect(codeOf(await api.post('/v1/backups', {}, { token: elsewhere }))).to.equal('CALLER_NOT_PERMITTED');
    expect(codeOf(await api.get('/v1/backups', { token: elsewhere }))).to.equal('CALLER_NOT_PERMITTED');
    const operator = await api.token(market);
    expect(codeOf(await api.post('/v1/backups', {}, { token: operator }))).to.equal('SCOPE_MISSING');
  });

  it('restores to a gateway in which all that was acknowledged before verifies, and no entry is given twice', async () => {
    const { home, restored } = await restoreTo(folder(), backupPath(gateway, backup), passphrase);
    const { proof } = restored;
    expect(proof.records + proof.pending).to.equal(backup.certificates);
    expect(proof.records).to.be.at.least(early.length);
    expect(proof.index).to.equal('compared');
    expect(readdirSync(home)).not.to.include.members(['passphrase', 'clients', 'admins', 'lock']);
    const second = await startRestored(home, passphrase);
    try {
      const other = await openClerk(second);
      for (const identifier of early) {
        expect(await other.verdict(identifier)).to.equal(identifier === suspended ? 'invalid' : 'valid');
      }
      const { readModel } = second.running.gateway.services;
      const last = readModel.register(market, 'business-licence')?.last ?? 0;
      const later = await other.issue(20);
      expect(new Set([...early, ...later]).size).to.equal(early.length + later.length);
      expect(readModel.register(market, 'business-licence')?.last).to.equal(last + later.length);
      expect(await other.verdict(later[19] ?? '')).to.equal('valid');
      const list = await other.api.get('/v1/backups', { token: await other.api.token('admins/440300') });
      expect((list.json as unknown as BackupsAnswer).restored).to.deep.include({ backup: backup.name, missing: [] });
      expect(second.bugs).to.deep.equal([]);
    } finally {
      await second.stop();
    }
  });

  it('can be checked without restoring', async () => {
    const { totals } = await checkBackup({
      backup: backupPath(gateway, backup),
      passphrase,
      report: () => undefined,
    });
    expect(totals).to.deep.equal({ parts: backup.parts, certificates: backup.certificates });
  });

  it('is not restored over a folder that has something in it', async () => {
    const home = join(folder(), 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'mine'), 'x');
    const options = { backup: backupPath(gateway, backup), folder: home, passphrase, report: () => undefined };
    const { restoreBackup } = await import('../../../gateway/backup/restoring.ts');
    const more = { clock: () => backup.time, random: (bytes: number) => new Uint8Array(bytes) };
    await expectRefusal('FOLDER_NOT_EMPTY', () => restoreBackup({ ...options, ...more }));
    expect(readdirSync(home)).to.deep.equal(['mine']);
  });

  it('does not open under another passphrase', async () => {
    const options = { backup: backupPath(gateway, backup), passphrase: `${passphrase}x`, report: () => undefined };
    await expectRefusal('PASSPHRASE_WRONG', () => checkBackup(options));
  });

  it('is written one at a time', async () => {
    const token = await clerk.api.token('admins/440300');
    const answers = await Promise.all([1, 2].map(() => clerk.api.post('/v1/backups', {}, { token })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409]);
    expect(answers.map(codeOf)).to.include('BACKUP_BUSY');
  });
});
