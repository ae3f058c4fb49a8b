/** Canonical JSON (RFC 8785, restricted) and the strict reader. */
import { expect } from 'chai';
import fc from 'fast-check';
import { parseBody, toLeaf } from '../../../core/body.ts';
import { toBase64, utf8 } from '../../../core/bytes.ts';
import { canonicalBytes, canonicalize, parseCanonical, parseJson } from '../../../core/jcs.ts';
import type { Json } from '../../../core/model.ts';
import { expectCode, vectors } from './vectors.ts';

const text = fc.string({ unit: 'binary' }).filter((string) => !/\p{Cc}/u.test(string));
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger().map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString')), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

const read = (source: string): Json => parseJson(utf8(source));

describe('jcs', () => {
  it('writes the bodies of all worked certificates, and their leaves', () => {
    for (const { body, bodyCanonical, leaf } of vectors.certificates) {
      expect(canonicalize(body)).to.equal(bodyCanonical);
      expect(parseCanonical(utf8(bodyCanonical))).to.deep.equal(body);
      expect(toBase64(toLeaf(parseBody(body)))).to.equal(leaf);
    }
  });

  it('sorts keys by UTF-16 code units (RFC 8785 §3.2.3)', () => {
    const keys = ['\u20ac', '1', '\ufb33', '\u{1f600}', '\u00f6'];
    const object = Object.fromEntries(keys.map((key, at) => [key, at]));
    expect(canonicalize(object)).to.equal('{"1":1,"\u00f6":4,"\u20ac":0,"\u{1f600}":3,"\ufb33":2}');
  });

  it('sorts number-like keys as text', () => {
    expect(canonicalize({ '10': 1, '9': 2, a: 3, A: 4 })).to.equal('{"10":1,"9":2,"A":4,"a":3}');
  });

  it('escapes the quote and the backslash only', () => {
    expect(canonicalize('"\\/\u00a0\u2028<深𠮷')).to.equal('"\\"\\\\/\u00a0\u2028<深𠮷"');
  });

  it('comes back from its canonical bytes', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = canonicalBytes(value);
        const again = parseCanonical(bytes);
        expect(canonicalBytes(again)).to.deep.equal(bytes);
        expect(JSON.parse(canonicalize(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('reads what JSON.parse reads, whatever the white space', () => {
    fc.assert(
      fc.property(json, (value) => {
        const pretty = JSON.stringify(value, undefined, '\t ');
        expect(canonicalize(parseJson(utf8(pretty)))).to.equal(canonicalize(value));
      }),
    );
  });

  for (const number of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), -0, 1e21]) {
    it(`refuses to write the number ${Object.is(number, -0) ? '-0' : number}`, () =>
      expectCode('NOT_CANONICAL', () => canonicalize([number])));
  }

  for (const [why, bad] of [
    ['undefined', undefined],
    ['a bigint', 1n],
    ['a function', () => 1],
  ] as const) {
    it(`refuses to write ${why}`, () => {
      const notJson = bad as unknown as Json; // what the type forbids, a caller without types may pass
      expectCode('NOT_CANONICAL', () => canonicalize({ a: notJson }));
      expectCode('NOT_CANONICAL', () => canonicalize([notJson]));
    });
  }

  for (const bad of ['\u0000', 'a\u001f', '\r', '\t', '\u007f', '\ud800', '\udc00', '\udc00\ud800', 'a\ud800']) {
    it(`refuses to write the text ${JSON.stringify(bad)}, as value and as key`, () => {
      expectCode('MALFORMED_TEXT', () => canonicalize(bad));
      expectCode('MALFORMED_TEXT', () => canonicalize({ [bad]: 1 }));
    });
  }
});

describe('the JSON reader', () => {
  it('gives objects on which every key is ordinary', () => {
    const value = read('{"__proto__":{"a":1},"constructor":2}') as { readonly [key: string]: Json };
    expect(Object.keys(value)).to.deep.equal(['__proto__', 'constructor']);
    expect(value['a']).to.equal(undefined);
    expect(value['hasOwnProperty']).to.equal(undefined);
    expect(canonicalize(value)).to.equal('{"__proto__":{"a":1},"constructor":2}');
  });

  for (const source of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"b":[{"__proto__":1,"__proto__":2}]}']) {
    it(`refuses the duplicate key in ${source}`, () => expectCode('DUPLICATE_KEY', () => read(source)));
  }

  const malformed = [
    '', ' ', '{', '[', '"', '"a', '"a\\"', '[1', '[1,', '[1,]', '[,1]', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{a:1}', "{'a':1}", '{1:1}',
    'tru', 'True', 'nul', 'NaN', 'undefined', '01', '+1', '-', '.5', '--1', '1 2', '[]]', '{}{}', '"a"x', '[1]//', '\ufeff{}', '[1 2]', '"\\x"', '"\\u12"', '\u00a0 1', '\f1',
  ]; // biome-ignore format: a list
  for (const source of malformed) {
    it(`refuses ${JSON.stringify(source)}`, () => expectCode('MALFORMED_JSON', () => read(source)));
  }

  it('refuses every prefix of a certificate body', () => {
    const whole = vectors.certificates[0]?.bodyCanonical ?? '';
    for (let length = 0; length < whole.length; length += 1) {
      expectCode('MALFORMED_JSON', () => read(whole.slice(0, length)));
    }
  });

  for (const source of ['1.5', '1.0', '1e3', '1E3', '-0', '9007199254740992', '[-9007199254740992]', '{"a":0.1}']) {
    it(`refuses the number in ${source}`, () => expectCode('NOT_CANONICAL', () => read(source)));
  }

  for (const source of [
    '"\\u0000"',
    '"\\r"',
    '"\r"',
    '"\u007f"',
    '"\\u007f"',
    '"\\ud842"',
    '"\\udfb7\\ud842"',
    '{"\\t":1}',
  ]) {
    it(`refuses the text in ${JSON.stringify(source)}`, () => expectCode('MALFORMED_TEXT', () => read(source)));
  }

  it('lets the line feed of a statement through, escaped alone', () => {
    expect(read('"a\\nb"')).to.equal('a\nb');
    expect(canonicalize('a\nb')).to.equal('"a\\nb"');
    expectCode('MALFORMED_JSON', () => read('"a\nb"'));
  });

  it('joins an escaped surrogate pair', () => {
    expect(read('"\\ud842\\udfb7"')).to.equal('𠮷');
  });

  it('refuses what is not UTF-8', () => {
    expectCode('MALFORMED_TEXT', () => parseJson(Uint8Array.of(0x22, 0xff, 0x22)));
    expectCode('MALFORMED_TEXT', () => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)));
  });

  it('reads 16 levels and refuses 17, arrays and objects alike', () => {
    expect(canonicalize(read('['.repeat(16) + ']'.repeat(16)))).to.equal('['.repeat(16) + ']'.repeat(16));
    expectCode('TOO_DEEP', () => read('['.repeat(17) + ']'.repeat(17)));
    expectCode('TOO_DEEP', () => read(`${'{"a":['.repeat(8)}{}${']}'.repeat(8)}`));
    expectCode('TOO_DEEP', () => read('['.repeat(1_000_000)));
    expectCode('TOO_DEEP', () => parseJson(utf8('[[1]]'), { maxDepth: 1 }));
    expect(read('[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]')).to.have.length(19);
  });

  it('reads a mebibyte and refuses one byte more', () => {
    expect(parseJson(utf8(`"${'a'.repeat(1_048_574)}"`))).to.have.length(1_048_574);
    expectCode('TOO_LARGE', () => parseJson(utf8(`"${'a'.repeat(1_048_575)}"`)));
    expectCode('TOO_LARGE', () => parseJson(utf8('123'), { maxBytes: 2 }));
  });
});

describe('parseCanonical', () => {
  for (const source of [' {}', '{} ', '{"b":1,"a":2}', '[1, 2]', '"\\u0061"', '"\\/"', '{"a":1\n}']) {
    it(`refuses ${JSON.stringify(source)}, which is JSON but not canonical`, () => {
      expect(() => parseJson(utf8(source))).to.not.throw();
      expectCode('NOT_CANONICAL', () => parseCanonical(utf8(source)));
    });
  }

  it('honours the limits given', () => {
    expectCode('TOO_LARGE', () => parseCanonical(utf8('[1]'), { maxBytes: 2 }));
    expectCode('TOO_DEEP', () => parseCanonical(utf8('[[1]]'), { maxDepth: 1 }));
  });
});
