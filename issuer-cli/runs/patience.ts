/** Waiting for a gateway that has too much to do, or does not answer for a while: for some minutes, then a clean stop. */
import { setTimeout as delay } from 'node:timers/promises';
import { errorEntry, YinxinError } from '@yinxin/core';
import { type Context, say } from '../context.ts';

/** Without a single request coming to its end. */
const defaultSeconds = 300;
const firstMilliseconds = 250;
const mostMilliseconds = 10_000;
const mostAskedSeconds = 120;

/** Whether the same request may succeed in a while. */
function isPassing(error: unknown): error is YinxinError {
  if (!(error instanceof YinxinError) || error.details['why'] === 'x509') return false;
  const status = error.details['status'];
  if (error.code === 'GATEWAY_UNREACHABLE')
    return status === undefined || (typeof status === 'number' && status >= 500);
  const { http, retryable } = errorEntry(error.code);
  return retryable && (http === 429 || http >= 502 || error.code === 'CONFLICT');
}

/** As the gateway asks, else twice as long each time; a quarter by chance, so that requests do not come all at once. */
function chooseDelay({ details }: YinxinError, attempt: number): number {
  const asked = Math.min(Number(details['retryAfter'] ?? 0), mostAskedSeconds) * 1000;
  const usual = Math.min(firstMilliseconds * 2 ** attempt, mostMilliseconds);
  return Math.max(asked, usual) * (1 + Math.random() / 4);
}

export type Patient = <T>(work: () => Promise<T>) => Promise<T>;

/** `YINXIN_PATIENCE`: seconds to wait without anything coming to its end. */
function readSeconds({ env }: Context): number {
  const text = env['YINXIN_PATIENCE'] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : defaultSeconds;
}

/** Works that wait together: as long as one of them gets on, the others are patient. The wait is told once. */
export function createPatience(context: Context, signal: AbortSignal): Patient {
  const limit = readSeconds(context) * 1000;
  let gotOnAt = performance.now();
  let isTold = false;
  const tell = ({ code }: YinxinError) => {
    if (isTold) return;
    isTold = true;
    const isBusy = code === 'QUEUE_FULL';
    const line = say(context, {
      zh: isBusy ? '网关正忙，稍候自动继续……' : '网关暂时没有应答，正在重试……',
      en: isBusy ? 'The gateway is busy; going on in a moment …' : 'The gateway does not answer; trying again …',
    });
    context.err.write(`${context.err.isTerminal ? '\r\u001b[K' : ''}${line}\n`);
  };
  return async (work) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const result = await work();
        gotOnAt = performance.now();
        isTold = false;
        return result;
      } catch (error) {
        if (!isPassing(error) || signal.aborted) throw error;
        const pause = chooseDelay(error, attempt);
        if (performance.now() + pause - gotOnAt > limit) throw error;
        tell(error);
        await delay(pause, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) throw error;
      }
    }
  };
}
