/** What only a majority of the organisations may do: each action bound to its input. */
import type { ProposalAction, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { basisRegistration } from './bases.ts';
import { invalid } from './common.ts';
import { compromiseRecord } from './compromise.ts';
import { domainAmendment, domainRegistration } from './domains.ts';
import { matterRegistration } from './matters.ts';
import type { Action, Needs, RuleContext, View } from './rule.ts';
import { typeRegistration } from './types.ts';

/** @throws YinxinError INPUT_INVALID and what the action's own parser throws */
export function parseProposalAction(json: Json): ProposalAction {
  const read = memberReader(json, 'proposal', 'INPUT_INVALID', ['action', 'input']);
  const action = read.text('action');
  const input = read.value('input');
  switch (action) {
    case 'registerDomain':
      return { action, input: domainRegistration.parse(input) };
    case 'amendDomain':
      return { action, input: domainAmendment.parse(input) };
    case 'registerType':
      return { action, input: typeRegistration.parse(input) };
    case 'registerBasis':
      return { action, input: basisRegistration.parse(input) };
    case 'registerMatter':
      return { action, input: matterRegistration.parse(input) };
    case 'recordCompromise':
      return { action, input: compromiseRecord.parse(input) };
    default:
      throw invalid('proposal.action');
  }
}

/** An action with its input given. */
export interface BoundAction {
  needs(fetched: View): Needs;
  rows(view: View, context: RuleContext): readonly Row[];
}

const bind = <Input>(action: Action<Input>, input: Input): BoundAction => ({
  needs: (fetched) => action.needs(input, fetched),
  rows: (view, context) => action.rows(view, input, context),
});

export function bindAction(proposal: ProposalAction): BoundAction {
  switch (proposal.action) {
    case 'registerDomain':
      return bind(domainRegistration, proposal.input);
    case 'amendDomain':
      return bind(domainAmendment, proposal.input);
    case 'registerType':
      return bind(typeRegistration, proposal.input);
    case 'registerBasis':
      return bind(basisRegistration, proposal.input);
    case 'registerMatter':
      return bind(matterRegistration, proposal.input);
    case 'recordCompromise':
      return bind(compromiseRecord, proposal.input);
  }
}
