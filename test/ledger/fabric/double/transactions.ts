/** Proposals as a peer reads them, and the transactions that it makes of them. */
import { createHash, sign, verify, X509Certificate } from 'node:crypto';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { toInstant } from '@yinxin/core';
import type { Simulated } from '../../../../gateway/ledger/embedded/simulated.ts';
import { readCreator } from '../../../../gateway/ledger/fabric/blocks/creator.ts';
import type { Member } from './organisations.ts';

/** Half of P-256's order: Fabric takes no signature with a greater s. */
const halfOrder = BigInt('0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8');

/** SEQUENCE { INTEGER r, INTEGER s }, short lengths. */
function isLowS(der: Uint8Array): boolean {
  const at = 4 + (der[3] ?? 0);
  const s = Buffer.from(der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0)));
  return s.length > 0 && BigInt(`0x${s.toString('hex')}`) <= halfOrder;
}

export function isSigned(message: Uint8Array, signature: Uint8Array, creator: Uint8Array): boolean {
  const { publicKey } = new X509Certificate(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8());
  return isLowS(signature) && verify('sha256', message, publicKey, signature);
}

export function readProposal(signed: peer.SignedProposal) {
  const bytes = signed.getProposalBytes_asU8();
  const proposal = peer.Proposal.deserializeBinary(bytes);
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
  const creatorBytes = signatureHeader.getCreator_asU8();
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8()).getChaincodeSpec();
  const seconds: number = channelHeader.getTimestamp()?.getSeconds() ?? 0;
  const txId = createHash('sha256').update(signatureHeader.getNonce_asU8()).update(creatorBytes).digest('hex');
  return {
    header,
    payload,
    txId,
    isGood: txId === channelHeader.getTxId() && isSigned(bytes, signed.getSignature_asU8(), creatorBytes),
    time: toInstant(seconds),
    creator: readCreator(Buffer.from(creatorBytes)),
    chaincode: spec?.getChaincodeId()?.getName() ?? '',
    texts: (spec?.getInput()?.getArgsList_asU8() ?? []).map((arg) => Buffer.from(arg).toString('utf8')),
    arguments: spec?.getInput()?.getArgsList_asU8() ?? [],
  };
}

export type ReadProposal = ReturnType<typeof readProposal>;

function formatWrites({ writes }: Simulated, chaincode: string): Uint8Array {
  const { kvrwset, NsReadWriteSet, TxReadWriteSet } = ledger.rwset;
  const set = new kvrwset.KVRWSet();
  for (const [key, value] of [...writes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const write = new kvrwset.KVWrite();
    write.setKey(key);
    write.setIsDelete(value === null);
    write.setValue(Buffer.from(value ?? ''));
    set.addWrites(write);
  }
  const names = new NsReadWriteSet();
  names.setNamespace(chaincode);
  names.setRwset(set.serializeBinary());
  const all = new TxReadWriteSet();
  all.addNsRwset(names);
  return all.serializeBinary();
}

/** What every endorser signs: the contract's writes, event and answer. */
export function formatResponse(proposal: ReadProposal, simulated: Simulated, result: string): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(Buffer.from(result));
  const action = new peer.ChaincodeAction();
  action.setResults(formatWrites(simulated, proposal.chaincode));
  action.setResponse(response);
  if (simulated.event) {
    const event = new peer.ChaincodeEvent();
    event.setChaincodeId(proposal.chaincode);
    event.setTxId(proposal.txId);
    event.setEventName(simulated.event.name);
    event.setPayload(Buffer.from(simulated.event.payload));
    action.setEvents(event.serializeBinary());
  }
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(createHash('sha256').update(proposal.payload.getInput_asU8()).digest());
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}

/** The transaction that the client is to sign. */
export function formatEnvelope(
  proposal: ReadProposal,
  response: Uint8Array,
  endorsers: readonly Member[],
): common.Envelope {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response);
  for (const { identity, key } of endorsers) {
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(identity);
    endorsement.setSignature(sign('sha256', Buffer.concat([response, identity]), key));
    endorsed.addEndorsements(endorsement);
  }
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal.payload.serializeBinary());
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(proposal.header.getSignatureHeader_asU8());
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  const payload = new common.Payload();
  payload.setHeader(proposal.header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}

/** What the channel must know of a transaction that comes to be ordered. */
export function readEnvelope(envelope: common.Envelope) {
  const bytes = envelope.getPayload_asU8();
  const payload = common.Payload.deserializeBinary(bytes);
  const header = payload.getHeader() ?? new common.Header();
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const creator = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()).getCreator_asU8();
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(
    action?.getPayload_asU8() ?? new Uint8Array(),
  ).getAction();
  const endorsers = (endorsed?.getEndorsementsList() ?? []).map((one) =>
    msp.SerializedIdentity.deserializeBinary(one.getEndorser_asU8()).getMspid(),
  );
  return {
    txId: channelHeader.getTxId(),
    isSigned: isSigned(bytes, envelope.getSignature_asU8(), creator),
    endorsers: new Set(endorsers),
  };
}
