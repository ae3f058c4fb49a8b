/** The one form in which a sender may name itself, so that everybody who reads its transaction sees the same sender. */
import { createHash } from 'node:crypto';
import { concat, formatRefusal, isPlainCertificate, utf8, YinxinError } from '@yinxin/core';

/** What fabric-shim tells of the proposal. */
export interface SenderStub {
  getTxID(): string;
  getCreator(): { readonly mspid: string; readonly idBytes: Uint8Array };
  getSignedProposal(): {
    readonly proposal: { readonly header: { readonly signatureHeader: { readonly nonce: Uint8Array } } };
  };
}

/** Of every client library of Fabric's. */
const nonceBytes = 24;

function formatVarint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...formatVarint(value >> 7)];
}

const formatField = (field: number, bytes: Uint8Array) =>
  concat(Uint8Array.from([(field << 3) | 2, ...formatVarint(bytes.length)]), bytes);

/** `msp.SerializedIdentity`, with nothing but what it must have. */
const formatIdentity = ({ mspid, idBytes }: ReturnType<SenderStub['getCreator']>) =>
  concat(formatField(1, utf8(mspid)), formatField(2, idBytes));

/**
 * The certificate alone, and a transaction id that is made of 24 bytes and exactly this identity. Peers let the envelope of a transaction name another
 * creator than the proposal that was endorsed, as long as the hash over nonce and creator is the same: with a longer nonce, or bytes that nobody reads
 * in the creator, these could be cut elsewhere, and readers would see another sender than the contract did.
 * @throws Error a refusal, CALLER_NOT_PERMITTED
 */
export function requirePlainSender(stub: SenderStub): void {
  const creator = stub.getCreator();
  const { nonce } = stub.getSignedProposal().proposal.header.signatureHeader;
  const txId = createHash('sha256').update(nonce).update(formatIdentity(creator)).digest('hex');
  const isPlain = isPlainCertificate(creator.idBytes) && nonce.length === nonceBytes && txId === stub.getTxID();
  if (!isPlain) throw new Error(formatRefusal(new YinxinError('CALLER_NOT_PERMITTED', { why: 'identity' })));
}
