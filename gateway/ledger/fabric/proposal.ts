/** What goes to peers, as bytes: a proposal dated by the gateway's clock, and the question what became of a transaction. */
import type { Network } from '@hyperledger/fabric-gateway';
import { common, gateway, msp, peer } from '@hyperledger/fabric-protos';
import { epochSeconds, type Instant } from '@yinxin/core';
import type { FabricIdentity } from './identities.ts';

/** A proposal before it is signed. Its id and time are those that its block will hold, whichever peers endorse it. */
export interface Proposed {
  readonly bytes: Uint8Array;
  readonly txId: string;
  readonly time: Instant;
}

/** The library dates proposals by the machine's clock. The id comes from nonce and creator alone, so a date of our own leaves it as it is. */
function setTime(bytes: Uint8Array, time: Instant): Uint8Array {
  const proposed = gateway.ProposedTransaction.deserializeBinary(bytes);
  const signed = proposed.getProposal() ?? new peer.SignedProposal();
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  channelHeader.getTimestamp()?.setSeconds(epochSeconds(time));
  channelHeader.getTimestamp()?.setNanos(0);
  header.setChannelHeader(channelHeader.serializeBinary());
  proposal.setHeader(header.serializeBinary());
  signed.setProposalBytes(proposal.serializeBinary());
  proposed.setProposal(signed);
  return proposed.serializeBinary();
}

/** A proposal with one argument, on any of the identity's networks. */
export function propose(
  network: Network,
  chaincode: string,
  { transaction, input, time }: { readonly transaction: string; readonly input: string; readonly time: Instant },
): Proposed {
  const proposal = network.getContract(chaincode).newProposal(transaction, { arguments: [input] });
  return { bytes: setTime(proposal.getBytes(), time), txId: proposal.getTransactionId(), time };
}

/** An unsigned commit status request, for `Gateway.newCommit`. */
export function formatCommitRequest(channel: string, txId: string, identity: FabricIdentity): Uint8Array {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(identity.msp);
  creator.setIdBytes(identity.certificate);
  const request = new gateway.CommitStatusRequest();
  request.setChannelId(channel);
  request.setTransactionId(txId);
  request.setIdentity(creator.serializeBinary());
  const signed = new gateway.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  return signed.serializeBinary();
}
