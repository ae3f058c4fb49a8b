import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { lockDataFolder } from '../../gateway/data-lock.ts';
import { listen } from '../../gateway/listen.ts';
import { type Environment, readSettings } from '../../gateway/settings.ts';
import { formatStartProblem } from '../../gateway/start-words.ts';
import { expectRefusal, useFolder } from './support.ts';

const refusal = (environment: Environment) => {
  try {
    readSettings(environment, '/srv');
  } catch (error) {
    if (error instanceof YinxinError)
      return `${error.code} ${String(error.details['setting'])}: ${String(error.details['reason'])}`;
    throw error;
  }
  return 'accepted';
};

describe('gateway: settings', () => {
  it('have defaults that need no environment', () => {
    expect(readSettings({}, '/srv')).to.deep.equal({
      port: 8080,
      home: '/srv/.yinxin',
      publicUrl: undefined,
      tls: undefined,
      passphraseFile: undefined,
    });
  });

  it('take paths from the working folder, and an empty value as none', () => {
    const environment = {
      PORT: '',
      YINXIN_HOME: 'data',
      YINXIN_TLS_CERT: '/c',
      YINXIN_TLS_KEY: 'k',
      YINXIN_PASSPHRASE_FILE: 'p',
    };
    expect(readSettings(environment, '/srv')).to.deep.include({
      port: 8080,
      home: '/srv/data',
      tls: { cert: '/c', key: '/srv/k' },
      passphraseFile: '/srv/p',
    });
  });

  it('refuse what is malformed, and name it', () => {
    expect(refusal({ PORT: '80a' })).to.equal('SETTING_INVALID PORT: not a port');
    expect(refusal({ PORT: '65536' })).to.equal('SETTING_INVALID PORT: not a port');
    expect(refusal({ PORT: '-1' })).to.equal('SETTING_INVALID PORT: not a port');
    for (const url of [
      'certs.example',
      'ftp://certs.example',
      'https://certs.example/path',
      'https://u:p@certs.example',
    ]) {
      expect(refusal({ YINXIN_PUBLIC_URL: url }), url).to.equal('SETTING_INVALID YINXIN_PUBLIC_URL: not an origin');
    }
    expect(refusal({ YINXIN_TLS_CERT: 'c' })).to.equal('SETTING_INVALID YINXIN_TLS_KEY: missing beside the other');
    expect(refusal({ YINXIN_TLS_KEY: 'k' })).to.equal('SETTING_INVALID YINXIN_TLS_CERT: missing beside the other');
  });

  it('take a public URL with or without a slash', () => {
    expect(readSettings({ YINXIN_PUBLIC_URL: 'https://certs.example/' }, '/').publicUrl).to.equal(
      'https://certs.example',
    );
    expect(readSettings({ YINXIN_PUBLIC_URL: 'https://certs.example:8443' }, '/').publicUrl).to.equal(
      'https://certs.example:8443',
    );
  });

  it('are complained about in one sentence of each language: what, why, what to do', () => {
    const text = formatStartProblem(new YinxinError('SETTING_INVALID', { setting: 'PORT', reason: 'not a port' }));
    expect(text.split('\n')).to.deep.equal([
      '有一项设置写得不对 (PORT 不是 0 到 65535 的整数)。请按提示改正后再启动。',
      'A setting is malformed (PORT is no whole number from 0 to 65535). Correct it and start again.',
      'SETTING_INVALID',
      '',
    ]);
  });

  const folder = useFolder();

  it('say that a port is taken, and which', async () => {
    const first = await listen({ port: 0, tls: undefined }, () => undefined);
    const error = await expectRefusal('PORT_IN_USE', () =>
      listen({ port: first.port, tls: undefined }, () => undefined),
    );
    expect(error.details).to.deep.equal({ port: first.port });
    await first.close();
  });

  it('say that a TLS file cannot be read, or is none', async () => {
    const cert = join(folder(), 'cert.pem');
    writeFileSync(cert, 'no PEM');
    const missing = { cert, key: join(folder(), 'key.pem') };
    expect(
      (await expectRefusal('SETTING_INVALID', () => listen({ port: 0, tls: missing }, () => undefined))).details,
    ).to.deep.equal({
      setting: 'YINXIN_TLS_KEY',
      reason: 'unreadable',
    });
    await expectRefusal('SETTING_INVALID', () => listen({ port: 0, tls: { cert, key: cert } }, () => undefined));
  });
});

describe('gateway: the lock of the data folder', () => {
  const folder = useFolder();
  const path = () => join(folder(), 'lock');

  it('lets one in, names it to the other, and lets the next in after it', async () => {
    const lock = lockDataFolder(folder());
    const error = await expectRefusal('DATA_IN_USE', () => lockDataFolder(folder()));
    expect(error.details).to.deep.equal({ process: process.pid });
    lock.release();
    lock.release();
    lockDataFolder(folder()).release();
  });

  it('is taken over from a process that is gone', () => {
    const gone = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(path(), `${gone} x\n`);
    lockDataFolder(folder()).release();
  });

  it('is taken over when it is empty, damaged, or our own number from before a restart', () => {
    for (const left of ['', 'abc', '0', `${process.pid} old`, `${process.pid}`]) {
      writeFileSync(path(), left);
      lockDataFolder(folder()).release();
    }
  });

  it('is taken over from a number that another process bears now', function () {
    if (process.platform !== 'linux') this.skip();
    writeFileSync(path(), `${process.ppid} another-boot/1\n`);
    const lock = lockDataFolder(folder());
    expect(readFileSync(path(), 'utf8').split(' ')[0]).to.equal(String(process.pid));
    lock.release();
  });
});
