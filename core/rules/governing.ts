/**
 * Governing acts: all that administrators do for their organisation. Whatever else one writes, it rewrites two small rows of the
 * organisation that acts: `organisation`, which is that organisation's own, and `governance`, which is nobody's. So on Fabric it takes
 * the acting organisation's peer as well as the channel's policy, and never one of them alone. Nothing that issues or changes a status reads either.
 *
 * The first of them is how an organisation joins: only what it does itself shows that there is somebody to guard its rows.
 */
import { YinxinError } from '../errors.ts';
import type { GovernanceRow, OrganisationRow, Row } from '../ledger-model.ts';
import type { Instant } from '../model.ts';
import { rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';

/** Made with an organisation's first domain. @throws YinxinError INTERNAL */
export function organisationOf(view: View, msp: string): OrganisationRow {
  const row = view.get(rowKeys.organisation(msp));
  if (!row) throw new YinxinError('INTERNAL', { kind: 'organisation', msp });
  return row;
}

/** The row of an organisation that has none yet. Only the founder names itself. */
export function organisationRows(view: View, msp: string, { time, caller }: RuleContext): readonly OrganisationRow[] {
  if (view.get(rowKeys.organisation(msp))) return [];
  return [{ kind: 'organisation', msp, joined: msp === caller.msp ? time : null, openProposals: [] }];
}

/** The organisation's row, and at its first act also those of its domains that are not written anyway: on Fabric they become its own by it. */
function ownRows(view: View, own: OrganisationRow, writes: readonly Row[], time: Instant): readonly Row[] {
  if (own.joined !== null) return [own];
  const written = new Set(writes.flatMap((row) => (row.kind === 'domain' ? [row.domain] : [])));
  const domains = view.all('domain').filter(({ domain, msp }) => msp === own.msp && !written.has(domain));
  return [{ ...own, joined: time }, ...domains];
}

/** The rule with the two rows of the acting organisation, `organisation` as the rule itself changes it, or as it was. */
export function governing<Input>(rule: Rule<Input>): Rule<Input> {
  return {
    parse: rule.parse,
    needs(input, fetched, caller) {
      const { keys, kinds = [] } = rule.needs(input, fetched, caller);
      const own = rowKeys.organisation(caller.msp);
      const isFirst = fetched.get(own)?.joined === null;
      return { keys: [...keys, own], kinds: isFirst ? [...new Set([...kinds, 'domain' as const])] : kinds };
    },
    decide(view, input, context) {
      const { writes, event } = rule.decide(view, input, context);
      const {
        caller: { msp },
        time,
        txId,
      } = context;
      const changed = writes.find((row): row is OrganisationRow => row.kind === 'organisation' && row.msp === msp);
      const others = writes.filter((row) => row !== changed);
      const own = ownRows(view, changed ?? organisationOf(view, msp), others, time);
      const last: GovernanceRow = { kind: 'governance', msp, txId };
      return { writes: [...others, ...own, last], event };
    },
  };
}
