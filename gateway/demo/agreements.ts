/** The demonstration's recognition agreements: proposed and approved through the contract, party by party, as real ones are. */
import { addMonths, calendarDateAt, type Instant, type ProposeAgreementInput, parseInstant } from '@yinxin/core';
import { type AdditionDeps, toJson } from './additions.ts';
import type { Catalogue, CatalogueAgreement } from './catalogue.ts';

function toProposal({ years, ...terms }: CatalogueAgreement, domain: string, now: Instant): ProposeAgreementInput {
  const until = parseInstant(`${addMonths(calendarDateAt(now), 12 * years)}T00:00:00Z`);
  return { ...terms, from: now, until, domain };
}

/** What an earlier start did is not done again; an agreement that is there keeps its terms, whatever certs/ says now. */
async function conclude(wanted: CatalogueAgreement, { cities, clock }: AdditionDeps): Promise<void> {
  const { agreement, parties } = wanted;
  const find = () => cities.home.gateway.services.readModel.agreement(agreement);
  const first = parties[0]?.domain ?? '';
  if (!find()) await cities.submit(first, 'proposeAgreement', toJson(toProposal(wanted, first, clock())));
  for (const { domain } of parties) {
    const isApproved = find()?.approvals.some((approval) => approval.domain === domain);
    if (!isApproved) await cities.submit(domain, 'approveAgreement', { agreement, domain });
  }
}

/** After it every agreement of the catalogue is there, approved by all its parties. @throws YinxinError of the contract */
export async function concludeAgreements({ agreements }: Catalogue, deps: AdditionDeps): Promise<void> {
  for (const agreement of agreements) await conclude(agreement, deps);
}
