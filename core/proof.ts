/** Whether a certificate lies where its statement says: entry, index, batch size and inclusion proof. */
import { fromBase64 } from './bytes.ts';
import { verifyInclusion } from './merkle.ts';
import type { AnchorStatement, Body, Proof } from './model.ts';

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
  statement: AnchorStatement,
  proof: Proof,
): 'INDEX_OUTSIDE_TREE' | 'ENTRY_MISMATCH' | 'PROOF_LENGTH' | 'PROOF_MISMATCH' | undefined {
  const size = statement.last - statement.first + 1;
  if (proof.index >= size) return 'INDEX_OUTSIDE_TREE';
  if (body.entry !== statement.first + proof.index) return 'ENTRY_MISMATCH';
  if (proof.path.length !== proofLength(proof.index, size)) return 'PROOF_LENGTH';
  const path = proof.path.map((hash) => fromBase64(hash, 32));
  return verifyInclusion(leaf, proof.index, size, path, fromBase64(statement.root, 32)) ? undefined : 'PROOF_MISMATCH';
}
