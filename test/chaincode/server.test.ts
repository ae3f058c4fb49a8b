import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildContract } from '@yinxin/chaincode/build';
import { errorEntry, sentence } from '@yinxin/core';
import { expect } from 'chai';

const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
const builder = fileURLToPath(new URL('../../chaincode/build.ts', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe('the process of the built contract', function () {
  this.timeout(30_000);
  let folder = '';
  let identity = '';
  const running = new Set<ChildProcess>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yinxin-contract-'));
    identity = await buildContract(folder);
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const serve = (...args: readonly string[]) => {
    const env = { ...process.env, NODE_PATH: packages };
    const child = spawn(process.execPath, [join(folder, 'server.cjs'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    return { child, said: text(child.stderr), ended: once(child, 'exit') };
  };
  const at = async (id: string) => {
    const port = await freePort();
    return { port, ...serve('--chaincode-address', `127.0.0.1:${port}`, '--chaincode-id', id) };
  };
  async function refusalOf({ said, ended }: ReturnType<typeof serve>) {
    const [code] = (await ended) as [number | null];
    return { code, said: await said };
  }

  it('listens under the label of its own files, says nothing, and ends when it is told to', async () => {
    const { port, child, said, ended } = await at(`yinxin-${identity}:${'ab'.repeat(32)}`);
    for (let turn = 0; turn < 200 && !(await isListening(port)); turn += 1) await sleep(50);
    expect(await isListening(port)).to.equal(true);
    const since = performance.now();
    child.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
    expect(performance.now() - since).to.be.lessThan(2_000);
    expect(await said).to.equal('');
  });

  it('refuses another label, in both languages', async () => {
    for (const label of [`yinxin-${'00'.repeat(32)}`, `other-${identity}`, identity]) {
      const { code, said } = await refusalOf(await at(`${label}:ab`));
      expect(code, label).to.equal(errorEntry('CONTRACT_MISMATCH').exit);
      for (const language of ['zh', 'en'] as const) {
        const { what, next } = sentence('CONTRACT_MISMATCH', language);
        expect(said, label).to.include(what).and.to.include(next);
      }
    }
  });

  it('does not understand a command line without address or id, or with anything that would run something else', async () => {
    const id = `yinxin-${identity}:ab`;
    const address = ['--chaincode-address', '127.0.0.1:1'];
    const wrong = [
      [],
      address,
      ['--chaincode-id', id],
      [...address, '--chaincode-id', `yinxin-${identity}`],
      [...address, '--chaincode-id', `${id}:cd`],
      [...address, '--chaincode-id', id, '--module-path', '/'],
    ];
    for (const args of wrong) {
      expect((await refusalOf(serve(...args))).code, args.join(' ')).to.equal(errorEntry('USAGE').exit);
    }
  });

  it('refuses files of which one was changed since', async () => {
    await appendFile(join(folder, 'contract.cjs'), '\n');
    const { code } = await refusalOf(await at(`yinxin-${identity}:ab`));
    expect(code).to.equal(errorEntry('CONTRACT_MISMATCH').exit);
  });

  it('is built to the same bytes by the command, in another folder and from another place', async () => {
    const other = await mkdtemp(join(tmpdir(), 'yinxin-other-'));
    const child = spawn(process.execPath, [builder, other], { cwd: tmpdir() });
    expect((await text(child.stdout)).trim()).to.equal(identity);
    expect(JSON.parse(await readFile(join(other, 'identity.json'), 'utf8'))).to.deep.equal({ sm3: identity });
    await rm(other, { recursive: true });
  });
});
