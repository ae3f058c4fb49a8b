/**
 * `npm run walk -- NAME`: narrated tours that a newcomer can follow and that the tests run. Names: first, cities. What follows goes to
 * `npm start`: `npm run walk -- first --ledger fabric` walks on the local network, which must not have been founded before.
 */
import { walkCities } from './cities.ts';
import { walk } from './first.ts';
import { Tour } from './tour.ts';

const tours: { readonly [name: string]: (tour: Tour) => Promise<void> } = { first: walk, cities: walkCities };

const name = process.argv[2] ?? '';
const chosen = tours[name];
if (chosen === undefined) {
  console.error(`usage: npm run walk -- NAME, NAME one of: ${Object.keys(tours).join(', ')}`);
  process.exit(2);
}
const tour = new Tour(process.argv.slice(3));
try {
  await chosen(tour);
  console.log('\n走完了，一切如所述。 The walk is done, and everything was as told.');
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await tour.end();
}
