/** Those who wait for a height that only grows. */
import { YinxinError } from '@yinxin/core';

interface Waiter {
  readonly height: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Waits {
  readonly #waiters = new Set<Waiter>();

  /** Whether anyone waits for this height or a lower one. */
  isFor(height: number): boolean {
    return [...this.#waiters].some((waiter) => waiter.height <= height);
  }

  /** @throws YinxinError LEDGER_UNREACHABLE after so many milliseconds, and what `fail` was given */
  until(height: number, timeoutMilliseconds?: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { height, resolve, reject };
    this.#waiters.add(waiter);
    if (timeoutMilliseconds === undefined) return promise;
    const giveUp = () => {
      this.#waiters.delete(waiter);
      reject(new YinxinError('LEDGER_UNREACHABLE'));
    };
    const timer = setTimeout(giveUp, timeoutMilliseconds);
    return promise.finally(() => clearTimeout(timer));
  }

  reached(height: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.height > height) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  fail(fault: unknown): void {
    for (const { reject } of this.#waiters) reject(fault);
    this.#waiters.clear();
  }
}
