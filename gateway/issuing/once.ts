/** Idempotency: one key, one request, one answer. Keys and requests are known by keyed digests alone. */
import { epochSeconds, type Instant, type Json, toBase64, toHex, toInstant, utf8, YinxinError } from '@yinxin/core';
import type { SealedOperation, Vault } from '../vault/vault.ts';
import { putExpiry } from './expiry.ts';
import type { Operator } from './issuing.ts';

/** A request as it is remembered: `name` of its record, `digest` of its content. */
export interface RequestMark {
  readonly name: string;
  readonly digest: string;
}

/** What stands under a request's name: no answer while it is under way. */
interface RequestRecord {
  readonly digest: string;
  readonly answer: Json;
}

export const markRequest = ({ name, digest }: RequestMark): SealedOperation => ({
  type: 'put',
  name,
  value: { digest, answer: null },
});
/** Records of this kind end; a request under way never does. */
export const answeredRequest = 'request';
const keptSeconds = 30 * 86_400;

export const answerRequest = (
  { name, digest }: RequestMark,
  answer: Json,
  now: Instant,
): readonly SealedOperation[] => [
  { type: 'put', name, value: { digest, answer } },
  putExpiry(answeredRequest, name, toInstant(epochSeconds(now) + keptSeconds)),
];
export const forgetRequest = ({ name }: RequestMark): SealedOperation => ({ type: 'del', name });

const reused = () => new YinxinError('IDEMPOTENCY_KEY_REUSED');

/** Runs of this process. */
export class Once {
  readonly #vault: Vault;
  readonly #running = new Map<string, { readonly digest: string; readonly answer: Promise<unknown> }>();

  readonly #sweep: () => Promise<void>;

  /** `sweep` forgets what is past its end; called for every request. */
  constructor(vault: Vault, sweep: () => Promise<void>) {
    this.#vault = vault;
    this.#sweep = sweep;
  }

  /** A key belongs to the client that used it; what it was used for is part of the request. */
  #mark({ clientId }: Operator, kind: string, request: unknown, key: string): RequestMark {
    const digest = (text: string) => this.#vault.keyedDigest(utf8(text));
    return {
      name: `${answeredRequest}/${toHex(digest(`key\n${clientId}\n${key}`))}`,
      digest: toBase64(digest(`request\n${kind}\n${JSON.stringify(request)}`)),
    };
  }

  /** The answer of a request that is under way in this process, or what `run` gives. @throws YinxinError IDEMPOTENCY_KEY_REUSED */
  async run<T>(
    operator: Operator,
    kind: string,
    request: unknown,
    key: string,
    run: (mark: RequestMark) => Promise<T>,
  ): Promise<T> {
    const mark = this.#mark(operator, kind, request, key);
    const running = this.#running.get(mark.name);
    if (running && running.digest !== mark.digest) throw reused();
    if (running) return running.answer as Promise<T>; // the digest covers the kind of request, and so of answer
    const answer = this.#sweep().then(() => run(mark));
    this.#running.set(mark.name, { digest: mark.digest, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(mark.name);
    }
  }

  /** Whether the request is one that an earlier process, or an earlier asking, left without an answer. */
  async isUnderWay({ name }: RequestMark): Promise<boolean> {
    return (await this.#vault.getSealed(name)) !== undefined;
  }

  /** The answer given before; undefined for a new request. @throws YinxinError IDEMPOTENCY_KEY_REUSED */
  async answered({ name, digest }: RequestMark): Promise<Json | undefined> {
    const stored = await this.#vault.getSealed(name);
    if (stored === undefined) return undefined;
    const record = stored as unknown as RequestRecord; // markRequest or answerRequest wrote it
    if (record.digest !== digest) throw reused();
    return record.answer ?? undefined;
  }
}
