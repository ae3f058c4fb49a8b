/** From cells to values: what is taken as it is, what is put right and told, what is refused. */
import { readdirSync } from 'node:fs';
import { type CertificateType, checkValues, type Field, type FieldKind, formatIdentifier } from '@yinxin/core';
import { expect } from 'chai';
import { explainCell } from '../../../issuer-cli/messages/roster.ts';
import { listPictures, matchColumns, openRoster, readRow, type SourceRow } from '../../../issuer-cli/rosters/roster.ts';
import { loadType, now } from '../../fixtures/certificates.ts';
import { collect, goodRow, labels, licence } from './support.ts';

const columns = matchColumns(licence, labels);
const noPictures = new Map<string, string>();
const read = (row: Partial<SourceRow>) => readRow(columns, { line: 2, cells: goodRow, ...row }, noPictures, now);
const withCell = (column: number, cell: string) => read({ cells: goodRow.with(column, cell) });

/** Codes of a row that is refused, by key. */
function codesOf(result: ReturnType<typeof read>): readonly (readonly [string, string])[] {
  if (!('problems' in result)) throw new Error('the row was taken');
  return result.problems.map(({ field, heading, code }) => [field?.key ?? heading ?? '', code]);
}

describe('a row of a roster', () => {
  it('gives the values that core would pass, in the order of the type, whatever the order of the columns', () => {
    const order = [...labels.keys()].reverse();
    const turned = matchColumns(
      licence,
      order.map((at) => labels[at] ?? ''),
    );
    const result = readRow(turned, { line: 7, cells: order.map((at) => goodRow[at] ?? '') }, noPictures, now);
    if (!('values' in result)) throw new Error('the row was refused');
    expect(Object.keys(result.values)).to.deep.equal(licence.fields.map(({ key }) => key));
    expect(JSON.stringify(result.values)).to.equal(JSON.stringify(checkValues(licence, result.values)));
    expect(result.changes).to.deep.equal([]);
  });

  const rows: readonly (readonly [
    name: string,
    row: Partial<SourceRow>,
    codes: readonly (readonly [string, string])[],
  ])[] = [
    ['an empty row', { cells: [''] }, [['', 'ROSTER_ROW_EMPTY']]],
    ['a row of empty cells', { cells: goodRow.map(() => '') }, [['', 'ROSTER_ROW_EMPTY']]],
    ['the header once more', { cells: labels }, [['', 'ROSTER_HEADER_AGAIN']]],
    ['a row with one cell more', { cells: [...goodRow, 'x'] }, [['', 'ROSTER_COLUMNS']]],
    ['a row with one cell less', { cells: goodRow.slice(1) }, [['', 'ROSTER_COLUMNS']]],
    ['a hidden row', { flaws: [{ column: -1, code: 'ROSTER_ROW_HIDDEN' }] }, [['', 'ROSTER_ROW_HIDDEN']]],
    [
      'flawed cells',
      {
        flaws: [
          { column: 1, code: 'ROSTER_FORMULA' },
          { column: 40, code: 'ROSTER_FORMULA' },
        ],
      },
      [['holderName', 'ROSTER_FORMULA']],
    ],
    [
      'every bad cell of a row',
      { cells: goodRow.with(0, '91990300DEMB00022X').with(1, '').with(5, '2025-02-30').with(4, '五百万') },
      [
        ['holderUscc', 'CHECK_DIGIT_INVALID'],
        ['holderName', 'FIELD_MISSING'],
        ['registeredCapital', 'FIELD_INVALID'],
        ['establishDate', 'DATE_INVALID'],
      ],
    ],
    ['an end before the beginning', { cells: goodRow.with(7, '2020-01-01') }, [['validTo', 'DATE_INVALID']]],
  ];
  for (const [name, row, codes] of rows) {
    it(`names ${name}`, () => expect(codesOf(read(row))).to.deep.equal(codes));
  }

  it('may have empty cells behind its last column', () => {
    expect('values' in read({ cells: [...goodRow, '', ''] })).to.equal(true);
  });

  it('never repeats a value in what it says', () => {
    expect(JSON.stringify(withCell(3, ' 李示范'))).to.not.include('李示范');
  });

  it('keeps names exactly, and refuses what no name may hold', () => {
    for (const name of ['𠮷示范', '示\ufa0e', 'é·A\u0301', '张　三', '１号公司', '龘䶮']) {
      const result = withCell(1, name);
      expect('values' in result && result.values['holderName'], name).to.equal(name);
      expect('changes' in result && result.changes).to.deep.equal([]);
    }
    for (const name of [
      ' 甲',
      '甲\u3000',
      'a\u0000b',
      'a\ud800',
      'a\u202eb',
      'a\nb',
      '长'.repeat(201),
      '长'.repeat(400_000),
    ])
      expect(codesOf(withCell(1, name))).to.deep.equal([['holderName', 'FIELD_INVALID']]);
  });

  const identifier = formatIdentifier({ typeCode: licence.code, issuer: '11990300DEMA00013K', serial: 1, version: 1 });
  it('names the certificate that it reissues', () => {
    const both = matchColumns(licence, [...labels, '原证照标识']);
    const readBoth = (text: string) => readRow(both, { line: 2, cells: [...goodRow, text] }, noPictures, now);
    expect(readBoth(identifier)).to.have.property('supersedes', identifier);
    expect(readBoth(` ${identifier}　`)).to.have.property('supersedes', identifier);
    expect(readBoth('')).to.not.have.property('supersedes');
    expect(codesOf(readBoth(`${identifier.slice(0, -1)}!`))).to.deep.equal([['原证照标识', 'MALFORMED_IDENTIFIER']]);
  });

  it('gives pictures by the name that it holds', () => {
    const permit = loadType('residence-permit');
    const heads = matchColumns(
      permit,
      permit.fields.map(({ key }) => key),
    );
    const cells = permit.fields.map(({ kind, example }) => (kind === 'image' ? 'a.png' : String(example)));
    const row = { line: 2, cells };
    expect([...listPictures(heads, [row, row, { line: 3, cells: cells.map(() => '') }])]).to.deep.equal(['a.png']);
    const hash = 'oQ98Nc0tc8UbE8YhBeiG9iXkp7qfa9rx6F+NcU/IZZE=';
    const good = readRow(heads, row, new Map([['a.png', hash]]), now);
    expect('values' in good && Object.values(good.values)).to.include(hash);
    const photo = permit.fields.find(({ kind }) => kind === 'image');
    expect(codesOf(readRow(heads, row, new Map([['a.png', undefined]]), now))).to.deep.equal([
      [photo?.key, 'IMAGE_UNREADABLE'],
    ]);
  });

  it('of every sample is without a problem', async () => {
    const samples = new URL('../../../certs/samples/', import.meta.url);
    const names = readdirSync(samples).filter((name) => name.endsWith('.csv'));
    expect(names.length).to.be.at.least(38);
    const pictures = new Map(
      ['a', 'b', 'c'].map((letter) => [`photos/${letter}.png`, 'oQ98Nc0tc8UbE8YhBeiG9iXkp7qfa9rx6F+NcU/IZZE=']),
    );
    for (const name of names) {
      const type = loadType(name.slice(0, -'.csv'.length));
      const roster = await openRoster(new URL(name, samples).pathname, { type });
      const matched = matchColumns(type, roster.header);
      const results = (await collect(roster)).map((row) => readRow(matched, row, pictures, now));
      expect(
        results.filter((result) => 'problems' in result || result.changes.length > 0),
        name,
      ).to.deep.equal([]);
      expect(results, name).to.have.length(3);
    }
  });
});

/** A type of one field of each kind. */
function makeField(kind: FieldKind, more: Partial<Field> = {}): Field {
  return { key: kind, label: { zh: kind, en: kind }, kind, required: true, mask: 'none', example: '', ...more };
}
const fields: readonly Field[] = [
  makeField('date', { longTermValue: '长期' }),
  makeField('datetime'),
  makeField('yearMonth'),
  makeField('idNumber'),
  makeField('uscc'),
  makeField('phone'),
  makeField('number'),
  makeField('integer'),
  makeField('money'),
  makeField('region'),
  makeField('string'),
  makeField('address'),
  makeField('enum', { enum: ['男', '女', '蓝色(60～64岁)', 'A B'] }),
  makeField('list'),
  makeField('record'),
].map((field) => ({ ...field, required: false }));
const allKinds: CertificateType = {
  ...loadType('residence-permit'),
  fields,
  validity: { kind: 'none' },
  claim: [],
  face: [],
};

function readOne(kind: FieldKind, cell: string, from1904 = false) {
  const cells = kind === 'string' ? ['', cell] : [cell, 'x'];
  const matched = matchColumns(allKinds, kind === 'string' ? ['address', 'string'] : [kind, 'string']);
  const result = readRow(matched, { line: 2, cells, ...(from1904 && { book: { from1904 } }) }, noPictures, now);
  if ('problems' in result) return result.problems.map(({ code }) => code).join();
  return [result.values[kind], ...result.changes.map((change) => change.kind)];
}

describe('a cell', () => {
  const taken: readonly (readonly [kind: FieldKind, cell: string, value: unknown, ...changes: readonly string[]])[] = [
    ['date', '2026-11-20', '2026-11-20'],
    ['date', '长期', '长期'],
    ['date', ' 长期', '长期', 'spaces'],
    ['date', '2026/11/20', '2026-11-20', 'date-form'],
    ['date', '2026/1/2', '2026-01-02', 'date-form'],
    ['date', '2026.11.20', '2026-11-20', 'date-form'],
    ['date', '2026-1-2', '2026-01-02', 'date-form'],
    ['date', '20261120', '2026-11-20', 'date-form'],
    ['date', '2026年11月20日', '2026-11-20', 'date-form'],
    ['date', '2026年1月2号', '2026-01-02', 'date-form'],
    ['date', '2026 年 11 月 20 日', '2026-11-20', 'date-form'],
    ['date', '２０２６年１１月２０日', '2026-11-20', 'full-width', 'date-form'],
    ['date', '２０２６－１１－２０', '2026-11-20', 'full-width'],
    ['date', '二〇二六年十一月二十日', '2026-11-20', 'date-form'],
    ['date', '二○二六年一月三十一日', '2026-01-31', 'date-form'],
    ['date', '20-Nov-2026', '2026-11-20', 'date-form'],
    ['date', '2 January 2026', '2026-01-02', 'date-form'],
    ['date', 'Nov 20, 2026', '2026-11-20', 'date-form'],
    ['date', '46346', '2026-11-20', 'date-number'],
    ['date', '2026-11-20 00:00:00', '2026-11-20', 'date-part'],
    ['date', '2026/11/20 0:00', '2026-11-20', 'date-part'],
    ['date', '2026-11-20T00:00', '2026-11-20', 'date-part'],
    ['date', ' 2026-11-20', '2026-11-20', 'spaces'],
    ['date', '　', undefined, 'spaces'],
    ['datetime', '2026-11-20T09:30', '2026-11-20T09:30'],
    ['datetime', '2026-11-20 09:30', '2026-11-20T09:30', 'date-form'],
    ['datetime', '2026/11/20 9:30:00', '2026-11-20T09:30', 'date-form'],
    ['datetime', '2026年11月20日9时30分', '2026-11-20T09:30', 'date-form'],
    ['yearMonth', '2026-11', '2026-11'],
    ['yearMonth', '2026/11', '2026-11', 'date-form'],
    ['yearMonth', '2026年1月', '2026-01', 'date-form'],
    ['yearMonth', '202611', '2026-11', 'date-form'],
    ['yearMonth', '2026.11', '2026-11', 'date-form'],
    ['yearMonth', '2026年11月1日', '2026-11', 'date-part'],
    ['idNumber', '990300199001010013', '990300199001010013'],
    ['idNumber', '99030019900101003x', '99030019900101003X', 'capitals'],
    ['idNumber', '９９０３００１９９００１０１００１３', '990300199001010013', 'full-width'],
    ['idNumber', ' 990300 19900101 0013\u200b', '990300199001010013', 'spaces'],
    ['idNumber', '\u00a0e12345678', 'E12345678', 'spaces', 'capitals'],
    ['idNumber', "'990300199001010013", '990300199001010013', 'text-mark'],
    ['uscc', '91990300demb00022u', '91990300DEMB00022U', 'capitals'],
    ['phone', '138 0013 8000', '13800138000', 'spaces'],
    ['phone', '138-0013-8000', '13800138000', 'number-form'],
    ['phone', '0755－12345678', '0755-12345678', 'full-width'],
    ['number', '８９．５', '89.5', 'full-width'],
    ['number', '1,234.5', '1234.5', 'number-form'],
    ['integer', '12.0', '12', 'number-form'],
    ['integer', '1,234,567', '1234567', 'number-form'],
    ['money', '5,000,000.00', '5000000.00', 'number-form'],
    ['money', '5000000.5', '5000000.50', 'number-form'],
    ['money', ' ', undefined, 'spaces'],
    ['region', '４４０３０４', '440304', 'full-width'],
    ['enum', '男', '男'],
    ['enum', ' 男', '男', 'spaces'],
    ['enum', '蓝色（60~64岁）', '蓝色(60～64岁)', 'full-width'],
    ['string', '1E+05x', '1E+05x'],
    ['list', 'a；b', ['a', 'b']],
    ['record', 'a=1；b=2', { a: '1', b: '2' }],
  ];
  for (const [kind, cell, value, ...changes] of taken) {
    it(`of kind ${kind}: ${JSON.stringify(cell)} is taken`, () => {
      expect(readOne(kind, cell)).to.deep.equal([value, ...changes]);
    });
  }

  it('with a number of days is a date by the count of its workbook', () => {
    expect(readOne('date', '44884', true)).to.deep.equal(['2026-11-20', 'date-number']);
  });

  const refused: readonly (readonly [kind: FieldKind, cell: string, code: string])[] = [
    ['date', '11/20/26', 'DATE_AMBIGUOUS'],
    ['date', '11/20/2026', 'DATE_AMBIGUOUS'],
    ['date', '05-06-2026', 'DATE_AMBIGUOUS'],
    ['date', '26-11-20', 'DATE_AMBIGUOUS'],
    ['date', '20-Nov-26', 'DATE_AMBIGUOUS'],
    ['date', '26年11月20日', 'DATE_AMBIGUOUS'],
    ['date', '2026-02-30', 'DATE_INVALID'],
    ['date', '2026/13/1', 'DATE_INVALID'],
    ['date', '2026-11/20', 'DATE_INVALID'],
    ['date', '2026年11月', 'DATE_INVALID'],
    ['date', '2026-11-20 09:30', 'DATE_INVALID'],
    ['date', '31 Foo 2026', 'DATE_INVALID'],
    ['date', '20 Novel 2026', 'DATE_INVALID'],
    ['date', '12', 'DATE_INVALID'],
    ['date', '二〇二六年十三月一日', 'DATE_INVALID'],
    ['datetime', '2026-11-20', 'DATE_INVALID'],
    ['datetime', '2026-11-20 25:00', 'DATE_INVALID'],
    ['datetime', '2026-11-20 09:30:15', 'DATE_INVALID'],
    ['yearMonth', '2026.1', 'DATE_AMBIGUOUS'],
    ['yearMonth', '2026年11月20日', 'DATE_INVALID'],
    ['yearMonth', '2026-13', 'DATE_INVALID'],
    ['idNumber', '4.40301E+17', 'ROSTER_NUMBER_LOST'],
    ['idNumber', '4.40301E17', 'ROSTER_NUMBER_LOST'],
    ['idNumber', '990300199001010000', 'ROSTER_NUMBER_LOST'],
    ['idNumber', '990300199001010016', 'CHECK_DIGIT_INVALID'],
    ['idNumber', '无', 'FIELD_INVALID'],
    ['uscc', '9.19903E+17', 'ROSTER_NUMBER_LOST'],
    ['string', '4.40301E+17', 'ROSTER_NUMBER_LOST'],
    ['string', '张\ufffd', 'ROSTER_CHARACTER_LOST'],
    ['address', '示范区锟斤拷号', 'ROSTER_CHARACTER_LOST'],
    ['address', '6.22202E+18', 'ROSTER_NUMBER_LOST'],
    ['phone', '1.38E+10', 'ROSTER_NUMBER_LOST'],
    ['phone', '12345', 'FIELD_INVALID'],
    ['number', '1,23', 'FIELD_INVALID'],
    ['number', '12 元', 'FIELD_INVALID'],
    ['money', '￥5000', 'FIELD_INVALID'],
    ['money', '12.5%', 'FIELD_INVALID'],
    ['enum', '中', 'ENUM_INVALID'],
    ['record', 'a', 'FIELD_INVALID'],
    ['list', 'a；；b', 'FIELD_INVALID'],
  ];
  for (const [kind, cell, code] of refused) {
    it(`of kind ${kind}: ${JSON.stringify(cell)} is refused`, () => expect(readOne(kind, cell)).to.equal(code));
  }

  it('of an identity number that ends in three zeros is taken where it is a text of a workbook, or an apostrophe says that it is meant', () => {
    // Both have the right check digit: nothing else tells them from spoiled ones.
    for (const number of ['990300199001071000', '990300199001020000']) {
      expect(readOne('idNumber', number)).to.equal('ROSTER_NUMBER_LOST');
      expect(readOne('idNumber', `'${number}`)).to.deep.equal([number, 'text-mark']);
      expect(readOne('idNumber', number, true)).to.deep.equal([number]);
    }
  });

  it('that is refused comes with what to do, in both languages', () => {
    for (const [kind, , code] of refused) {
      const field = fields.find((candidate) => candidate.kind === kind);
      for (const language of ['zh', 'en'] as const) {
        const { what, next } = explainCell(field, code as 'DATE_INVALID', language); // codes of the table above
        expect(what).to.not.equal('');
        expect(next).to.not.equal('');
      }
    }
  });
});
