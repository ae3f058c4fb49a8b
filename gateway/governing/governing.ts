/** What a domain's administrators may ask: transactions of governance, new keys for its bodies, the proposals and agreements. */
import type {
  AgreementsAnswer,
  GovernanceAnswer,
  Instant,
  Json,
  KeyAnswer,
  KeyRequest,
  ListKeyAnswer,
  ProposalRow,
  ProposalsAnswer,
  Trust,
} from '@yinxin/core';
import { YinxinError } from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import { seeCommitted, toVoidError } from '../issuing/carry-out.ts';
import { Turns } from '../issuing/turns.ts';

import type { Caller, Ledger } from '../ledger/port.ts';

import { findActingDomain, type GovernanceTransaction } from './acting-domain.ts';
import { type KeyMaking, toKeyRegistration, toListKeyRegistration } from './key-registration.ts';

/** Who asks, as authenticated. Scopes were checked before. */
export interface Administrator {
  readonly domain: string;
}

/**
 * Acts as the organisation of the administrator's own domain, and for that domain alone: where one organisation speaks for several, the
 * ledger would take one for the other. What is answered is in the read model already.
 * Everything that writes also throws LEDGER_UNREACHABLE and CONFLICT (nothing was written), COMMIT_UNKNOWN, LEDGER_DIVERGED for what peers took and no
 * reader gives anything, and the contract's refusals.
 */
export interface Governing {
  /** `time` is the transaction's own timestamp. @throws YinxinError CALLER_NOT_PERMITTED for another domain's rows */
  submit(administrator: Administrator, transaction: GovernanceTransaction, input: Json): Promise<GovernanceAnswer>;
  /**
   * Makes an SM2 key in this gateway's store and registers it, vouched for by a key in force of the same body, or (`recovery`) by none.
   * A key whose registration failed is never chosen to sign, and is taken up by the next request for the same body and use.
   * @throws YinxinError ISSUER_UNKNOWN, ISSUER_CLOSED, CALLER_NOT_PERMITTED, SIGNING_KEY_MISSING without a key that could vouch
   */
  makeKey(administrator: Administrator, request: KeyRequest): Promise<KeyAnswer>;
  /**
   * Makes a further key for the lists of the administrator's domain, and registers it, in force from now on. The oldest goes on signing.
   * A key whose registration failed is never chosen, and is taken up by the next request.
   */
  makeListKey(administrator: Administrator): Promise<ListKeyAnswer>;
  /** Newest first, at most 50. */
  proposals(state?: ProposalRow['state']): ProposalsAnswer;
  /** Approved or not; newest first, at most 200. */
  agreements(): AgreementsAnswer;
}

export interface GoverningDeps extends KeyMaking {
  readonly ledger: Ledger;
  readonly readModel: ReadModel;
}

const notPermitted = (domain: string) => new YinxinError('CALLER_NOT_PERMITTED', { domain });

function callerOf(trust: Trust, { domain }: Administrator): Caller {
  const row = trust.domain(domain);
  if (!row) throw notPermitted(domain);
  return { msp: row.msp, role: 'admin' };
}

/** @throws YinxinError ISSUER_UNKNOWN, CALLER_NOT_PERMITTED, ISSUER_CLOSED */
function requireOwnBody(trust: Trust, { domain }: Administrator, issuer: string, at: Instant): void {
  const row = trust.issuer(issuer);
  if (!row) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  if (row.domain !== domain) throw notPermitted(row.domain);
  if (row.closed && row.closed.at <= at) throw new YinxinError('ISSUER_CLOSED', { issuer });
}

export function createGoverning(deps: GoverningDeps): Governing {
  const { ledger, readModel, clock } = deps;
  const turns = new Turns();

  async function submit(administrator: Administrator, transaction: GovernanceTransaction, input: Json) {
    const trust = readModel.trust();
    const acting = findActingDomain(trust, transaction, input);
    if (acting !== undefined && acting !== administrator.domain) throw notPermitted(acting);
    const caller = callerOf(trust, administrator);
    const { txId, block, time, result } = await ledger.submit(caller, transaction, input);
    const found = await seeCommitted(readModel, { block, txId });
    if (found) throw toVoidError(found);
    // another city's peer may have told of the commit
    if (!readModel.hasCounted(block, txId)) throw new YinxinError('COMMIT_UNKNOWN', { txId });
    return { txId, block, time, event: result };
  }

  async function makeKey(administrator: Administrator, request: KeyRequest): Promise<KeyAnswer> {
    const { key, input } = await toKeyRegistration(deps, readModel.trust(), request);
    const { txId, block } = await submit(administrator, 'registerKey', input as unknown as Json); // plain members
    const row = readModel.trust().key(key);
    if (!row) throw new YinxinError('COMMIT_UNKNOWN', { txId });
    return { key, from: row.from, until: row.until, vouchedBy: row.vouchedBy, txId, block };
  }

  async function makeListKey(administrator: Administrator): Promise<ListKeyAnswer> {
    const input = await toListKeyRegistration(deps, readModel.trust(), administrator.domain);
    const { txId, block } = await submit(administrator, 'registerListKey', input as unknown as Json); // plain members
    const row = readModel.trust().listKey(input.kid);
    if (!row) throw new YinxinError('COMMIT_UNKNOWN', { txId });
    return { kid: row.kid, from: row.from, until: row.until, txId, block };
  }

  return {
    submit,
    async makeKey(administrator, request) {
      const { issuer, use } = request;
      requireOwnBody(readModel.trust(), administrator, issuer, clock());
      return turns.take(`${issuer}/${use}`, () => makeKey(administrator, request));
    },
    async makeListKey(administrator) {
      callerOf(readModel.trust(), administrator);
      return turns.take(`list/${administrator.domain}`, () => makeListKey(administrator));
    },
    proposals: (state) => ({ proposals: readModel.proposals(state) }),
    agreements: () => ({ agreements: readModel.agreements() }),
  };
}
