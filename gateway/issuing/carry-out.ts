/** Carries something signed through the ledger exactly once, whatever the ledger answers. */
import { type Json, YinxinError } from '@yinxin/core';
import type { ReadModel, VoidTransaction } from '../index/read-model.ts';
import type { Caller, Ledger, Receipt } from '../ledger/port.ts';

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
/** A block that a peer named, and that does not come, is not waited for longer. */
const blockMilliseconds = 60_000;

const codeOf = (error: unknown) => (error instanceof YinxinError ? error.code : undefined);
/** The ledger has moved on under a proposal: nothing was written by it. */
const isOvertaken = (error: unknown) => {
  const code = codeOf(error);
  return code === 'CONFLICT' || code === 'ENTRY_NOT_NEXT' || code === 'SEQUENCE_STALE';
};

type Committed = Pick<Receipt, 'txId' | 'block'>;

/** Where a transaction is whose commit was not seen; undefined when it was found invalid. @throws YinxinError COMMIT_UNKNOWN, LEDGER_UNREACHABLE */
async function findCommitted({ ledger, wait }: Carrier, unknown: YinxinError): Promise<Committed | undefined> {
  const { txId } = unknown.details;
  if (typeof txId !== 'string') throw unknown;
  for (const pause of pollMilliseconds) {
    try {
      const found = await ledger.transaction(txId);
      if (found) return found.code === 'VALID' ? { txId, block: found.block } : undefined;
    } catch (error) {
      if (codeOf(error) !== 'LEDGER_UNREACHABLE') throw error;
    }
    await wait(pause);
  }
  throw unknown;
}

/** Until the read model has all that the ledger holds now. `isOrdered`: the ledger says of something sent that it is invalid, and may be wrong. */
async function catchUp({ ledger, readModel }: Carrier, isOrdered: boolean): Promise<void> {
  try {
    const { height } = await ledger.info();
    await readModel.caughtUpTo(height - 1, blockMilliseconds);
  } catch (error) {
    throw isOrdered && codeOf(error) === 'LEDGER_UNREACHABLE' ? new YinxinError('COMMIT_UNKNOWN') : error;
  }
}

/** Sends once. When it settles, the read model has seen what came of it. @throws YinxinError a refusal, LEDGER_UNREACHABLE (nothing written), COMMIT_UNKNOWN, LEDGER_DIVERGED */
async function send<Done>(carrier: Carrier, work: Work<Done>): Promise<void> {
  const { ledger, readModel } = carrier;
  let committed: Committed | undefined;
  let isOrdered = true;
  try {
    committed = await ledger.submit(work.caller, work.transaction, work.sign());
  } catch (error) {
    if (error instanceof YinxinError && error.code === 'COMMIT_UNKNOWN')
      committed = await findCommitted(carrier, error);
    else if (!isOvertaken(error)) throw error;
    else isOrdered = codeOf(error) === 'CONFLICT';
  }
  if (!committed) return catchUp(carrier, isOrdered);
  const found = await seeCommitted(readModel, committed);
  if (!found) return;
  // one certificate's rows that somebody spoiled must not keep back all others; a batch's certificates may yet be wanted, and its register is spoiled anyway
  if (work.transaction === 'changeStatus') await work.drop();
  throw toVoidError(found);
}

/** Once committed, no failure may pass for a refusal. @returns what is known of a transaction that counts for nothing @throws YinxinError COMMIT_UNKNOWN */
export async function seeCommitted(
  readModel: Pick<ReadModel, 'caughtUpTo' | 'findVoid'>,
  { block, txId }: Committed,
): Promise<VoidTransaction | undefined> {
  try {
    await readModel.caughtUpTo(block, blockMilliseconds);
    return await readModel.findVoid(block, txId);
  } catch {
    throw new YinxinError('COMMIT_UNKNOWN', { block });
  }
}

/** Peers hold it as valid, and no reader gives it anything: the ledger's rows are not what the rules make of its blocks. */
export const toVoidError = ({ block, txId, why }: VoidTransaction) =>
  new YinxinError('LEDGER_DIVERGED', { block, txId, why });

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
const openWords: readonly string[] = ['COMMIT_UNKNOWN', 'LEDGER_DAMAGED', 'LEDGER_DIVERGED', 'INTERNAL'];

/** Whether an error leaves no doubt that the work was not and will not be done. */
function isFinal(error: unknown, mayBeSent: boolean): boolean {
  const code = codeOf(error);
  if (code === undefined) return false;
  return mayBeSent ? contentRefusals.includes(code) : !openWords.includes(code);
}

/**
 * Until the work is done, or other work took its place (then it is dropped). `mayBeSent`: an earlier process or request may have sent
 * it; then a refusal for reasons of time, or an unreachable ledger, leaves it where it is.
 * @throws YinxinError COMMIT_UNKNOWN, LEDGER_DAMAGED and LEDGER_DIVERGED (the work stays, but for a status change that counts for nothing), LEDGER_UNREACHABLE, CONFLICT, a refusal
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
