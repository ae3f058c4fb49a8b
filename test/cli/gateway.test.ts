/** What the command says of a gateway whose HTTPS it cannot trust. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolder, runCommand } from './support.ts';

const makeCertificate =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem';

describe('a gateway with a certificate of its own making', () => {
  const folder = makeFolder();
  after(() => folder.remove());

  it('is not called unreachable: it is said which setting makes it trusted', async function () {
    if (spawnSync('openssl', makeCertificate.split(' '), { cwd: folder.path }).status !== 0) return this.skip();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder.path, name)));
    if (!key || !cert) throw new Error('openssl wrote nothing');
    const server = createServer({ key, cert });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { exit, err } = await runCommand(['types', '--gateway', `https://localhost:${port}`], { cwd: folder.path });
    server.close();
    expect(exit).to.equal(3);
    expect(err).to.include('证书不受这台机器信任').and.to.include('NODE_EXTRA_CA_CERTS');
  });
});
