/** Whether ports of this machine are free. */
import { createServer } from 'node:net';
import { YinxinError } from '@yinxin/core';

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** `port in use`: others may be chosen; `port taken`: the network was made with this one. */
export type PortFault = 'port in use' | 'port taken';

/** @throws YinxinError NETWORK_STATE with `{reason, port}`, the first that another program listens on */
export async function requireFreePorts(ports: readonly number[], reason: PortFault): Promise<void> {
  for (const port of ports) {
    if (!(await isPortFree(port))) throw new YinxinError('NETWORK_STATE', { reason, port });
  }
}
