/** Every sample roster: issued by the command, verified by command and REST alike, revoked, and then invalid to both. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant, type VerificationAnswer } from '@yinxin/core';
import { expect } from 'chai';
import { readCatalogue } from '../../gateway/demo/catalogue.ts';
import { apiOf } from '../fixtures/api.ts';
import { certsFolder, startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { makeFolder, runCommand } from './support.ts';

const samples = readdirSync(join(certsFolder, 'samples')).filter((name) => name.endsWith('.csv'));

describe('every sample roster', function () {
  this.timeout(60_000);
  const folder = makeFolder();
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ catalogue: await readCatalogue(certsFolder) });
  });
  after(async () => {
    await gateway.stop();
    folder.remove();
  });

  const command = (args: readonly string[]) =>
    runCommand(args, {
      cwd: folder.path,
      env: { YINXIN_HOME: gateway.home, YINXIN_GATEWAY: gateway.url },
      now: toInstant(Math.floor(Date.now() / 1000)),
    });
  const askCommand = async (file: string) => {
    const { exit, out } = await command(['verify', file, '--json']);
    const { verdict } = JSON.parse(out) as Pick<VerificationAnswer, 'verdict'>;
    return `${exit} ${verdict.verdict} ${verdict.reason} ${verdict.genuine}`;
  };
  const askRest = async (file: string) => {
    const { text } = await apiOf(gateway).post('/v1/verifications', { file: JSON.parse(readFileSync(file, 'utf8')) });
    const { verdict } = JSON.parse(text) as VerificationAnswer;
    return `${verdict.verdict} ${verdict.reason} ${verdict.genuine}`;
  };

  it('is shown masked before it is issued, the items of a list as it writes them', async () => {
    const { exit, err } = await command(['issue', join(certsFolder, 'samples/social-insurance-proof.csv'), '--check']);
    expect(exit, err).to.equal(0);
    expect(err)
      .to.match(/参保险种 +养老保险；医疗保险\n/)
      .and.not.to.include('李示范');
  });

  for (const sample of samples) {
    it(sample.replace('.csv', ''), async () => {
      const type = sample.replace('.csv', '');
      const isLegacy = gateway.running.gateway.services.readModel
        .trust()
        .types.find((row) => row.type === type)?.legacy;
      const out = join(folder.path, type);
      const args = [
        'issue',
        join(certsFolder, 'samples', sample),
        '-o',
        out,
        '--yes',
        ...(isLegacy ? ['--stock'] : []),
      ];
      const issued = await command(args);
      expect(issued.exit, issued.err).to.equal(0);
      const files = readdirSync(out).filter((name) => name.endsWith('.yinxin.json'));
      expect(files).to.have.length(3);
      const file = join(out, files.sort()[0] ?? '');
      expect(await askCommand(file)).to.equal('0 valid VALID yes');
      expect(await askRest(file)).to.equal('valid VALID yes');
      const legal = ['--basis', 'licence-law-69', '--document', '示范〔2026〕1号', '--yes'];
      const revoked = await command(['revoke', file, ...legal]);
      expect(revoked.exit, revoked.err).to.equal(0);
      expect(await askCommand(file)).to.equal('1 invalid REVOKED yes');
      expect(await askRest(file)).to.equal('invalid REVOKED yes');
    });
  }
});
