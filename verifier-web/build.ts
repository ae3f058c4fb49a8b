/** Builds the page into dist/: one script, one style sheet, one document, plain names (the gateway gives ETags). */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const dist = `${folder}dist/`;

/** Whole or not at all: a gateway that starts meanwhile never reads half a file. */
function place(name: string, bytes: Uint8Array): void {
  writeFileSync(`${dist}.${name}`, bytes);
  renameSync(`${dist}.${name}`, `${dist}${name}`);
}

/**
 * The library exports whole namespaces, which keeps everything in the bundle: SM4, encryption, key agreement. Of sm2 only what core names
 * remains, of sm4 nothing; a build fails where a name that core uses is not there.
 */
const trimLibrary: Plugin = {
  name: 'trim-sm-crypto',
  setup({ onLoad }) {
    const used = new Set(
      [...readFileSync(`${folder}../core/sm2.ts`, 'utf8').matchAll(/\blibrary\.(\w+)/g)].map(([, name]) => name),
    );
    onLoad({ filter: /sm-crypto-v2\/dist\/index\.mjs$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(
        /__export\((sm[24])_exports, \{([^}]*)\}\);/g,
        (_, namespace: string, members: string) => {
          const kept =
            namespace === 'sm2' ? members.split(',').filter((member) => used.has(member.trim().split(':')[0])) : [];
          if (namespace === 'sm2' && kept.length !== used.size)
            throw new Error('sm-crypto-v2 lacks what core/sm2.ts uses');
          return kept.length === 0 ? '' : `__export(${namespace}_exports, {${kept.join(',')}});`;
        },
      );
      return { contents, loader: 'js' };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [
    { in: `${folder}main.ts`, out: 'page' },
    { in: `${folder}style.css`, out: 'page' },
  ],
  outdir: dist,
  write: false,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'chrome79',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [trimLibrary],
});
mkdirSync(dist, { recursive: true });
for (const file of outputFiles) place(basename(file.path), file.contents);
for (const name of ['index.html', 'favicon.svg']) place(name, readFileSync(`${folder}${name}`));
