/** Which of the gateway's list keys signs for a domain: by the rows on the ledger the oldest in force, so that lists by it tell of the next one. */
import { type Instant, isInWindow, type ListKeyRow, type Trust, YinxinError } from '@yinxin/core';
import type { KeyStore } from '../keys/store.ts';

type Keys = Pick<KeyStore, 'listKeys'>;

/** Of the keys held here those that may sign at this time: on the ledger, in their window, without any record of compromise. Oldest first. */
export function findListKeys(keys: Keys, trust: Trust, at: Instant): readonly ListKeyRow[] {
  return keys
    .listKeys()
    .flatMap(({ kid, domain }) => {
      const row = trust.listKey(kid);
      const isInForce = row?.domain === domain && row.compromisedFrom === null && isInWindow(row, at);
      return isInForce ? [row] : [];
    })
    .sort((a, b) => compare(a.from, b.from) || compare(a.kid, b.kid));
}

/** The key that signs for the domain what bears this time. @throws YinxinError SIGNING_KEY_MISSING */
export function chooseListKey(keys: Keys, trust: Trust, domain: string, at: Instant): string {
  const row = findListKeys(keys, trust, at).find((found) => found.domain === domain);
  if (!row) throw new YinxinError('SIGNING_KEY_MISSING', { domain });
  return row.kid;
}

/**
 * Whether a domain may say of this issuer's batches that they are anchored: one of another organisation; in a network of one organisation
 * another domain, in a network of one domain that one.
 */
export function isWitness(trust: Trust, domain: string, issuer: string): boolean {
  const home = trust.domain(trust.issuer(issuer)?.domain ?? '');
  const organisation = trust.domain(domain)?.msp;
  if (!home || organisation === undefined) return false;
  const isOnlyOne = trust.domains.every(({ msp }) => msp === home.msp);
  return isOnlyOne ? domain !== home.domain || trust.onlyDomain : organisation !== home.msp;
}

/**
 * The key held here by which another domain says of a batch of this issuer that it is anchored. Undefined when this gateway signs for no
 * such domain: then another gateway is asked.
 */
export function chooseWitness(keys: Keys, trust: Trust, issuer: string, at: Instant): ListKeyRow | undefined {
  return findListKeys(keys, trust, at)
    .filter(({ domain }) => isWitness(trust, domain, issuer))
    .sort((a, b) => compare(a.domain, b.domain))[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
