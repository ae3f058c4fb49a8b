/** Builds the contract into one CommonJS file with the metadata beside it, for machines without this repository: `node build.ts [FOLDER]`. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import own from './package.json' with { type: 'json' };

const here = fileURLToPath(new URL('.', import.meta.url));

/** fabric-shim loads its own contract by `instanceof` and by file paths: it and fabric-contract-api stay outside and are installed beside. */
const external = ['fabric-contract-api', 'fabric-shim'];

/** Writes `contract.cjs`, `package.json` and `META-INF/metadata.json`, which is what `fabric-chaincode-node` loads. */
export async function buildContract(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(here, 'contract.ts')],
    outfile: join(folder, 'contract.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external,
    logLevel: 'silent',
  });
  const { version, dependencies } = own;
  const manifest = {
    name: 'yinxin-contract',
    version,
    private: true,
    main: 'contract.cjs',
    scripts: { start: 'fabric-chaincode-node server' },
    // later patch levels lost a function that fabric-contract-api calls to return its own metadata
    overrides: { 'class-transformer': '0.4.0' },
    dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => external.includes(name))),
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await cp(join(here, 'META-INF'), join(folder, 'META-INF'), { recursive: true });
}

if (import.meta.main) await buildContract(process.argv[2] ?? join(here, 'dist'));
