/** What of Windows can be seen on another machine: names, patience with a busy file, a file system without links, patterns. */
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import { formatIdentifier } from '@yinxin/core';
import { expect } from 'chai';
import { chooseLanguage } from '../../issuer-cli/context.ts';
import {
  expandPatterns,
  isPortableName,
  isPortablePath,
  placeNew,
  replaceFileNow,
  syncFolder,
  whileBusy,
} from '../../issuer-cli/platform.ts';

const failWith = (code: string) => Object.assign(new Error(code), { code });

describe('names of files', () => {
  const bad = [
    'CON',
    'con.png',
    'nul',
    'Aux.tar.gz',
    'LPT1',
    'com¹.txt',
    'COM0',
    'CONIN$',
    'NUL .txt',
    'a:b',
    'a.',
    'a ',
    '',
    '.',
    '..',
    'a\u0007',
    'a"b',
    'a|b',
    'a?',
    `${'长'.repeat(252)}.png`,
  ];
  for (const name of bad) {
    it(`refuses ${JSON.stringify(name.slice(0, 20))}`, () => expect(isPortableName(name)).to.equal(false));
  }
  const good = [
    '照片1.png',
    'console.png',
    'con-1.png',
    'COM10',
    'lpt.png',
    '.yinxin',
    '𠮷.png',
    'a b.png',
    '名册（2026年）.csv',
  ];
  for (const name of good) {
    it(`takes ${name}`, () => expect(isPortableName(name)).to.equal(true));
  }

  it('a certificate’s file may have its name everywhere, and leaves room for a folder in Windows’ 260 characters', () => {
    const typeCode = '11990300DEMA00021E001';
    const id = formatIdentifier({ typeCode, issuer: '11990300DEMA00021E', serial: 999_999_999, version: 999 });
    const name = `${id}.yinxin.json`;
    expect(isPortableName(name)).to.equal(true);
    expect(
      win32.join('C:\\Users\\经办人员\\Documents\\certificates\\business-licence-20261120\\000001-004096', name).length,
    ).to.be.below(200);
  });

  it('a path goes downwards only, whichever stroke parts it', () => {
    expect(['照片\\1.png', '照片/1.png', '1.png'].every(isPortablePath)).to.equal(true);
    for (const path of [
      '..\\1.png',
      '/1.png',
      '\\\\server\\share\\1.png',
      'C:\\1.png',
      'C:1.png',
      '照片\\nul',
      'a//b',
      './a',
    ])
      expect(isPortablePath(path), path).to.equal(false);
  });
});

describe('files on Windows', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-platform-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('a file that another program holds is tried again, and only there', async () => {
    let tries = 0;
    const busyTwice = async () => {
      tries += 1;
      if (tries < 3) throw failWith('EBUSY');
      return tries;
    };
    expect(await whileBusy(busyTwice, 'win32', [1, 1, 1])).to.equal(3);
    tries = 0;
    const error = await whileBusy(busyTwice, 'linux', [1, 1, 1]).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'EBUSY');
    expect(tries).to.equal(1);
  });

  it('another failure, and one that lasts, is told', async () => {
    const always = (code: string) => async () => {
      throw failWith(code);
    };
    for (const code of ['ENOSPC', 'EACCES']) {
      const error = await whileBusy(always(code), 'win32', [1, 1]).catch((reason: unknown) => reason);
      expect(error).to.have.property('code', code);
    }
  });

  it('without hard links a file is copied, and still never over another', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'content');
    const noLinks = async () => {
      throw failWith('EPERM');
    };
    await placeNew(from, to, noLinks);
    expect(readFileSync(to, 'utf8')).to.equal('content');
    const again = await placeNew(from, to, noLinks).catch((reason: unknown) => reason);
    expect(again).to.have.property('code', 'EEXIST');
    linkSync(from, join(folder, 'linked'));
    const overLink = await placeNew(from, join(folder, 'linked')).catch((reason: unknown) => reason);
    expect(overLink).to.have.property('code', 'EEXIST');
  });

  it('a file is put in the place of another in one go', () => {
    const [from, to] = [join(folder, 'newer'), join(folder, 'older')];
    for (const platform of ['win32', 'linux'] as const) {
      writeFileSync(from, platform);
      replaceFileNow(from, to, platform);
      expect(readFileSync(to, 'utf8')).to.equal(platform);
    }
    expect(() => replaceFileNow(join(folder, 'missing'), to, 'win32')).to.throw('ENOENT');
  });

  it('a folder is flushed where that is possible, and not opened on Windows', async () => {
    await syncFolder(folder, 'linux');
    await syncFolder(join(folder, 'missing'), 'win32');
    const error = await syncFolder(join(folder, 'missing'), 'linux').catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'ENOENT');
  });

  it('patterns are expanded where no shell does it; options and what fits nothing stay', () => {
    writeFileSync(join(folder, 'b.yinxin.json'), '');
    writeFileSync(join(folder, 'a.yinxin.json'), '');
    const typed = ['revoke', '*.yinxin.json', '--document=*', '没有*'];
    expect(expandPatterns(typed, folder, 'win32')).to.deep.equal([
      'revoke',
      'a.yinxin.json',
      'b.yinxin.json',
      '--document=*',
      '没有*',
    ]);
    expect(expandPatterns(typed, folder, 'linux')).to.deep.equal(typed);
    expect(readdirSync(folder)).to.include('a.yinxin.json');
  });

  it('the language of Windows, which has no LANG, is understood', () => {
    expect(chooseLanguage(undefined, { LANG: 'en-US' })).to.equal('en');
    expect(chooseLanguage(undefined, { LANG: 'zh-Hans-CN' })).to.equal('zh');
  });
});
