/** The stages after endorsing: the orderers take the transaction, and a block holds it. Once it may have been taken it is never sent again: only its id is asked about. */
import type { Status } from '@hyperledger/fabric-gateway';
import { YinxinError } from '@yinxin/core';
import { type Asking, ask, Pauses } from './asking.ts';
import { nameValidationCode } from './blocks/validation-codes.ts';
import type { Endorsed } from './endorsing.ts';
import { readStatusFault, readSubmitFault } from './faults.ts';
import type { FabricIdentity } from './identities.ts';
import { formatCommitRequest } from './proposal.ts';

export interface Commit {
  readonly block: number;
  /** Fabric's name of the validation code. */
  readonly code: string;
}

/** `taken` by the orderers; or `doubtful`: perhaps. @throws YinxinError LEDGER_UNREACHABLE: not taken */
export function order(
  asking: Asking,
  identity: FabricIdentity,
  { by, transaction }: Endorsed,
): Promise<'taken' | 'doubtful'> {
  return ask<'taken' | 'doubtful'>(asking, {
    budget: asking.patience.submit,
    call: async (peer) => {
      const same = peer === by ? transaction : peer.gateway(identity).newTransaction(transaction.getBytes());
      await same.submit();
      return 'taken';
    },
    read: (error) => {
      const fault = readSubmitFault(error);
      return fault === 'doubtful' ? { kind: 'answer', answer: 'doubtful' } : fault;
    },
  });
}

const toCommit = ({ blockNumber, code }: Status): Commit => ({
  block: Number(blockNumber),
  code: nameValidationCode(code),
});

/** Asks one peer after the other until one has seen it. @throws YinxinError COMMIT_UNKNOWN `{txId}` after `budget` milliseconds */
export async function awaitCommit(
  { peers, patience, isClosing }: Asking,
  identity: FabricIdentity,
  { channel, txId, budget }: { readonly channel: string; readonly txId: string; readonly budget: number },
): Promise<Commit> {
  const request = formatCommitRequest(channel, txId, identity);
  const until = performance.now() + budget;
  const left = () => until - performance.now();
  const pauses = new Pauses(patience);
  do {
    for (const peer of peers.inOrder()) {
      try {
        const deadline = Date.now() + Math.min(patience.commitCall, Math.max(left(), patience.firstPause)); // gRPC's own clock
        return toCommit(await peer.limited(() => peer.gateway(identity).newCommit(request).getStatus({ deadline })));
      } catch (error) {
        if (readStatusFault(error) === 'away') peers.suspect(peer);
      }
    }
    await pauses.wait();
  } while (!isClosing() && left() > 0);
  throw new YinxinError('COMMIT_UNKNOWN', { txId });
}
