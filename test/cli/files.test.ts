/** Folders that are made for what the command writes, and those that cannot be. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { makeFolder } from '../../issuer-cli/files.ts';
import { makeFolder as makeTestFolder } from './support.ts';

async function refusal(path: string): Promise<string | undefined> {
  const error = await makeFolder(path).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof YinxinError ? error.code : undefined;
}

describe('making a folder', () => {
  const folder = makeTestFolder();
  after(() => folder.remove());

  it('makes those above it too, for the owner alone, and is content with one that is there', async () => {
    const path = join(folder.path, 'a', 'b', 'c');
    await makeFolder(path);
    await makeFolder(path);
    expect(statSync(path).mode & 0o777).to.equal(0o700);
  });

  it('lets several begin at once', async () => {
    const paths = Array.from({ length: 20 }, (_, at) => join(folder.path, 'x', 'y', `z${at % 4}`));
    await Promise.all(paths.map(makeFolder));
    expect(paths.every((path) => statSync(path).isDirectory())).to.equal(true);
  });

  it('is refused where a file is in the way', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    expect(await refusal(join(folder.path, 'file'))).to.equal('FILE_UNREADABLE');
    expect(await refusal(join(folder.path, 'file', 'below'))).to.equal('FILE_UNREADABLE');
  });

  it('is refused, and not tried for ever, where the system lets nobody make any', async function () {
    if (!existsSync('/proc/self')) return this.skip();
    expect(await refusal('/proc/yinxin/below')).to.equal('FILE_UNREADABLE');
  });
});
