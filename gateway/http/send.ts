/** Writes answers and problems to the wire (RFC 9110): validators, compression that was negotiated, safe defaults. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language, YinxinError } from '@yinxin/core';
import { type Answer, type Document, linesMediaType } from './answer.ts';
import { problemHeaders, problemMediaType, toProblem } from './problem.ts';

function accepts(request: IncomingMessage, coding: string): boolean {
  const header = String(request.headers['accept-encoding'] ?? '').toLowerCase();
  return header.split(',').some((part) => {
    const [name, weight] = part.split(';').map((text) => text.trim());
    return name === coding && !/^q=0(\.0*)?$/.test(weight ?? '');
  });
}

function isFresh(request: IncomingMessage, etag: string): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}

/** One entity tag for all codings would be wrong for a strong one. */
function encode(request: IncomingMessage, { bytes, br, gzip, etag }: Document) {
  if (br && accepts(request, 'br')) return { body: br, etag: `${etag.slice(0, -1)}-br"`, coding: 'br' };
  if (gzip && accepts(request, 'gzip')) return { body: gzip, etag: `${etag.slice(0, -1)}-gz"`, coding: 'gzip' };
  return { body: bytes, etag, coding: undefined };
}

function sendDocument(
  request: IncomingMessage,
  response: ServerResponse,
  document: Document,
  cacheControl = 'no-cache',
): void {
  const { body, etag, coding } = encode(request, document);
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', cacheControl);
  response.setHeader('Vary', 'Accept-Encoding');
  if (isFresh(request, etag)) {
    response.writeHead(304).end();
    return;
  }
  if (coding) response.setHeader('Content-Encoding', coding);
  response.writeHead(200, { 'Content-Type': document.mediaType, 'Content-Length': body.length }).end(body);
}

function sendPrivate(
  response: ServerResponse,
  status: number,
  headers: { readonly [name: string]: string },
  text: string,
) {
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

/** Who takes nothing for so long has gone. */
const stalledMilliseconds = 60_000;

/** Until the connection takes more; false when it has ended, or stalled. */
async function drain(response: ServerResponse): Promise<boolean> {
  if (response.destroyed) return false;
  const ending = new AbortController();
  const { signal } = ending;
  const stalled = setTimeout(() => response.destroy(), stalledMilliseconds);
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).catch(() => undefined);
  clearTimeout(stalled);
  ending.abort();
  return !response.destroyed;
}

/** As fast as the asker takes them. What fails before the first piece is a problem; afterwards the connection is broken off: what came is no whole answer. */
async function sendLines(
  request: IncomingMessage,
  response: ServerResponse,
  { status, head, lines }: Extract<Answer, { readonly kind: 'lines' }>,
): Promise<void> {
  const pieces = lines[Symbol.asyncIterator]();
  try {
    let piece = await pieces.next();
    response.setHeader('Cache-Control', 'no-store');
    response.writeHead(status, { 'Content-Type': linesMediaType });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    if (head) response.write(`${JSON.stringify(head)}\n`);
    for (; piece.done !== true && !response.destroyed; piece = await pieces.next()) {
      if (!response.write(piece.value) && !(await drain(response))) return;
    }
    response.end();
  } finally {
    await pieces.return?.();
  }
}

export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  switch (answer.kind) {
    case 'document':
      return sendDocument(request, response, answer.document, answer.cacheControl);
    case 'lines':
      return sendLines(request, response, answer);
    case 'private':
      return sendPrivate(response, answer.status, { ...answer.headers, 'Content-Type': answer.mediaType }, answer.text);
  }
}

export function sendProblem(response: ServerResponse, error: YinxinError, language: Language): void {
  const problem = toProblem(error, language);
  const headers = { 'Content-Type': problemMediaType, 'Content-Language': language, ...problemHeaders(error) };
  sendPrivate(response, problem.status, headers, JSON.stringify(problem));
}
