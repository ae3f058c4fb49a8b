/** What was erased stays erased, whichever backup is restored. */
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupAnswer } from '@yinxin/core';
import { expect } from 'chai';
import { codeOf } from '../../fixtures/api.ts';
import { market, startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';
import { expectRefusal, flip } from '../support.ts';
import { backupPath, makeBackup, openClerk, passphraseOf, restoreTo, startRestored, useFolders } from './support.ts';

describe('erased certificates and backups', () => {
  const folder = useFolders();
  let gateway: TestGateway;
  let passphrase: string;
  let backup: BackupAnswer;
  let kept: string;
  let erased: string;
  let list: string;

  async function fetchCode(at: Pick<TestGateway, 'url' | 'home'>, identifier: string): Promise<unknown> {
    const { api } = await openClerk(at);
    return codeOf(await api.get(`/v1/certificates/${identifier}`, { token: await api.token(market) }));
  }

  before(async () => {
    gateway = await startTestGateway();
    passphrase = passphraseOf(gateway.home);
    const clerk = await openClerk(gateway);
    [kept = '', erased = ''] = await clerk.issue(5);
    backup = await makeBackup(clerk.api);
    const token = await clerk.api.token(market);
    const request = { identifier: erased, document: '示范〔2026〕2号' };
    expect((await clerk.api.post('/v1/erasures', request, { token })).status).to.equal(201);
    list = join(gateway.home, 'backups', 'erasures.json');
  });
  after(async () => {
    expect(gateway.bugs).to.deep.equal([]);
    await gateway.stop();
  });

  /** Backup and list as they would be copied to another machine. */
  function copyBackups(): string {
    const place = folder();
    cpSync(join(gateway.home, 'backups'), place, { recursive: true });
    return place;
  }

  it('are on the list when the erasure is answered, and nothing of them can be read there', () => {
    const text = readFileSync(list, 'utf8');
    expect(Object.keys(JSON.parse(text) as object)).to.deep.equal(['asOf', 'format', 'sealed']);
    expect(text).not.to.include(erased);
  });

  it('are erased again when an older backup is restored', async () => {
    const { home, restored } = await restoreTo(folder(), backupPath(gateway, backup), passphrase);
    expect(restored.erasures).to.include({ listed: 1, applied: 1 });
    expect(restored.proof).to.include({ records: 4, erased: 1, absent: 1 });
    const second = await startRestored(home, passphrase);
    try {
      expect(await fetchCode(second, erased)).to.equal('CERTIFICATE_ERASED');
      expect(await fetchCode(second, kept)).to.equal(undefined);
      await makeBackup((await openClerk(second)).api);
      expect(readdirSync(join(home, 'backups'))).to.include('erasures.json');
    } finally {
      await second.stop();
    }
  });

  it('come back with an older backup without the list, which is said, and go when the gateway finds it', async () => {
    const place = copyBackups();
    rmSync(join(place, 'erasures.json'));
    const { home, restored } = await restoreTo(folder(), join(place, `${backup.name}.backup`), passphrase);
    expect(restored.erasures).to.equal(undefined);
    expect(restored.proof.records).to.equal(5);
    cpSync(join(gateway.home, 'backups'), join(home, 'backups'), { recursive: true });
    const second = await startRestored(home, passphrase);
    try {
      expect(await fetchCode(second, erased)).to.equal('CERTIFICATE_ERASED');
    } finally {
      await second.stop();
    }
  });

  it('are not risked on a list that was altered', async () => {
    const place = copyBackups();
    const path = join(place, 'erasures.json');
    const bytes = readFileSync(path);
    const target = folder();
    for (const changed of [flip(bytes, bytes.length - 5), flip(bytes, 20), bytes.subarray(0, 40)]) {
      writeFileSync(path, changed);
      await expectRefusal('ERASURES_DAMAGED', () =>
        restoreTo(target, join(place, `${backup.name}.backup`), passphrase),
      );
    }
    expect(readdirSync(target)).to.deep.equal([]);
  });

  it('are listed anew by a gateway that finds its list damaged', async () => {
    const home = join(folder(), 'home');
    const first = await startTestGateway({ home });
    await makeBackup((await openClerk(first)).api);
    await first.stop();
    const path = join(home, 'backups', 'erasures.json');
    renameSync(path, `${path}.good`);
    writeFileSync(path, 'damaged');
    const second = await startTestGateway({ home });
    await second.stop();
    expect(readFileSync(path, 'utf8')).to.include('yinxin-erasures/1');
    expect(readdirSync(join(home, 'backups')).some((name) => name.endsWith('.damaged'))).to.equal(true);
  });
});
