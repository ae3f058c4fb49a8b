/** `yinxin vault backup` and `vault backups`, against a gateway. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupAnswer } from '@yinxin/core';
import { expect } from 'chai';
import { runLive } from '../../cli/support.ts';
import { startTestGateway, type TestGateway } from '../../fixtures/gateway.ts';

describe('the commands for backups', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway.stop());

  const run = (...args: readonly string[]) => runLive(gateway, gateway.home)('vault', ...args);

  it('say that there is none, write one, and list it', async () => {
    const none = await run('backups');
    expect(none).to.deep.equal({ exit: 0, out: '还没有备份：yinxin vault backup\n', err: '' });
    const written = await run('backup', '--as', '440300');
    expect(written.exit).to.equal(0);
    const [name = ''] = readdirSync(join(gateway.home, 'backups'));
    expect(written.out).to.include(`备份写好了：${name}`).and.to.include('SHA-256').and.to.include('erasures.json');
    const listed = await run('backups');
    expect(listed.out).to.include(name.replace('.backup', '')).and.to.include('MB');
    const json = await run('backup', '--json');
    expect((JSON.parse(json.out) as BackupAnswer).parts).to.have.length(5);
  });

  it('name what is damaged, with exit code 1', async () => {
    writeFileSync(join(gateway.home, 'backups', '20260101T000000Z-00000000.backup'), 'yinxin-backup/1\nxxxxxxxx');
    const listed = await run('backups');
    expect(listed.exit).to.equal(1);
    expect(listed.out).to.include('20260101T000000Z-00000000：损坏或不是本网关的');
  });

  it('are refused to another city’s administrator', async () => {
    const refused = await run('backup', '--as', '510100');
    expect(refused.exit).to.equal(1);
    expect(refused.err).to.include('CALLER_NOT_PERMITTED');
  });
});
