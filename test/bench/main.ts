/** `npm run bench -- NAME [--json]`: measures, with the peer in the same run. Names: certificates, verify, codes, time, status-lists, issue, index, start, fabric, bulk, bulk-fabric (both with `--rows N`). */
import { type Figure, formatTable } from './figure.ts';

interface Bench {
  /** `rows`: of `--rows N`, where a bench takes it. */
  measure(options: { readonly rows?: number }): Promise<readonly Figure[]>;
}

const benches: { readonly [name: string]: () => Promise<Bench> } = {
  certificates: () => import('./certificates.ts'),
  verify: () => import('./verify.ts'),
  codes: () => import('./codes.ts'),
  time: () => import('./time.ts'),
  'status-lists': () => import('./status-lists.ts'),
  issue: () => import('./issue.ts'),
  index: () => import('./index.ts'),
  start: () => import('./start.ts'),
  fabric: () => import('./fabric.ts'),
  bulk: () => import('./bulk.ts'),
  'bulk-fabric': () => import('./bulk-fabric.ts'),
};

const names = process.argv.slice(2).filter((argument) => !/^-|^\d/.test(argument));
const json = process.argv.includes('--json');
const unknown = names.find((name) => benches[name] === undefined);
if (names.length === 0 || unknown !== undefined) {
  console.error(`usage: npm run bench -- NAME [--json], NAME one or more of: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const rowsAt = process.argv.indexOf('--rows');
const options = rowsAt < 0 ? {} : { rows: Number(process.argv[rowsAt + 1]) };
const figures: Figure[] = [];
for (const name of names) {
  const bench = await benches[name]?.();
  figures.push(...((await bench?.measure(options)) ?? []));
}
console.log(json ? JSON.stringify(figures, null, 2) : formatTable(figures));
