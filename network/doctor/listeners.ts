/** Which process listens on a port of loopback, as Linux tells it in /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';

export type Listener =
  | { readonly kind: 'process'; readonly pid: number }
  /** `hidden`: someone listens, another user's process; `unknown`: this system does not say. */
  | { readonly kind: 'nobody' | 'hidden' | 'unknown' };

/** State of a socket that listens, in /proc/net/tcp. */
const listening = '0A';

/** Inodes of the sockets that listen on the port, whatever the address. Undefined where there is no such table. */
function findSockets(port: number): readonly string[] | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
      readIfThere(table, table.endsWith('6'))
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === listening && local?.endsWith(wanted))
        .flatMap(([, , , , , , , , , inode]) => inode ?? []),
    );
  } catch {
    return undefined;
  }
}

function readIfThere(path: string, isOptional: boolean): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isOptional) return '';
    throw error;
  }
}

function hasSocket(pid: number, inodes: readonly string[]): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${fd}`))?.[1];
      return inode !== undefined && inodes.includes(inode);
    });
  } catch {
    return false; // ended, or another user's
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** `expected` is looked at first: it is nearly always the one. */
export function findListener(port: number, expected: number): Listener {
  const inodes = findSockets(port);
  if (!inodes) return { kind: 'unknown' };
  if (inodes.length === 0) return { kind: 'nobody' };
  if (hasSocket(expected, inodes)) return { kind: 'process', pid: expected };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.map(Number).find((candidate) => hasSocket(candidate, inodes));
  return pid === undefined ? { kind: 'hidden' } : { kind: 'process', pid };
}

const connectMilliseconds = 2000;

/** Whether anybody accepts connections there. */
export function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(connectMilliseconds, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
