/** The tours go as told. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

describe('the tours', () => {
  const tours = {
    first: 'from a roster to a verdict',
    cities: 'recognition between cities, an earlier day, a key in other hands, a body that merges',
  };
  for (const [name, what] of Object.entries(tours)) {
    it(`${name}: ${what}`, function () {
      this.timeout(120_000);
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, name], { encoding: 'utf8' });
      expect(status, stdout + stderr).to.equal(0);
      expect(stdout).to.contain('everything was as told');
    });
  }

  it('million, with 5,000 rows: one command killed twice, every certificate once, rows that came back', function () {
    this.timeout(180_000);
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'million', '--rows', '5000'], {
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('no entry twice').and.to.contain('everything was as told');
  });

  it('an unknown one is refused with the names there are', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, 'nowhere'], { encoding: 'utf8' });
    expect(status).to.equal(2);
    expect(stderr).to.contain('first').and.to.contain('cities').and.to.contain('million');
  });
});
