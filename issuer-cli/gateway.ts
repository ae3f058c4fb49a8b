/** The gateway over HTTP: JSON in, JSON out, problems (RFC 9457) as errors of the one table. */
import {
  type ClientFile,
  type ErrorDetails,
  type Identifier,
  isErrorCode,
  isJsonObject,
  type Json,
  parseJson,
  toHex,
  YinxinError,
} from '@yinxin/core';
import { signAssertion } from './assertion.ts';
import type { Context } from './context.ts';
import type { Home } from './home.ts';
import { type Answered, type LineRequest, requestLines } from './http-lines.ts';

/** Somebody waits at the counter; a batch of thousands takes longer. */
const readMilliseconds = 10_000;
const writeMilliseconds = 120_000;
/** Those that write nothing to the ledger. */
const quickPosts: ReadonlySet<string> = new Set(['/oauth/token', '/v1/verifications']);
const maxAnswerBytes = 64 * 1024 * 1024;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** A token is renewed when it has less than this left. */
const renewSeconds = 30;

export interface Gateway {
  readonly url: string;
  /** The client that acts; undefined: anonymous. */
  readonly client: ClientFile | undefined;
  /** @throws YinxinError GATEWAY_UNREACHABLE, or the code of the problem that the gateway answers, with its details and `rows` */
  getJson(path: string, headers?: Headers): Promise<Json>;
  getText(path: string): Promise<string>;
  postJson(path: string, body: Json, headers?: Headers): Promise<Json>;
  /** The same for JSON that is written already. */
  postText(path: string, body: Uint8Array, headers?: Headers): Promise<Json>;
  /** Asks for lines (NDJSON) and hands over each as it comes: bytes of the answer, to be copied where they are kept. What it throws ends the request. */
  postLines(path: string, body: Uint8Array, headers: Headers, reading: Reading): Promise<void>;
}

export interface Reading {
  readonly onLine: (line: Buffer) => void;
  readonly signal?: AbortSignal;
}

type Headers = { readonly [name: string]: string };

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Headers;
  readonly body?: string | Uint8Array;
}

function toProblem(status: number, text: string, url: string, retryAfter: string | null | undefined): YinxinError {
  const foreign = new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, status });
  let json: Json;
  try {
    json = parseJson(new TextEncoder().encode(text), { maxBytes: maxAnswerBytes });
  } catch {
    return foreign;
  }
  if (!isJsonObject(json) || !isErrorCode(json['code'])) return foreign;
  const details = isJsonObject(json['details']) ? json['details'] : {};
  const rows: ErrorDetails = json['rows'] === undefined ? {} : { rows: json['rows'] };
  const wait: ErrorDetails = /^\d{1,4}$/.test(retryAfter ?? '') ? { retryAfter: Number(retryAfter) } : {};
  return new YinxinError(json['code'], { ...details, ...rows, ...wait });
}

/** What Node says of a server whose X.509 certificate does not verify. */
const untrusted = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY))/;

function isUntrusted(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  return cause instanceof Error && 'code' in cause && untrusted.test(String(cause.code));
}

function unreachable(url: string, error: unknown): YinxinError {
  return new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, ...(isUntrusted(error) && { why: 'x509' }) });
}

async function send(url: string, { method, path, headers, body }: Request): Promise<string> {
  let response: Response;
  let text: string;
  try {
    const isWrite = method === 'POST' && !quickPosts.has(path);
    const signal = AbortSignal.timeout(isWrite ? writeMilliseconds : readMilliseconds);
    response = await fetch(url + path, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : new Blob([body as Uint8Array<ArrayBuffer>]),
      }), // of no shared buffer
    });
    text = await response.text();
  } catch (error) {
    throw unreachable(url, error);
  }
  if (!response.ok) throw toProblem(response.status, text, url, response.headers.get('retry-after'));
  return text;
}

function parseAnswer(text: string, url: string): Json {
  try {
    return parseJson(new TextEncoder().encode(text), { maxBytes: maxAnswerBytes });
  } catch {
    throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, status: 200 });
  }
}

type Surroundings = Pick<Context, 'now' | 'random'>;

interface Token {
  readonly token: string;
  readonly until: number;
}

/** Asks for an access token when there is none, or too little left of it; once for all who ask at the same time. `refused`: one that the gateway does not take any more. */
function keepToken(
  url: string,
  client: ClientFile,
  { now, random }: Surroundings,
): (refused?: string) => Promise<string> {
  let held: Promise<Token> | undefined;
  let asking: Promise<Token> | undefined;
  const ask = async (): Promise<Token> => {
    const seconds = Date.parse(now()) / 1000;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: assertionType,
      client_assertion: await signAssertion(client, `${url}/oauth/token`, now(), toHex(random(16))),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const text = await send(url, { method: 'POST', path: '/oauth/token', headers, body: form.toString() });
    const json = parseAnswer(text, url);
    if (!isJsonObject(json) || typeof json['access_token'] !== 'string') {
      throw new YinxinError('GATEWAY_UNREACHABLE', { gateway: url, status: 200 });
    }
    return { token: json['access_token'], until: seconds + Number(json['expires_in'] ?? 0) };
  };
  return async (refused) => {
    const { token, until } = (await held?.catch(() => undefined)) ?? { token: undefined, until: 0 };
    if (token !== undefined && token !== refused && until - renewSeconds > Date.parse(now()) / 1000) return token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    held = asking;
    return (await asking).token;
  };
}

const linesType = 'application/x-ndjson';

/** The answer where it is not of lines. @throws YinxinError GATEWAY_UNREACHABLE; and what a line's reader throws */
async function askLines(url: string, asked: Omit<LineRequest, 'idleMilliseconds'>): Promise<Answered | undefined> {
  let fault: { readonly error: unknown } | undefined;
  const onLine = (line: Buffer) => {
    try {
      asked.onLine(line);
    } catch (error) {
      fault = { error };
      throw error;
    }
  };
  try {
    return await requestLines({ ...asked, onLine, idleMilliseconds: writeMilliseconds });
  } catch (error) {
    if (fault) throw fault.error;
    throw unreachable(url, error);
  }
}

/** Whether nothing came of asking because there is nobody who answers, now. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof YinxinError && (error.code === 'GATEWAY_UNREACHABLE' || error.code === 'NOT_READY');
}

/** A gateway as one client sees it, or, without a client, as anyone does. Nothing is sent yet. */
export function connectGateway(url: string, client: ClientFile | undefined, surroundings: Surroundings): Gateway {
  const token = client && keepToken(url, client, surroundings);
  /** A gateway that was started anew does not know the tokens that it gave before: once more with another. */
  const withBearer = async <T>(work: (bearer: Headers) => Promise<T>): Promise<T> => {
    if (!token) return work({});
    const first = await token();
    try {
      return await work({ authorization: `Bearer ${first}` });
    } catch (error) {
      if (!(error instanceof YinxinError) || error.code !== 'UNAUTHENTICATED') throw error;
      return work({ authorization: `Bearer ${await token(first)}` });
    }
  };
  const request = (method: Request['method'], path: string, headers: Headers, body?: Request['body']) =>
    withBearer((bearer) =>
      send(url, { method, path, headers: { ...bearer, ...headers }, ...(body !== undefined && { body }) }),
    );
  const accept = { accept: 'application/json' };
  return {
    url,
    client,
    getText: (path) => request('GET', path, {}),
    getJson: async (path, headers = {}) => parseAnswer(await request('GET', path, { ...accept, ...headers }), url),
    postJson: async (path, body, headers = {}) => {
      const all = { ...accept, 'content-type': 'application/json', ...headers };
      return parseAnswer(await request('POST', path, all, JSON.stringify(body)), url);
    },
    postText: async (path, body, headers = {}) => {
      const all = { ...accept, 'content-type': 'application/json', ...headers };
      return parseAnswer(await request('POST', path, all, body), url);
    },
    postLines: (path, body, headers, reading) =>
      withBearer(async (bearer) => {
        const all = { accept: linesType, 'content-type': 'application/json', ...bearer, ...headers };
        const answered = await askLines(url, { url: url + path, body, headers: all, ...reading });
        if (answered) throw toProblem(answered.status, answered.text, url, answered.retryAfter);
      }),
  };
}

/** The gateway that knows the client, unless another was named. In a network of cities each client file names its own city's. */
export function connectClient(
  home: Pick<Home, 'gateway' | 'isNamed'>,
  client: ClientFile | undefined,
  surroundings: Surroundings,
): Gateway {
  const url = client === undefined || home.isNamed ? home.gateway : client.gateway;
  return connectGateway(url, client, surroundings);
}

/** `path` with the parameters that are there. */
export function withQuery(path: string, parameters: { readonly [name: string]: string | undefined }): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** The path of one certificate's resource. */
export function certificatePath(prefix: string, identifier: Identifier, rest = ''): string {
  return `${prefix}/${encodeURIComponent(identifier)}${rest}`;
}
