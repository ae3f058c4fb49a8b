/** SM2 keys of issuing bodies: registered with proof of possession, for one use each, and retired. */
import { fromBase64 } from '../bytes.ts';
import { YinxinError } from '../errors.ts';
import type { KeyRow, RegisterKeyInput, RetireKeyInput, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json, KeyId, PossessionStatement } from '../model.ts';
import { parseKeyId, toKeyId } from '../sm2.ts';
import { parsePossessionStatement } from '../statement.ts';
import { parseInstant } from '../time.ts';
import { issuerKeys, issuerOf, openIssuerOf, requireIssuerAdmin } from './bodies.ts';
import { invalid, requireAbsent } from './common.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';
import {
  readSignature,
  requireChannel,
  requireSignature,
  requireSigner,
  requireTimely,
  statementToleranceSeconds,
} from './signing.ts';
import { readWindow, requireNotBefore, shorten } from './windows.ts';

/** How long a first or recovery key, for which no current key vouches, has to wait. */
export const firstKeyWaitSeconds = 86_400;

function parseVoucher(json: Json): RegisterKeyInput['vouchedBy'] {
  if (json === null) return null;
  const read = memberReader(json, 'vouchedBy', 'INPUT_INVALID', ['key', 'signature']);
  return { key: parseKeyId(read.text('key')), signature: read.text('signature') };
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME, MALFORMED_KEY */
export function parseRegisterKeyInput(json: Json): RegisterKeyInput {
  const read = memberReader(json, 'key', 'INPUT_INVALID', ['possession', 'signature', 'from', 'until', 'vouchedBy']);
  return {
    possession: read.text('possession'),
    signature: read.text('signature'),
    ...readWindow(read),
    vouchedBy: parseVoucher(read.value('vouchedBy')),
  };
}

const keyIdOf = ({ publicKey }: PossessionStatement) => toKeyId(fromBase64(publicKey, 65));

/** Who answers for the key. @throws YinxinError of the vouching key's fault, SIGNATURE_INVALID, INPUT_INVALID */
function findVoucher(view: View, input: RegisterKeyInput, issuer: string, context: RuleContext): KeyRow['vouchedBy'] {
  if (input.vouchedBy === null) {
    requireNotBefore(input.from, 'from', context, firstKeyWaitSeconds);
    return 'first';
  }
  requireNotBefore(input.from, 'from', context, -statementToleranceSeconds);
  const voucher = requireSigner(view, input.vouchedBy.key, { issuer }, context);
  requireSignature(input.possession, readSignature(input.vouchedBy.signature), voucher);
  return voucher.key;
}

/** The key's row; in the founding transaction keys need no voucher and no wait. @throws YinxinError */
export function keyRows(
  view: View,
  input: RegisterKeyInput,
  context: RuleContext,
  isFounding: boolean,
): readonly Row[] {
  const possession = parsePossessionStatement(input.possession);
  requireChannel(possession.channel, context);
  openIssuerOf(view, possession.issuer, context);
  const key = keyIdOf(possession);
  requireAbsent(view, rowKeys.key(key));
  if (isFounding && input.vouchedBy !== null)
    throw invalid('vouchedBy', 'no key can vouch in the founding transaction');
  // an old statement, perhaps of a key given up since, must not be brought out again; founding gathers those of several cities
  if (!isFounding) requireTimely(possession.time, context);
  const vouchedBy = isFounding ? 'founding' : findVoucher(view, input, possession.issuer, context);
  requireSignature(input.possession, readSignature(input.signature), possession);
  const { issuer, use, publicKey } = possession;
  const { from, until } = input;
  const registered = context.time;
  return [{ kind: 'key', key, issuer, use, publicKey, from, until, vouchedBy, registered, compromisedFrom: null }];
}

export const registerKey: Rule<RegisterKeyInput> = {
  parse: parseRegisterKeyInput,
  needs(input, fetched) {
    const possession = parsePossessionStatement(input.possession);
    const voucher = input.vouchedBy === null ? [] : [rowKeys.key(input.vouchedBy.key)];
    return { keys: [...issuerKeys(possession.issuer, fetched), rowKeys.key(keyIdOf(possession)), ...voucher] };
  },
  decide(view, input, context) {
    const possession = parsePossessionStatement(input.possession);
    requireIssuerAdmin(view, issuerOf(view, possession.issuer), context);
    const { issuer, use } = possession;
    return { writes: keyRows(view, input, context, false), event: { key: keyIdOf(possession), issuer, use } };
  },
};

/** @throws YinxinError KEY_UNKNOWN */
export function keyOf(view: View, key: KeyId): KeyRow {
  const row = view.get(rowKeys.key(key));
  if (!row) throw new YinxinError('KEY_UNKNOWN', { key });
  return row;
}

/** A key, its body and its body's domain. */
export function ownedKeyKeys(key: KeyId, fetched: View): readonly RowKey[] {
  const row = fetched.get(rowKeys.key(key));
  return [rowKeys.key(key), ...(row ? issuerKeys(row.issuer, fetched) : [])];
}

/** The key, for an administrator of its body's domain. @throws YinxinError KEY_UNKNOWN, CALLER_NOT_PERMITTED */
export function administeredKey(view: View, key: KeyId, context: RuleContext): KeyRow {
  const row = keyOf(view, key);
  requireIssuerAdmin(view, issuerOf(view, row.issuer), context);
  return row;
}

export const retireKey: Rule<RetireKeyInput> = {
  parse(json) {
    const read = memberReader(json, 'retirement', 'INPUT_INVALID', ['key', 'until']);
    return { key: parseKeyId(read.text('key')), until: parseInstant(read.text('until')) };
  },
  needs: ({ key }, fetched) => ({ keys: ownedKeyKeys(key, fetched) }),
  decide(view, { key, until }, context) {
    const row = shorten(administeredKey(view, key, context), until, context);
    return { writes: [row], event: { key, issuer: row.issuer, until: row.until } };
  },
};
