/** A single executable for the machine it is built on: Node itself with the command inside it (Node's "single executable applications"). */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'postject';

/** What postject looks for in a Node binary, once. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const resource = 'NODE_SEA_BLOB';

/** On these, what was built needs no signature to start. */
const platforms = ['linux', 'win32'];

/** `yinxin-linux-x64`, `yinxin-win32-x64.exe`; undefined where none is made. */
export function nameExecutable(platform: string, arch: string): string | undefined {
  if (!platforms.includes(platform)) return undefined;
  return `yinxin-${platform}-${arch}${platform === 'win32' ? '.exe' : ''}`;
}

/** Node's preparation of the code. Its own flags are the command's no more, whatever NODE_OPTIONS says. */
async function makeBlob(node: string, code: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'yinxin-package-'));
  try {
    const config = {
      main: 'yinxin.cjs', // goes into the blob: relative, so that it tells nothing of this machine
      output: 'yinxin.blob',
      disableExperimentalSEAWarning: true,
      useCodeCache: false, // saves no time worth having, and differs from build to build
      execArgvExtension: 'none',
    };
    await writeFile(join(folder, 'yinxin.cjs'), code);
    await writeFile(join(folder, 'sea.json'), JSON.stringify(config));
    const { status, stderr } = spawnSync(node, ['--experimental-sea-config', 'sea.json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`node --experimental-sea-config: ${stderr}`);
    return await readFile(join(folder, 'yinxin.blob'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** postject prints about sections of the binary that do not matter. */
async function silently(work: () => Promise<void>): Promise<void> {
  const { log, warn, error } = console;
  const drop = () => undefined;
  Object.assign(console, { log: drop, warn: drop, error: drop });
  try {
    await work();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}

/** Writes the executable to `path`: `node`, a Node 24 of this machine, and `code` in it. Takes about 4 s. @throws Error */
export async function writeExecutable(path: string, node: string, code: string): Promise<void> {
  const blob = await makeBlob(node, code);
  await copyFile(node, path);
  await chmod(path, 0o755);
  await silently(() => inject(path, resource, blob, { sentinelFuse: fuse }));
}
