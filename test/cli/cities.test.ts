/** One command for the gateways of several cities: each client file says which gateway knows it, and verifying asks the one at home. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { restrictCatalogue } from '../../gateway/demo/sites.ts';
import { openEmbeddedLedger } from '../../gateway/ledger/embedded/ledger.ts';
import type { Ledger } from '../../gateway/ledger/port.ts';
import { chengduMarket, shared, smallCatalogue, startTestCities, type TestGateway } from '../fixtures/gateway.ts';
import { makeFolder, type Ran, runCommand } from './support.ts';

const roster = new URL('../../certs/samples/business-licence.csv', import.meta.url).pathname;
const clock = () => toInstant(Math.floor(Date.now() / 1000));

describe('the command in a network of several gateways', function () {
  this.timeout(30_000);
  const folder = makeFolder();
  const home = join(folder.path, 'home');
  let ledger: Ledger;
  let cities: TestGateway;
  let file = '';

  before(async () => {
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
    ledger = await openEmbeddedLedger({ folder: join(folder.path, 'shared'), channel: 'certs', clock, random });
    const organisations = new Set(['ShenzhenMSP', 'ChengduMSP']);
    const catalogue = restrictCatalogue(await smallCatalogue([chengduMarket]), organisations);
    cities = await startTestCities(shared(ledger), { home, catalogue });
    mkdirSync(join(folder.path, 'out'));
  });
  after(async () => {
    await cities.stop();
    await ledger.close();
    folder.remove();
  });

  function yinxin(...args: readonly string[]): Promise<Ran> {
    const env = { YINXIN_HOME: home, YINXIN_GATEWAY: '' };
    return runCommand(args, { cwd: folder.path, env, now: clock() });
  }
  async function expectDone(...args: readonly string[]): Promise<string> {
    const { exit, out, err } = await yinxin(...args);
    expect(exit, `${args.join(' ')}: ${out}${err}`).to.equal(0);
    return out;
  }

  it('issues at the gateway of the body’s own city, and verifies at home', async () => {
    await expectDone('issue', roster, '--as', chengduMarket, '-o', 'licences', '--yes');
    const [first = ''] = readdirSync(join(folder.path, 'licences')).filter((name) => name.endsWith('.yinxin.json'));
    file = join('licences', first);
    expect(await expectDone('verify', file, '--domain', '成都市')).to.include('服务器补充');
  });

  it('finds the issuing gateway for the holder’s code, changes, reissues, histories and keys', async () => {
    expect(await expectDone('code', file)).to.include('█');
    const legal = ['--document', '示范〔2026〕1号', '--yes'];
    await expectDone('suspend', file, '--basis', 'penalty-law-9', ...legal);
    expect((await yinxin('verify', file, '--domain', '成都市')).out).to.include('已暂停');
    await expectDone('resume', file, '--basis', 'penalty-law-9', ...legal);
    await expectDone('show', file);
    await expectDone('reissue', file, '--set', 'address=成都市示范区', '-o', 'out', '--yes');
    expect((await yinxin('verify', file, '--domain', '成都市')).out).to.include('SUPERSEDED');
    expect(await expectDone('history', file)).to.include('示范〔2026〕1号');
    expect(await expectDone('key', 'rotate', chengduMarket, '--use', 'code', '--as', '成都市')).to.include('已登记');
  });

  it('asks the gateway that is named for everything', async () => {
    const { exit, err } = await yinxin(
      'issue',
      roster,
      '--as',
      chengduMarket,
      '-o',
      'elsewhere',
      '--yes',
      '--gateway',
      cities.url,
    );
    expect(exit).to.equal(1);
    expect(err).to.include('CLIENT_INVALID');
  });

  it('takes a client file by name from anywhere', async () => {
    const client = join(home, 'clients', `${chengduMarket}.json`);
    await expectDone('issue', roster, '--client', client, '-o', 'again', '--yes');
  });
});
