/** Every value of test/vectors/formats.json, made anew by core. Primitives (keys, trees of counted leaves) are in test/core/primitives. */
import { readFileSync } from 'node:fs';
import {
  type CertificateType,
  type Code,
  type CodeFace,
  canonicalize,
  codeSignedBytes,
  commitField,
  deriveFaceSalt,
  deriveSalt,
  digestChanges,
  digestSupersessions,
  encodeCodePayload,
  type FieldValues,
  findDigits,
  formatDigits,
  formatStatement,
  fromBase64,
  fromHex,
  hashCommitments,
  hashFace,
  type Instant,
  type Json,
  merkleTree,
  parseAnchorStatement,
  parseBody,
  parseCode,
  parseDigits,
  parsePossessionStatement,
  parseStatusChange,
  parseStatusStatement,
  pickFace,
  statementDigest,
  toBase64,
  toCodeBody,
  toHex,
  toKeyId,
  toLeaf,
  utf8,
  verifyInclusion,
  verifySm2,
} from '@yinxin/core';
import { deflateRaw } from '@yinxin/core/deflate';
import { expect } from 'chai';

interface Vectors {
  key: { publicKeyHex: string; keyIdHex: string };
  certificates: {
    secret: string;
    values: FieldValues;
    salts: Record<string, string>;
    commitments: Record<string, string>;
    faceKeys: string[];
    faceSalt: string;
    body: Json & Record<string, Json>;
    bodyCanonical: string;
    leaf: string;
  }[];
  anchor: {
    supersessions: { entry: number; supersedes: number }[];
    statement: string;
    signature: string;
    statementDigest: string;
    paths: string[][];
  };
  status: { changes: Json[]; statement: string; signature: string };
  possession: { statement: string; signature: string };
  codes: {
    name: string;
    certificate: number;
    payloadHex: string;
    codeHex: string;
    digits: string;
    deflatedDigits: string;
  }[];
}

const vectors = JSON.parse(readFileSync(new URL('../../vectors/formats.json', import.meta.url), 'utf8')) as Vectors;
const publicKey = fromHex(vectors.key.publicKeyHex);

/** The vectors' type is not in the catalogue: only what a code needs of it. */
const type = {
  type: 'business-licence',
  code: '11990300DEMA00021E001',
  face: ['certNumber', 'holderName'],
} as const satisfies Partial<CertificateType>;
const vectorType = type as unknown as CertificateType;

describe('vectors of the formats', () => {
  for (const [number, vector] of vectors.certificates.entries()) {
    describe(`certificate ${number}`, () => {
      const secret = fromBase64(vector.secret);
      it('derives every salt', () => {
        for (const [key, salt] of Object.entries(vector.salts))
          expect(toBase64(deriveSalt(secret, key))).to.equal(salt);
      });
      it('makes every commitment', () => {
        for (const [key, value] of Object.entries(vector.values)) {
          expect(commitField(deriveSalt(secret, key), key, value)).to.equal(vector.commitments[key]);
        }
      });
      it('hashes the fields and the face', () => {
        const body = parseBody(vector.body);
        expect(hashCommitments(vector.commitments)).to.equal(body.fields);
        expect(toBase64(deriveFaceSalt(secret))).to.equal(vector.faceSalt);
        const face = pickFace(vector.faceKeys, vector.values);
        expect(hashFace(fromBase64(vector.faceSalt), face)).to.equal(body.face);
      });
      it('serialises the body and hashes the leaf', () => {
        expect(canonicalize(vector.body)).to.equal(vector.bodyCanonical);
        expect(toBase64(toLeaf(parseBody(vector.body)))).to.equal(vector.leaf);
      });
    });
  }

  describe('anchor statement', () => {
    const { statement, signature, supersessions, statementDigest: digest, paths } = vectors.anchor;
    const leaves = vectors.certificates.map(({ leaf }) => fromBase64(leaf));
    it('parses and comes back to the byte', () => {
      expect(formatStatement(parseAnchorStatement(statement))).to.equal(statement);
    });
    it('carries the root of the leaves and the digest of the supersessions', () => {
      const parsed = parseAnchorStatement(statement);
      expect(toBase64(merkleTree(leaves).root)).to.equal(parsed.root);
      expect(digestSupersessions(supersessions)).to.equal(parsed.supersedes);
    });
    it('is signed by the key it names', () => {
      expect(verifySm2(utf8(statement), fromBase64(signature), publicKey)).to.equal(true);
      expect(parseAnchorStatement(statement).key).to.equal(toKeyId(publicKey));
      expect(statementDigest(statement, fromBase64(signature))).to.equal(digest);
    });
    it('has the inclusion proofs', () => {
      const tree = merkleTree(leaves);
      for (const [index, path] of paths.entries()) {
        expect(tree.path(index).map(toBase64)).to.deep.equal(path);
        const leaf = leaves[index];
        expect(leaf && verifyInclusion(leaf, index, 3, path, toBase64(tree.root))).to.equal(true);
      }
    });
  });

  it('status statement: digest of the changes, form, signature', () => {
    const { statement, signature, changes } = vectors.status;
    const parsed = parseStatusStatement(statement);
    expect(formatStatement(parsed)).to.equal(statement);
    expect(digestChanges(changes.map(parseStatusChange))).to.equal(parsed.changes);
    expect(verifySm2(utf8(statement), fromBase64(signature), publicKey)).to.equal(true);
  });

  it('possession statement: form, key, signature', () => {
    const { statement, signature } = vectors.possession;
    const parsed = parsePossessionStatement(statement);
    expect(formatStatement(parsed)).to.equal(statement);
    expect(toHex(fromBase64(parsed.publicKey))).to.equal(vectors.key.publicKeyHex);
    expect(verifySm2(utf8(statement), fromBase64(signature), publicKey)).to.equal(true);
  });

  for (const vector of vectors.codes) {
    describe(`code: ${vector.name}`, () => {
      const bytes = fromHex(vector.codeHex);
      const { code, signed, signature } = parseCode(bytes);
      it('has the payload, and its signature holds', () => {
        expect(toHex(encodeCodePayload(code))).to.equal(vector.payloadHex);
        expect(toHex(signed)).to.equal(toHex(codeSignedBytes(fromHex(vector.payloadHex))));
        expect(verifySm2(signed, signature, publicKey)).to.equal(true);
      });
      it('rebuilds the body of its certificate', () => {
        const certificate = vectors.certificates[vector.certificate];
        expect(toCodeBody(code, vectorType)).to.deep.equal(certificate?.body);
      });
      it('is read from either form of digits, behind any prefix', () => {
        expect(formatDigits(bytes)).to.equal(vector.digits);
        expect(toHex(parseDigits(vector.digits))).to.equal(vector.codeHex);
        expect(toHex(parseDigits(vector.deflatedDigits))).to.equal(vector.codeHex);
        expect(findDigits(`https://verify.example/#${vector.digits}`)).to.equal(vector.digits);
        expect(findDigits(`HTTPS；//VERIFY。EXAMPLE/*${vector.digits}\n`)).to.equal(vector.digits);
      });
      it('is written in the shorter form', () => {
        const deflated = deflateRaw(bytes);
        const digits = formatDigits(bytes, deflated);
        expect(toHex(parseDigits(digits))).to.equal(vector.codeHex);
        expect(digits.length).to.equal(Math.min(formatDigits(bytes).length, digits.length));
      });
    });
  }

  it('an open code shows values, a closed one their hash alone', () => {
    const faces = vectors.codes.map(({ codeHex }): CodeFace['kind'] => parseCode(fromHex(codeHex)).code.face.kind);
    expect(faces).to.deep.equal(['open', 'closed', 'open']);
    const bound: Code = parseCode(fromHex(vectors.codes[2]?.codeHex ?? '')).code;
    expect(bound.purpose).to.equal('企业开办');
    expect(bound.expires satisfies Instant | undefined).to.match(/^2026-/);
  });
});
