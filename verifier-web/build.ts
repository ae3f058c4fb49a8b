/** Builds the page into dist/: one script, one style sheet, one document, plain names (the gateway gives ETags). */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('.', import.meta.url));
const dist = `${folder}dist/`;

/** Whole or not at all: a gateway that starts meanwhile never reads half a file. */
function place(name: string, bytes: Uint8Array): void {
  writeFileSync(`${dist}.${name}`, bytes);
  renameSync(`${dist}.${name}`, `${dist}${name}`);
}

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
});
mkdirSync(dist, { recursive: true });
for (const file of outputFiles) place(basename(file.path), file.contents);
for (const name of ['index.html', 'favicon.svg']) place(name, readFileSync(`${folder}${name}`));
