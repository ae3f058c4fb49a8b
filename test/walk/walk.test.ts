/** The tours go as told. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

describe('the tours', () => {
  it('first: from a roster to a verdict', function () {
    this.timeout(120_000);
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'first'], { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('everything was as told');
  });

  it('an unknown one is refused with the names there are', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'nowhere'], { encoding: 'utf8' });
    expect(status).to.equal(2);
    expect(stderr).to.contain('first');
  });
});
