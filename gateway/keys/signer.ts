/** The signer port: typed statements in, signatures out; never digests or arbitrary bytes (core/FORMATS.md). */
import {
  type AnchorStatement,
  type Code,
  canonicalBytes,
  concat,
  encodeCodePayload,
  formatStatement,
  fromBase64,
  type Json,
  type KeyId,
  type KeyUse,
  type PossessionStatement,
  parseAnchorStatement,
  parseCode,
  parsePossessionStatement,
  parseStatusStatement,
  type StatusStatement,
  toKeyId,
  utf8,
  YinxinError,
} from '@yinxin/core';
import type { anchoredTyp, statusListTyp, trustListTyp } from '@yinxin/core/jose';
import type { SigningKeys } from './store.ts';

/**
 * Signs for the keys of one key store. A statement is signed only when it is well formed and its key, issuer and use are
 * that key's own; statuses and codes also with a key of `manager`, the body that took over from a closed issuer: **that it did is not
 * verified here**. Each SM2 signature is 64 bytes r‖s, verified before it is returned.
 * @throws YinxinError SIGNING_KEY_MISSING when the store does not hold the key, KEY_WRONG_USE when it is another issuer's or for another use, MALFORMED_STATEMENT, MALFORMED_CODE
 */
export interface Signer {
  signAnchor(statement: AnchorStatement): Uint8Array;
  signStatus(statement: StatusStatement, manager?: string): Uint8Array;
  /** With the very key that the statement names. */
  signPossession(statement: PossessionStatement): Uint8Array;
  /** With another key of the same issuer, of whatever use, which thereby answers for the new one. */
  signVouch(statement: PossessionStatement, voucher: KeyId): Uint8Array;
  /** The whole code: payload ‖ signature. */
  signCode(code: Code, manager?: string): Uint8Array;
  /** A compact JWS (ES256) by this key, header `{alg, typ, kid}`, payload the canonical bytes of the claims, whose `iss` is the key's domain. */
  signList(
    kid: string,
    typ: typeof trustListTyp | typeof statusListTyp | typeof anchoredTyp,
    claims: Json,
  ): Promise<string>;
}

const signatureBytes = 64;

type Sign = (message: Uint8Array) => Uint8Array;

function findSign(keys: SigningKeys, key: KeyId, issuer: string, use: KeyUse): Sign {
  const found = keys.sm2(key);
  if (!found) throw new YinxinError('SIGNING_KEY_MISSING', { key });
  if (found.held.issuer !== issuer || found.held.use !== use) throw new YinxinError('KEY_WRONG_USE', { key, use });
  return found.sign;
}

/** A key never vouches for itself. */
function findVoucherSign(keys: SigningKeys, { issuer, publicKey }: PossessionStatement, voucher: KeyId): Sign {
  const use = keys.sm2(voucher)?.held.use ?? 'anchor';
  if (toKeyId(fromBase64(publicKey)) === voucher) throw new YinxinError('KEY_WRONG_USE', { key: voucher, use });
  return findSign(keys, voucher, issuer, use);
}

/** What is signed is the text as its parser accepts it, so no member can carry a second line. */
function toSignedText<S extends AnchorStatement | StatusStatement | PossessionStatement>(
  statement: S,
  parse: (text: string) => S,
): { readonly text: Uint8Array; readonly read: S } {
  const text = formatStatement(statement);
  return { text: utf8(text), read: parse(text) };
}

function issOf(claims: Json): Json | undefined {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  return (claims as { readonly [name: string]: Json })['iss']; // isArray does not narrow readonly arrays away
}

export function createSigner(keys: SigningKeys): Signer {
  return {
    signAnchor(statement) {
      const { text, read } = toSignedText(statement, parseAnchorStatement);
      return findSign(keys, read.key, read.issuer, 'anchor')(text);
    },
    signStatus(statement, manager = statement.issuer) {
      const { text, read } = toSignedText(statement, parseStatusStatement);
      return findSign(keys, read.key, manager, 'status')(text);
    },
    signPossession(statement) {
      const { text, read } = toSignedText(statement, parsePossessionStatement);
      const key = toKeyId(fromBase64(read.publicKey));
      return findSign(keys, key, read.issuer, read.use)(text);
    },
    signVouch(statement, voucher) {
      const { text, read } = toSignedText(statement, parsePossessionStatement);
      return findVoucherSign(keys, read, voucher)(text);
    },
    signCode(code, manager = code.issuer) {
      const payload = encodeCodePayload(code);
      const { code: read, signed } = parseCode(concat(payload, new Uint8Array(signatureBytes)));
      return concat(payload, findSign(keys, read.key, manager, 'code')(signed));
    },
    async signList(kid, typ, claims) {
      const found = keys.list(kid);
      if (!found) throw new YinxinError('SIGNING_KEY_MISSING', { key: kid });
      const { domain } = found.held;
      if (issOf(claims) !== domain) throw new YinxinError('KEY_WRONG_USE', { key: kid, domain });
      return found.sign(typ, canonicalBytes(claims));
    },
  };
}
