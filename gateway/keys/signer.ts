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
import type { anchoredTyp, trustListTyp } from '@yinxin/core/jose';
import type { SigningKeys } from './store.ts';

/**
 * Signs for the keys of one key store. A statement is signed only when it is well formed and its key, issuer and use are
 * that key's own. Each SM2 signature is 64 bytes r‖s, verified before it is returned.
 * @throws YinxinError SIGNING_KEY_MISSING when the store does not hold the key, KEY_WRONG_USE when it is another issuer's or for another use, MALFORMED_STATEMENT, MALFORMED_CODE
 */
export interface Signer {
  signAnchor(statement: AnchorStatement): Uint8Array;
  signStatus(statement: StatusStatement): Uint8Array;
  /** With the very key that the statement names. */
  signPossession(statement: PossessionStatement): Uint8Array;
  /** The whole code: payload ‖ signature. */
  signCode(code: Code): Uint8Array;
  /** A compact JWS (ES256) by the domain's key, header `{alg, typ, kid}`, payload the canonical bytes of the claims, whose `iss` is the domain. */
  signList(domain: string, typ: typeof trustListTyp | typeof anchoredTyp, claims: Json): Promise<string>;
}

const signatureBytes = 64;

type Sign = (message: Uint8Array) => Uint8Array;

function findSign(keys: SigningKeys, key: KeyId, issuer: string, use: KeyUse): Sign {
  const found = keys.sm2(key);
  if (!found) throw new YinxinError('SIGNING_KEY_MISSING', { key });
  if (found.held.issuer !== issuer || found.held.use !== use) throw new YinxinError('KEY_WRONG_USE', { key, use });
  return found.sign;
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
    signStatus(statement) {
      const { text, read } = toSignedText(statement, parseStatusStatement);
      return findSign(keys, read.key, read.issuer, 'status')(text);
    },
    signPossession(statement) {
      const { text, read } = toSignedText(statement, parsePossessionStatement);
      const key = toKeyId(fromBase64(read.publicKey));
      return findSign(keys, key, read.issuer, read.use)(text);
    },
    signCode(code) {
      const payload = encodeCodePayload(code);
      const { code: read, signed } = parseCode(concat(payload, new Uint8Array(signatureBytes)));
      return concat(payload, findSign(keys, read.key, read.issuer, 'code')(signed));
    },
    async signList(domain, typ, claims) {
      if (issOf(claims) !== domain) throw new YinxinError('KEY_WRONG_USE', { domain });
      const found = keys.list(domain);
      if (!found) throw new YinxinError('SIGNING_KEY_MISSING', { domain });
      return found.sign(typ, canonicalBytes(claims));
    },
  };
}
