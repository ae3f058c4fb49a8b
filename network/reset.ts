/** `reset`: removes what `up` made, and nothing that somebody else put beside it. */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.ts';

const own = [
  'builder',
  'channel',
  'contracts',
  'crypto',
  'logs',
  'nodes',
  'operators',
  'processes',
  'profiles',
  'scratch',
];

export function removeNetwork({ home, plan }: Paths): void {
  for (const name of own) rmSync(join(home, name), { recursive: true, force: true });
  // last: until then the folder is known as a network's, and a reset that was cut off can be repeated
  rmSync(plan, { force: true });
  if (readdirSync(home).length === 0) rmdirSync(home);
}
