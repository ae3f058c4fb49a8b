/** A list key's `kid` must be its RFC 7638 thumbprint, so that no domain can take the name of another's key. Core's rules have no SHA-256; a peer has. */
import { createHash } from 'node:crypto';
import {
  type FoundInput,
  found,
  type RegisterListKeyInput,
  type Rule,
  registerListKey,
  YinxinError,
} from '@yinxin/core';

/** RFC 7638 §3: the required members in lexical order. @throws YinxinError INPUT_INVALID */
function requireThumbprint({ kid, jwk: { crv, kty, x, y } }: RegisterListKeyInput): void {
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  if (kid !== thumbprint) throw new YinxinError('INPUT_INVALID', { member: 'listKey.kid', why: 'not the thumbprint' });
}

/** core's `registerListKey`, by thumbprint alone. */
export const registerListKeyByThumbprint: Rule<RegisterListKeyInput> = {
  ...registerListKey,
  parse(json) {
    const input = registerListKey.parse(json);
    requireThumbprint(input);
    return input;
  },
};

/** core's `found`, with list keys by thumbprint alone. */
export const foundByThumbprints: Rule<FoundInput> = {
  ...found,
  parse(json) {
    const input = found.parse(json);
    for (const listKey of input.listKeys) requireThumbprint(listKey);
    return input;
  },
};
