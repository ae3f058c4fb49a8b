/** Carries something signed through the ledger exactly once, whatever the ledger answers. */
import { type Json, YinxinError } from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import type { Caller, Ledger } from '../ledger/port.ts';

export interface Carrier {
  readonly ledger: Ledger;
  readonly readModel: ReadModel;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Intended work that is on disk. What it claims on the ledger (entries, sequence numbers) can be claimed only once, so sending it again is safe. */
export interface Work<Done> {
  readonly caller: Caller;
  readonly transaction: 'anchor' | 'changeStatus';
  /** What the read model says: done by this very work, done by other work in its place, or open. */
  look(): Promise<Done | 'overtaken' | 'open'>;
  /** Signs for now. */
  sign(): Json;
  /** Forgets the work: it was not done and never will be. */
  drop(): Promise<void>;
}

const attempts = 5;
const pollMilliseconds = [100, 200, 400, 800, 1_600];

const codeOf = (error: unknown) => (error instanceof YinxinError ? error.code : undefined);
/** The ledger has moved on under a proposal: nothing was written by it. */
const isOvertaken = (error: unknown) => {
  const code = codeOf(error);
  return code === 'CONFLICT' || code === 'ENTRY_NOT_NEXT' || code === 'SEQUENCE_STALE';
};

/** The block of a transaction whose commit was not seen; undefined when it was found invalid. @throws YinxinError COMMIT_UNKNOWN, LEDGER_UNREACHABLE */
async function findBlock({ ledger, wait }: Carrier, unknown: YinxinError): Promise<number | undefined> {
  const { txId } = unknown.details;
  if (typeof txId !== 'string') throw unknown;
  for (const pause of pollMilliseconds) {
    try {
      const found = await ledger.transaction(txId);
      if (found) return found.code === 'VALID' ? found.block : undefined;
    } catch (error) {
      if (codeOf(error) !== 'LEDGER_UNREACHABLE') throw error;
    }
    await wait(pause);
  }
  throw unknown;
}

/** Sends once. When it settles, the read model has seen what came of it. @throws YinxinError a refusal, LEDGER_UNREACHABLE (nothing written), COMMIT_UNKNOWN */
async function send<Done>(carrier: Carrier, work: Work<Done>): Promise<void> {
  const { ledger, readModel } = carrier;
  let block: number | undefined;
  try {
    block = (await ledger.submit(work.caller, work.transaction, work.sign())).block;
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'COMMIT_UNKNOWN') block = await findBlock(carrier, error);
    else if (!isOvertaken(error)) throw error;
  }
  if (block !== undefined) return seeCommitted(readModel, block);
  const { height } = await ledger.info();
  await readModel.caughtUpTo(height - 1);
}

/** Once committed, no failure may pass for a refusal. @throws YinxinError COMMIT_UNKNOWN */
export async function seeCommitted(readModel: ReadModel, block: number): Promise<void> {
  try {
    await readModel.caughtUpTo(block);
  } catch {
    throw new YinxinError('COMMIT_UNKNOWN', { block });
  }
}

/**
 * Refusals that come from rows which the work reads: whatever was sent before is invalid too, by version control. A type's version ends a
 * week after the next one is there, and an effective time too far ahead was farther before: what was sent earlier is long decided.
 */
const contentRefusals: readonly string[] = [
  'SUPERSESSION_ILLEGAL',
  'STATUS_STEP_ILLEGAL',
  'BASIS_UNKNOWN',
  'EFFECTIVE_ILLEGAL',
  'TYPE_VERSION_ENDED',
];
/** Words that leave open whether something was written; so does every error that is none of ours. */
const openWords: readonly string[] = ['COMMIT_UNKNOWN', 'LEDGER_DAMAGED', 'INTERNAL'];

/** Whether an error leaves no doubt that the work was not and will not be done. */
function isFinal(error: unknown, mayBeSent: boolean): boolean {
  const code = codeOf(error);
  if (code === undefined) return false;
  return mayBeSent ? contentRefusals.includes(code) : !openWords.includes(code);
}

/**
 * Until the work is done, or other work took its place (then it is dropped). `mayBeSent`: an earlier process or request may have sent
 * it; then a refusal for reasons of time, or an unreachable ledger, leaves it where it is.
 * @throws YinxinError COMMIT_UNKNOWN and LEDGER_DAMAGED (the work stays), LEDGER_UNREACHABLE, CONFLICT, a refusal
 */
export async function carryOut<Done>(
  carrier: Carrier,
  work: Work<Done>,
  mayBeSent: boolean,
): Promise<Done | 'overtaken'> {
  try {
    for (let sent = 0; ; sent += 1) {
      const state = await work.look();
      if (state === 'overtaken') await work.drop();
      if (state !== 'open') return state;
      if (sent === attempts) throw new YinxinError('CONFLICT');
      await send(carrier, work);
    }
  } catch (error) {
    if (isFinal(error, mayBeSent)) await work.drop();
    throw error;
  }
}
