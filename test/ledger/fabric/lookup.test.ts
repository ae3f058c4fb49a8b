/** What became of a transaction, by the block that a peer names. */
import { expect } from 'chai';
import { findTransaction } from '../../../gateway/ledger/fabric/lookup.ts';
import { formatBlock, formatCall } from './made.ts';

const txId = 'cd'.repeat(32);

describe('a transaction within its block', () => {
  it('is the valid one where somebody had nonsense of the same id ordered before it, else the first', () => {
    const [junk, other] = [Buffer.from('nonsense'), formatCall({})];
    const same = formatCall({ txId });
    expect(findTransaction(formatBlock([junk, other, same, same], [1, 0, 8, 0]), txId)?.code).to.equal('VALID');
    expect(findTransaction(formatBlock([same, same], [8, 9]), txId)).to.deep.equal({
      block: 5,
      code: 'BAD_PROPOSAL_TXID',
    });
    expect(findTransaction(formatBlock([other], [0]), txId)).to.equal(undefined);
  });
});
