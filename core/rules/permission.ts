/** Who may do what: the caller's organisation and role against the row of the domain that is touched. */
import { YinxinError } from '../errors.ts';
import type { DomainRow } from '../ledger-model.ts';
import { rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** @throws YinxinError NOT_FOUND */
export function domainOf(view: View, domain: string): DomainRow {
  const row = view.get(rowKeys.domain(domain));
  if (!row) throw new YinxinError('NOT_FOUND', { kind: 'domain', domain });
  return row;
}

/** @throws YinxinError CALLER_NOT_PERMITTED unless the caller is of the domain's organisation */
export function requireMember(domain: DomainRow, { caller }: RuleContext): void {
  if (caller.msp !== domain.msp) throw new YinxinError('CALLER_NOT_PERMITTED', { domain: domain.domain });
}

/** @throws YinxinError CALLER_NOT_PERMITTED unless the caller is an administrator of the domain's organisation */
export function requireAdmin(domain: DomainRow, context: RuleContext): void {
  requireMember(domain, context);
  requireAdminRole(context);
}

/** @throws YinxinError CALLER_NOT_PERMITTED */
export function requireAdminRole({ caller }: RuleContext): void {
  if (caller.role !== 'admin') throw new YinxinError('CALLER_NOT_PERMITTED', { role: 'admin' });
}

/** The organisations: several domains may share one. Reads all domains. */
export function organisationsOf(view: View): ReadonlySet<string> {
  return new Set(view.all('domain').map(({ msp }) => msp));
}

/** @throws YinxinError CALLER_NOT_PERMITTED unless the caller is an administrator of an organisation that speaks for some domain */
export function requireOrganisation(view: View, context: RuleContext): void {
  requireAdminRole(context);
  const { msp } = context.caller;
  if (!organisationsOf(view).has(msp)) throw new YinxinError('CALLER_NOT_PERMITTED', { why: 'of none of the domains' });
}
