/** Issuing bodies as other rules see them: the row, whether it is open, whose administrator answers for it, who manages what it issued. */
import { issuerPattern } from '../body.ts';
import { isUscc } from '../check-digits.ts';
import { YinxinError } from '../errors.ts';
import type { IssuerRow } from '../ledger-model.ts';
import { findManager, maxSuccessions } from '../trust.ts';
import { invalid } from './common.ts';
import { domainOf, requireAdmin } from './permission.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** A unified social credit code. @throws YinxinError INPUT_INVALID */
export function parseIssuer(text: string): string {
  if (!issuerPattern.test(text) || !isUscc(text)) throw invalid('issuer');
  return text;
}

/** The keys by which a body and its domain are known: the body's row, and once that is there, its domain's. */
export function issuerKeys(issuer: string, fetched: View): readonly RowKey[] {
  const key = rowKeys.issuer(issuer);
  const row = fetched.get(key);
  return row ? [key, rowKeys.domain(row.domain)] : [key];
}

/** The keys of a body and of all that took over after it, as far as successions are followed. */
export function successionKeys(issuer: string, fetched: View): readonly RowKey[] {
  const keys: RowKey[] = [];
  let next: string | null | undefined = issuer;
  for (let steps = 0; typeof next === 'string' && steps <= maxSuccessions; steps += 1) {
    keys.push(...issuerKeys(next, fetched));
    next = fetched.get(rowKeys.issuer(next))?.closed?.successor;
  }
  return keys;
}

/** @throws YinxinError ISSUER_UNKNOWN */
export function issuerOf(view: View, issuer: string): IssuerRow {
  const row = view.get(rowKeys.issuer(issuer));
  if (!row) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  return row;
}

/** @throws YinxinError ISSUER_UNKNOWN, ISSUER_CLOSED */
export function openIssuerOf(view: View, issuer: string, { time }: RuleContext): IssuerRow {
  const row = issuerOf(view, issuer);
  if (row.closed && row.closed.at <= time) throw new YinxinError('ISSUER_CLOSED', { issuer, at: row.closed.at });
  return row;
}

/** The body that manages now what `issuer` issued: itself while it is open. @throws YinxinError ISSUER_UNKNOWN, ISSUER_CLOSED for none */
export function managerOf(view: View, issuer: string, { time }: RuleContext): IssuerRow {
  issuerOf(view, issuer);
  const manager = findManager((name) => view.get(rowKeys.issuer(name)), issuer, time);
  if (!manager) throw new YinxinError('ISSUER_CLOSED', { issuer });
  return manager;
}

/** @throws YinxinError CALLER_NOT_PERMITTED unless the caller administers the body's domain */
export function requireIssuerAdmin(view: View, { domain }: IssuerRow, context: RuleContext): void {
  requireAdmin(domainOf(view, domain), context);
}
