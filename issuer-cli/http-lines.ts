/** One POST whose answer is lines (NDJSON), split on bytes as they come; nothing of the answer is held. */
import { Agent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';

const lineFeed = 0x0a;
/** A certificate file is at most half of this. */
const maxLineBytes = 1024 * 1024;
const maxTextBytes = 64 * 1024 * 1024;
/** Requests at a time on connections that stay open. */
const sockets = { keepAlive: true, maxSockets: 8 };
const agent = new Agent(sockets);
const tlsAgent = new TlsAgent(sockets);

export interface LineRequest {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  /** A view of bytes that are not kept. What it throws ends the request. */
  readonly onLine: (line: Buffer) => void;
  readonly signal?: AbortSignal;
  /** The server may be silent for so long. */
  readonly idleMilliseconds: number;
}

/** An answer that is not of lines. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

/** Cuts bytes into lines. */
class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const piece = chunk.subarray(start, end);
      this.#onLine(this.#rest.length === 0 ? piece : this.#join(piece));
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#rest.push(chunk.subarray(start));
    this.#restBytes += chunk.length - start;
    if (this.#restBytes > maxLineBytes) throw new Error('a line without end');
  }

  #join(piece: Buffer): Buffer {
    const line = Buffer.concat([...this.#rest, piece]);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }

  get isAtLineEnd(): boolean {
    return this.#restBytes === 0;
  }
}

function readLines(response: IncomingMessage, onLine: (line: Buffer) => void): Promise<void> {
  const splitter = new LineSplitter(onLine);
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk);
      } catch (error) {
        response.destroy();
        reject(error);
      }
    });
    response.on('end', () => (splitter.isAtLineEnd ? resolve() : reject(new Error('ended inside a line'))));
    response.on('error', reject);
    response.on('close', () => reject(new Error('closed')));
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxTextBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function readAnswer(response: IncomingMessage, onLine: LineRequest['onLine']): Promise<Answered | undefined> {
  const status = response.statusCode ?? 0;
  const isLines = response.headers['content-type']?.startsWith('application/x-ndjson') === true;
  if (status >= 200 && status < 300 && isLines) {
    await readLines(response, onLine);
    return undefined;
  }
  return { status, text: await readText(response), retryAfter: response.headers['retry-after'] };
}

/** The other end had given up the idle connection on which a request was just sent: nobody has read it. */
class ConnectionGone extends Error {}

function sendOnce(asked: LineRequest): Promise<Answered | undefined> {
  const { url, headers, body, onLine, signal, idleMilliseconds } = asked;
  const isTls = url.startsWith('https:');
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
    agent: isTls ? tlsAgent : agent,
    ...(signal && { signal }),
  };
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const sent = (isTls ? requestHttps : requestHttp)(url, options, (response) => {
      isAnswered = true;
      readAnswer(response, onLine).then(resolve, reject);
    });
    sent.setTimeout(idleMilliseconds, () => sent.destroy(new Error('silent')));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = sent.reusedSocket && !isAnswered && error.code === 'ECONNRESET';
      reject(isGone ? new ConnectionGone('gone', { cause: error }) : error);
    });
    sent.end(body);
  });
}

/**
 * Undefined when all lines were read; else what was answered instead. Rejects when the connection breaks, at any place; one that was gone before is
 * replaced. What is sent must be safe to send twice.
 */
export async function requestLines(asked: LineRequest): Promise<Answered | undefined> {
  for (let sent = 0; ; sent += 1) {
    try {
      return await sendOnce(asked);
    } catch (error) {
      if (!(error instanceof ConnectionGone) || sent === sockets.maxSockets) throw error;
    }
  }
}
