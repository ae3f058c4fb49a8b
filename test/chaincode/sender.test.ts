/** Senders whom a peer verifies as one and the contract, or its readers, could take for another: by Fabric's own stub and contract loader. */
import { createHash, randomBytes } from 'node:crypto';
import { parseRefusal } from '@yinxin/core';
import { expect } from 'chai';
import { requirePlainSender } from '../../chaincode/sender.ts';
import { bytesField } from '../../gateway/ledger/fabric/blocks/protobuf-writer.ts';
import { makePair } from '../ledger/fabric/double/certificates.ts';

const [admin, client] = ['admin', 'client'].map((role) => makePair([['OU', role]]).certificate) as [string, string];
const identity = (pem: string) => Buffer.concat([bytesField(1, 'XMSP'), bytesField(2, pem)]);

interface Sender {
  readonly pem?: string;
  readonly nonce?: Uint8Array;
  /** As its bytes are in the proposal. */
  readonly creator?: Uint8Array;
}

/** What the contract says of a proposal that any peer would take. */
function refusalOf({ pem = client, nonce = randomBytes(24), creator = identity(pem) }: Sender) {
  const txId = createHash('sha256').update(nonce).update(creator).digest('hex');
  try {
    requirePlainSender({
      getTxID: () => txId,
      getCreator: () => ({ mspid: 'XMSP', idBytes: Buffer.from(pem) }),
      getSignedProposal: () => ({ proposal: { header: { signatureHeader: { nonce } } } }),
    });
    return undefined;
  } catch (error) {
    return parseRefusal(error instanceof Error ? error.message : '');
  }
}

describe('the sender of a transaction', () => {
  it('is who its one certificate names', () => {
    expect(refusalOf({})).to.equal(undefined);
    expect(refusalOf({ pem: admin.trimEnd() })).to.equal(undefined);
  });

  it('is refused with a second certificate, whose role the contract would read', () => {
    for (const pem of [` ${admin}${client}`, `${admin}${client}`, `x\n${client}`])
      expect(refusalOf({ pem })).to.include({ code: 'CALLER_NOT_PERMITTED' });
  });

  it('is refused where nonce and creator could be cut elsewhere, and the envelope name another', () => {
    const hidden = Buffer.concat([identity(client), bytesField(15, identity(admin))]);
    expect(refusalOf({ creator: hidden })).to.include({ code: 'CALLER_NOT_PERMITTED' });
    expect(refusalOf({ nonce: Buffer.concat([randomBytes(24), identity(admin)]) })).to.include({
      code: 'CALLER_NOT_PERMITTED',
    });
    expect(refusalOf({ nonce: randomBytes(23) })).to.include({ code: 'CALLER_NOT_PERMITTED' });
  });
});
