/** One operator at work: asks one thing after another of its city's gateway, repeats what was not acknowledged or gives it up, and remembers all of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchRequest, BatchSummary, Json, StatusChangeAnswer, StatusChangeRequest } from '@yinxin/core';
import { codeOf, member } from '../fixtures/api.ts';
import type { Dice } from './dice.ts';
import type { FieldCity } from './field.ts';

export type Work =
  | { readonly kind: 'batch'; readonly request: BatchRequest; readonly marks: readonly string[] }
  | { readonly kind: 'change'; readonly request: StatusChangeRequest; readonly document: string };

/** What was asked with one idempotency key, and what became of it as its operator knows. Times by performance.now(). */
export interface Asked {
  readonly key: string;
  readonly work: Work;
  readonly began: number;
  ended: number;
  state: 'under way' | 'acknowledged' | 'given up';
  answer?: BatchSummary | StatusChangeAnswer;
}

/** What an operator may be told while something is broken: all of them mean "ask again with the same key". */
const passing = ['LEDGER_UNREACHABLE', 'COMMIT_UNKNOWN', 'CONFLICT', 'NOT_READY', 'no answer'];
/** Of a gateway that has started again. */
const unknownToken = 'UNAUTHENTICATED';

export interface LaneOptions {
  readonly name: string;
  readonly city: FieldCity;
  readonly dice: Dice;
  /** The next thing to do; undefined when there is nothing yet. */
  readonly plan: () => Work | undefined;
}

const betweenMilliseconds = 150;
const givesUpPercent = 30;

export class Lane {
  readonly #options: LaneOptions;
  readonly asked: Asked[] = [];
  /** Refusals and silences since they were last taken. */
  readonly #told = new Map<string, number>();
  #token: string | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #failure: unknown;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get city(): FieldCity {
    return this.#options.city;
  }

  /** Why it has stopped by itself. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether something begun after that moment was acknowledged. */
  hasDoneSince(moment: number): boolean {
    return this.asked.some(({ state, began }) => state === 'acknowledged' && began >= moment);
  }

  takeTold(): ReadonlyMap<string, number> {
    const told = new Map(this.#told);
    this.#told.clear();
    return told;
  }

  start(): void {
    this.#isStopping = false;
    this.#running ??= this.#run();
    this.#running.catch((error: unknown) => {
      this.#failure = error; // told by `stop`
    });
  }

  /** When nothing is under way any more. @throws what an operator must never be told */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const work = this.#options.plan();
      if (work) await this.#ask(work);
      await delay(betweenMilliseconds + this.#options.dice.below(betweenMilliseconds));
    }
  }

  async #ask(work: Work): Promise<void> {
    const key = `${this.name}-${this.asked.length}`;
    const now = performance.now();
    const asked: Asked = { key, work, began: now, ended: now, state: 'under way' };
    this.asked.push(asked);
    do {
      const outcome = await this.#send(asked);
      asked.ended = performance.now();
      if (typeof outcome !== 'string') {
        asked.answer = outcome;
        asked.state = 'acknowledged';
        return;
      }
      this.#told.set(outcome, (this.#told.get(outcome) ?? 0) + 1);
      await delay(betweenMilliseconds);
    } while (!this.#isStopping && !this.#options.dice.chance(givesUpPercent));
    asked.state = 'given up';
  }

  /** The answer, or what was told in its place. */
  async #send({ key, work }: Asked): Promise<BatchSummary | StatusChangeAnswer | string> {
    const { api, issuer } = this.city;
    const path = work.kind === 'batch' ? '/v1/batches' : '/v1/status-changes';
    try {
      this.#token ??= await api.token(issuer);
      const answer = await api.post(path, work.request, { token: this.#token, headers: { 'idempotency-key': key } });
      if (answer.status === 201) return answer.json as unknown as BatchSummary | StatusChangeAnswer; // by its OpenAPI schema
      this.#token = undefined;
      return this.#judge(codeOf(answer), member(answer, 'details', 'why'), answer.text);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#token = undefined;
      return 'no answer'; // what fetch throws when a connection fails
    }
  }

  #judge(code: Json | undefined, why: Json | undefined, text: string): string {
    const isPassing = typeof code === 'string' && [...passing, unknownToken].includes(code);
    if (isPassing) return typeof why === 'string' ? `${code} (${why})` : code;
    throw new Error(`${this.name} was told: ${text}`);
  }
}
