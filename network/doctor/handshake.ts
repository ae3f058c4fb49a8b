/** A TLS handshake with a node, to see what it really presents. RFC 8446, RFC 5280. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { connect } from 'node:tls';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The name in the certificate, where that is not the host. */
  readonly serverName: string | null;
  /** PEM files. */
  readonly tlsCa: string;
  readonly client: { readonly certificate: string; readonly key: string };
}

export type Handshake =
  /** `fault`: why the chain does not hold against the organisation's authority; undefined when it does. */
  | { readonly outcome: 'done'; readonly certificate: X509Certificate; readonly fault: string | undefined }
  /** Nobody listens; somebody listens and does not speak TLS, or not with us; nothing comes in time. */
  | { readonly outcome: 'closed' | 'refused' | 'silent'; readonly why: string };

const timeoutMilliseconds = 3000;
const closedCodes = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Never rejects, but for files of our own that cannot be read. */
export async function shakeHands({ host, port, serverName, tlsCa, client }: Endpoint): Promise<Handshake> {
  const [ca, cert, key] = [tlsCa, client.certificate, client.key].map((file) => readFileSync(file));
  return new Promise((resolve) => {
    const name = serverName ?? host;
    const names = isIP(name) ? { host } : { host, servername: name };
    const options = { ...names, port, ca, cert, key, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] };
    const socket = connect(options);
    const end = (result: Handshake) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ outcome: 'silent', why: 'no answer in time' }), timeoutMilliseconds);
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      if (!raw) return end({ outcome: 'refused', why: 'no certificate' });
      const fault = socket.authorized ? undefined : describeFault(socket.authorizationError);
      return end({ outcome: 'done', certificate: new X509Certificate(raw), fault });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const outcome = closedCodes.test(error.code ?? '') ? 'closed' : 'refused';
      end({ outcome, why: error.code ?? error.message });
    });
  });
}

/** OpenSSL's name of it: the types say an error, the documentation a text, and both occur. */
function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
