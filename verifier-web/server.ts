/** The page's own origin over HTTP: the trust list, an answer by number, and status for what was verified here. */
import { type ErrorCode, type Identifier, isErrorCode, isJsonObject, type Json } from '@yinxin/core';
import { type Answer, toAnswer } from './knowledge.ts';

export type Reply = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly code: ErrorCode };

export interface Server {
  /** The compact JWS, unverified; undefined when none came. */
  trustList(): Promise<string | undefined>;
  /** By number alone: the server's own verdict. */
  byNumber(identifier: Identifier): Promise<Reply>;
  /** Status of what was verified here: only the number and the leaf hash leave this device, no field. */
  status(identifier: Identifier, leaf: string): Promise<Reply>;
}

const patienceMilliseconds = 6000;

export function createServer(fetch: (path: string, init: RequestInit) => Promise<Response>): Server {
  /** Bounded in time, the reading of the body too. */
  async function ask<T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), patienceMilliseconds);
    try {
      const response = await fetch(path, {
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        ...init,
        signal: controller.signal,
      });
      return await read(response);
    } finally {
      clearTimeout(timer);
    }
  }

  const verification = async (path: string, init: RequestInit): Promise<Reply> => {
    try {
      return await ask(path, { cache: 'no-store', ...init }, readReply);
    } catch {
      return { ok: false, code: 'GATEWAY_UNREACHABLE' };
    }
  };

  return {
    async trustList() {
      try {
        return await ask('v1/trust-list', { cache: 'no-cache' }, async (response) =>
          response.ok ? (await response.text()).trim() : undefined,
        );
      } catch {
        return undefined;
      }
    },
    byNumber: (identifier) => verification(`v1/verifications/${encodeURIComponent(identifier)}`, {}),
    status: (identifier, leaf) =>
      verification('v1/verifications', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identifier, leaf }),
      }),
  };
}

async function readReply(response: Response): Promise<Reply> {
  const json = (await response.json()) as Json; // what JSON gives
  if (response.ok) return { ok: true, answer: toAnswer(json) };
  const code = isJsonObject(json) ? json['code'] : undefined;
  return { ok: false, code: isErrorCode(code) ? code : 'GATEWAY_UNREACHABLE' };
}
