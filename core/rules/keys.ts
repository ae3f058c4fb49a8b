/** Registration of keys: SM2 keys of issuing bodies, and the ES256 keys with which domains sign lists. */
import { fromBase64 } from '../bytes.ts';
import { YinxinError } from '../errors.ts';
import type { KeyRow, ListKeyRow, RegisterKeyInput, RegisterListKeyInput, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json, PossessionStatement } from '../model.ts';
import { parseKeyId, toKeyId } from '../sm2.ts';
import { parsePossessionStatement } from '../statement.ts';
import { epochSeconds, toInstant } from '../time.ts';
import {
  domainOf,
  invalid,
  issuerKeys,
  issuerOf,
  readSignature,
  readWindow,
  regionPattern,
  requireAbsent,
  requireAdmin,
  requireChannel,
  requireSignature,
  requireSigner,
  requireTimely,
  statementToleranceSeconds,
} from './common.ts';
import { rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';

/** How long a first or recovery key, for which no current key vouches, has to wait. */
const firstKeyWaitSeconds = 86_400;
const kidPattern = /^[A-Za-z0-9_-]{43}$/;

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

function keyIdOf(possession: PossessionStatement): KeyRow['key'] {
  return toKeyId(fromBase64(possession.publicKey, 65));
}

/** The earliest instant from which a key may be in force. */
function requireFrom(from: KeyRow['from'], context: RuleContext, offsetSeconds: number): void {
  const earliest = epochSeconds(context.time) + offsetSeconds;
  if (epochSeconds(from) >= earliest) return;
  throw new YinxinError('INPUT_INVALID', { member: 'from', earliest: toInstant(earliest) });
}

/** Who answers for the key. @throws YinxinError of the vouching key's fault, SIGNATURE_INVALID, INPUT_INVALID */
function findVoucher(view: View, input: RegisterKeyInput, issuer: string, context: RuleContext): KeyRow['vouchedBy'] {
  if (input.vouchedBy === null) {
    requireFrom(input.from, context, firstKeyWaitSeconds);
    return 'first';
  }
  requireFrom(input.from, context, -statementToleranceSeconds);
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
  issuerOf(view, possession.issuer);
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
  return [{ kind: 'key', key, issuer, use, publicKey, from, until, vouchedBy, compromisedFrom: null }];
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
    requireAdmin(domainOf(view, issuerOf(view, possession.issuer).domain), context);
    const { issuer, use } = possession;
    return { writes: keyRows(view, input, context, false), event: { key: keyIdOf(possession), issuer, use } };
  },
};

function parseJwk(json: Json): ListKeyRow['jwk'] {
  const read = memberReader(json, 'jwk', 'INPUT_INVALID', ['kty', 'crv', 'x', 'y']);
  if (read.text('kty') !== 'EC') throw invalid('jwk.kty');
  if (read.text('crv') !== 'P-256') throw invalid('jwk.crv');
  return { kty: 'EC', crv: 'P-256', x: read.matching('x', kidPattern), y: read.matching('y', kidPattern) };
}

/** That `kid` is the key's thumbprint is checked by the contract: no SHA-256 here. @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseRegisterListKeyInput(json: Json): RegisterListKeyInput {
  const read = memberReader(json, 'listKey', 'INPUT_INVALID', ['domain', 'kid', 'jwk', 'from', 'until']);
  return {
    domain: read.matching('domain', regionPattern),
    kid: read.matching('kid', kidPattern),
    jwk: parseJwk(read.value('jwk')),
    ...readWindow(read),
  };
}

/** @throws YinxinError ALREADY_EXISTS, NOT_FOUND */
export function listKeyRows(view: View, input: RegisterListKeyInput): readonly Row[] {
  requireAbsent(view, rowKeys.listKey(input.kid));
  domainOf(view, input.domain);
  return [{ kind: 'listKey', ...input }];
}

export const registerListKey: Rule<RegisterListKeyInput> = {
  parse: parseRegisterListKeyInput,
  needs: ({ kid, domain }) => ({ keys: [rowKeys.listKey(kid), rowKeys.domain(domain)] }),
  decide(view, input, context) {
    requireAdmin(domainOf(view, input.domain), context);
    return { writes: listKeyRows(view, input), event: { domain: input.domain, kid: input.kid } };
  },
};
