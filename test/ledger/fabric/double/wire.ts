/** A wire between client and peer that breaks in the middle of whatever passes. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Wire {
  readonly port: number;
  /** How often it broke. */
  breaks(): number;
  /** Breaks once, when so many more bytes have come from the peer. */
  breakAfter(bytes: number): void;
  close(): void;
}

export async function startWire(peerPort: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let count = 0;
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    const peer = connect(peerPort, '127.0.0.1');
    for (const socket of [client, peer]) {
      sockets.add(socket);
      socket.on('error', () => undefined); // the other end is gone
      socket.on('close', destroyAll);
    }
    client.pipe(peer);
    peer.on('data', (bytes: Buffer) => {
      client.write(bytes.subarray(0, Math.min(left, bytes.length)));
      left -= bytes.length;
      if (left > 0) return;
      left = Number.POSITIVE_INFINITY;
      count += 1;
      destroyAll();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP
  return {
    port,
    breaks: () => count,
    breakAfter: (bytes) => {
      left = bytes;
    },
    close: () => {
      server.close();
      destroyAll();
    },
  };
}
