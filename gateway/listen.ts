/** The listening server: HTTP on this machine alone, or HTTPS (TLS 1.3) for everyone. */
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { YinxinError } from '@yinxin/core';
import { type Settings, settingInvalid } from './settings.ts';

export interface Listening {
  readonly port: number;
  /** Takes no more, lets answers under way finish for a moment, then lets go of every connection. */
  close(): Promise<void>;
}

/** Personal data must not cross a network in the clear. */
const plainHost = '127.0.0.1';
const graceMilliseconds = 2_000;
const requestMilliseconds = 120_000;
/** Longer than a proxy or the command pauses between two requests: a connection that both ends give up at the same moment costs a request. */
const idleMilliseconds = 75_000;

async function readPem(setting: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    throw settingInvalid(setting, 'unreadable');
  }
}

async function createTls(tls: NonNullable<Settings['tls']>, handler: RequestListener): Promise<Server> {
  const cert = Buffer.from(await readPem('YINXIN_TLS_CERT', tls.cert));
  const key = Buffer.from(await readPem('YINXIN_TLS_KEY', tls.key));
  try {
    return createTlsServer({ cert, key, minVersion: 'TLSv1.3' }, handler);
  } catch {
    throw settingInvalid('YINXIN_TLS_KEY', 'not the key of the certificate');
  }
}

function toListenError(error: Error, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new YinxinError('PORT_IN_USE', { port });
  return code === 'EACCES' ? settingInvalid('PORT', 'not permitted') : error;
}

function startListening(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toListenError(error, port)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** @throws YinxinError PORT_IN_USE with `{port}`, SETTING_INVALID for a port that this user may not use and TLS files that cannot be used */
export async function listen(settings: Pick<Settings, 'port' | 'tls'>, handler: RequestListener): Promise<Listening> {
  const { tls } = settings;
  const server = tls ? await createTls(tls, handler) : createServer(handler);
  server.requestTimeout = requestMilliseconds;
  server.keepAliveTimeout = idleMilliseconds;
  const port = await startListening(server, settings.port, tls ? undefined : plainHost);
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
      await closed;
      clearTimeout(timer);
    },
  };
}
