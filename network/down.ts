/** `down`: every process ends, contracts last; nothing is lost. */
import type { Paths } from './paths.ts';
import { listProcesses, stopProcess } from './processes.ts';

/** Also of a network that is half up, or whose plan is gone: what counts are the records. @returns how many were running or recorded */
export async function takeDown(paths: Paths): Promise<number> {
  const records = listProcesses(paths);
  await Promise.all(records.map((record) => stopProcess(paths, record)));
  return records.length;
}
