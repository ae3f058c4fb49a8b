/** `npm run bench -- NAME [--json]`: measures, with the peer in the same run. Names: certificates, verify, codes, time, status-lists, issue, start, fabric. */
import { type Figure, formatTable } from './figure.ts';

const benches: { readonly [name: string]: () => Promise<{ measure(): Promise<readonly Figure[]> }> } = {
  certificates: () => import('./certificates.ts'),
  verify: () => import('./verify.ts'),
  codes: () => import('./codes.ts'),
  time: () => import('./time.ts'),
  'status-lists': () => import('./status-lists.ts'),
  issue: () => import('./issue.ts'),
  start: () => import('./start.ts'),
  fabric: () => import('./fabric.ts'),
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const json = process.argv.includes('--json');
const unknown = names.find((name) => benches[name] === undefined);
if (names.length === 0 || unknown !== undefined) {
  console.error(`usage: npm run bench -- NAME [--json], NAME one or more of: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const name of names) {
  const bench = await benches[name]?.();
  figures.push(...((await bench?.measure()) ?? []));
}
console.log(json ? JSON.stringify(figures, null, 2) : formatTable(figures));
