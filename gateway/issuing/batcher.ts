/** Group commit: one committer for each register, which anchors as one batch what waits when the batch before has ended. Registers run side by side. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Queued, RegisterQueue } from './queue.ts';
import type { Turns } from './turns.ts';

/** How long those that are nearly there are waited for. */
const companyMilliseconds = 2;

export interface Register {
  readonly issuer: string;
  readonly type: string;
}

export const turnOf = ({ issuer, type }: Register) => `batch/${issuer}/${type}`;

/** Brings requests to their end, however it is. @returns those that must go again */
export type Commit<Request> = (register: Register, group: readonly Request[]) => Promise<readonly Request[]>;

interface Running<Request extends Queued> {
  readonly queue: RegisterQueue<Request>;
  isCommitting: boolean;
}

export class Batcher<Request extends Queued> {
  readonly #turns: Turns;
  readonly #maxRows: number;
  readonly #commit: Commit<Request>;
  readonly #registers = new Map<string, Running<Request>>();

  constructor(turns: Turns, maxRows: number, commit: Commit<Request>) {
    this.#turns = turns;
    this.#maxRows = maxRows;
    this.#commit = commit;
  }

  /** Says that a request for the register is on its way, until what it returns is called. */
  expect(register: Register): () => void {
    return this.#get(register).queue.expect();
  }

  add(register: Register, request: Request): void {
    const running = this.#get(register);
    running.queue.add(request);
    if (!running.isCommitting) void this.#run(register, running);
  }

  #get(register: Register): Running<Request> {
    const name = turnOf(register);
    const kept = this.#registers.get(name);
    if (kept) return kept;
    const made = { queue: new RegisterQueue<Request>(this.#maxRows), isCommitting: false };
    this.#registers.set(name, made);
    return made;
  }

  async #run(register: Register, running: Running<Request>): Promise<void> {
    running.isCommitting = true;
    const { queue } = running;
    while (queue.length > 0) {
      if (queue.isExpecting) await delay(companyMilliseconds);
      queue.putBack(await this.#turns.take(turnOf(register), () => this.#commit(register, queue.take())));
    }
    running.isCommitting = false;
  }
}
