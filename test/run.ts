/** `npm test`: type-checks, lints, then runs the tests, two files at a time, and names everything that was skipped. `--long` runs test/long instead. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';

const root = fileURLToPath(new URL('..', import.meta.url));
const long = process.argv.includes('--long');
process.chdir(root);

function check(title: string, command: string, args: readonly string[]): void {
  const began = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`npm test: ${title} failed`);
    process.exit(1);
  }
  console.log(`${title}: ok, ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

if (!long) {
  check('types of core', 'tsc', ['-p', 'core']);
  check('types of the page', 'tsc', ['-p', 'verifier-web']);
  check('types of everything else', 'tsc', []);
  check('lint and format', 'biome', ['check', '--error-on-warnings']);
}

const all = globSync('test/**/*.test.ts').filter((file) => !file.includes('node_modules'));
const files = all.filter((file) => file.startsWith('test/long/') === long).sort();
const mocha = new Mocha({ parallel: true, jobs: 2, timeout: 60_000, reporter: 'dot' });
for (const file of files) mocha.addFile(file);

const skipped: string[] = [];
const runner = mocha.run((failures) => {
  console.log(`${skipped.length} skipped${skipped.length > 0 ? ':' : ''}`);
  for (const title of skipped) console.log(`  - ${title}`);
  console.log(`${runner.stats?.passes ?? 0} passed, ${failures} failed, ${skipped.length} skipped`);
  process.exit(failures === 0 && (runner.stats?.passes ?? 0) > 0 ? 0 : 1);
});
runner.on('pending', (test) => skipped.push(test.fullTitle()));
