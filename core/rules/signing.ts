/** Signed statements: of this channel, of now, by a key that may sign them. */
import { fromBase64, utf8 } from '../bytes.ts';
import { YinxinError } from '../errors.ts';
import type { KeyRow } from '../ledger-model.ts';
import type { Instant, KeyId, KeyUse } from '../model.ts';
import { verifySm2 } from '../sm2.ts';
import { epochSeconds } from '../time.ts';
import { findKeyFault } from '../trust.ts';
import { rowKeys } from './rows.ts';
import type { RuleContext, View } from './rule.ts';

/** How far a statement's time may lie from the transaction's, in seconds. */
export const statementToleranceSeconds = 600;
const signatureLength = 88;

/** @throws YinxinError CHANNEL_MISMATCH */
export function requireChannel(channel: string, context: RuleContext): void {
  if (channel !== context.channel) throw new YinxinError('CHANNEL_MISMATCH', { channel: context.channel });
}

/** @throws YinxinError STATEMENT_TIME when more than ten minutes from the transaction's timestamp */
export function requireTimely(time: Instant, context: RuleContext): void {
  const apart = Math.abs(epochSeconds(time) - epochSeconds(context.time));
  if (apart > statementToleranceSeconds) throw new YinxinError('STATEMENT_TIME', { transaction: context.time });
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

/** 64 bytes r‖s of base64. @throws YinxinError MALFORMED_SIGNATURE, MALFORMED_TEXT */
export function readSignature(text: string): Uint8Array {
  if (text.length !== signatureLength) throw new YinxinError('MALFORMED_SIGNATURE');
  return fromBase64(text, 64);
}

/** @throws YinxinError SIGNATURE_INVALID unless this key signed this text */
export function requireSignature(text: string, signature: Uint8Array, key: Pick<KeyRow, 'publicKey'>): void {
  if (!verifySm2(utf8(text), signature, fromBase64(key.publicKey, 65))) throw new YinxinError('SIGNATURE_INVALID');
}
