/** What came of sending something to a ledger, in a form in which two ledgers can be compared. */
import { type Json, parseRole, YinxinError } from '@yinxin/core';
import type { Proposal } from '../../../gateway/ledger/embedded/block.ts';
import type { Transaction } from '../../../gateway/ledger/port.ts';

export type Outcome<T> = { readonly answer: T } | { readonly refusal: YinxinError };

export async function settle<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await promise };
  } catch (error) {
    if (error instanceof YinxinError) return { refusal: error };
    throw error;
  }
}

/** Code and details. Of a clock that is off only the code: the peer's own clock stands in them, and beyond 15 minutes the peer itself refuses without details. */
export function tellRefusal({ code, details }: YinxinError): unknown {
  return code === 'CLOCK_OFF' ? { code } : { code, details };
}

export function tell(outcome: Outcome<unknown>): unknown {
  return 'answer' in outcome ? outcome : tellRefusal(outcome.refusal);
}

/** Of the sender only what the contract takes from the certificate: its name is each ledger's own. */
export function tellTransaction({ creator, writes, policies: _, ...rest }: Transaction): unknown {
  return {
    ...rest,
    creator: { msp: creator.msp, role: parseRole(creator.id) },
    writes: writes.map((one) => ({ ...one })),
  };
}

export const parse = (text: string): Json => JSON.parse(text) as Json;

/** A transaction as the embedded ledger would write it into a block. */
export function tellProposal({ simulated, inputText, ...rest }: Proposal, code: string): unknown {
  const { event, writes } = simulated;
  return tellTransaction({
    txId: rest.txId,
    time: rest.time,
    creator: rest.creator,
    transaction: rest.transaction,
    input: parse(inputText),
    code,
    valid: code === 'VALID',
    writes: [...writes].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1)),
    ...(event && { event: { name: event.name, payload: parse(event.payload) } }),
  });
}
