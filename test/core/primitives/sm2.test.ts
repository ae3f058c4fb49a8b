/** SM2 signatures (GB/T 32918): published vectors, a second library and OpenSSL both ways, and every malformed input. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import smCrypto from 'sm-crypto';
import { concat, fromBase64, fromHex, toHex, utf8 } from '../../../core/bytes.ts';
import {
  isPrivateKey,
  isPublicKey,
  isSignature,
  parseKeyId,
  publicKeyOf,
  signSm2,
  toKeyId,
  verifySm2,
} from '../../../core/sm2.ts';
import { expectCode, vectors } from './vectors.ts';

const second = smCrypto.sm2;
const options = { hash: true, userId: '1234567812345678' } as const;
const privateKey = fromHex(vectors.key.privateKeyHex);
const publicKey = fromHex(vectors.key.publicKeyHex);
const orderHex = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123';
const primeHex = 'fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff';
const zeroHex = '00'.repeat(32);
const oneHex = `${'00'.repeat(31)}01`;

const published = [
  {
    message: 'message digest',
    r: 'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3',
    s: 'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  },
  {
    message: '电子证照',
    r: '4daa64d39878864c46da75ef90f6ed555d7c8ce22d3fc96f7aebb92273f6e3d8',
    s: '091105692506745da6012fadfecbd5e8fb2ae75077f0bcf95a14b94f48c21312',
  },
];

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

describe('sm2', () => {
  for (const { message, r, s } of published) {
    it(`verifies the published signature of ${JSON.stringify(message)}`, () => {
      expect(verifySm2(utf8(message), fromHex(r + s), publicKey)).to.equal(true);
    });
  }

  it('verifies the signatures of all worked statements and codes', () => {
    for (const { statement, signature } of [vectors.anchor, vectors.status, vectors.possession]) {
      expect(verifySm2(utf8(statement), fromBase64(signature, 64), publicKey)).to.equal(true);
    }
    for (const { codeHex, payloadHex, name } of vectors.codes) {
      const signed = concat(utf8('yinxin-code/1\n'), fromHex(payloadHex));
      expect(verifySm2(signed, fromHex(codeHex.slice(payloadHex.length)), publicKey), name).to.equal(true);
    }
  });

  it('derives the published public key and its id', () => {
    expect(publicKeyOf(privateKey)).to.deep.equal(publicKey);
    expect(toKeyId(publicKey)).to.equal(vectors.key.keyIdHex);
  });

  it('signs what it verifies, differently each time', () => {
    const message = utf8('证照');
    const one = signSm2(message, privateKey);
    const two = signSm2(message, privateKey, publicKey);
    expect(one).to.have.length(64);
    expect(one).to.not.deep.equal(two);
    expect(verifySm2(message, one, publicKey)).to.equal(true);
    expect(verifySm2(message, two, publicKey)).to.equal(true);
  });

  it('agrees with sm-crypto both ways, for several keys', () => {
    for (let round = 0; round < 3; round += 1) {
      const pair = second.generateKeyPairHex();
      const message = utf8(`message ${round} 证照`);
      const ours = signSm2(message, fromHex(pair.privateKey), fromHex(pair.publicKey));
      expect(second.doVerifySignature([...message], toHex(ours), pair.publicKey, options)).to.equal(true);
      const theirs = fromHex(second.doSignature([...message], pair.privateKey, options));
      expect(verifySm2(message, theirs, fromHex(pair.publicKey))).to.equal(true);
    }
  });

  it('refuses another message, another key and any flipped byte of the signature', () => {
    const message = utf8('message digest');
    const signature = fromHex(`${published[0]?.r}${published[0]?.s}`);
    const other = publicKeyOf(fromHex(oneHex));
    expect(verifySm2(utf8('message digesu'), signature, publicKey)).to.equal(false);
    expect(verifySm2(message, signature, other)).to.equal(false);
    for (let at = 0; at < 64; at += 1) {
      expect(verifySm2(message, flip(signature, at), publicKey), `byte ${at}`).to.equal(false);
    }
  });

  it('gives the same answer at the first, second and third use of a key, in turn with others', () => {
    const message = utf8('in turn');
    const pairs = [2, 3, 4].map((d) => {
      const secret = fromHex(d.toString(16).padStart(64, '0'));
      return { key: publicKeyOf(secret), signature: fromHex(second.doSignature([...message], toHex(secret), options)) };
    });
    for (let use = 1; use <= 3; use += 1) {
      for (const { key } of pairs) {
        const verified = pairs.map(({ signature }) => verifySm2(message, signature, key));
        expect(verified, `use ${use}`).to.deep.equal(pairs.map((pair) => pair.key === key));
      }
    }
  });

  const bad: readonly (readonly [why: string, hex: string])[] = [
    ['of 63 bytes', `${published[0]?.r}${published[0]?.s}`.slice(0, -2)],
    ['of 65 bytes', `${published[0]?.r}${published[0]?.s}00`],
    ['of 0 bytes', ''],
    ['with r = 0', `${zeroHex}${published[0]?.s}`],
    ['with s = 0', `${published[0]?.r}${zeroHex}`],
    ['with r = n', `${orderHex}${published[0]?.s}`],
    ['with s = n', `${published[0]?.r}${orderHex}`],
    ['with r and s of all ones', 'ff'.repeat(64)],
  ];
  for (const [why, hex] of bad) {
    it(`refuses a signature ${why}`, () => {
      expect(isSignature(fromHex(hex))).to.equal(false);
      expect(verifySm2(utf8('message digest'), fromHex(hex), publicKey)).to.equal(false);
    });
  }

  it('refuses r + s = 0 mod n', () => {
    const r = BigInt(`0x${published[0]?.r}`);
    const s = (BigInt(`0x${orderHex}`) - r).toString(16).padStart(64, '0');
    expect(verifySm2(utf8('message digest'), fromHex(`${published[0]?.r}${s}`), publicKey)).to.equal(false);
  });

  it('refuses the DER form', () => {
    const der = `3046022100${published[0]?.r}022100${published[0]?.s}`;
    expect(verifySm2(utf8('message digest'), fromHex(der), publicKey)).to.equal(false);
  });

  const coordinates = vectors.key.publicKeyHex.slice(2);
  const badKeys: readonly (readonly [why: string, hex: string])[] = [
    ['off the curve', `04${coordinates.slice(0, -1)}2`],
    ['of the origin', `04${zeroHex}${zeroHex}`],
    ['with x = p', `04${primeHex}${coordinates.slice(64)}`],
    ['with y = p', `04${coordinates.slice(0, 64)}${primeHex}`],
    ['without its first byte', coordinates],
    ['with another first byte', `06${coordinates}`],
    ['in compressed form', `03${coordinates.slice(0, 64)}`],
    ['that is the point at infinity', '00'],
    ['that is empty', ''],
    ['one byte too long', `04${coordinates}00`],
  ];
  for (const [why, hex] of badKeys) {
    it(`refuses a public key ${why}`, () => {
      const key = fromHex(hex);
      expect(isPublicKey(key)).to.equal(false);
      expect(verifySm2(utf8('message digest'), fromHex(`${published[0]?.r}${published[0]?.s}`), key)).to.equal(false);
      expectCode('MALFORMED_KEY', () => toKeyId(key));
      expectCode('MALFORMED_KEY', () => signSm2(utf8('m'), privateKey, key));
    });
  }

  it('takes private keys from 1 to n − 2 only', () => {
    const order = BigInt(`0x${orderHex}`);
    expect(isPrivateKey(fromHex(oneHex))).to.equal(true);
    expect(isPrivateKey(fromHex((order - 2n).toString(16)))).to.equal(true);
    for (const hex of [
      zeroHex,
      (order - 1n).toString(16),
      orderHex,
      'ff'.repeat(32),
      oneHex.slice(2),
      `${oneHex}00`,
      '',
    ]) {
      expect(isPrivateKey(fromHex(hex)), hex).to.equal(false);
      expectCode('MALFORMED_KEY', () => signSm2(utf8('m'), fromHex(hex), publicKey));
      expectCode('MALFORMED_KEY', () => publicKeyOf(fromHex(hex)));
    }
  });

  it('gives no signature out when the public key is of another private key', () => {
    expectCode('INTERNAL', () => signSm2(utf8('m'), privateKey, publicKeyOf(fromHex(oneHex))));
  });

  it('reads key ids of 32 lower-case hex digits only', () => {
    expect(parseKeyId(vectors.key.keyIdHex)).to.equal(vectors.key.keyIdHex);
    for (const text of [
      '',
      vectors.key.keyIdHex.toUpperCase(),
      `${vectors.key.keyIdHex}0`,
      vectors.key.keyIdHex.slice(1),
    ]) {
      expectCode('MALFORMED_KEY', () => parseKeyId(text));
    }
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** DER of two integers: the form that OpenSSL speaks; ours never does. */
function toDer(signature: Uint8Array): Uint8Array {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((half) => {
    const start = half.findIndex((byte) => byte !== 0);
    const trimmed = half.subarray(start);
    const body = (trimmed[0] ?? 0) > 127 ? concat(Uint8Array.of(0), trimmed) : trimmed;
    return concat(Uint8Array.of(2, body.length), body);
  });
  const content = concat(...integers);
  return concat(Uint8Array.of(0x30, content.length), content);
}

function fromDer(der: Uint8Array): Uint8Array {
  const rLength = der[3] ?? 0;
  const integers = [der.subarray(4, 4 + rLength), der.subarray(6 + rLength)];
  const halves = integers.map((bytes) => fromHex(toHex(bytes).padStart(66, '0').slice(-64)));
  return concat(...halves);
}

describe('sm2 with OpenSSL', () => {
  const distinguished = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'];
  let folder = '';
  const file = (name: string): string => join(folder, name);
  const openssl = (...options: string[]): number | null =>
    spawnSync('openssl', options, { cwd: folder, stdio: 'ignore' }).status;

  before(() => {
    if (!hasOpenssl) return;
    folder = mkdtempSync(join(tmpdir(), 'yinxin-sm2-'));
    const curveAlgorithm = '301306072a8648ce3d020106082a811ccf5501822d';
    writeFileSync(file('public.der'), fromHex(`3059${curveAlgorithm}034200${vectors.key.publicKeyHex}`));
    openssl('pkey', '-pubin', '-inform', 'DER', '-in', 'public.der', '-out', 'public.pem');
    const inner = `306b0201010420${vectors.key.privateKeyHex}a144034200${vectors.key.publicKeyHex}`;
    writeFileSync(file('private.der'), fromHex(`308187020100${curveAlgorithm}046d${inner}`));
    openssl('pkey', '-inform', 'DER', '-in', 'private.der', '-out', 'private.pem');
  });

  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  it('OpenSSL verifies our signature, and not of another message', function () {
    if (!hasOpenssl) this.skip();
    writeFileSync(file('message'), vectors.anchor.statement);
    writeFileSync(file('signature'), toDer(signSm2(utf8(vectors.anchor.statement), privateKey)));
    const verify = ['pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', ...distinguished];
    expect(openssl(...verify, '-in', 'message', '-sigfile', 'signature')).to.equal(0);
    writeFileSync(file('message'), `${vectors.anchor.statement}x`);
    expect(openssl(...verify, '-in', 'message', '-sigfile', 'signature')).to.not.equal(0);
  });

  it('verifies what OpenSSL signs', function () {
    if (!hasOpenssl) this.skip();
    writeFileSync(file('message'), '电子证照');
    const sign = ['pkeyutl', '-sign', '-inkey', 'private.pem', ...distinguished];
    expect(openssl(...sign, '-in', 'message', '-out', 'signature')).to.equal(0);
    const signature = fromDer(new Uint8Array(readFileSync(file('signature'))));
    expect(verifySm2(utf8('电子证照'), signature, publicKey)).to.equal(true);
    expect(verifySm2(utf8('电子证明'), signature, publicKey)).to.equal(false);
  });
});
