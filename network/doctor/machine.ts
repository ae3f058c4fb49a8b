/** What the doctor reads of this machine: clock, disk, memory. Read here, an argument everywhere else. */
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { DoctorContext } from './context.ts';

export type Machine = Pick<DoctorContext, 'now' | 'measureDisk' | 'measureMemory'>;

export const thisMachine: Machine = {
  now: () => new Date(),
  measureDisk: async (folder) => {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
  // within the limit of a container, where there is one
  measureMemory: () => ({ freeBytes: process.availableMemory(), totalBytes: totalmem() }),
};
