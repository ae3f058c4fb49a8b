/** SM3 (GB/T 32905), native and pure, and HMAC-SM3 (RFC 2104). */
import { expect } from 'chai';
import fc from 'fast-check';
import smCrypto from 'sm-crypto';
import { toHex, utf8 } from '../../../core/bytes.ts';
import { hmacSm3, hmacSm3Key } from '../../../core/hmac-sm3.ts';
import { sm3 as pure } from '../../../core/sm3.ts';
import { sm3 as native } from '../../../core/sm3-node.ts';

const published: readonly (readonly [text: string, digest: string])[] = [
  ['abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ['abcd'.repeat(16), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732'],
  ['', '1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b'],
  ['电子证照', '6b53c893c3c3f8c358dc0be3606fd531d086ac5b1ba8f1c3ca735b5c9d3c21fe'],
];

for (const [name, sm3] of [
  ['native', native],
  ['pure', pure],
] as const) {
  describe(`sm3, ${name}`, () => {
    for (const [text, digest] of published) {
      it(`gives the published digest of ${JSON.stringify(text.slice(0, 8))}`, () => {
        expect(toHex(sm3(utf8(text)))).to.equal(digest);
      });
    }

    it('hashes a view into a larger buffer as its own bytes', () => {
      const whole = utf8('xxabcxx');
      expect(toHex(sm3(whole.subarray(2, 5)))).to.equal(published[0]?.[1]);
    });
  });
}

describe('sm3', () => {
  it('is the same function native, pure and in sm-crypto, at every length around the block borders', () => {
    for (let length = 0; length <= 130; length += 1) {
      const bytes = new Uint8Array(length).map((_, at) => at * 7 + length);
      expect(pure(bytes), `${length} bytes`).to.deep.equal(native(bytes));
      expect(toHex(native(bytes)), `${length} bytes`).to.equal(smCrypto.sm3([...bytes]));
    }
  });
});

describe('hmac-sm3', () => {
  it('agrees with sm-crypto for keys below, at and above the block', () => {
    const bytes = (minLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength: 130 });
    fc.assert(
      fc.property(bytes(1), bytes(0), (key, message) => {
        const second = smCrypto.sm3([...message], { mode: 'hmac', key: toHex(key) });
        expect(toHex(hmacSm3(key, message))).to.equal(second);
        expect(toHex(hmacSm3Key(key)(message))).to.equal(second);
      }),
    );
  });

  it('tags many messages under one prepared key', () => {
    const tag = hmacSm3Key(utf8('key'));
    expect(tag(utf8('one'))).to.deep.equal(hmacSm3(utf8('key'), utf8('one')));
    expect(tag(utf8('two'))).to.deep.equal(hmacSm3(utf8('key'), utf8('two')));
    expect(tag(utf8('one'))).to.not.deep.equal(tag(utf8('two')));
  });
});
