/** Who has to endorse a transaction on Fabric: the rule of its validator for key-level policies, over a channel policy of any two organisations. */
import { createRequire } from 'node:module';

interface KeyEndorsementPolicy {
  listOrgs(): readonly string[];
}

// Fabric's own reader of policies, which its package does not export by name.
const Policy = createRequire(import.meta.url)('fabric-shim/lib/utils/statebased.js') as new (
  bytes: Buffer,
) => KeyEndorsementPolicy;

/** The one organisation that a policy names. @throws Error when it names another number of them */
export function onlyPeerOf(policy: Uint8Array): string {
  const [msp, ...others] = new Policy(Buffer.from(policy)).listOrgs();
  if (msp === undefined || others.length > 0) throw new Error('not a policy of one organisation');
  return msp;
}

/** The state before the transaction: which organisation's policy a key has. */
export type OwnerOf = (key: string) => string | undefined;

/**
 * Whether these organisations' peers are enough. Each key that is written or given a policy asks for what its committed policy says; one
 * that has none asks for the channel's; and where nothing asked at all, the channel's does.
 */
export function isEndorsed(keys: Iterable<string>, ownerOf: OwnerOf, endorsers: ReadonlySet<string>): boolean {
  let isAsked = false;
  for (const key of keys) {
    const owner = ownerOf(key);
    if (owner === undefined ? endorsers.size < 2 : !endorsers.has(owner)) return false;
    isAsked = true;
  }
  return isAsked || endorsers.size >= 2;
}
