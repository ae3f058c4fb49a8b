/** What a node says of itself on its operations port: healthy or not, and its figures. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { TlsFiles } from './paths.ts';

const timeoutMilliseconds = 2000;

interface Answer {
  readonly status: number;
  readonly body: string;
  /** RFC 9110, whole seconds; empty when it does not say. */
  readonly date: string;
}

/** Of loopback, as the node's own organisation. Rejects when nothing answers. */
function get(port: number, path: string, tls: TlsFiles): Promise<Answer> {
  const [cert, key, ca] = [tls.certificate, tls.key, tls.ca].map((file) => readFileSync(file));
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      cert,
      key,
      ca,
      timeout: timeoutMilliseconds,
      agent: false,
    } as const;
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, body: Buffer.concat(chunks).toString('utf8'), date: headers.date ?? '' });
      });
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    call.end();
  });
}

export async function isHealthy(port: number, tls: TlsFiles): Promise<boolean> {
  try {
    return (await get(port, '/healthz', tls)).status === 200;
  } catch {
    return false;
  }
}

/** The node's own clock, to a second. Undefined when it does not say. */
export async function readClock(port: number, tls: TlsFiles): Promise<Date | undefined> {
  try {
    const { date } = await get(port, '/healthz', tls);
    return date === '' ? undefined : new Date(date);
  } catch {
    return undefined;
  }
}
