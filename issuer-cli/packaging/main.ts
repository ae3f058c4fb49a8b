/** `npm run package [-- FOLDER]`: the command for machines without this repository, into `dist/` or FOLDER. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageCommand } from './package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(process.argv[2] ?? `${root}/dist`);

for (const { name, bytes } of await packageCommand(folder, process.execPath)) {
  console.log(`${(bytes / 1e6).toFixed(3).padStart(9)} MB  ${name}`);
}
console.log(`已写入 ${folder}；用“cksum -c SM3SUMS”（coreutils 9）核对。`);
console.log(`Written to ${folder}; check with “cksum -c SM3SUMS” (coreutils 9).`);
if (spawnSync(process.execPath, [`${folder}/yinxin.cjs`, '--version']).status !== 0) process.exitCode = 1;
