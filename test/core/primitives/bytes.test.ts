/** Strictness of the text forms of bytes. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  ascii,
  concat,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  requireBase64Hash,
  toBase64,
  toHex,
  utf8,
} from '../../../core/bytes.ts';
import { expectCode } from './vectors.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 });

describe('bytes', () => {
  it('writes base64 and hex as Node does, and reads them back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(toBase64(bytes)).to.equal(Buffer.from(bytes).toString('base64'));
        expect(toHex(bytes)).to.equal(Buffer.from(bytes).toString('hex'));
        expect(fromBase64(toBase64(bytes), bytes.length)).to.deep.equal(bytes);
        expect(fromHex(toHex(bytes))).to.deep.equal(bytes);
      }),
    );
  });

  it('writes a megabyte of base64', () => {
    const bytes = new Uint8Array(1_048_576).map((_, at) => at * 31);
    expect(toBase64(bytes)).to.equal(Buffer.from(bytes).toString('base64'));
  });

  it('reads only base64 that re-encodes to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', 'B', 'w', '/', '=', '-', 'é'), maxLength: 12 }), (text) => {
        let bytes: Uint8Array | undefined;
        try {
          bytes = fromBase64(text);
        } catch {
          bytes = undefined;
        }
        const isCanonical = Buffer.from(text, 'base64').toString('base64') === text;
        expect(bytes === undefined ? undefined : toBase64(bytes)).to.equal(isCanonical ? text : undefined);
      }),
      { numRuns: 2000 },
    );
  });

  for (const text of [
    'QQ',
    'QQ=',
    'QR==',
    'QUF=',
    'Q===',
    '====',
    '=',
    'QQ==QQ==',
    'Q-==',
    'QQ==\n',
    ' QQ==',
    'QQ=A',
    'Ｑ===',
  ]) {
    it(`refuses base64 ${JSON.stringify(text)}`, () => expectCode('MALFORMED_TEXT', () => fromBase64(text)));
  }

  it('tells the base64 of 32 bytes from all else, as reading it would', () => {
    const hash = Buffer.alloc(32, 7).toString('base64');
    expect(requireBase64Hash(hash)).to.equal(hash);
    const others = [31, 33, 0].map((bytes) => Buffer.alloc(bytes, 7).toString('base64'));
    for (const text of [
      ...others,
      `${hash.slice(0, 42)}d=`,
      `${hash}\n`,
      hash.replace('=', ''),
      hash.replace('B', '-'),
    ]) {
      expectCode('MALFORMED_TEXT', () => requireBase64Hash(text));
      expectCode('MALFORMED_TEXT', () => fromBase64(text, 32));
    }
  });

  it('refuses base64 of another length than asked for', () => {
    expect(fromBase64('', 0)).to.have.length(0);
    expectCode('MALFORMED_TEXT', () => fromBase64('QQ==', 2));
    expectCode('MALFORMED_TEXT', () => fromBase64('QUE=', 1));
  });

  for (const text of ['a', 'AB', '0g', 'ab\n', ' ab', '0x']) {
    it(`refuses hex ${JSON.stringify(text)}`, () => expectCode('MALFORMED_TEXT', () => fromHex(text)));
  }

  it('keeps UTF-8 exactly, without normalising', () => {
    for (const text of ['', 'a', '电子证照', '𠮷田', '\u{f901}', 'e\u0301', '·']) {
      expect(utf8(text)).to.deep.equal(new Uint8Array(Buffer.from(text)));
      expect(fromUtf8(utf8(text))).to.equal(text);
    }
  });

  it('does not swallow a byte-order mark', () => {
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).to.equal('\ufeffA');
  });

  for (const text of ['\ud842', '\udfb7', 'a\udfb7\ud842', '\ud842a']) {
    it(`refuses the lone surrogate in ${JSON.stringify(text)}`, () => expectCode('MALFORMED_TEXT', () => utf8(text)));
  }

  for (const hex of ['ff', 'c080', 'e4bd', 'eda080', 'f4908080', '80']) {
    it(`refuses ${hex} as UTF-8`, () => expectCode('MALFORMED_TEXT', () => fromUtf8(fromHex(hex))));
  }

  it('joins, compares and reads ASCII', () => {
    expect(concat()).to.have.length(0);
    expect(concat(ascii('ab'), new Uint8Array(0), ascii('c'))).to.deep.equal(ascii('abc'));
    expect(equal(ascii('abc'), ascii('abc'))).to.equal(true);
    expect(equal(ascii('abc'), ascii('abd'))).to.equal(false);
    expect(equal(ascii('abc'), ascii('ab'))).to.equal(false);
    expectCode('MALFORMED_TEXT', () => ascii('é'));
  });
});
