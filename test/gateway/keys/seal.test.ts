/** The sealed box: its two algorithms against published values, its format against an independent opening, and every damage. */
import { createCipheriv, createHmac } from 'node:crypto';
import { concat, fromHex, hmacSm3, toHex, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import { poolRandom } from '../../../gateway/platform.ts';
import { sealedBox, sealOverheadBytes } from '../../../gateway/seal.ts';
import { seededRandom } from '../../fixtures/network.ts';
import { flip } from '../support.ts';

const key = seededRandom('seal key')(32);
const box = sealedBox(key, seededRandom('seal'));
const plain = utf8('{"name":"示范值"}');
const associated = utf8('record/1');

describe('sealed box', () => {
  it('rests on SM4 as published (GB/T 32907, appendix A)', () => {
    const bytes = fromHex('0123456789abcdeffedcba9876543210');
    const cipher = createCipheriv('sm4-ecb', bytes, null).setAutoPadding(false);
    expect(toHex(cipher.update(bytes))).to.equal('681edf34d206965e86b3e94f536e4246');
  });

  it('rests on HMAC-SM3 as published (GM/T 0042-2015, appendix D.3)', () => {
    const published = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
    const message = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'.repeat(2);
    const tag = 'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a';
    expect(toHex(hmacSm3(published, utf8(message)))).to.equal(tag);
  });

  it('gives back what it sealed, of any length', () => {
    for (const length of [0, 1, 15, 16, 17, 2048]) {
      const bytes = seededRandom('plain')(length);
      const sealed = box.seal(bytes, associated);
      expect(sealed.length).to.equal(length + sealOverheadBytes);
      expect(box.open(sealed, associated)).to.deep.equal(Buffer.from(bytes));
    }
  });

  it('is SM4-CTR, then HMAC-SM3 over nonce, length of the associated data, it, and ciphertext', () => {
    const derive = (label: string) => createHmac('sm3', key).update(label).digest();
    const nonce = seededRandom('nonce')(16);
    const encrypted = createCipheriv('sm4-ctr', derive('yinxin-seal/1 encrypt').subarray(0, 16), nonce).update(plain);
    const covered = concat(nonce, Uint8Array.of(0, 0, 0, associated.length), associated, encrypted);
    const tag = createHmac('sm3', derive('yinxin-seal/1 authenticate')).update(covered).digest();
    expect(sealedBox(key, seededRandom('nonce')).seal(plain, associated)).to.deep.equal(concat(nonce, encrypted, tag));
  });

  it('seals the same twice into different bytes', () => {
    expect(box.seal(plain, associated)).to.not.deep.equal(box.seal(plain, associated));
  });

  it('refuses a seal with any byte changed', () => {
    const sealed = box.seal(plain, associated);
    for (let at = 0; at < sealed.length; at += 1) {
      expect(box.open(flip(sealed, at), associated), `byte ${at}`).to.equal(undefined);
    }
  });

  it('refuses a seal that was cut or made longer', () => {
    const sealed = box.seal(plain, associated);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(box.open(sealed.subarray(0, length), associated), `${length} bytes`).to.equal(undefined);
    }
    expect(box.open(concat(sealed, new Uint8Array(1)), associated)).to.equal(undefined);
  });

  it('refuses other associated data', () => {
    const sealed = box.seal(plain, associated);
    for (const other of ['', 'record/2', 'record/', 'record/10']) {
      expect(box.open(sealed, utf8(other)), other).to.equal(undefined);
    }
  });

  it('refuses a byte moved between associated data and ciphertext', () => {
    const sealed = box.seal(plain, utf8('ab'));
    const moved = concat(sealed.subarray(0, 16), utf8('b'), sealed.subarray(16));
    expect(box.open(moved, utf8('a'))).to.equal(undefined);
  });

  it('refuses a seal under another key', () => {
    const other = sealedBox(flip(key, 31), seededRandom('seal'));
    expect(other.open(box.seal(plain, associated), associated)).to.equal(undefined);
  });

  it('takes keys of 32 bytes alone', () => {
    for (const length of [0, 16, 31, 33]) {
      expect(() => sealedBox(new Uint8Array(length), seededRandom('seal')), `${length}`).to.throw(RangeError);
    }
  });
});

describe('pooled randomness', () => {
  it('gives out every byte of its source in order, and none twice', () => {
    const source = seededRandom('pool');
    const whole = concat(...Array.from({ length: 3 }, () => source(8192)));
    const random = poolRandom(seededRandom('pool'));
    for (let at = 0; at < 8192; at += 32) expect(random(32)).to.deep.equal(whole.subarray(at, at + 32));
    expect(random(8000)).to.deep.equal(whole.subarray(8192, 16_192));
    expect(random(193), 'the rest of a pool is too short').to.deep.equal(whole.subarray(16_384, 16_577));
    expect(random(10_000)).to.have.length(10_000);
  });
});
