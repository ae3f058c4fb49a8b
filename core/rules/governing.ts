/**
 * Governing acts: all that administrators do for their organisation. Whatever else one writes, it rewrites two small rows of the
 * organisation that acts: `organisation`, which is that organisation's own, and `governance`, which is nobody's. So on Fabric it takes
 * the acting organisation's peer as well as the channel's policy, and never one of them alone. Nothing that issues or changes a status reads either.
 */
import { YinxinError } from '../errors.ts';
import type { GovernanceRow, OrganisationRow } from '../ledger-model.ts';
import { rowKeys } from './rows.ts';
import type { Rule, View } from './rule.ts';

/** Made with an organisation's first domain. @throws YinxinError INTERNAL */
export function organisationOf(view: View, msp: string): OrganisationRow {
  const row = view.get(rowKeys.organisation(msp));
  if (!row) throw new YinxinError('INTERNAL', { kind: 'organisation', msp });
  return row;
}

/** The row of an organisation that has none yet. */
export function organisationRows(view: View, msp: string): readonly OrganisationRow[] {
  return view.get(rowKeys.organisation(msp)) ? [] : [{ kind: 'organisation', msp, openProposals: [] }];
}

/** The rule with the two rows of the acting organisation; as they are, where the rule itself changes one. */
export function governing<Input>(rule: Rule<Input>): Rule<Input> {
  return {
    parse: rule.parse,
    needs(input, fetched, caller) {
      const { keys, kinds = [] } = rule.needs(input, fetched, caller);
      return { keys: [...keys, rowKeys.organisation(caller.msp)], kinds };
    },
    decide(view, input, context) {
      const { writes, event } = rule.decide(view, input, context);
      const {
        caller: { msp },
        txId,
      } = context;
      const isWritten = writes.some((row) => row.kind === 'organisation' && row.msp === msp);
      const own = isWritten ? [] : [organisationOf(view, msp)];
      const last: GovernanceRow = { kind: 'governance', msp, txId };
      return { writes: [...writes, ...own, last], event };
    },
  };
}
