/** A request as handlers see it: parameters, query, body and who asks, each read strictly and only when asked for. */
import type { IncomingMessage } from 'node:http';
import { type Json, type MemberReader, memberReader, YinxinError } from '@yinxin/core';
import type { Authenticated, TokenService } from '../oauth/tokens.ts';
import type { Access } from '../verifying/verifying.ts';
import { type JsonBytes, jsonBytesOf, readForm, readJson, readPairs } from './body.ts';

export interface Exchange {
  /** A part of the path. */
  param(name: string): string;
  /** The query's members, every one known and given once. @throws YinxinError INPUT_INVALID */
  query<Name extends string>(names: readonly Name[]): MemberReader<Name>;
  header(name: string): string | undefined;
  /** Whether the answer is asked for as this media type, by name. */
  accepts(mediaType: string): boolean;
  json(maxBytes?: number): Promise<Json>;
  /** JSON that is read later, and elsewhere. */
  jsonBytes(maxBytes: number): JsonBytes;
  form(): Promise<{ readonly [name: string]: string }>;
  /** Who asks, when a token is given. @throws YinxinError UNAUTHENTICATED for a token that does not hold */
  access(): Promise<Access>;
  /** Whoever asks, with one of these scopes. @throws YinxinError UNAUTHENTICATED, SCOPE_MISSING */
  client(...scopes: readonly string[]): Promise<Authenticated>;
  /** The operator of an issuing body. @throws YinxinError UNAUTHENTICATED, SCOPE_MISSING */
  operator(...scopes: readonly string[]): Promise<{ readonly clientId: string; readonly issuer: string }>;
}

const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

export function toExchange(
  request: IncomingMessage & { readonly params: object; readonly originalUrl: string },
  tokens: () => TokenService,
): Exchange {
  async function authenticate(): Promise<Authenticated> {
    const token = bearer.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new YinxinError('UNAUTHENTICATED');
    return tokens().authenticate(token);
  }
  async function client(...scopes: readonly string[]): Promise<Authenticated> {
    const found = await authenticate();
    if (scopes.some((scope) => found.scopes.some((held) => held === scope))) return found;
    throw new YinxinError('SCOPE_MISSING', { scope: scopes.join(' ') });
  }
  return {
    client,
    param(name) {
      const value: unknown = Reflect.get(request.params, name);
      if (typeof value !== 'string') throw new YinxinError('INPUT_INVALID', { member: name });
      return value;
    },
    query(names) {
      const at = request.originalUrl.indexOf('?');
      const pairs = readPairs(new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at)));
      return memberReader(pairs, 'query', 'INPUT_INVALID', names);
    },
    header(name) {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    },
    accepts(mediaType) {
      const ranges = String(request.headers.accept ?? '')
        .toLowerCase()
        .split(',');
      return ranges.some((range) => {
        const [name, ...parameters] = range.split(';').map((part) => part.trim());
        return name === mediaType && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
      });
    },
    json: (maxBytes) => readJson(request, maxBytes),
    jsonBytes: (maxBytes) => jsonBytesOf(request, maxBytes),
    form: () => readForm(request),
    async access() {
      if (request.headers.authorization === undefined) return 'anonymous';
      const { scopes, issuer } = await authenticate();
      return { scopes, ...(issuer === null ? {} : { issuer }) };
    },
    async operator(...scopes) {
      const { clientId, issuer } = await client(...scopes);
      if (issuer === null) throw new YinxinError('SCOPE_MISSING', { scope: scopes.join(' '), why: 'no issuing body' });
      return { clientId, issuer };
    },
  };
}
