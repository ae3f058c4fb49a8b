/** The rules a second time, small and slow: whether the contract should accept a transaction, and what would then have happened. */
import type { Instant, Json } from '@yinxin/core';
import { judgeAgreement, judgeAgreementEnd, judgeApproval, judgeRest, judgeResumption } from './agreements.ts';
import { type Fact, type Happening, type History, seconds } from './facts.ts';
import { judgeAnchor, judgeStatusChange } from './issuing.ts';
import type { Judge, Sent } from './judging.ts';
import { Refused } from './judging.ts';
import { judgeApprove, judgeExpire, judgePropose, judgeWithdraw } from './proposals.ts';
import { hasJoined } from './questions.ts';
import {
  judgeAcceptance,
  judgeClosing,
  judgeCompromise,
  judgeEntitlement,
  judgeEntitlementEnd,
  judgeIssuer,
  judgeKey,
  judgeListKey,
  judgeListKeyCompromise,
  judgeListKeyRetirement,
  judgeName,
  judgeRetirement,
} from './registry.ts';
import type { Signatures } from './signatures.ts';

const judges: { readonly [name: string]: Judge } = {
  propose: judgePropose,
  approve: judgeApprove,
  withdraw: judgeWithdraw,
  expire: judgeExpire,
  registerIssuer: judgeIssuer,
  renameIssuer: judgeName,
  closeIssuer: judgeClosing,
  acceptSuccession: judgeAcceptance,
  registerKey: judgeKey,
  retireKey: judgeRetirement,
  reportCompromise: judgeCompromise,
  registerListKey: judgeListKey,
  retireListKey: judgeListKeyRetirement,
  reportListKeyCompromise: judgeListKeyCompromise,
  registerEntitlement: judgeEntitlement,
  endEntitlement: judgeEntitlementEnd,
  proposeAgreement: judgeAgreement,
  approveAgreement: judgeApproval,
  suspendAgreement: judgeRest,
  resumeAgreement: judgeResumption,
  endAgreement: judgeAgreementEnd,
  anchor: judgeAnchor,
  changeStatus: judgeStatusChange,
};

export const transactionNames: readonly string[] = Object.keys(judges);

/** By a body's own key; everything else is an organisation's own act. */
const issuing: readonly string[] = ['anchor', 'changeStatus'];

export class Oracle {
  readonly #signatures: Signatures;
  #history: History = [];

  constructor(signatures: Signatures) {
    this.#signatures = signatures;
  }

  get history(): History {
    return this.#history;
  }

  /** Ledger time: the latest that any transaction so far said. */
  get time(): Instant | undefined {
    return this.#history.at(-1)?.recorded;
  }

  /** What would happen; undefined where the contract should refuse. */
  judge(sent: Sent): readonly Happening[] | undefined {
    const judge = judges[sent.name];
    if (!judge || Math.abs(seconds(sent.time) - seconds(sent.clock)) > 600) return undefined;
    try {
      return judge(this.#history, sent, JSON.parse(sent.input) as Json, this.#signatures);
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** Takes what happened into the history, as one block. */
  add(happenings: readonly Happening[], { name, caller, time }: Sent, block: number): void {
    const before = this.time;
    const recorded = before !== undefined && seconds(before) > seconds(time) ? before : time;
    const isJoining = !issuing.includes(name) && !hasJoined(this.#history, caller.msp);
    const joining = isJoining ? [{ fact: 'joining', msp: caller.msp } as const] : [];
    const happened: readonly Happening[] = [...joining, ...happenings];
    this.#history = [...this.#history, ...happened.map((one): Fact => ({ ...one, time, recorded, block }))];
  }
}
