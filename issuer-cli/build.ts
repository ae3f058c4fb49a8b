/** Builds the command into one file, `dist/yinxin.mjs`, for machines without this repository: `node issuer-cli/build.ts`. */
import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Node's own modules stay outside; packages in CommonJS find `require`. The first line of main.ts stays the first. */
await build({
  entryPoints: [at('./main.ts')],
  outfile: at('./dist/yinxin.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  legalComments: 'inline',
  banner: {
    js: "import { createRequire as yinxinRequire } from 'node:module';\nconst require = yinxinRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(at('./dist/yinxin.mjs'), 0o755);
