/** Deterministic CBOR (RFC 8949 §4.2.1) of the few kinds that a code uses. */
import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../core/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../../core/cbor.ts';
import { expectCode, vectors } from './vectors.ts';

/** RFC 8949 appendix A, as far as these kinds go. */
const published: readonly (readonly [hex: string, value: CborValue])[] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['18ff', 255],
  ['190100', 256],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1affffffff', 4294967295],
  ['1b0000000100000000', 4294967296],
  ['1b000000e8d4a51000', 1000000000000],
  ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['20', -1],
  ['3863', -100],
  ['3903e7', -1000],
  ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
  ['40', new Uint8Array(0)],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['62225c', '"\\'],
  ['63e6b0b4', '水'],
  ['64f0908591', '\u{10151}'],
  ['80', []],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['a0', new Map()],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  ['f6', null],
];

const cbor = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.maxSafeInteger().map((number) => number + 0),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.uint8Array({ maxLength: 30 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.maxSafeNat(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('cbor', () => {
  for (const [hex, value] of published) {
    it(`writes and reads ${hex}`, () => {
      expect(toHex(encodeCbor(value))).to.equal(hex);
      expect(decodeCbor(fromHex(hex))).to.deep.equal(value);
    });
  }

  it('comes back from its encoding', () => {
    fc.assert(
      fc.property(cbor, (value) => {
        const bytes = encodeCbor(value);
        fc.pre(bytes.length <= 4096);
        expect(encodeCbor(decodeCbor(bytes))).to.deep.equal(bytes);
      }),
    );
  });

  it('reads and writes the payloads of all worked codes', () => {
    for (const { payloadHex } of vectors.codes) {
      const payload = decodeCbor(fromHex(payloadHex));
      expect(payload).to.be.instanceOf(Map);
      expect(toHex(encodeCbor(payload))).to.equal(payloadHex);
    }
  });

  it('writes map keys in ascending order whatever order they came in', () => {
    expect(
      toHex(
        encodeCbor(
          new Map([
            [256, 1],
            [3, 2],
            [24, 3],
          ]),
        ),
      ),
    ).to.equal('a303021818031901' + '0001');
  });

  it('refuses every truncation of a payload, and a byte behind it', () => {
    const payload = fromHex(vectors.codes[0]?.payloadHex ?? '');
    for (let length = 0; length < payload.length; length += 1) {
      expectCode('MALFORMED_CBOR', () => decodeCbor(payload.subarray(0, length)));
    }
    expectCode('MALFORMED_CBOR', () => decodeCbor(Uint8Array.of(...payload, 0)));
  });

  it('reads random bytes only when they re-encode to themselves, and else refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        let value: CborValue | undefined;
        try {
          value = decodeCbor(bytes);
        } catch {
          expectCode('MALFORMED_CBOR', () => decodeCbor(bytes));
          return;
        }
        expect(encodeCbor(value)).to.deep.equal(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  const bad: readonly (readonly [why: string, hex: string])[] = [
    ['nothing', ''],
    ['an integer longer than needed', '1817'],
    ['a two-byte integer longer than needed', '1900ff'],
    ['an eight-byte integer longer than needed', '1b00000000ffffffff'],
    ['an integer past the safe ones', '1b0020000000000000'],
    ['a negative integer past the safe ones', '3b001fffffffffffff'],
    ['a length longer than needed', '580100'],
    ['an indefinite byte string', '5f4100ff'],
    ['an indefinite array', '9f00ff'],
    ['an indefinite map', 'bf0000ff'],
    ['a reserved length', '1c'],
    ['map keys out of order', 'a202000100'],
    ['a map key twice', 'a201000101'],
    ['a negative map key', 'a12000'],
    ['a text map key', 'a1616100'],
    ['false', 'f4'],
    ['undefined', 'f7'],
    ['a float', 'f90000'],
    ['a double', 'fb3ff0000000000000'],
    ['a tag', 'c000'],
    ['null in a longer form', 'f816'],
    ['text that is not UTF-8', '61ff'],
    ['a surrogate as UTF-8', '63eda080'],
    ['an array that claims more than is there', '9bffffffffffffffff'],
    ['a byte string that claims more than is there', '5b001fffffffffffff00'],
    ['a map without its last value', 'a101'],
    ['five levels', '8181818180'],
    ['very many levels', '81'.repeat(4000)],
  ];
  for (const [why, hex] of bad) {
    it(`refuses ${why}`, () => expectCode('MALFORMED_CBOR', () => decodeCbor(fromHex(hex))));
  }

  it('reads four levels', () => {
    expect(decodeCbor(fromHex('81818180'))).to.deep.equal([[[[]]]]);
  });

  it('reads 4,096 bytes and refuses one more', () => {
    expect(decodeCbor(encodeCbor(new Uint8Array(4093)))).to.have.length(4093);
    expectCode('MALFORMED_CBOR', () => decodeCbor(encodeCbor(new Uint8Array(4094))));
  });

  it('refuses to write numbers that are not safe integers, and negative keys', () => {
    for (const number of [0.5, Number.NaN, 2 ** 53, -0]) expectCode('MALFORMED_CBOR', () => encodeCbor(number));
    expectCode('MALFORMED_CBOR', () => encodeCbor(new Map([[-1, 0]])));
    expectCode('MALFORMED_CBOR', () => encodeCbor(new Map([[0.5, 0]])));
    expectCode('MALFORMED_TEXT', () => encodeCbor('\ud800'));
  });
});
