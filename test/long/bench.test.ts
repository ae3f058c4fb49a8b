/** The benches run and give figures of the documented shape. What they measure is never asserted. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Figure } from '../bench/figure.ts';

const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url));

describe('npm run bench', () => {
  for (const name of ['certificates', 'verify', 'issue', 'start', 'bulk --rows 5000']) {
    it(`${name} --json`, function () {
      this.timeout(300_000);
      const args = [main, ...name.split(' '), '--json'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(status, stderr).to.equal(0);
      const figures = JSON.parse(stdout) as readonly Figure[];
      expect(figures).to.have.length.greaterThan(0);
      for (const figure of figures) {
        expect(Object.keys(figure)).to.deep.equal(['figure', 'value', 'unit', 'peer', 'ratio', 'goal']);
        expect(figure.value).to.be.greaterThan(0);
      }
    });
  }
});
