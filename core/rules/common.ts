/** What several rules share: permission, windows, regions, signatures. */
import { fromBase64, utf8 } from '../bytes.ts';
import { YinxinError } from '../errors.ts';
import type { DomainRow, IssuerRow, KeyRow } from '../ledger-model.ts';
import { type MemberReader, memberReader } from '../members.ts';
import type { Instant, Json, KeyId, KeyUse, Words } from '../model.ts';
import { verifySm2 } from '../sm2.ts';
import { epochSeconds, parseInstant } from '../time.ts';
import { findKeyFault } from '../trust.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** How far a statement's time may lie from the transaction's, in seconds. */
export const statementToleranceSeconds = 600;
const signatureLength = 88;

/** @throws YinxinError INPUT_INVALID naming the member */
export const invalid = (member: string, why?: string) =>
  new YinxinError('INPUT_INVALID', why === undefined ? { member } : { member, why });

/** Six digits of GB/T 2260. */
export const regionPattern = /^[1-9]\d{5}$/;

/** Whether a region lies in another: trailing pairs of zeros stand for the whole province or city. */
export function isInRegion(region: string, outer: string): boolean {
  return region.startsWith(outer.replace(/(?:00){1,2}$/, ''));
}

/** A window's `from` and `until`; the end lies after the beginning. */
export function readWindow(read: MemberReader<'from' | 'until'>): {
  readonly from: Instant;
  readonly until: Instant | null;
} {
  const from = parseInstant(read.text('from'));
  const until = read.value('until') === null ? null : parseInstant(read.text('until'));
  if (until !== null && until <= from) throw invalid('until', 'not after from');
  return { from, until };
}

/** A name in both languages, 1 to 100 characters each. */
export function parseName(json: Json): Words {
  const read = memberReader(json, 'name', 'INPUT_INVALID', ['zh', 'en']);
  const name = /^\S(?:.{0,98}\S)?$/u;
  return { zh: read.matching('zh', name), en: read.matching('en', name) };
}

/** The keys by which `issuerOf` and permission are known: the issuer's row, and once that is there, its domain's. */
export function issuerKeys(issuer: string, fetched: View): readonly RowKey[] {
  const key = rowKeys.issuer(issuer);
  const row = fetched.get(key);
  return row ? [key, rowKeys.domain(row.domain)] : [key];
}

/** @throws YinxinError ISSUER_UNKNOWN */
export function issuerOf(view: View, issuer: string): IssuerRow {
  const row = view.get(rowKeys.issuer(issuer));
  if (!row) throw new YinxinError('ISSUER_UNKNOWN', { issuer });
  return row;
}

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

/** @throws YinxinError ALREADY_EXISTS */
export function requireAbsent(view: View, key: RowKey): void {
  if (view.get(key)) throw new YinxinError('ALREADY_EXISTS', { kind: key.kind, parts: key.parts });
}

/**
 * The key, when it may sign for the body now; for any use where none is named. One with any record of compromise signs nothing more:
 * the timestamp is the sender's, who could put it before. @throws YinxinError of the key's fault
 */
export function requireSigner(
  view: View,
  key: KeyId,
  { issuer, use }: { readonly issuer: string; readonly use?: KeyUse },
  { time }: RuleContext,
): KeyRow {
  const row = view.get(rowKeys.key(key));
  const fault = findKeyFault(row, { issuer, use: use ?? row?.use ?? 'anchor', at: time });
  if (fault || !row) throw new YinxinError(fault ?? 'KEY_UNKNOWN', { key });
  if (row.compromisedFrom !== null) throw new YinxinError('KEY_COMPROMISED', { key });
  return row;
}

/** @throws YinxinError CHANNEL_MISMATCH */
export function requireChannel(channel: string, context: RuleContext): void {
  if (channel !== context.channel) throw new YinxinError('CHANNEL_MISMATCH', { channel: context.channel });
}

/** @throws YinxinError STATEMENT_TIME when more than ten minutes from the transaction's timestamp */
export function requireTimely(time: Instant, context: RuleContext): void {
  const apart = Math.abs(epochSeconds(time) - epochSeconds(context.time));
  if (apart > statementToleranceSeconds) throw new YinxinError('STATEMENT_TIME', { transaction: context.time });
}

/** 64 bytes r‖s of base64. @throws YinxinError MALFORMED_SIGNATURE, MALFORMED_TEXT */
export function readSignature(text: string): Uint8Array {
  if (text.length !== signatureLength) throw new YinxinError('MALFORMED_SIGNATURE');
  return fromBase64(text, 64);
}

/** @throws YinxinError SIGNATURE_INVALID unless this key signed this text */
export function requireSignature(text: string, signature: Uint8Array, key: Pick<KeyRow, 'publicKey'>): void {
  if (!verifySm2(utf8(text), signature, fromBase64(key.publicKey, 65))) throw new YinxinError('SIGNATURE_INVALID');
}
