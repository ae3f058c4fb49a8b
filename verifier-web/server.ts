/** The page's own origin over HTTP: the lists, an answer by number, and status for what was verified here. */
import { type ErrorCode, type Identifier, isErrorCode, isJsonObject, type Json } from '@yinxin/core';
import { type Asking, atOf } from './asking.ts';
import { type Answer, toAnswer } from './knowledge.ts';
import type { ListReply, Register } from './status-store.ts';

export type Reply = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly code: ErrorCode };

export interface Server {
  /** The compact JWS, unverified; undefined when none came. */
  trustList(): Promise<string | undefined>;
  /** Likewise of a register's status list; `tag` is the one that came with the list at hand. */
  statusList(register: Register, tag: string | undefined): Promise<ListReply>;
  /** By number alone: the server's own verdict. */
  byNumber(identifier: Identifier, asking: Asking): Promise<Reply>;
  /** Status of what was verified here: only the number and the leaf hash leave this device, no field; where a height is asked about, the rest of the question too. */
  status(identifier: Identifier, leaf: string, asking: Asking): Promise<Reply>;
}

const patienceMilliseconds = 6000;
/** With a server that did not answer last time. */
const shortPatienceMilliseconds = 2500;

/** The members of a request that say where, for what and about when. */
function toQuestion({ domain, matter, height, ...asking }: Asking): { readonly [name: string]: string | number } {
  const at = atOf(asking);
  return {
    ...(domain !== undefined && { domain }),
    ...(matter !== undefined && { matter }),
    ...(at !== undefined && { at }),
    ...(height !== undefined && { height }),
  };
}

export function createServer(fetch: (path: string, init: RequestInit) => Promise<Response>): Server {
  let isSilent = false;

  /** Bounded in time, the reading of the body too. */
  async function ask<T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const patience = isSilent ? shortPatienceMilliseconds : patienceMilliseconds;
    const timer = setTimeout(() => controller.abort(), patience);
    try {
      const response = await fetch(path, {
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        ...init,
        signal: controller.signal,
      });
      const answer = await read(response);
      isSilent = false;
      return answer;
    } catch (error) {
      isSilent = true;
      throw error;
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

  const list = <T>(path: string, init: RequestInit, read: (response: Response) => Promise<T>) =>
    ask(path, init, read).catch(() => undefined);

  return {
    trustList: () =>
      list('v1/trust-list', { cache: 'no-cache' }, async (response) =>
        response.ok ? (await response.text()).trim() : undefined,
      ),
    statusList: ({ issuer, type }, tag) =>
      list(
        `v1/status-lists/${encodeURIComponent(issuer)}/${encodeURIComponent(type)}`,
        { cache: 'no-store', ...(tag !== undefined && { headers: { 'if-none-match': tag } }) },
        async (response): Promise<ListReply> => {
          if (response.status === 304) return 'unchanged';
          if (!response.ok) return undefined;
          return { list: (await response.text()).trim(), tag: response.headers.get('etag') ?? undefined };
        },
      ),
    byNumber(identifier, asking) {
      const query = new URLSearchParams(
        Object.entries(toQuestion(asking)).map(([name, value]) => [name, String(value)]),
      ).toString();
      const path = `v1/verifications/${encodeURIComponent(identifier)}`;
      return verification(query === '' ? path : `${path}?${query}`, {});
    },
    status: (identifier, leaf, asking) =>
      verification('v1/verifications', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identifier, leaf, ...(asking.height !== undefined && toQuestion(asking)) }),
      }),
  };
}

async function readReply(response: Response): Promise<Reply> {
  const json = (await response.json()) as Json; // what JSON gives
  if (response.ok) return { ok: true, answer: toAnswer(json) };
  const code = isJsonObject(json) ? json['code'] : undefined;
  return { ok: false, code: isErrorCode(code) ? code : 'GATEWAY_UNREACHABLE' };
}
