/** Whether a certificate lies where its statement says: entry, index, batch size and inclusion proof. */
import type { KnownBatch } from './known-batches.ts';
import type { Body, Proof } from './model.ts';

/** Hashes in the proof of `index` in a tree of `size` leaves (RFC 6962 §2.1.1). */
export function proofLength(index: number, size: number): number {
  let length = 0;
  let at = index;
  let rest = size;
  while (rest > 1) {
    let left = 1;
    while (left * 2 < rest) left *= 2;
    if (at < left) rest = left;
    else {
      at -= left;
      rest -= left;
    }
    length += 1;
  }
  return length;
}

export function findProofFault(
  body: Body,
  leaf: Uint8Array,
  batch: KnownBatch,
  proof: Proof,
): 'INDEX_OUTSIDE_TREE' | 'ENTRY_MISMATCH' | 'PROOF_LENGTH' | 'PROOF_MISMATCH' | undefined {
  const { statement } = batch;
  const size = statement.last - statement.first + 1;
  if (proof.index >= size) return 'INDEX_OUTSIDE_TREE';
  if (body.entry !== statement.first + proof.index) return 'ENTRY_MISMATCH';
  if (proof.path.length !== proofLength(proof.index, size)) return 'PROOF_LENGTH';
  return batch.includes(leaf, proof.index, proof.path) ? undefined : 'PROOF_MISMATCH';
}
