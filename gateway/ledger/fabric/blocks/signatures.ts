/** Orderers' signatures on a block: over what they note of it, the header of the signature, and the block's header (Fabric's `protoutil.BlockSignatureVerifier`). */
import { verify } from 'node:crypto';
import type { Configuration, Ordering } from './configuration.ts';
import type { FabricBlock } from './fabric-block.ts';
import { type Identity, identify } from './organisation.ts';
import { Message } from './protobuf.ts';

/** Of a Raft block, where the signer's certificate lies beside: many more than a network has orderers. */
const maxSignatures = 64;

interface Signature {
  /** SmartBFT names the consenter by its number, Raft sends the certificate. */
  readonly header: Buffer;
  readonly signature: Buffer;
}

/** Where the configuration stands that was in force when the block was ordered: its own number when it brings one. @throws MalformedMessage */
export function readLastConfiguration({ metadata, number }: FabricBlock): number {
  return number === 0 ? 0 : new Message(new Message(metadata.signatures).bytes(1)).message(1).natural(1);
}

function isSigned(block: FabricBlock, note: Buffer, { header, signature }: Signature, { key }: Identity): boolean {
  try {
    return verify('sha256', Buffer.concat([note, header, block.header]), key, signature);
  } catch {
    return false; // not the form of a signature
  }
}

/**
 * Every signature is looked at, as peers do, whatever nonsense stands before: one consenter that lies could put it into the block that it gives one's own
 * peer, which takes the block all the same and keeps it so.
 */
function isQuorum(block: FabricBlock, metadata: Message, ordering: Extract<Ordering, { kind: 'bft' }>): boolean {
  const note = metadata.bytes(1);
  const signed = new Set<string>();
  for (const one of metadata.messages(2)) {
    const header = one.bytes(3);
    const consenter = ordering.consenters.get(new Message(header).uint32(1));
    if (!consenter || signed.has(consenter.fingerprint)) continue;
    if (isSigned(block, note, { header, signature: one.bytes(2) }, consenter)) signed.add(consenter.fingerprint);
    if (signed.size >= ordering.quorum) return true;
  }
  return false;
}

/** Identities by the bytes of `msp.SerializedIdentity`: the same few sign every block. */
const known = new WeakMap<Configuration, Map<string, Identity | undefined>>();
const maxKnown = 64;

function findIdentity(creator: Buffer, configuration: Configuration): Identity | undefined {
  const all = known.get(configuration) ?? new Map<string, Identity | undefined>();
  known.set(configuration, all);
  const key = creator.toString('latin1');
  if (all.has(key)) return all.get(key);
  const serialized = new Message(creator);
  const organisation = configuration.organisations.get(serialized.text(1));
  const identity = organisation && identify(serialized.bytes(2), organisation);
  if (all.size >= maxKnown) all.clear();
  all.set(key, identity);
  return identity;
}

function findSigners(block: FabricBlock, metadata: Message, configuration: Configuration): readonly Identity[] {
  const note = metadata.bytes(1);
  const signers = new Map<string, Identity>();
  for (const one of metadata.messages(2).slice(0, maxSignatures)) {
    const header = one.bytes(1);
    const identity = findIdentity(new Message(header).bytes(1), configuration);
    if (!identity || !isSigned(block, note, { header, signature: one.bytes(2) }, identity)) continue;
    signers.set(identity.fingerprint, identity);
  }
  return [...signers.values()];
}

/** Whether as many orderers as the configuration asks for have signed the block's header. @throws MalformedMessage */
export function isWellSigned(block: FabricBlock, configuration: Configuration): boolean {
  const metadata = new Message(block.metadata.signatures);
  const { ordering } = configuration;
  if (ordering.kind === 'bft') return isQuorum(block, metadata, ordering);
  return ordering.policy(findSigners(block, metadata, configuration));
}
