/** RFC 7638 thumbprints, which name list keys. Core's rules have no SHA-256; a peer has. */
import { createHash } from 'node:crypto';
import type { Thumbprint } from '@yinxin/core';

/** RFC 7638 §3: SHA-256 over the required members in lexical order, base64url. */
export const thumbprintOf: Thumbprint = ({ crv, kty, x, y }) =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
