/** A gateway whose public URL cannot be reached from here: what goes into codes, and what the command on this machine uses. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant } from '@yinxin/core';
import { expect } from 'chai';
import { type RunningGateway, startGateway } from '../../gateway/start.ts';
import { runCommand } from '../cli/support.ts';
import { formHeaders, readClient, toAssertion, tokenForm } from '../fixtures/api.ts';
import { certsFolder, market, smallCatalogue } from '../fixtures/gateway.ts';
import { cheapCost, useFolder } from './support.ts';

const publicUrl = 'https://certs.invalid';
const now = () => toInstant(Math.floor(Date.now() / 1000));

async function start(home: string): Promise<RunningGateway> {
  return startGateway({
    settings: {
      port: 0,
      home,
      publicUrl,
      tls: undefined,
      passphraseFile: undefined,
      ledger: { kind: 'embedded' },
      partners: [],
    },
    channel: 'certs',
    catalogue: await smallCatalogue([market]),
    pageFolder: join(home, 'no-page'),
    clock: now,
    random: (bytes) => randomBytes(bytes),
    progress: { step: () => undefined, note: () => undefined },
    terminal: { input: process.stdin, output: process.stderr },
    processFigures: () => ({ residentBytes: 0, uptimeSeconds: 0 }),
    logBug: () => undefined,
    withCertificates: false,
    cost: cheapCost,
  });
}

describe('gateway: a public URL that this machine cannot reach', function () {
  this.timeout(30_000);
  const folder = useFolder();
  let running: RunningGateway;
  beforeEach(async () => {
    running = await start(folder());
  });
  afterEach(() => running.stop());

  const yinxin = (...args: readonly string[]) =>
    runCommand(args, { cwd: folder(), env: { YINXIN_HOME: folder(), YINXIN_GATEWAY: '' }, now: now() });

  it('is not in the files of the command, and is an audience beside the URL that is', async () => {
    const client = readClient(folder(), market);
    const command: unknown = JSON.parse(readFileSync(join(folder(), 'command.json'), 'utf8'));
    expect(client.gateway).to.equal(running.url);
    expect(command).to.deep.include({ gateway: running.url });
    for (const own of [client.gateway, publicUrl]) {
      const body = tokenForm(toAssertion(client, `${own}/oauth/token`));
      const { status } = await fetch(`${client.gateway}/oauth/token`, { method: 'POST', body, headers: formHeaders });
      expect(status, own).to.equal(200);
    }
  });

  it('lets the command work by its files alone, and goes into codes', async () => {
    const issued = await yinxin('issue', join(certsFolder, 'samples', 'business-licence.csv'), '-o', 'out');
    expect(issued.exit, issued.err).to.equal(0);
    const [first = ''] = readdirSync(join(folder(), 'out')).filter((name) => name.endsWith('.yinxin.json'));
    const code = await yinxin('code', join('out', first), '--json');
    expect(code.exit, code.err).to.equal(0);
    const { symbol } = JSON.parse(code.out) as { readonly symbol: string };
    expect(symbol).to.match(/^https:\/\/certs\.invalid\/#\d+$/);
  });
});
