/** Merkle trees (RFC 6962 §2.1 with SM3). */
import { expect } from 'chai';
import { concat, fromBase64, toBase64 } from '../../../core/bytes.ts';
import { leafTag, merkleRoot, merkleTree, nodeHash, verifyInclusion as verifyTexts } from '../../../core/merkle.ts';
import { sm3 } from '../../../core/sm3-node.ts';
import { expectCode, vectors } from './vectors.ts';

const leaves = Array.from({ length: 70 }, (_, byte) => sm3(concat(leafTag, Uint8Array.of(byte))));
const leaf = (at: number): Uint8Array => leaves[at] ?? new Uint8Array(0);

/** RFC 6962 §2.1 word for word: split at the largest power of two below n. */
function rootByDefinition(nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length === 1) return nodes[0] ?? new Uint8Array(0);
  let split = 1;
  while (split * 2 < nodes.length) split *= 2;
  return nodeHash(rootByDefinition(nodes.slice(0, split)), rootByDefinition(nodes.slice(split)));
}

/** Proofs are texts in files, bytes here. */
function verifyInclusion(
  hash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return verifyTexts(hash, index, size, path.map(toBase64), toBase64(root));
}

describe('merkle', () => {
  for (const { size, root, paths } of vectors.merkle) {
    it(`gives the worked root and paths of ${size} leaves`, () => {
      const tree = merkleTree(leaves.slice(0, size));
      expect(toBase64(tree.root)).to.equal(root);
      for (const [index, path] of Object.entries(paths)) {
        expect(tree.path(Number(index)).map(toBase64)).to.deep.equal(path);
        const hashes = path.map((hash) => fromBase64(hash, 32));
        expect(verifyInclusion(leaf(Number(index)), Number(index), size, hashes, tree.root)).to.equal(true);
      }
    });
  }

  it('gives the worked paths of the anchored batch', () => {
    const tree = merkleTree(vectors.certificates.map((certificate) => fromBase64(certificate.leaf, 32)));
    expect(vectors.anchor.statement).to.include(`root ${toBase64(tree.root)}\n`);
    expect(vectors.anchor.paths.map((_, index) => tree.path(index).map(toBase64))).to.deep.equal(vectors.anchor.paths);
  });

  it('gives the root of the definition for 1 to 70 leaves', () => {
    for (let size = 1; size <= 70; size += 1) {
      expect(merkleRoot(leaves.slice(0, size)), `${size} leaves`).to.deep.equal(
        rootByDefinition(leaves.slice(0, size)),
      );
    }
  });

  it('accepts every leaf of 1 to 70 at its own index only, with its own path only', () => {
    for (let size = 1; size <= 70; size += 1) {
      const { root, path } = merkleTree(leaves.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        const proof = path(index);
        const holds = (at: number, of: number, hashes: readonly Uint8Array[]): boolean =>
          verifyInclusion(leaf(index), at, of, hashes, root);
        const where = `leaf ${index} of ${size}`;
        expect(holds(index, size, proof), where).to.equal(true);
        expect(holds(index + 1, size, proof), `${where} at index + 1`).to.equal(false);
        expect(holds(index - 1, size, proof), `${where} at index − 1`).to.equal(false);
        expect(holds(index, size, [...proof, root]), `${where}, one hash too many`).to.equal(false);
        expect(holds(index, size, [root, ...proof]), `${where}, one hash before`).to.equal(false);
        if (proof.length > 0) expect(holds(index, size, proof.slice(0, -1)), `${where}, one too few`).to.equal(false);
        if (proof.length > 0) expect(holds(index, size, proof.slice(1)), `${where}, first missing`).to.equal(false);
        expect(verifyInclusion(leaf((index + 1) % 70), index, size, proof, root), `${where}, other leaf`).to.equal(
          false,
        );
      }
    }
  });

  it('rejects another size wherever the path would have another length', () => {
    for (let size = 1; size <= 70; size += 1) {
      const { root, path } = merkleTree(leaves.slice(0, size));
      for (const other of [size - 1, size + 1].filter((of) => of > 0 && of <= 70)) {
        const { path: pathOfOther } = merkleTree(leaves.slice(0, other));
        for (let index = 0; index < Math.min(size, other); index += 1) {
          if (pathOfOther(index).length === path(index).length) continue;
          expect(verifyInclusion(leaf(index), index, other, path(index), root), `${index} of ${other}`).to.equal(false);
        }
      }
      expect(verifyInclusion(leaf(size - 1), size - 1, size - 1, path(size - 1), root)).to.equal(false);
    }
  });

  it('rejects any changed byte of path, leaf or root', () => {
    const { root, path } = merkleTree(leaves.slice(0, 13));
    const proof = path(6);
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 31 ? byte ^ 1 : byte));
    for (let at = 0; at < proof.length; at += 1) {
      const changed = proof.map((hash, index) => (index === at ? flip(hash) : hash));
      expect(verifyInclusion(leaf(6), 6, 13, changed, root)).to.equal(false);
    }
    expect(verifyInclusion(flip(leaf(6)), 6, 13, proof, root)).to.equal(false);
    expect(verifyInclusion(leaf(6), 6, 13, proof, flip(root))).to.equal(false);
  });

  it('rejects hashes of another length, and indices and sizes that are not whole', () => {
    const { root, path } = merkleTree(leaves.slice(0, 8));
    const proof = path(3);
    const [first = root, ...rest] = proof;
    expect(verifyInclusion(leaf(3), 3, 8, [first.subarray(0, 31), ...rest], root)).to.equal(false);
    expect(verifyInclusion(leaf(3).subarray(1), 3, 8, proof, root)).to.equal(false);
    expect(verifyInclusion(leaf(3), 3, 8, proof, new Uint8Array(0))).to.equal(false);
    expect(verifyInclusion(new Uint8Array(0), 0, 1, [], new Uint8Array(0))).to.equal(false);
    for (const [index, size] of [
      [-1, 8],
      [3.5, 8],
      [8, 8],
      [Number.NaN, 8],
      [3, Number.NaN],
      [3, 8.5],
      [3, -8],
      [0, 0],
      [3, 2 ** 53],
      [3 + 2 ** 32, 8 + 2 ** 32],
    ] as const) {
      expect(verifyInclusion(leaf(3), index, size, proof, root), `${index} of ${size}`).to.equal(false);
    }
  });

  it('makes no tree without leaves or of other things than hashes, and no path outside', () => {
    expectCode('MALFORMED_PROOF', () => merkleRoot([]));
    expectCode('MALFORMED_PROOF', () => merkleRoot([new Uint8Array(31)]));
    expectCode('MALFORMED_PROOF', () => merkleRoot([leaf(0), new Uint8Array(33)]));
    for (const index of [-1, 3, 0.5, Number.NaN]) {
      expectCode('MALFORMED_PROOF', () => merkleTree(leaves.slice(0, 3)).path(index));
    }
  });
});
