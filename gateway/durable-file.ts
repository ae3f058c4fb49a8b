/** Small files that survive a power cut: the old content or the new, never half of it. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file is called while it is written; one that is found later was never finished. */
export const unfinishedSuffix = '.tmp';

/** What was made, renamed or removed in the folder outlasts a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes (mode 0600) beside the file, syncs, renames over it and syncs the folder. One writer per path at a time. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}${unfinishedSuffix}`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
  await syncFolder(dirname(path));
}
