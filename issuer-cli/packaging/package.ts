/** All that is handed out, in one folder: the command in one file, its launchers, a single executable, licences, versions and digests. */
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch, platform, versions } from 'node:process';
import { sm3, toHex } from '@yinxin/core';
import { version as esbuildVersion } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { type Bundle, bundleCommand, type Packaged } from './bundle.ts';
import { nameExecutable, writeExecutable } from './executable.ts';
import { batchLauncher, shellLauncher } from './launchers.ts';

export interface Written {
  readonly name: string;
  readonly bytes: number;
}

const programMode = 0o755;
const sumsName = 'SM3SUMS';

function formatLicences(packages: readonly Packaged[]): string {
  const ownOf = ({ name, version, licence, text }: Packaged) => `${name} ${version} (${licence})\n\n${text}\n`;
  const node = `In the single executable: Node.js ${versions.node}\n\nhttps://github.com/nodejs/node/blob/v${versions.node}/LICENSE\n`;
  return [...packages.map(ownOf), node].join(`\n${'-'.repeat(72)}\n\n`);
}

function formatVersions({ packages }: Bundle, executable: string | undefined): string {
  const facts = {
    yinxin: manifest.version,
    bundler: `esbuild ${esbuildVersion}`,
    ...(executable !== undefined && { executable: { name: executable, node: versions.node } }),
    packages: packages.map(({ name, version, licence }) => ({ name, version, licence })),
  };
  return `${JSON.stringify(facts, undefined, 2)}\n`;
}

/** Put into its place whole: a program that runs now is not written over. */
async function place(folder: string, name: string, write: (path: string) => Promise<void>): Promise<Written> {
  const temporary = join(folder, `.${name}.part`);
  try {
    await write(temporary);
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { name, bytes: (await stat(join(folder, name))).size };
}

const text =
  (content: string, mode = 0o644) =>
  async (path: string) => {
    await writeFile(path, content);
    await chmod(path, mode);
  };

/** Lines as coreutils' `cksum -c` reads them. */
async function formatSums(folder: string, written: readonly Written[]): Promise<string> {
  const lines = written.map(async ({ name }) => `SM3 (${name}) = ${toHex(sm3(await readFile(join(folder, name))))}\n`);
  return (await Promise.all(lines)).join('');
}

/**
 * Writes all of it into `folder`. The same sources, packages and `node` (a Node 24 of this machine) give the same bytes.
 * @throws Error when a tool fails
 */
export async function packageCommand(folder: string, node: string): Promise<readonly Written[]> {
  await mkdir(folder, { recursive: true });
  const bundle = await bundleCommand();
  const executable = nameExecutable(platform, arch);
  const written = [
    await place(folder, 'yinxin.cjs', text(bundle.code, programMode)),
    await place(folder, 'yinxin', text(shellLauncher, programMode)),
    await place(folder, 'yinxin.cmd', text(batchLauncher)),
    await place(folder, 'LICENSES.txt', text(formatLicences(bundle.packages))),
    await place(folder, 'versions.json', text(formatVersions(bundle, executable))),
  ];
  if (executable !== undefined) {
    written.push(await place(folder, executable, (path) => writeExecutable(path, node, bundle.code)));
  }
  return [...written, await place(folder, sumsName, text(await formatSums(folder, written)))];
}
