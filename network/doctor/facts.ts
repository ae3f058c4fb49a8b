/** What the network answers when asked. */
import type { BlockFacts } from './block.ts';
import type { ChannelConfiguration } from './channel-configuration.ts';
import type { Handshake } from './handshake.ts';
import type { OrdererAnswer } from './orderer-facts.ts';
import type { NodeView, OrdererView, PeerView } from './view.ts';

export interface Definition {
  readonly sequence: number;
  readonly version: string;
  /** Name of the policy in the channel's configuration that it refers to; undefined when it brings one of its own. */
  readonly policy: string | undefined;
  /** MSPs that approved it. */
  readonly approvals: readonly string[];
}

export interface Approval {
  readonly packageId: string;
}

/**
 * Every question rejects with YinxinError: LEDGER_UNREACHABLE `{node}` when that node does not even shake hands, NETWORK_STATE `{node}` when it is not
 * on the channel, FABRIC_MISSING `{missing}` without the program, NETWORK_FAILED `{why}` with what the program says.
 */
export interface Facts {
  /** Of each endpoint of a node. */
  handshakes(node: NodeView): Promise<readonly Handshake[]>;
  height(peer: PeerView): Promise<number>;
  /** After a short while, and not the remembered one. */
  heightLater(peer: PeerView): Promise<number>;
  block(peer: PeerView, number: number): Promise<BlockFacts>;
  blockOfFile(file: string): Promise<BlockFacts>;
  /** Of the first peer that answers. */
  configuration(): Promise<ChannelConfiguration>;
  definition(peer: PeerView): Promise<Definition>;
  /** Undefined when the organisation of the peer has approved none at this sequence. */
  approval(peer: PeerView, sequence: number): Promise<Approval | undefined>;
  /** Package ids. */
  installed(peer: PeerView): Promise<readonly string[]>;
  /** Whether each organisation has approved the definition that is to come. */
  readiness(peer: PeerView, sequence: number, version: string): Promise<{ readonly [msp: string]: boolean }>;
  orderer(orderer: OrdererView): Promise<OrdererAnswer>;
  /** MSPs of the peers that this one would have endorse. */
  endorsers(peer: PeerView): Promise<readonly string[]>;
  /** The contract's word on the network row; a refusal of its own is an answer, too. */
  ask(peer: PeerView): Promise<string>;
}
