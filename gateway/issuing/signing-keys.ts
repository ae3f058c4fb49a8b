/** Which of the gateway's keys signs what: in force on the ledger now, and held here. */
import { findKeyFault, type Instant, isInWindow, type KeyId, type KeyUse, type Trust, YinxinError } from '@yinxin/core';
import type { KeyStore } from '../keys/store.ts';

type Keys = Pick<KeyStore, 'sm2Keys' | 'listKeys'>;

/** Of several keys the one that came into force last. @throws YinxinError SIGNING_KEY_MISSING */
export function chooseKey(keys: Keys, trust: Trust, issuer: string, use: KeyUse, at: Instant): KeyId {
  let chosen: { readonly key: KeyId; readonly from: Instant } | undefined;
  for (const { key } of keys.sm2Keys()) {
    const row = trust.key(key);
    if (!row || findKeyFault(row, { issuer, use, at })) continue;
    if (!chosen || row.from > chosen.from) chosen = row;
  }
  if (!chosen) throw new YinxinError('SIGNING_KEY_MISSING', { issuer, use });
  return chosen.key;
}

/**
 * The domain that says of a batch of this issuer that it is anchored: another than the issuer's own, its own only in a network of
 * one domain. Undefined when this gateway signs for no such domain: then files carry no such word and need the ledger.
 */
export function chooseWitness(keys: Keys, trust: Trust, issuer: string, at: Instant): string | undefined {
  const home = trust.issuer(issuer)?.domain;
  return keys
    .listKeys()
    .filter(({ kid, domain }) => {
      const row = trust.listKey(kid);
      return row !== undefined && isInWindow(row, at) && (domain !== home || trust.onlyDomain);
    })
    .map(({ domain }) => domain)
    .sort()[0];
}

/** The organisation that sends an issuer's transactions. @throws YinxinError ISSUER_UNKNOWN */
export function mspOf(trust: Trust, issuer: string): string {
  const domain = trust.domain(trust.issuer(issuer)?.domain ?? '');
  if (!domain) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  return domain.msp;
}
