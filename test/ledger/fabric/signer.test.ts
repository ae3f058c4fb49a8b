import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { signers } from '@hyperledger/fabric-gateway';
import { expect } from 'chai';
import { createMessageSigner, formatSignature, toLowS } from '../../../gateway/ledger/fabric/signer.ts';

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const half = order >> 1n;
const toScalar = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

/** r and s of a DER signature. */
function parse(der: Uint8Array): readonly [bigint, bigint] {
  const bytes = Buffer.from(der);
  const rEnd = 4 + (bytes[3] ?? 0);
  expect(bytes[0]).to.equal(0x30);
  expect(bytes[1]).to.equal(bytes.length - 2);
  const number = (from: number, to: number) => BigInt(`0x${bytes.subarray(from, to).toString('hex')}`);
  return [number(4, rEnd), number(rEnd + 2, bytes.length)];
}

describe('the signer for Fabric', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const messages = Array.from({ length: 200 }, (_, at) => Buffer.from(`message ${at}`));

  it('makes signatures that hold, each with s in the lower half', async () => {
    const sign = createMessageSigner(privateKey);
    for (const message of messages) {
      const signature = await sign(message);
      expect(verify('sha256', message, publicKey, signature)).to.equal(true);
      expect(parse(signature)[1] <= half).to.equal(true);
    }
  });

  it('signs what the library’s own signer signs: either holds for the other’s message', async () => {
    const theirs = signers.newPrivateKeySigner(privateKey);
    const ours = createMessageSigner(privateKey);
    const message = Buffer.from('a proposal');
    const digest = createHash('sha256').update(message).digest();
    for (const signature of [await theirs(digest), await ours(message)]) {
      expect(verify('sha256', message, publicKey, signature)).to.equal(true);
    }
  });

  it('keeps s up to half the order and takes n − s above', () => {
    expect(toLowS(toScalar(half))).to.deep.equal(toScalar(half));
    expect(toLowS(toScalar(half + 1n))).to.deep.equal(toScalar(half));
    expect(toLowS(toScalar(order - 1n))).to.deep.equal(toScalar(1n));
  });

  it('writes integers in their shortest form, never negative', () => {
    const der = (r: bigint, s: bigint) => formatSignature(Buffer.concat([toScalar(r), toScalar(s)])).toString('hex');
    expect(der(1n, 2n)).to.equal('3006020101020102');
    expect(der(0x80n, 0x7fn)).to.equal('30070202008002017f');
    expect(der(0x8001n, 1n)).to.equal('3008020300800102 0101'.replace(' ', ''));
    expect(der(order - 1n, half)).to.match(/^3045022100ffffffff00000000/);
  });
});
