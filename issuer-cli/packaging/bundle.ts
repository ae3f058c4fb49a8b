/** The command and all that it imports in one CommonJS file, the form that a single executable takes too. The same bytes wherever it is built. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { nodeMissingExit, nodeNeeded, wantedMajor } from './node-needed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A package of others that went into the file. */
export interface Packaged {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** The text of its licence, as it came with it. */
  readonly text: string;
}

export interface Bundle {
  readonly code: string;
  readonly packages: readonly Packaged[];
}

/** Understood by Node back to 16, which then says what is needed; older ones stop at their launcher. */
const target = 'node16';
const versionCheck = `if (parseInt(process.versions.node, 10) < ${wantedMajor}) {
  process.stderr.write(${JSON.stringify(`${nodeNeeded.zh}\n${nodeNeeded.en}\n`)});
  process.exit(${nodeMissingExit});
}`;

/** @throws Error, as esbuild says it; also for a mere warning: none is expected */
export async function bundleCommand(): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [join(root, 'issuer-cli', 'main.ts')],
    outfile: 'yinxin.cjs',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target,
    // names of sources go into the file, and must not tell where it was built
    absWorkingDir: root,
    legalComments: 'inline',
    banner: { js: versionCheck },
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const [warning] = warnings;
  if (warning) throw new Error(`${warning.location?.file ?? ''}: ${warning.text}`);
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild wrote nothing');
  return { code: file.text, packages: await readPackages(metafile) };
}

/** Folders of packages of which something is in the bundle. */
function foldersIn({ inputs }: Metafile): readonly string[] {
  const folders = Object.keys(inputs).flatMap((path) => {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    return found === undefined ? [] : [found];
  });
  return [...new Set(folders)].sort();
}

const licenceNames = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.txt', 'LICENSE-MIT.txt'];

async function readLicence(folder: string): Promise<string> {
  for (const name of licenceNames) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return text.replaceAll('\r\n', '\n').trim();
  }
  return '';
}

async function readPackages(metafile: Metafile): Promise<readonly Packaged[]> {
  return Promise.all(
    foldersIn(metafile).map(async (path) => {
      const folder = resolve(root, path);
      const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const { name, version, license } = manifest as { name: string; version: string; license?: string }; // npm's own form
      return { name, version, licence: license ?? '', text: await readLicence(folder) };
    }),
  );
}
