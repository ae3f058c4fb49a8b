/** Who signs what: the body that manages a register, and which of the gateway's keys is in force for it on the ledger now. */
import {
  findKeyFault,
  type Instant,
  type IssuerRow,
  type KeyId,
  type KeyRow,
  type KeyUse,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import type { KeyStore } from '../keys/store.ts';

const closed = (issuer: string) => new YinxinError('ISSUER_CLOSED', { issuer });

/** The body that manages what `issuer` issued: itself, or the one that took over. @throws YinxinError ISSUER_UNKNOWN; ISSUER_CLOSED when nobody took over */
export function managerOf(trust: Trust, issuer: string, at: Instant): IssuerRow {
  if (!trust.issuer(issuer)) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  const manager = trust.managerOf(issuer, at);
  if (!manager) throw closed(issuer);
  return manager;
}

/** Whether a body manages what `issuer` issued. @throws YinxinError ISSUER_CLOSED for the body itself once it is closed */
export function isManager(trust: Trust, body: string, issuer: string, at: Instant): boolean {
  const manages = trust.managerOf(issuer, at)?.issuer === body;
  if (!manages && body === issuer && trust.issuer(issuer)) throw closed(issuer);
  return manages;
}

/** Which of two keys came into force last: of the same second the one registered last, and none came before those of the founding. */
function isLater(one: KeyRow, other: KeyRow): boolean {
  if (one.from !== other.from) return one.from > other.from;
  if (one.registered !== other.registered) return one.registered > other.registered;
  return one.vouchedBy !== 'founding' && (other.vouchedBy === 'founding' || one.vouchedBy === other.key);
}

/**
 * A key that may sign for this body and use at this time, of several the one that came into force last. A key with any record of
 * compromise signs nothing more, and one that is not on the ledger never signs.
 */
export function findKey(
  keys: Pick<KeyStore, 'sm2Keys'>,
  trust: Trust,
  issuer: string,
  use: KeyUse,
  at: Instant,
): KeyId | undefined {
  let chosen: KeyRow | undefined;
  for (const { key } of keys.sm2Keys()) {
    const row = trust.key(key);
    if (!row || row.compromisedFrom !== null || findKeyFault(row, { issuer, use, at })) continue;
    if (!chosen || isLater(row, chosen)) chosen = row;
  }
  return chosen?.key;
}

/** The same. @throws YinxinError SIGNING_KEY_MISSING */
export function chooseKey(...asked: Parameters<typeof findKey>): KeyId {
  const [, , issuer, use] = asked;
  const key = findKey(...asked);
  if (!key) throw new YinxinError('SIGNING_KEY_MISSING', { issuer, use });
  return key;
}

/** The organisation that sends an issuer's transactions. @throws YinxinError ISSUER_UNKNOWN */
export function mspOf(trust: Trust, issuer: string): string {
  const domain = trust.domain(trust.issuer(issuer)?.domain ?? '');
  if (!domain) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  return domain.msp;
}
