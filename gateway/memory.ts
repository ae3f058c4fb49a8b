/** Gives memory back to the system once: starting needs far more than serving, and V8 keeps what it once had. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort';
}) => void;

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function';
}

/** Collects as if memory had run out, which alone empties V8's pool of pages. Takes some tens of milliseconds. */
export function releaseMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (isCollect(collect)) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
