/**
 * Whose signatures make a block of a Raft ordering service good: the policy `/Channel/Orderer/BlockValidation` of the channel's configuration, in the forms
 * that Fabric's own tools write. A form that is not known here is satisfied by nobody.
 */
import { hasRole, type Identity, identify, type Organisation } from './organisation.ts';
import { type Message, Message as MessageReader } from './protobuf.ts';

export type Organisations = ReadonlyMap<string, Organisation>;
/** Whether these different identities, who have all signed, are enough. */
export type Policy = (signers: readonly Identity[]) => boolean;

/** Fabric's `common.Policy.PolicyType`, `MSPPrincipal.Classification` and `ImplicitMetaPolicy.Rule`. */
const policyTypes = { signature: 1, implicitMeta: 3 } as const;
const principals = { role: 0, identity: 2 } as const;
const rules = { any: 0, all: 1, majority: 2 } as const;
const maxDepth = 16;

type Principal = (signer: Identity) => boolean;
/** Marks the signers that it counts in `used`: each counts once. */
type Rule = (signers: readonly Identity[], used: Set<Identity>) => boolean;

const nobody = () => false;

function parsePrincipal(message: Message, organisations: Organisations): Principal {
  const body = new MessageReader(message.bytes(2));
  const organisation = organisations.get(body.text(1));
  if (!organisation) return nobody;
  const isOfOrganisation = ({ msp }: Identity) => msp === organisation.msp;
  if (message.int32(1) === principals.role) {
    const role = body.int32(2);
    return (signer) => isOfOrganisation(signer) && hasRole(signer, role, organisation);
  }
  if (message.int32(1) !== principals.identity) return nobody;
  const fingerprint = identify(body.bytes(2), organisation)?.fingerprint;
  return (signer) => isOfOrganisation(signer) && signer.fingerprint === fingerprint;
}

function parseRule(message: Message, parsed: readonly Principal[], depth = 0): Rule {
  if (depth > maxDepth) return nobody;
  if (!message.has(2)) {
    const principal = parsed[message.int32(1)] ?? nobody;
    return (signers, used) => {
      const signer = signers.find((one) => !used.has(one) && principal(one));
      if (signer) used.add(signer);
      return signer !== undefined;
    };
  }
  const needed = message.message(2).int32(1);
  const parts = message
    .message(2)
    .messages(2)
    .map((part) => parseRule(part, parsed, depth + 1));
  if (needed < 1) return nobody;
  return (signers, used) => parts.filter((part) => isMet(part, signers, used)).length >= needed;
}

/** A part that is not met uses up nobody. */
function isMet(part: Rule, signers: readonly Identity[], used: Set<Identity>): boolean {
  const tried = new Set(used);
  if (!part(signers, tried)) return false;
  for (const signer of tried) used.add(signer);
  return true;
}

function parseSignaturePolicy(bytes: Buffer, organisations: Organisations): Policy {
  const envelope = new MessageReader(bytes);
  const parsed = envelope.messages(3).map((principal) => parsePrincipal(principal, organisations));
  const rule = parseRule(envelope.message(2), parsed);
  return (signers) => rule(signers, new Set());
}

const findPolicy = (group: Message, name: string) => group.entries(4).get(name)?.message(2);

function parseImplicitPolicy(bytes: Buffer, group: Message, organisations: Organisations): Policy {
  const definition = new MessageReader(bytes);
  const parts = [...group.entries(2).values()].map((member): Policy => {
    const policy = findPolicy(member, definition.text(1));
    const isSignature = policy?.int32(1) === policyTypes.signature;
    return policy && isSignature ? parseSignaturePolicy(policy.bytes(2), organisations) : nobody;
  });
  const thresholds: Record<number, number> = {
    [rules.any]: 1,
    [rules.all]: Math.max(1, parts.length),
    [rules.majority]: Math.floor(parts.length / 2) + 1,
  };
  const needed = thresholds[definition.int32(2)] ?? Number.POSITIVE_INFINITY;
  return (signers) => parts.filter((part) => part(signers)).length >= needed;
}

/** Of the group `/Channel/Orderer` (a `common.ConfigGroup`). @throws MalformedMessage */
export function parseBlockPolicy(orderer: Message, organisations: Organisations): Policy {
  const policy = findPolicy(orderer, 'BlockValidation');
  if (policy?.int32(1) === policyTypes.signature) return parseSignaturePolicy(policy.bytes(2), organisations);
  if (policy?.int32(1) === policyTypes.implicitMeta)
    return parseImplicitPolicy(policy.bytes(2), orderer, organisations);
  return nobody;
}
