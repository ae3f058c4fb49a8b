import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildContract } from '@yinxin/chaincode/build';
import metadata from '@yinxin/chaincode/metadata.json' with { type: 'json' };
import { parseRefusal } from '@yinxin/core';
import { expect } from 'chai';

interface Built {
  readonly contracts: readonly (new () => {
    readNetwork(context: object, input: string): Promise<string>;
    getName(): string;
  })[];
}

describe('the built contract', function () {
  this.timeout(20_000);
  let folder = '';
  before(async () => {
    // inside the repository, so that what stays outside the file is found
    const dist = new URL('../../chaincode/dist/', import.meta.url);
    await mkdir(dist, { recursive: true });
    folder = await mkdtemp(fileURLToPath(new URL('test-', dist)));
    await buildContract(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is the contract, its process, their manifest and metadata, and the name of all', async () => {
    expect((await readdir(folder)).sort()).to.deep.equal([
      'META-INF',
      'contract.cjs',
      'identity.json',
      'package.json',
      'server.cjs',
    ]);
    const own = JSON.parse(await readFile(join(folder, 'META-INF/metadata.json'), 'utf8')) as object;
    expect(own).to.deep.equal(metadata);
  });

  it('needs nothing of this repository', async () => {
    const text = await readFile(join(folder, 'contract.cjs'), 'utf8');
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(new Set(required)).to.deep.equal(new Set(['fabric-contract-api', 'node:crypto']));
  });

  it('loads as Fabric loads it, and answers', async () => {
    const { contracts } = createRequire(import.meta.url)(join(folder, 'contract.cjs')) as Built;
    const [Contract] = contracts;
    if (!Contract) throw new Error('no contract');
    const contract = new Contract();
    expect(contract.getName()).to.equal('yinxin');
    const stub = { createCompositeKey: () => 'key', getState: async () => new Uint8Array() };
    const message = await contract.readNetwork({ stub }, '{}').catch((error: Error) => error.message);
    expect(parseRefusal(message)?.code).to.equal('NOT_FOUND');
  });
});
