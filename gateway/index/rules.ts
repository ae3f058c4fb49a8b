/** The rules by which the network's transactions are judged: core's, the same that the contract runs on every peer. */
import { hash } from 'node:crypto';
import { createRules, type Rule, type Thumbprint } from '@yinxin/core';

/** What each transaction may do, by its name. */
export type Rules = ReadonlyMap<string, Rule<unknown>>;

/** RFC 7638 §3: the required members in lexical order. */
const thumbprint: Thumbprint = ({ crv, kty, x, y }) => hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');

/** A rule that is ever changed must go on deciding about old blocks as it did: by their ledger time, or by a name of its own. */
export const networkRules: Rules = createRules(thumbprint);
