/** One command at a time goes on with a run: a name that the system frees when its holder is gone, even by a kill or a power cut. */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RunLock {
  release(): void;
}

/** Linux has names without file, Windows named pipes; elsewhere it is a file, which stays behind after a kill. */
function nameLock(run: string): { readonly path: string; readonly isFile: boolean } {
  if (process.platform === 'linux') return { path: `\0yinxin-run-${run}`, isFile: false };
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\yinxin-run-${run}`, isFile: false };
  return { path: join(tmpdir(), `yinxin-run-${run}`), isFile: true };
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Undefined when another command holds the run. */
export async function lockRun(run: string): Promise<RunLock | undefined> {
  const { path, isFile } = nameLock(run);
  let server = await listen(path);
  if (!server && isFile && !(await isHeld(path))) {
    rmSync(path, { force: true });
    server = await listen(path);
  }
  return server && { release: () => void server.close() };
}
