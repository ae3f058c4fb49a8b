/** Other cities' gateways, asked over HTTP. Nothing that they answer is believed before whoever asks has checked it. */
import { setTimeout as delay } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import { Recent } from './recent.ts';

export interface Question<Answer> {
  /** Begins with a slash. */
  readonly path: string;
  readonly mediaType: string;
  /** A longer answer is none. */
  readonly maxBytes: number;
  /** The partner that was believed last on the same topic is asked first. */
  readonly topic: string;
  /** What is said, checked. Undefined, or a YinxinError: not believed. */
  read(bytes: Uint8Array): Answer | undefined | Promise<Answer | undefined>;
}

export interface Partners {
  /** What the first partner says that is believed; undefined where none has it now, or the signal aborts. */
  ask<Answer>(question: Question<Answer>, signal: AbortSignal): Promise<Answer | undefined>;
}

export interface PartnersDeps {
  /** Origins without a slash at their ends, in the order in which they are asked. */
  readonly origins: () => readonly string[];
  /** For each partner. Default two seconds. */
  readonly milliseconds?: number;
  /** One that has not answered after so long is waited for while the next is asked. Default a quarter of a second. */
  readonly pause?: number;
}

interface Said<Answer> {
  readonly origin: string;
  readonly answer: Answer;
}

const maxTopics = 1_024;

/** At most so many bytes; undefined for more, whatever their number was said to be. */
async function readSmall(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined; // leaving the loop cancels the rest
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function fetchSmall(
  url: string,
  { mediaType, maxBytes }: Pick<Question<unknown>, 'mediaType' | 'maxBytes'>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(url, { redirect: 'error', headers: { accept: mediaType }, signal });
    if (response.status === 200) return await readSmall(response.body, maxBytes);
    await response.body?.cancel();
  } catch {
    // down, slow, redirecting, cut off: the next is asked
  }
  return undefined;
}

/** Whichever of the two has one first. */
async function either<Value>(
  one: Promise<Value | undefined>,
  other: Promise<Value | undefined>,
): Promise<Value | undefined> {
  const { value, rest } = await Promise.race([
    one.then((value) => ({ value, rest: other })),
    other.then((value) => ({ value, rest: one })),
  ]);
  return value ?? rest;
}

export function createPartners({ origins, milliseconds = 2_000, pause = 250 }: PartnersDeps): Partners {
  /** The origin that was believed last, by topic. */
  const best = new Recent<string>(maxTopics);

  async function askOne<Answer>(
    origin: string,
    question: Question<Answer>,
    signal: AbortSignal,
  ): Promise<Said<Answer> | undefined> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
    const bytes = await fetchSmall(origin + question.path, question, bounded);
    try {
      const answer = bytes && (await question.read(bytes));
      return answer === undefined ? undefined : { origin, answer };
    } catch (error) {
      if (error instanceof YinxinError) return undefined;
      throw error;
    }
  }

  async function askInTurn<Answer>(
    [origin, ...others]: readonly string[],
    question: Question<Answer>,
    signal: AbortSignal,
  ): Promise<Said<Answer> | undefined> {
    if (origin === undefined || signal.aborted) return undefined;
    const asked = askOne(origin, question, signal);
    const tooLong = delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    const early = await Promise.race([asked, tooLong]);
    return early ?? either(asked, askInTurn(others, question, signal));
  }

  return {
    async ask(question, signal) {
      const first = best.get(question.topic);
      const order = [...origins()].sort((a, b) => Number(b === first) - Number(a === first));
      const done = new AbortController();
      try {
        const said = await askInTurn(order, question, AbortSignal.any([signal, done.signal]));
        if (said) best.set(question.topic, said.origin);
        return said?.answer;
      } finally {
        done.abort();
      }
    },
  };
}
