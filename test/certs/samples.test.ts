/** The sample rosters: every row makes a certificate that is in force in late 2026, and nobody in them can be real. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isCitizenId, isUscc } from '../../core/check-digits.ts';
import { checkValues, parseCell } from '../../core/field-kinds.ts';
import type { CertificateType } from '../../core/model.ts';
import { parseCalendarDate, parseInstant } from '../../core/time.ts';
import { deriveValidity, validityAt } from '../../core/validity.ts';
import { catalogueIssuers, certsFolder, readSample, readText, readType, typeNames } from './catalogue.ts';

const picture = `${'A'.repeat(43)}=`;

function isPicture(path: string): boolean {
  const bytes = readFileSync(new URL(`samples/${path}`, certsFolder));
  return bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length < 2048;
}

/** A row's values as the command makes them; a picture that is there counts as one. */
function toValues(type: CertificateType, row: readonly string[]): { [key: string]: unknown } {
  const values: { [key: string]: unknown } = {};
  for (const [index, field] of type.fields.entries()) {
    const cell = row[index] ?? '';
    const value = field.kind === 'image' && cell !== '' && isPicture(cell) ? picture : parseCell(field, cell);
    if (value !== undefined) values[field.key] = value;
  }
  return values;
}

/** Every run of 18 capitals and digits anywhere in a text. */
function windows(text: string): readonly string[] {
  return (text.match(/[0-9A-Z]{18,}/g) ?? []).flatMap((token) =>
    Array.from({ length: token.length - 17 }, (_, start) => token.slice(start, start + 18)),
  );
}

describe('certs/samples', () => {
  for (const name of typeNames) {
    it(`${name}.csv has the type’s labels as its header and three rows that are in force on 2026-11-20`, () => {
      const type = readType(name);
      const [header, ...rows] = readSample(name);
      expect(header).to.deep.equal(type.fields.map((field) => field.label.zh));
      expect(rows).to.have.length(3);
      for (const row of rows) {
        expect(row).to.have.length(type.fields.length);
        const values = checkValues(type, toValues(type, row));
        const validity = deriveValidity(type, values, parseCalendarDate('2026-11-20'));
        expect(validityAt(validity, parseInstant('2026-11-20T09:00:00Z'))).to.equal('in-force');
      }
    });

    it(`${name}.csv is UTF-8 without byte-order mark or CR, and carries a rare character or a name dot`, () => {
      const text = readText(`samples/${name}.csv`);
      expect(text).to.match(/^[^\ufeff\r][^\r]*\n$/);
      expect(text).to.match(/[\u{20000}-\u{3ffff}·]/u);
    });
  }

  it('holds no number of a person or an organisation outside area 990300', () => {
    const files = typeNames.flatMap((name) => {
      const { code } = readType(name);
      return [readText(`types/${name}.json`).replace(code, ''), readText(`samples/${name}.csv`)];
    });
    files.push(readText('issuers.json'), readText('agreements.json'));
    const persons = files.flatMap(windows).filter((text) => isCitizenId(text) && !isUscc(text));
    const organisations = files.flatMap((text) => text.match(/[0-9A-Z]{18,}/g) ?? []).filter(isUscc);
    expect(persons).to.have.length.above(50);
    expect(organisations).to.have.length.above(50);
    for (const number of persons) expect(number).to.match(/^99030019\d\d/);
    for (const code of organisations) expect(code.slice(2, 8)).to.equal('990300');
  });

  it('holds no issuer as a holder', () => {
    const issuers = catalogueIssuers.issuers.map((issuer) => issuer.issuer);
    const rosters = typeNames.map((name) => readText(`samples/${name}.csv`)).join();
    expect(issuers.filter((issuer) => rosters.includes(issuer))).to.deep.equal([]);
  });
});
