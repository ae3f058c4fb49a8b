/** Batches seen before: the same answers as without them, for good files and for every wrong hash of a path. */
import { type CertificateFile, KnownBatches, type LedgerKnowledge, toBase64 } from '@yinxin/core';
import { expect } from 'chai';
import { exampleValues, issueBatch, now } from '../../fixtures/certificates.ts';
import { fromFile, judge, type } from './judge.ts';

const values = exampleValues(type);
const batchOf = (size: number) =>
  issueBatch(Array.from({ length: size }, (_, at) => ({ type, values, entry: at + 1 })));

function fail(): never {
  throw new Error('no file');
}

describe('known batches', () => {
  for (const size of [1, 2, 3, 5, 8, 13, 21]) {
    it(`of ${size}: good files hold in any order, and no hash of any path may be another`, () => {
      const batches = new KnownBatches();
      const issued = batchOf(size);
      const judged = (file: CertificateFile, ledger: LedgerKnowledge) =>
        judge(fromFile(file), { ledger, batches }).verdict.reason;
      for (const round of [0, 1]) {
        for (let step = 0; step < size; step += 1) {
          const at = (step * 5 + round) % size;
          const { file, knowledge } = issued[at] ?? fail();
          expect(judged(file, knowledge)).to.equal('VALID');
          for (let hash = 0; hash < file.proof.path.length; hash += 1) {
            const path = file.proof.path.with(hash, toBase64(new Uint8Array(32).fill(hash + 1)));
            expect(judged({ ...file, proof: { ...file.proof, path } }, knowledge)).to.equal('PROOF_MISMATCH');
          }
          const [left = '', right = '', ...rest] = file.proof.path;
          if (right === '') continue;
          const swapped = { ...file.proof, path: [right, left, ...rest] };
          expect(judged({ ...file, proof: swapped }, knowledge)).to.equal('PROOF_MISMATCH');
        }
      }
    });
  }

  it('do not let a certificate stand at the place of another', () => {
    const batches = new KnownBatches();
    const [first, second] = batchOf(8);
    if (!first || !second) throw new Error('no file');
    expect(judge(fromFile(second.file), { ledger: second.knowledge, batches }).verdict.reason).to.equal('VALID');
    const moved = { ...first.file, body: { ...first.file.body, issuedAt: now } };
    const { holderToken: _, ...file } = moved;
    expect(judge(fromFile(file), { ledger: first.knowledge, batches }).verdict.reason).to.equal('PROOF_MISMATCH');
  });

  it('are bounded: the oldest is forgotten and read again', () => {
    const batches = new KnownBatches(1);
    const proofs = [1, 2].map((entry) => (issueBatch([{ type, values, entry }])[0] ?? fail()).file.proof);
    const [first, second] = proofs.map(({ statement, signature }) => batches.get(statement, signature));
    const [one, two] = proofs;
    if (!one || !two) fail();
    expect(batches.get(two.statement, two.signature)).to.equal(second);
    expect(batches.get(one.statement, one.signature)).to.not.equal(first);
  });
});
