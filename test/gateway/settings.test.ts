import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { lockDataFolder } from '../../gateway/data-lock.ts';
import { listen } from '../../gateway/listen.ts';
import { type Environment, readSettings, usualWorkers } from '../../gateway/settings.ts';
import { formatStartProblem, formatWelcome, quoteForShell } from '../../gateway/start-words.ts';
import { expectRefusal, useFolder } from './support.ts';

const refusal = (environment: Environment, args: readonly string[] = []) => {
  try {
    readSettings(environment, '/srv', args);
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
      ledger: { kind: 'embedded' },
      partners: [],
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

  it('take the number of workers, which is otherwise the machine’s', () => {
    expect(readSettings({ YINXIN_WORKERS: '0' }, '/srv')).to.have.property('workers', 0);
    expect([1, 2, 4, 64].map(usualWorkers)).to.deep.equal([1, 1, 3, 8]);
  });

  it('refuse what is malformed, and name it', () => {
    expect(refusal({ PORT: '80a' })).to.equal('SETTING_INVALID PORT: not a port');
    expect(refusal({ PORT: '65536' })).to.equal('SETTING_INVALID PORT: not a port');
    expect(refusal({ PORT: '-1' })).to.equal('SETTING_INVALID PORT: not a port');
    for (const workers of ['9', '-1', '1.5', 'two']) {
      expect(refusal({ YINXIN_WORKERS: workers })).to.equal('SETTING_INVALID YINXIN_WORKERS: not 0 to 8');
    }
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

  it('choose the ledger by the argument, and one organisation’s part by its profile', () => {
    const ledger = (environment: Environment, ...args: readonly string[]) =>
      readSettings(environment, '/srv', args).ledger;
    expect(ledger({}, '--ledger', 'embedded')).to.deep.equal({ kind: 'embedded' });
    expect(ledger({}, '--ledger', 'fabric')).to.deep.equal({ kind: 'demonstration', network: '/srv/.yinxin-network' });
    expect(ledger({ YINXIN_NETWORK: 'net' }, '--ledger=fabric')).to.deep.equal({
      kind: 'demonstration',
      network: '/srv/net',
    });
    const member = { YINXIN_FABRIC_PROFILE: 'p.json', YINXIN_DOMAIN: '510100' };
    for (const args of [[], ['--ledger', 'fabric']]) {
      expect(ledger(member, ...args)).to.deep.equal({ kind: 'member', profile: '/srv/p.json', domain: '510100' });
    }
  });

  it('refuse arguments that there are not, and settings that do not go together', () => {
    expect(refusal({}, ['--leger', 'fabric'])).to.equal('SETTING_INVALID --leger: unknown argument');
    expect(refusal({}, ['fabric'])).to.equal('SETTING_INVALID fabric: unknown argument');
    expect(refusal({}, ['--ledger', 'fabric', '-x'])).to.equal('SETTING_INVALID -x: unknown argument');
    expect(refusal({}, ['--ledger', 'besu'])).to.equal('SETTING_INVALID --ledger: not a ledger');
    expect(refusal({}, ['--ledger'])).to.equal('SETTING_INVALID --ledger: not a ledger');
    const profile = { YINXIN_FABRIC_PROFILE: 'p.json' };
    expect(refusal(profile)).to.equal('SETTING_INVALID YINXIN_DOMAIN: missing beside the profile');
    expect(refusal({ ...profile, YINXIN_DOMAIN: 'chengdu' })).to.equal('SETTING_INVALID YINXIN_DOMAIN: not a domain');
    expect(refusal({ ...profile, YINXIN_DOMAIN: '510100' }, ['--ledger', 'embedded'])).to.equal(
      'SETTING_INVALID YINXIN_FABRIC_PROFILE: not with this ledger',
    );
  });

  it('take the origins of partners, and nothing but origins', () => {
    const names = 'https://chengdu.example, http://localhost:8081/,';
    expect(readSettings({ YINXIN_PARTNERS: names }, '/').partners).to.deep.equal([
      'https://chengdu.example',
      'http://localhost:8081',
    ]);
    expect(refusal({ YINXIN_PARTNERS: 'https://a.example/path' })).to.equal(
      'SETTING_INVALID YINXIN_PARTNERS: not an origin',
    );
  });

  it('take a folder for backups, from where the person stands', () => {
    expect(readSettings({ YINXIN_BACKUPS: 'saved' }, '/srv').backups).to.equal('/srv/saved');
    expect(readSettings({}, '/srv')).not.to.have.property('backups');
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

  it('are complained about where the network is not there, with what to do', () => {
    const details = { setting: 'YINXIN_NETWORK', reason: 'no network', network: '/srv/.yinxin-network' };
    const [zh, en, code] = formatStartProblem(new YinxinError('NETWORK_STATE', details)).split('\n');
    expect(zh).to.include('YINXIN_NETWORK 所指的文件夹里没有可用的网络').and.include('npm run network -- up');
    expect(en).to.include('run npm run network -- up first');
    expect(code).to.equal('NETWORK_STATE');
  });

  it('are complained about on somebody else’s network without commands of our own', () => {
    const details = { setting: 'YINXIN_DOMAIN', reason: 'not registered', domain: '510600' };
    const text = formatStartProblem(new YinxinError('NETWORK_STATE', details));
    expect(text).to.include('Not started: YINXIN_DOMAIN is not on the ledger yet').and.to.not.include('npm run');
  });

  it('give commands with paths that a shell takes', () => {
    expect(quoteForShell('/srv/印信')).to.equal('/srv/印信');
    expect(quoteForShell("/srv/it's here")).to.equal(`'/srv/it'\\''s here'`);
  });

  it('keep the name of the data folder as it was set', () => {
    expect(readSettings({ YINXIN_HOME: 'data' }, '/srv').homeName).to.equal('data');
  });

  it('are complained about with the folder that cannot be used, and why', () => {
    const details = { file: 'data', reason: 'EPERM' };
    expect(formatStartProblem(new YinxinError('FILE_UNREADABLE', details)).split('\n')).to.deep.equal([
      '文件读不出或写不进 (data：没有权限)。请核对路径和权限。',
      'A file cannot be read or written (data: permission denied). Check its path and permissions.',
      'FILE_UNREADABLE',
      '',
    ]);
  });

  const folder = useFolder();

  it('say that a port needs rights that the user does not have, not that it is taken', async function () {
    if (firstFreePort() < 2) this.skip();
    const error = await withoutRights(() =>
      expectRefusal('SETTING_INVALID', () => listen({ port: 1, tls: undefined }, () => undefined)),
    );
    expect(error.details).to.deep.equal({ setting: 'PORT', reason: 'not permitted' });
    expect(formatStartProblem(error)).to.include('below 1024').and.include('1024 以下');
  });

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

/** The first port that needs no rights, where the system says so (Linux); elsewhere nothing is known. */
function firstFreePort(): number {
  const path = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
}

/** Acts as a user without rights, also where the tests run with all of them. */
async function withoutRights<T>(act: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.();
  if (user !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(user);
  }
}

describe('gateway: the welcome', () => {
  const words = { url: 'http://localhost:8080', home: '/h', prefix: '', hasPage: true, example: undefined };
  const cities = [
    { name: { zh: '深圳市', en: 'Shenzhen' }, url: 'http://localhost:8080' },
    { name: { zh: '成都市', en: 'Chengdu' }, url: 'http://localhost:8081' },
  ];

  it('says in both languages where each city’s page is, when there are several', () => {
    const text = formatWelcome({ ...words, cities });
    expect(text)
      .to.match(/成都市 +http:\/\/localhost:8081/)
      .and.match(/Chengdu +http:\/\/localhost:8081/);
    expect(text.split('http://localhost:8081')).to.have.length(3);
  });

  it('says nothing of cities when one gateway speaks for all', () => {
    expect(formatWelcome({ ...words, cities: [] }))
      .not.to.include('各城市')
      .and.not.include('Each city');
  });
});

describe('gateway: a data folder that cannot be used', () => {
  const folder = useFolder();
  const refuse = async (path: string) => (await expectRefusal('FILE_UNREADABLE', () => lockDataFolder(path))).details;

  it('is refused where a file has its name, or that of a folder above it', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, 'mine');
    for (const path of [file, join(file, 'data')]) {
      expect(await refuse(path)).to.deep.equal({ file: path, reason: 'EEXIST' });
    }
    expect(readFileSync(file, 'utf8')).to.equal('mine');
  });

  it('is refused where the user may not write, whether it is there or not', async () => {
    const closed = join(folder(), 'closed');
    mkdirSync(closed, { mode: 0o555 });
    chmodSync(folder(), 0o755);
    for (const path of [closed, join(closed, 'data')]) {
      expect(await withoutRights(() => refuse(path))).to.deep.equal({ file: path, reason: 'EACCES' });
    }
  });

  it('is named as the user named it', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const { details } = await expectRefusal('FILE_UNREADABLE', () => lockDataFolder(file, 'data'));
    expect(details['file']).to.equal('data');
  });

  it('is made with the folders above it, for its owner alone', () => {
    const path = join(folder(), 'a', 'b', 'c');
    lockDataFolder(path).release();
    expect(statSync(path).mode & 0o777).to.equal(0o700);
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
