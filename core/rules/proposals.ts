/** Proposals: what touches the whole network is done once more than half of its organisations have approved. */
import { YinxinError } from '../errors.ts';
import type { ProposalInput, ProposalRow, ProposeInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { epochSeconds, toInstant } from '../time.ts';
import { bindAction, parseProposalAction } from './actions.ts';
import { requireRoom } from './common.ts';
import { organisationOf } from './governing.ts';
import { organisationsOf, requireOrganisation } from './permission.ts';
import { rowKeys } from './rows.ts';
import type { Decision, Needs, Rule, RuleContext, View } from './rule.ts';

/** How long a proposal is open. */
const openSeconds = 30 * 86_400;
/** Proposals that one organisation may have open. */
const maxOpen = 16;
/** Few rows: votes are counted by domains. */
const kindsRead = ['domain'] as const;
/** A transaction id in hex. */
export const proposalPattern = /^[0-9a-f]{64}$/;

/** Approvals of organisations that no domain has any more count for nothing. */
function hasMajority(view: View, { approvals }: ProposalRow): boolean {
  const organisations = organisationsOf(view);
  return approvals.filter(({ msp }) => organisations.has(msp)).length * 2 > organisations.size;
}

function decision(row: ProposalRow, rows: Decision['writes'] = []): Decision {
  const { proposal, action, state, approvals } = row;
  return { writes: [row, ...rows], event: { proposal, action: action.action, state, approvals: approvals.length } };
}

/** Those of an organisation that are open still. Whoever closes one leaves its proposer's row alone, which is not theirs. */
function openOf(view: View, msp: string): readonly string[] {
  return organisationOf(view, msp).openProposals.filter((id) => view.get(rowKeys.proposal(id))?.state === 'open');
}

/** Carries it out. */
function adopt(view: View, row: ProposalRow, context: RuleContext): Decision {
  const made = bindAction(row.action).rows(view, context);
  return decision({ ...row, state: 'adopted', closed: context.time }, made);
}

/** What would be refused when adopted now is refused at once. Proposing is approving. */
export const propose: Rule<ProposeInput> = {
  parse: parseProposalAction,
  needs(input, fetched, { msp }) {
    const { keys, kinds = [] } = bindAction(input).needs(fetched);
    const own = rowKeys.organisation(msp);
    const open = fetched.get(own)?.openProposals ?? [];
    return { keys: [...keys, own, ...open.map(rowKeys.proposal)], kinds: [...new Set([...kinds, ...kindsRead])] };
  },
  decide(view, action, context) {
    requireOrganisation(view, context);
    bindAction(action).rows(view, context);
    const { time, txId, caller } = context;
    const row: ProposalRow = {
      kind: 'proposal',
      proposal: txId,
      action,
      proposedBy: caller.msp,
      time,
      expires: toInstant(epochSeconds(time) + openSeconds),
      approvals: [{ msp: caller.msp, time }],
      state: 'open',
      closed: null,
    };
    if (hasMajority(view, row)) return adopt(view, row, context);
    const open = openOf(view, caller.msp);
    requireRoom(open.length, maxOpen, 'openProposals');
    return decision(row, [{ ...organisationOf(view, caller.msp), openProposals: [...open, txId] }]);
  },
};

function parseProposalInput(json: Json): ProposalInput {
  const read = memberReader(json, 'input', 'INPUT_INVALID', ['proposal']);
  return { proposal: read.matching('proposal', proposalPattern) };
}

const proposalNeeds = ({ proposal }: ProposalInput): Needs => ({
  keys: [rowKeys.proposal(proposal)],
  kinds: kindsRead,
});

/** The proposal, for an administrator of some organisation. @throws YinxinError CALLER_NOT_PERMITTED, NOT_FOUND, PROPOSAL_CLOSED */
function proposalOf(view: View, { proposal }: ProposalInput, context: RuleContext): ProposalRow {
  requireOrganisation(view, context);
  const row = view.get(rowKeys.proposal(proposal));
  if (!row) throw new YinxinError('NOT_FOUND', { kind: 'proposal', proposal });
  if (row.state !== 'open') throw new YinxinError('PROPOSAL_CLOSED', { state: row.state });
  return row;
}

/** @throws YinxinError CALLER_NOT_PERMITTED, NOT_FOUND, PROPOSAL_CLOSED, PROPOSAL_EXPIRED */
function currentProposalOf(view: View, input: ProposalInput, context: RuleContext): ProposalRow {
  const row = proposalOf(view, input, context);
  if (row.expires <= context.time) throw new YinxinError('PROPOSAL_EXPIRED', { expires: row.expires });
  return row;
}

export const approve: Rule<ProposalInput> = {
  parse: parseProposalInput,
  needs(input, fetched) {
    const { keys, kinds = [] } = proposalNeeds(input);
    const row = fetched.get(rowKeys.proposal(input.proposal));
    const action = row && bindAction(row.action).needs(fetched);
    return { keys: [...keys, ...(action?.keys ?? [])], kinds: [...new Set([...kinds, ...(action?.kinds ?? [])])] };
  },
  decide(view, input, context) {
    const row = currentProposalOf(view, input, context);
    const { time, caller } = context;
    if (row.approvals.some(({ msp }) => msp === caller.msp)) throw new YinxinError('ALREADY_APPROVED');
    const approved = { ...row, approvals: [...row.approvals, { msp: caller.msp, time }] };
    return hasMajority(view, approved) ? adopt(view, approved, context) : decision(approved);
  },
};

/** The proposer takes the proposal back, another its own approval. */
export const withdraw: Rule<ProposalInput> = {
  parse: parseProposalInput,
  needs: proposalNeeds,
  decide(view, input, context) {
    const row = currentProposalOf(view, input, context);
    const { time, caller } = context;
    if (row.proposedBy === caller.msp) {
      return decision({ ...row, state: 'withdrawn', closed: time });
    }
    const approvals = row.approvals.filter(({ msp }) => msp !== caller.msp);
    if (approvals.length === row.approvals.length)
      throw new YinxinError('CALLER_NOT_PERMITTED', { why: 'not approved' });
    return decision({ ...row, approvals });
  },
};

/** Puts on record that time ran out. */
export const expire: Rule<ProposalInput> = {
  parse: parseProposalInput,
  needs: proposalNeeds,
  decide(view, input, context) {
    const row = proposalOf(view, input, context);
    if (context.time < row.expires) throw new YinxinError('PROPOSAL_NOT_EXPIRED', { expires: row.expires });
    return decision({ ...row, state: 'expired', closed: context.time });
  },
};
