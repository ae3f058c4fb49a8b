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

  it('keep only what was verified: junk drives out nothing, and the oldest leaves first', () => {
    const batches = new KnownBatches(1);
    const [first, second] = [1, 2].map((entry) => issueBatch([{ type, values, entry }])[0] ?? fail());
    if (!first || !second) fail();
    const get = ({ file }: typeof first) => batches.get(file.proof.statement, file.proof.signature);
    const verified = ({ file, knowledge }: typeof first) => judge(fromFile(file), { ledger: knowledge, batches });
    verified(first);
    const kept = get(first);
    const forged = { ...second.file.proof, signature: first.file.proof.signature };
    verified({ ...second, file: { ...second.file, proof: forged } });
    expect(get(first)).to.equal(kept);
    expect(get(second)).to.not.equal(get(second));
    verified(second);
    expect(get(first)).to.not.equal(kept);
  });

  it('tell statement and signature apart', () => {
    const batches = new KnownBatches();
    const { file, knowledge } = issueBatch([{ type, values, entry: 1 }])[0] ?? fail();
    const { statement, signature } = file.proof;
    expect(judge(fromFile(file), { ledger: knowledge, batches }).verdict.reason).to.equal('VALID');
    const moved = { ...file.proof, statement: statement + signature.slice(0, 40), signature: signature.slice(40) };
    const judged = judge(fromFile({ ...file, proof: moved }), { ledger: knowledge, batches }).verdict;
    expect(judged).to.include({ verdict: 'invalid', check: 'format' });
  });
});
