/** A ledger that does not answer: for reading an index by itself, with nothing to follow. */
import { once } from 'node:events';
import { YinxinError } from '@yinxin/core';
import type { Ledger } from './port.ts';

const away = () => Promise.reject(new YinxinError('LEDGER_UNREACHABLE'));

export const awayLedger: Ledger = {
  submit: away,
  evaluate: away,
  // biome-ignore lint/correctness/useYield: there is nothing to yield, ever
  async *blocks(_from, signal) {
    if (!signal.aborted) await once(signal, 'abort');
  },
  info: away,
  confirmed: away,
  transaction: away,
  close: async () => undefined,
};
