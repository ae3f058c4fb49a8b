/**
 * Builds the contract for machines without this repository, to the same bytes wherever it is built: `node build.ts [FOLDER]`. Prints
 * its identity, the SM3 that the organisations approve.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { contractIdentity } from './identity.ts';
import own from './package.json' with { type: 'json' };

const here = fileURLToPath(new URL('.', import.meta.url));

/** fabric-shim loads its own contract by `instanceof` and by file paths: it and fabric-contract-api stay outside and are installed beside. */
const external = ['fabric-contract-api', 'fabric-shim'];

async function bundle(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(here, source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external,
    // names of sources go into the file, and must not tell where it was built
    absWorkingDir: resolve(here, '..'),
    define: { 'import.meta.dirname': '__dirname' },
    logLevel: 'silent',
  });
}

/**
 * Writes `contract.cjs`, `package.json` and `META-INF/metadata.json`, which is what fabric-shim loads, `server.cjs`, which is what
 * starts, and `identity.json`. @returns the identity
 */
export async function buildContract(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await Promise.all(['contract', 'server'].map((name) => bundle(`${name}.ts`, join(folder, `${name}.cjs`))));
  const { version, dependencies } = own;
  const manifest = {
    name: 'yinxin-contract',
    version,
    private: true,
    main: 'contract.cjs',
    scripts: { start: 'node server.cjs' },
    // class-transformer: later patch levels lost a function that fabric-contract-api calls to return its own metadata; protos: as it is tested here
    overrides: { 'class-transformer': '0.4.0', 'fabric-shim': { '@hyperledger/fabric-protos': '^0.3.7' } },
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => external.includes(name))),
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await cp(join(here, 'META-INF'), join(folder, 'META-INF'), { recursive: true });
  const identity = contractIdentity(folder);
  await writeFile(join(folder, 'identity.json'), `${JSON.stringify({ sm3: identity })}\n`);
  return identity;
}

if (import.meta.main) {
  const identity = await buildContract(resolve(process.argv[2] ?? join(here, 'dist')));
  process.stdout.write(`${identity}\n`);
}
