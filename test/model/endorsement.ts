/** Who has to endorse a transaction on Fabric: the rule of its validator for key-level policies, over a channel policy of any two organisations. */
import { common, msp } from '@hyperledger/fabric-protos';

function peerOf(principal: msp.MSPPrincipal): string {
  const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
  const isPeer = principal.getPrincipalClassification() === msp.MSPPrincipal.Classification.ROLE;
  if (!isPeer || role.getRole() !== msp.MSPRole.MSPRoleType.PEER) throw new Error('not a peer');
  return role.getMspIdentifier();
}

/** The organisations of which a policy asks for one peer. @throws Error when it asks for anything else */
export function peersOf(bytes: Uint8Array): readonly string[] {
  const policy = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
  const msps = policy.getIdentitiesList().map(peerOf);
  const oneOf = policy.getRule()?.getNOutOf();
  const signers = oneOf?.getRulesList().map((rule) => (rule.hasSignedBy() ? rule.getSignedBy() : undefined));
  const isOneOfAll = oneOf?.getN() === 1 && signers?.join() === Object.keys(msps).join();
  if (msps.length === 0 || !isOneOfAll) throw new Error('not a policy of one peer');
  return msps;
}

/** The state before the transaction: of which organisations a key's policy asks for one. */
export type OwnersOf = (key: string) => readonly string[] | undefined;

/**
 * Whether these organisations' peers are enough. Each key that is written or given a policy asks for what its committed policy says; one
 * that has none asks for the channel's; and where nothing asked at all, the channel's does.
 */
export function isEndorsed(keys: Iterable<string>, ownersOf: OwnersOf, endorsers: ReadonlySet<string>): boolean {
  let isAsked = false;
  for (const key of keys) {
    const owners = ownersOf(key);
    if (owners === undefined ? endorsers.size < 2 : !owners.some((owner) => endorsers.has(owner))) return false;
    isAsked = true;
  }
  return isAsked || endorsers.size >= 2;
}
