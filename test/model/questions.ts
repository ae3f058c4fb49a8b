/** Questions about a history, each answered from its facts alone. */
import type { Instant, KeyUse } from '@yinxin/core';
import { all, type FactOf, type History, last, seconds, within } from './facts.ts';

export const domainNow = (history: History, domain: string) =>
  last(history, 'domain', (fact) => fact.domain === domain);

export function domainsNow(history: History): readonly FactOf<'domain'>[] {
  const codes = [...new Set(all(history, 'domain').map(({ domain }) => domain))];
  return codes.flatMap((code) => domainNow(history, code) ?? []);
}

export const organisations = (history: History): readonly string[] => [
  ...new Set(domainsNow(history).map(({ msp }) => msp)),
];

/** Whether an organisation has acted itself, and so has somebody who can endorse for it. */
export const hasJoined = (history: History, msp: string): boolean =>
  history.some((fact) => fact.fact === 'joining' && fact.msp === msp);

/** The domain whose region is the longest beginning of a place's code; at a time, of those that had joined. */
export function domainAround(history: History, place: string, at?: string): string | undefined {
  const joined = (domain: string) => seconds(all(history, 'domain', (fact) => fact.domain === domain)[0]?.time ?? '');
  return domainsNow(history)
    .filter(({ domain }) => at === undefined || joined(domain) <= seconds(at))
    .filter(({ region }) => place.startsWith(region))
    .sort((a, b) => b.region.length - a.region.length)[0]?.domain;
}

export const issuerFact = (history: History, issuer: string) =>
  last(history, 'issuer', (fact) => fact.issuer === issuer);
export const closingOf = (history: History, issuer: string) =>
  last(history, 'closing', (fact) => fact.issuer === issuer);

export function isClosed(history: History, issuer: string, at: string): boolean {
  const closing = closingOf(history, issuer);
  return closing !== undefined && seconds(closing.at) <= seconds(at);
}

/** Who looks after what a body issued. */
export function managerAt(history: History, issuer: string, at: string): string | undefined {
  if (!isClosed(history, issuer, at)) return issuer;
  const successor = closingOf(history, issuer)?.successor;
  return typeof successor === 'string' ? managerAt(history, successor, at) : undefined;
}

/** The window of a key with its retirements: each puts the end earlier, though never before the beginning. */
export function keyWindow(history: History, key: string): readonly [from: Instant, until: Instant | null] | undefined {
  const fact = last(history, 'key', (one) => one.key === key) ?? last(history, 'list-key', (one) => one.key === key);
  if (!fact) return undefined;
  const end = last(history, 'key-end', (one) => one.key === key);
  if (!end) return [fact.from, fact.until];
  return [fact.from, seconds(end.until) < seconds(fact.from) ? fact.from : end.until];
}

export const compromiseOf = (history: History, key: string) =>
  last(history, 'compromise', (fact) => fact.key === key)?.from;

export const issuerOfKey = (history: History, key: string) => last(history, 'key', (fact) => fact.key === key)?.issuer;

/** From when on readers take a key to have been in other hands: it is as bad as what vouched for it was then. */
export function lostFrom(history: History, key: string): Instant | undefined {
  const fact = last(history, 'key', (one) => one.key === key);
  const voucherLost = fact?.voucher ? lostFrom(history, fact.voucher) : undefined;
  if (fact && voucherLost !== undefined && seconds(voucherLost) <= seconds(fact.time)) return fact.from;
  return compromiseOf(history, key);
}

/** Whether the contract lets a key sign at a time. */
export function maySign(history: History, key: string, issuer: string, use: KeyUse | undefined, at: string): boolean {
  const fact = last(history, 'key', (one) => one.key === key);
  const window = keyWindow(history, key);
  if (!fact || !window || fact.issuer !== issuer || (use !== undefined && fact.use !== use)) return false;
  return within(at, window[0], window[1]) && compromiseOf(history, key) === undefined;
}

/** What readers hold against a key at ledger time. */
export function keyFault(
  history: History,
  key: string,
  at: string,
): 'KEY_NOT_IN_WINDOW' | 'KEY_COMPROMISED' | undefined {
  const window = keyWindow(history, key);
  if (!window || !within(at, window[0], window[1])) return 'KEY_NOT_IN_WINDOW';
  const from = lostFrom(history, key);
  return from !== undefined && seconds(from) <= seconds(at) ? 'KEY_COMPROMISED' : undefined;
}

export interface Slot {
  readonly region: string;
  readonly from: Instant;
  readonly until: Instant | null;
}

/** The windows of an entitlement: an end belongs to the window that was the last one then. */
export function slotsOf(history: History, issuer: string, type: string): readonly Slot[] {
  const slots: Slot[] = [];
  for (const fact of history) {
    if (
      (fact.fact !== 'entitlement' && fact.fact !== 'entitlement-end') ||
      fact.issuer !== issuer ||
      fact.type !== type
    )
      continue;
    const open = fact.fact === 'entitlement-end' ? slots.pop() : undefined;
    if (fact.fact === 'entitlement') slots.push({ region: fact.region, from: fact.from, until: fact.until });
    else if (open) slots.push({ ...open, until: seconds(fact.until) < seconds(open.from) ? open.from : fact.until });
  }
  return slots;
}

export const batchesOf = (history: History, issuer: string, type: string) =>
  all(history, 'batch', (fact) => fact.issuer === issuer && fact.type === type);

export const lastEntry = (history: History, issuer: string, type: string) =>
  batchesOf(history, issuer, type).at(-1)?.last ?? 0;

export const changesOf = (history: History, issuer: string, type: string, entry: number) =>
  all(history, 'change', (fact) => fact.issuer === issuer && fact.type === type && fact.entry === entry);

/** Proposals of an organisation that are still open. */
export const openProposals = (history: History, msp: string) =>
  all(history, 'proposal', (fact) => fact.msp === msp).filter(
    ({ proposal }) => !history.some((fact) => fact.fact === 'proposal-end' && fact.proposal === proposal),
  );

export interface Agreed {
  readonly terms: FactOf<'agreement'>['terms'];
  readonly until: Instant | null;
  /** When the last party approved. */
  readonly since: Instant | undefined;
  readonly approvers: readonly string[];
}

export function agreementNow(history: History, agreement: string): Agreed | undefined {
  const terms = last(history, 'agreement', (fact) => fact.terms.agreement === agreement)?.terms;
  if (!terms) return undefined;
  const approvals = all(history, 'agreed', (fact) => fact.agreement === agreement);
  const end = last(history, 'agreement-end', (fact) => fact.agreement === agreement)?.until;
  return {
    terms,
    until: end === undefined ? terms.until : seconds(end) < seconds(terms.from) ? terms.from : end,
    since: approvals.length === terms.parties.length ? approvals.at(-1)?.time : undefined,
    approvers: approvals.map(({ domain }) => domain),
  };
}

/** Whether a party's own suspension goes on after everything that happened. */
export function isResting(history: History, agreement: string, domain: string): boolean {
  const newest = history
    .filter((fact) => fact.fact === 'rested' || fact.fact === 'resumed')
    .filter((fact) => fact.agreement === agreement && fact.domain === domain)
    .at(-1);
  return newest?.fact === 'rested';
}

/** Whether some party's suspension covered a legal time. */
export function wasResting(history: History, agreement: string, at: string): boolean {
  return all(history, 'rested', (fact) => fact.agreement === agreement).some((rested) => {
    const resumed = history
      .slice(history.indexOf(rested))
      .find((fact) => fact.fact === 'resumed' && fact.agreement === agreement && fact.domain === rested.domain);
    return seconds(rested.time) <= seconds(at) && (!resumed || seconds(at) < seconds(resumed.time));
  });
}
