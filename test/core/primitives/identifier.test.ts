/** Identifiers (structure of GB/T 36904) and check digits (ISO 7064, GB 32100, GB 11714, GB 11643). */
import { expect } from 'chai';
import { isCitizenId, isUscc, mod37_36, usccCheck } from '../../../core/check-digits.ts';
import { formatIdentifier, parseIdentifier, serialOf } from '../../../core/identifier.ts';
import { expectCode, vectors } from './vectors.ts';

const oid = '1.2.156.3005.2.';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const good = [
  '11100000000013338W011.11430000006122244L.20230000403.001.U',
  '11100000000013338W011.11430000006122244L.20230000403.002.S',
  '11100000000013338W009.11330105002500287C.2025052201.002.0',
  '11100000000013338W087.11370800MB28559184.37080001202411010001.001.3',
  '11100000000013338W032.11220000013544541J.2430599.001.F',
  '11100000MB03271699022.340100.000000016.001.9',
];

describe('identifier', () => {
  for (const text of good) {
    it(`reads ${text}`, () => {
      const [typeCode, issuer, serial, version, check] = text.split('.');
      expect(parseIdentifier(oid + text)).to.deep.equal({
        identifier: oid + text,
        typeCode,
        issuer,
        serial,
        version: Number(version),
        check,
      });
    });

    it(`refuses every other check character of ${text}`, () => {
      for (const check of alphabet) {
        const other = oid + text.slice(0, -1) + check;
        if (check !== text.at(-1)) expectCode('MALFORMED_IDENTIFIER', () => parseIdentifier(other));
      }
    });
  }

  it('notices any one changed character', () => {
    const text = oid + good[0];
    for (let at = oid.length; at < text.length; at += 1) {
      for (const character of alphabet) {
        if (text[at] === '.' || text[at] === character) continue;
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expectCode('MALFORMED_IDENTIFIER', () => parseIdentifier(changed));
      }
    }
  });

  it('reads and writes the identifiers of all worked certificates', () => {
    for (const { body } of vectors.certificates) {
      const { typeCode, issuer, serial, version } = parseIdentifier(body.id);
      expect(formatIdentifier({ typeCode, issuer, serial, version })).to.equal(body.id);
      expect(formatIdentifier({ typeCode, issuer, serial: Number(serial), version })).to.equal(body.id);
    }
  });

  const malformed = [
    '',
    good[0] ?? '',
    `${oid}11100000000013661B006.113700000045046442.209FA4E8….001.M`,
    `${oid}${good[0]}.`,
    ` ${oid}${good[0]}`,
    `${oid}${good[0]}\n`,
    `1.2.156.3005.3.${good[0]}`,
    `1x2.156.3005.2.${good[0]}`,
    `${oid}${good[0]?.toLowerCase()}`,
    `${oid}11100000000013338W011.11430000006122244L..001.U`,
    `${oid}11100000000013338W011.11430000006122244L.20230000403.1.U`,
    `${oid}11100000000013338W01A.11430000006122244L.20230000403.001.U`,
    `${oid}11100000000013338W011.1143000000612224L.20230000403.001.U`,
  ];
  for (const text of malformed) {
    it(`refuses ${JSON.stringify(text)}`, () => expectCode('MALFORMED_IDENTIFIER', () => parseIdentifier(text)));
  }

  function withCheck(typeCode: string, issuer: string, serial: string, version: string): string {
    return `${oid}${typeCode}.${issuer}.${serial}.${version}.${mod37_36(typeCode + issuer + serial + version)}`;
  }

  it('reads serials of 1 to 32 characters, and no more', () => {
    const at = (length: number): string =>
      withCheck('11100000000013338W011', '11430000006122244L', 'Z'.repeat(length), '001');
    expect(parseIdentifier(at(1)).serial).to.equal('Z');
    expect(parseIdentifier(at(32)).serial).to.have.length(32);
    expectCode('MALFORMED_IDENTIFIER', () => parseIdentifier(at(33)));
  });

  it('refuses version 000', () => {
    expectCode('MALFORMED_IDENTIFIER', () =>
      parseIdentifier(withCheck('11100000000013338W011', '11430000006122244L', '1', '000')),
    );
  });

  it('writes strictly', () => {
    const parts = { typeCode: '11990300DEMA00021E001', issuer: '11990300DEMA00021E', serial: 1, version: 1 };
    expect(formatIdentifier(parts)).to.equal(vectors.certificates[0]?.body.id);
    for (const bad of [
      { typeCode: '11990300DEMA00021F001' },
      { typeCode: '11990300DEMA00021E01' },
      { typeCode: '11990300DEMA00021E0A1' },
      { issuer: '11990300DEMA00021F' },
      { issuer: '340100' },
      { serial: '1' },
      { serial: '0000000000' },
      { serial: '000000000A' },
      { serial: '00000000001' },
      { serial: 0 },
      { serial: -1 },
      { serial: 1.5 },
      { serial: 10_000_000_000 },
      { version: 0 },
      { version: 1000 },
      { version: 1.5 },
    ]) {
      expectCode('MALFORMED_IDENTIFIER', () => formatIdentifier({ ...parts, ...bad }));
    }
  });

  it('writes an entry in ten digits', () => {
    expect(serialOf(1)).to.equal('0000000001');
    expect(serialOf(9_999_999_999)).to.equal('9999999999');
  });
});

describe('check digits', () => {
  for (const text of [
    '11430000006122244L',
    '11330105002500287C',
    '11110000000021135M',
    '11370800MB28559184',
    '11440300MB2C94128A',
    '11990300DEMA00021E',
  ]) {
    it(`accepts the USCC ${text}`, () => {
      expect(isUscc(text)).to.equal(true);
      expect(usccCheck(text.slice(0, 17))).to.equal(text.at(-1));
    });
  }

  for (const text of [
    '11440300MB2C92051N',
    '11440300007542785T',
    '',
    '11430000006122244l',
    '11430000006122244',
    '11430000006122244LL',
    'I1430000006122244L',
    '1143000A006122244L',
  ]) {
    it(`refuses the USCC ${JSON.stringify(text)}`, () => expect(isUscc(text)).to.equal(false));
  }

  it('refuses a USCC whose organisation code has a wrong check character', () => {
    const wrong = '11990300DEMA00022';
    expect(isUscc(wrong + usccCheck(wrong))).to.equal(false);
  });

  it('refuses to compute over other characters', () => {
    for (const text of ['', 'a', '1-2', '证']) expectCode('MALFORMED_IDENTIFIER', () => mod37_36(text));
    for (const text of ['', '1199030', '11990300DEMA0002I', '11990300DEMA000211']) {
      expectCode('MALFORMED_IDENTIFIER', () => usccCheck(text));
    }
  });

  /** The check digit by GB 11643's other definition: Σ aᵢ·2^(i−1) ≡ 1 mod 11 over all 18, from the right. */
  function citizenId(body: string): string {
    for (const check of '0123456789X') {
      const values = [...body, check].reverse().map((digit) => (digit === 'X' ? 10 : Number(digit)));
      if (values.reduce((sum, value, at) => sum + value * (2 ** at % 11), 0) % 11 === 1) return body + check;
    }
    throw new Error('every body has a check digit');
  }

  it('accepts citizen ids of area 990300 with their check digit, and no other digit', () => {
    const checks = new Set<string>();
    for (let sequence = 1; sequence <= 60; sequence += 1) {
      const id = citizenId(`99030019000101${String(sequence).padStart(3, '0')}`);
      checks.add(id.slice(-1));
      for (const check of '0123456789X') {
        expect(isCitizenId(id.slice(0, 17) + check), id).to.equal(id.endsWith(check));
      }
    }
    expect(checks).to.have.length(11);
  });

  it('refuses birth dates that no calendar has, a lower-case x, and other lengths', () => {
    expect(isCitizenId(citizenId('99030019040229001'))).to.equal(true);
    for (const date of ['19000229', '19010229', '19001301', '19000001', '19000100', '19000431', '18991231']) {
      expect(isCitizenId(citizenId(`990300${date}001`)), date).to.equal(false);
    }
    const withX = Array.from({ length: 40 }, (_, at) =>
      citizenId(`990300190001011${String(at).padStart(2, '0')}`),
    ).find((id) => id.endsWith('X'));
    expect(isCitizenId(withX ?? '')).to.equal(true);
    expect(isCitizenId((withX ?? '').toLowerCase())).to.equal(false);
    for (const text of ['', '99030019000101001', `${withX}0`, ` ${withX}`]) expect(isCitizenId(text)).to.equal(false);
  });
});
