/** Status lists as bytes: the vectors of the IETF draft, and what is no list of ours. */
import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import { maxListedEntries, openStatuses, packStatuses, readStatus, YinxinError } from '@yinxin/core';
import { expect } from 'chai';

interface Vector {
  readonly name: string;
  readonly size: number;
  readonly statuses: readonly (readonly [index: number, value: number])[];
  readonly lst: string;
}

const text = readFileSync(new URL('../../vectors/lists/token-status-list.json', import.meta.url), 'utf8');
const { vectors, oneBit } = JSON.parse(text) as {
  readonly vectors: readonly Vector[];
  readonly oneBit: { readonly lst: string };
};
const words = ['ACTIVE', 'REVOKED', 'SUSPENDED', 'SUPERSEDED'] as const;

const toLst = (bytes: Uint8Array, level = 9) => deflateSync(bytes, { level }).toString('base64url');
const inflate = (lst: string) => new Uint8Array(inflateSync(Buffer.from(lst, 'base64url')));

/** Why a list is refused. */
function whyRefused(lst: string, entries: number): string | undefined {
  try {
    openStatuses(lst, entries);
    return undefined;
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    expect(error.code).to.equal('STATUS_LIST_INVALID');
    return String(error.details['why']);
  }
}

describe('packed statuses', () => {
  for (const { name, size, statuses, lst } of vectors) {
    const changed = statuses.filter(([index]) => index > 0);
    const packed = packStatuses(
      size - 1,
      changed.map(([entry, value]) => ({ entry, status: words[value] ?? 'ACTIVE' })),
    );

    it(`${name}: packed to the same bytes`, () => {
      const first = statuses.find(([index]) => index === 0)?.[1] ?? 0;
      const own = Uint8Array.from(packed, (byte, at) => (at === 0 ? byte | first : byte));
      expect(Buffer.from(own).equals(inflate(lst))).to.equal(true);
    });
    it(`${name}: every status is read back`, () => {
      const opened = openStatuses(toLst(packed), size - 1);
      const values = new Map(changed);
      for (let entry = 1; entry < size; entry += 1) {
        const status = readStatus(opened, size - 1, entry);
        if (status !== (values.get(entry) ?? 0)) expect.fail(`entry ${entry}: ${status}`);
      }
    });
    it(`${name}: its own lst opens, or only the use of index 0 stands against it`, () => {
      const usesFirst = statuses.some(([index]) => index === 0);
      expect(whyRefused(lst, size - 1)).to.equal(usesFirst ? 'index 0' : undefined);
    });
  }

  it('the example of one bit is a good stream of two bytes, of which only the use of index 0 is wrong here', () => {
    expect(whyRefused(oneBit.lst, 7)).to.equal('index 0');
    expect(whyRefused(oneBit.lst, 8)).to.equal('length');
  });
  it('the four acts that end a certificate are one value', () => {
    const ended = ['CANCELLED', 'REVOKED', 'WITHDRAWN', 'FORFEITED'] as const;
    const packed = packStatuses(
      4,
      ended.map((status, at) => ({ entry: at + 1, status })),
    );
    expect([1, 2, 3, 4].map((entry) => readStatus(packed, 4, entry))).to.deep.equal([1, 1, 1, 1]);
  });
  it('the last word on an entry counts', () => {
    const changed = (['SUPERSEDED', 'REVOKED', 'ACTIVE'] as const).map((status) => ({ entry: 2, status }));
    expect(readStatus(packStatuses(3, changed.slice(0, 2)), 3, 2)).to.equal(1);
    expect(readStatus(packStatuses(3, changed), 3, 2)).to.equal(0);
  });
  it('an empty register has a list of one byte', () => {
    const packed = packStatuses(0, []);
    expect([...packed]).to.deep.equal([0]);
    expect(whyRefused(toLst(packed), 0)).to.equal(undefined);
  });
  it('entries that the register does not have are neither packed nor read', () => {
    for (const entry of [0, -1, 5, 1.5, Number.NaN]) {
      expect(() => packStatuses(4, [{ entry, status: 'REVOKED' }]), String(entry)).to.throw('INPUT_INVALID');
      expect(() => readStatus(packStatuses(4, []), 4, entry), String(entry)).to.throw(RangeError);
    }
  });
  it('a register beyond the documented size is refused before anything is allocated', () => {
    expect(() => packStatuses(maxListedEntries + 1, [])).to.throw('TOO_LARGE');
    expect(whyRefused('eNo', maxListedEntries + 1)).to.equal('entries');
  });
});

describe('an lst is refused', () => {
  const entries = 4_001;
  const packed = packStatuses(
    entries,
    Array.from({ length: 40 }, (_, at) => ({ entry: 97 * (at + 1), status: words[1 + (at % 3)] ?? 'REVOKED' })),
  );
  const good = toLst(packed);
  const stream = Buffer.from(good, 'base64url');

  it('when it is truncated anywhere', () => {
    expect(whyRefused(good, entries)).to.equal(undefined);
    for (let length = 0; length < stream.length; length += 1) {
      expect(whyRefused(stream.subarray(0, length).toString('base64url'), entries), String(length)).to.be.a('string');
    }
  });
  it('when it is too long: bytes behind it, another member, statuses past the last entry', () => {
    expect(whyRefused(Buffer.concat([stream, Buffer.from([0])]).toString('base64url'), entries)).to.be.a('string');
    expect(whyRefused(Buffer.concat([stream, stream]).toString('base64url'), entries)).to.be.a('string');
    expect(whyRefused(toLst(Buffer.concat([packed, Buffer.from([0])])), entries)).to.equal(
      'inflates to too many bytes',
    );
    expect(whyRefused(good, entries - 4)).to.equal('inflates to too many bytes');
    expect(whyRefused(good, entries + 4)).to.equal('length');
  });
  it('when it would inflate to far more than the register needs', () => {
    const bomb = toLst(new Uint8Array(50_000_000));
    expect(bomb.length).to.be.below(100_000);
    expect(whyRefused(bomb, entries)).to.equal('inflates to too many bytes');
  });
  it('when index 0 or the bits behind the last entry are set', () => {
    const set = (at: number, bits: number) =>
      toLst(Uint8Array.from(packed, (byte, index) => (index === at ? byte | bits : byte)));
    expect(whyRefused(set(0, 1), entries)).to.equal('index 0');
    expect(whyRefused(set(0, 2), entries)).to.equal('index 0');
    expect(whyRefused(set(packed.length - 1, 1 << 4), entries)).to.equal('padding');
    expect(whyRefused(set(packed.length - 1, 1 << 7), entries)).to.equal('padding');
  });
  it('when header or checksum are wrong', () => {
    const change = (at: number, byte: number) => Uint8Array.from(stream, (old, index) => (index === at ? byte : old));
    const lst = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    for (const [at, byte] of [
      [0, 0x79],
      [0, 0x88],
      [1, 0xdb],
      [1, 0xfa],
    ] as const) {
      expect(whyRefused(lst(change(at, byte)), entries), `${at} ${byte}`).to.equal('zlib header');
    }
    for (let at = stream.length - 4; at < stream.length; at += 1) {
      expect(whyRefused(lst(change(at, (stream[at] ?? 0) ^ 1)), entries), String(at)).to.equal('checksum');
    }
    expect(
      whyRefused(deflateSync(packed, { dictionary: Buffer.from('yinxin') }).toString('base64url'), entries),
    ).to.equal('zlib header');
  });
  it('when it is not canonical base64url without padding', () => {
    for (const bad of [
      '',
      `${good}=`,
      `${good}A`,
      `/${good.slice(1)}`,
      `${good.slice(0, 10)}\n${good.slice(10)}`,
      `${good.slice(0, 10)}+${good.slice(11)}`,
    ]) {
      expect(whyRefused(bad, entries), bad.slice(-12)).to.be.a('string');
    }
    const last = Buffer.from([1, 2, 3, 4]).toString('base64url');
    expect(whyRefused(`${last.slice(0, -1)}B`, entries)).to.equal('base64url');
  });
  it('when any byte of it is changed, unless its content is the same', () => {
    let refused = 0;
    for (let at = 0; at < stream.length; at += 1) {
      for (const bit of [0x01, 0x10, 0x80]) {
        const changed = Uint8Array.from(stream, (byte, index) => (index === at ? byte ^ bit : byte));
        const lst = Buffer.from(changed).toString('base64url');
        if (whyRefused(lst, entries) !== undefined) refused += 1;
        else expect(Buffer.from(openStatuses(lst, entries)).equals(packed), String(at)).to.equal(true);
      }
    }
    expect(refused).to.be.above(2.9 * stream.length);
  });
  it('stored, fixed and dynamic blocks are all read', () => {
    for (const level of [0, 1, 9]) expect(whyRefused(toLst(packed, level), entries), String(level)).to.equal(undefined);
    const small = packStatuses(3, [{ entry: 3, status: 'SUSPENDED' }]);
    expect(readStatus(openStatuses(toLst(small), 3), 3, 3)).to.equal(2);
  });
});
