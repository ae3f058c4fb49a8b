/**
 * `npm run walk -- NAME`: narrated tours that a newcomer can follow and that the tests run. Names: first, cities, million. What follows goes to
 * `npm start`: `npm run walk -- first --ledger fabric` walks on the local network, which must not have been founded before.
 * `npm run walk -- million --rows N` takes a shorter roster.
 */
import { parseArgs } from 'node:util';
import { walkCities } from './cities.ts';
import { walk } from './first.ts';
import { walkMillion } from './million.ts';
import { Tour } from './tour.ts';

type Walk = (tour: Tour, rows: number | undefined) => Promise<void>;
const tours: { readonly [name: string]: Walk } = { first: walk, cities: walkCities, million: walkMillion };

const name = process.argv[2] ?? '';
const chosen = tours[name];
if (chosen === undefined) {
  console.error(`usage: npm run walk -- NAME, NAME one of: ${Object.keys(tours).join(', ')}`);
  process.exit(2);
}
const options = { rows: { type: 'string' }, ledger: { type: 'string' } } as const;
const { values } = parseArgs({ args: process.argv.slice(3), options });
const rows = values.rows === undefined ? undefined : Number(values.rows);
const tour = new Tour(values.ledger === undefined ? [] : ['--ledger', values.ledger]);
try {
  await chosen(tour, rows);
  console.log('\n走完了，一切如所述。 The walk is done, and everything was as told.');
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await tour.end();
}
