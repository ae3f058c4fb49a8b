/** The first stage: enough peers run the contract and sign the same result. Nothing is ordered yet, so it may be asked again. */
import type { Transaction } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { type Asking, ask } from './asking.ts';
import type { PeerConnection } from './connections.ts';
import { readFault } from './faults.ts';
import type { FabricIdentity } from './identities.ts';
import type { Proposed } from './proposal.ts';

export interface Endorsed {
  readonly transaction: Transaction;
  /** The peer that gathered the endorsements. */
  readonly by: PeerConnection;
}

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

/** The header and the contract's input of a proposal, and of the transaction made of it. */
interface Content {
  readonly header: common.Header;
  readonly input: Uint8Array;
}

function readProposed(bytes: Uint8Array): Content {
  const signed = gateway.ProposedTransaction.deserializeBinary(bytes).getProposal() ?? new peer.SignedProposal();
  const proposal = peer.Proposal.deserializeBinary(signed.getProposalBytes_asU8());
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  return { header: common.Header.deserializeBinary(proposal.getHeader_asU8()), input: payload.getInput_asU8() };
}

function readPrepared(bytes: Uint8Array): Content {
  const envelope = gateway.PreparedTransaction.deserializeBinary(bytes).getEnvelope() ?? new common.Envelope();
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(actionPayload.getChaincodeProposalPayload_asU8());
  return { header: payload.getHeader() ?? new common.Header(), input: proposal.getInput_asU8() };
}

/** What comes back is about to be signed, and may come from another city's peer: it must be what was proposed. */
function isOf(prepared: Content, proposed: Content): boolean {
  return (
    isSame(prepared.header.getChannelHeader_asU8(), proposed.header.getChannelHeader_asU8()) &&
    isSame(prepared.header.getSignatureHeader_asU8(), proposed.header.getSignatureHeader_asU8()) &&
    isSame(prepared.input, proposed.input)
  );
}

/** A peer handed back another transaction than the one proposed. */
class ExchangedError extends Error {}

/** @throws YinxinError the contract's refusal, LEDGER_UNREACHABLE */
export function endorse(asking: Asking, identity: FabricIdentity, proposed: Proposed): Promise<Endorsed> {
  const content = readProposed(proposed.bytes);
  return ask(asking, {
    budget: asking.patience.endorse,
    call: async (by) => {
      const transaction = await by.gateway(identity).newProposal(proposed.bytes).endorse();
      if (!isOf(readPrepared(transaction.getBytes()), content)) throw new ExchangedError();
      return { transaction, by };
    },
    read: (error) => (error instanceof ExchangedError ? { kind: 'stuck', why: 'not understood' } : readFault(error)),
  });
}
