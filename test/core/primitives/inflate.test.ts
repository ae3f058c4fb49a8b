/** Raw DEFLATE (RFC 1951): against zlib both ways, and everything that a lenient reader lets through. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, fromHex } from '../../../core/bytes.ts';
import { deflateRaw } from '../../../core/deflate.ts';
import { inflateRaw } from '../../../core/inflate.ts';
import { expectCode, vectors } from './vectors.ts';

const limit = 65_536;
/** Bytes with repetitions, so that every kind of block and long references occur. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constant(new Uint8Array(300).fill(7)),
      fc.constant(Uint8Array.from(Buffer.from('深圳示范 certificate'))),
    ),
    { maxLength: 12 },
  )
  .map((parts) => concat(...parts));

/** Bits as RFC 1951 §3.1.1 packs them, from the lowest up. */
function pack(bits: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let at = 0; at < bits.length; at += 1) {
    if (bits[at] === '1') bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bytes;
}

/** A number of so many bits, lowest first. */
function field(value: number, bits: number): string {
  return [...value.toString(2).padStart(bits, '0')].reverse().join('');
}

/** A last dynamic block's header: these lengths of literals and distances, each through a code of 16 four-bit symbols. */
function dynamicHeader(literals: ReadonlyMap<number, number>, distances: readonly number[]): string {
  const lengths = Array.from({ length: 286 }, (_, symbol) => literals.get(symbol) ?? 0).concat(distances);
  const given = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const codeLengths = given.map((symbol) => field(symbol < 16 ? 4 : 0, 3)).join('');
  const runs = lengths.map((length) => length.toString(2).padStart(4, '0')).join('');
  return `101${field(286 - 257, 5)}${field(distances.length - 1, 5)}${field(15, 4)}${codeLengths}${runs}`;
}

describe('inflateRaw', () => {
  for (const [name, options] of [
    ['by default', {}],
    ['at level 9', { level: 9 }],
    ['stored', { level: 0 }],
    ['with fixed codes', { strategy: constants.Z_FIXED }],
    ['by Huffman codes only', { strategy: constants.Z_HUFFMAN_ONLY }],
    ['in a small window, in several blocks', { windowBits: 9, memLevel: 1 }],
  ] as const) {
    it(`reads what zlib wrote ${name}`, () => {
      fc.assert(
        fc.property(content, (bytes) => {
          expect(inflateRaw(new Uint8Array(deflateRawSync(bytes, options)), limit)).to.deep.equal(bytes);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('reads what deflateRaw wrote, and so does zlib', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const deflated = deflateRaw(bytes);
        expect(inflateRaw(deflated, limit)).to.deep.equal(bytes);
        expect(new Uint8Array(inflateRawSync(deflated))).to.deep.equal(bytes);
      }),
    );
  });

  it('reads the deflated form of all worked codes', () => {
    for (const { codeHex, deflatedDigits, name } of vectors.codes) {
      const hex = BigInt(deflatedDigits).toString(16).padStart(2, '0');
      const raw = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
      expect(raw[0], name).to.equal(2);
      expect(inflateRaw(raw.subarray(1), 4096), name).to.deep.equal(fromHex(codeHex));
    }
  });

  it('never reads damaged bytes otherwise than zlib does', () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const deflated = deflateRaw(bytes);
        const damaged = deflated.map((byte, index) => (index === at % deflated.length ? byte ^ (1 << bit) : byte));
        let inflated: Uint8Array;
        try {
          inflated = inflateRaw(damaged, limit);
        } catch {
          expectCode('MALFORMED_CODE', () => inflateRaw(damaged, limit));
          return;
        }
        expect(inflated).to.deep.equal(new Uint8Array(inflateRawSync(damaged)));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every truncation, and a byte behind the end', () => {
    const deflated = deflateRaw(fromHex(vectors.codes[0]?.codeHex ?? ''));
    for (let length = 0; length < deflated.length; length += 1) {
      expectCode('MALFORMED_CODE', () => inflateRaw(deflated.subarray(0, length), limit));
    }
    expectCode('MALFORMED_CODE', () => inflateRaw(concat(deflated, Uint8Array.of(0)), limit));
  });

  it('refuses padding that is not zero', () => {
    const empty = `110${'0000000'}`;
    expect(inflateRaw(pack(empty), limit)).to.have.length(0);
    for (let at = 10; at < 16; at += 1) {
      expectCode('MALFORMED_CODE', () => inflateRaw(pack(`${empty}${'0'.repeat(at - 10)}1`), limit));
    }
    expect(inflateRaw(pack(`100${'00000'}${field(1, 16)}${field(0xfffe, 16)}${field(65, 8)}`), limit)).to.deep.equal(
      Uint8Array.of(65),
    );
    expectCode('MALFORMED_CODE', () =>
      inflateRaw(pack(`100${'00001'}${field(1, 16)}${field(0xfffe, 16)}${field(65, 8)}`), limit),
    );
  });

  it('reads exactly maxBytes and refuses one more, in every kind of block', () => {
    for (const options of [{ level: 0 }, { level: 9 }, { strategy: constants.Z_HUFFMAN_ONLY }]) {
      const deflated = new Uint8Array(deflateRawSync(new Uint8Array(1000), options));
      expect(inflateRaw(deflated, 1000)).to.have.length(1000);
      expectCode('MALFORMED_CODE', () => inflateRaw(deflated, 999));
    }
  });

  const literalA = (0x30 + 65).toString(2).padStart(8, '0');
  const bad: readonly (readonly [why: string, bits: string])[] = [
    ['the reserved block type', '111'],
    [
      'a stored length that disagrees with its complement',
      `100${'00000'}${field(1, 16)}${field(0xffff, 16)}${field(65, 8)}`,
    ],
    ['a reference before the beginning', `110${'0000001'}${'00000'}${'0000000'}`],
    ['a reference one too far', `110${literalA}${'0000001'}${'00001'}${'0000000'}`],
    ['the reserved distance 30', `110${literalA}${'0000001'}${'11110'}${'0000000'}`],
    ['the reserved length 286', `110${literalA}${'11000110'}${'00000'}${'0000000'}`],
    ['287 literals', `101${field(30, 5)}${field(0, 5)}${field(15, 4)}`],
    ['31 distances', `101${field(0, 5)}${field(30, 5)}${field(15, 4)}`],
    [
      'an over-subscribed literal set',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [66, 1],
          [256, 1],
        ]),
        [0],
      )}1`,
    ],
    [
      'an incomplete literal set',
      `${dynamicHeader(
        new Map([
          [65, 2],
          [256, 2],
        ]),
        [0],
      )}01`,
    ],
    [
      'a literal set without an end of block',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [66, 1],
        ]),
        [0],
      )}1`,
    ],
    [
      'an incomplete distance set',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 1],
        ]),
        [2, 2],
      )}1`,
    ],
    [
      'an over-subscribed distance set',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 1],
        ]),
        [1, 1, 1],
      )}1`,
    ],
    [
      'a single distance code of two bits',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 1],
        ]),
        [2],
      )}1`,
    ],
    [
      'the unused half of a lone distance code',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 2],
          [257, 2],
        ]),
        [1],
      )}0${'11'}${'1'}${'10'}`,
    ],
    [
      'a reference in a block without distance codes',
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 2],
          [257, 2],
        ]),
        [0],
      )}0${'11'}${'0'}${'10'}`,
    ],
    [
      'an incomplete set of code lengths',
      `101${field(0, 5)}${field(0, 5)}${field(0, 4)}${field(2, 3)}${field(2, 3)}${field(0, 3)}${field(0, 3)}`,
    ],
    [
      'a run of lengths with nothing before it',
      `101${field(0, 5)}${field(0, 5)}${field(0, 4)}${field(1, 3)}${field(1, 3)}${field(0, 3)}${field(0, 3)}0`,
    ],
    [
      'a run of lengths past the end',
      `101${field(0, 5)}${field(0, 5)}${field(0, 4)}${field(0, 3)}${field(1, 3)}${field(1, 3)}${field(0, 3)}${`1${field(127, 7)}`.repeat(2)}`,
    ],
  ];
  for (const [why, bits] of bad) {
    it(`refuses ${why}`, () => {
      expect(() => inflateRawSync(pack(bits))).to.throw();
      expectCode('MALFORMED_CODE', () => inflateRaw(pack(bits), limit));
    });
  }

  it('reads a single one-bit distance code, and none at all', () => {
    const lone = pack(
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 2],
          [257, 2],
        ]),
        [1],
      )}0${'11'}${'0'}${'10'}`,
    );
    expect(new Uint8Array(inflateRawSync(lone))).to.deep.equal(new Uint8Array(4).fill(65));
    expect(inflateRaw(lone, limit)).to.deep.equal(new Uint8Array(4).fill(65));
    const none = pack(
      `${dynamicHeader(
        new Map([
          [65, 1],
          [256, 1],
        ]),
        [0],
      )}${'0'}${'1'}`,
    );
    expect(inflateRaw(none, limit)).to.deep.equal(Uint8Array.of(65));
  });
});
