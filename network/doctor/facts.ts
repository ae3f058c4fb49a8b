/** What the network answers when asked, each question put once. */
import { discoverEndorsers } from '../discovery.ts';
import type { Programs } from '../programs.ts';
import { createAsking, memoise } from './asking.ts';
import type { BlockFacts } from './block.ts';
import type { ChannelConfiguration } from './channel-configuration.ts';
import { type Approval, createContractFacts, type Definition } from './contract-facts.ts';
import type { Handshake } from './handshake.ts';
import { createLedgerFacts } from './ledger-facts.ts';
import { type OrdererAnswer, readOrderer } from './orderer-facts.ts';
import type { NodeView, OrdererView, PeerView, View } from './view.ts';

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

/** `scratch`: a folder for what the programs write. */
export function createFacts(view: View, programs: Programs, scratch: string): Facts {
  const { channel, chaincode } = view;
  const asking = createAsking(programs);
  const ledger = createLedgerFacts(asking, view, scratch);
  const { askPeer, ...ledgerFacts } = ledger;

  async function findEndorsers(peer: PeerView): Promise<readonly string[]> {
    await ledger.height(peer);
    const [{ host, port, tlsCa, client }] = peer.endpoints;
    const question = { address: `${host}:${port}`, channel, chaincode, ...peer.signer, tls: { ...client, ca: tlsCa } };
    return discoverEndorsers(question);
  }

  return {
    handshakes: asking.handshakes,
    ...ledgerFacts,
    ...createContractFacts(askPeer, view),
    orderer: memoise(
      ({ name }) => name,
      (orderer: OrdererView) => readOrderer(asking, orderer, channel),
    ),
    endorsers: memoise(({ name }) => name, findEndorsers),
  };
}
