/** Workbooks as Excel, WPS and LibreOffice save them. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { matchColumns, readRow } from '../../../issuer-cli/rosters/roster.ts';
import { readForm, showNumber } from '../../../issuer-cli/rosters/xlsx/formats.ts';
import { now } from '../../fixtures/certificates.ts';
import {
  collect,
  goodRow,
  labels,
  licence,
  makeFiles,
  makeParts,
  makeWorkbook,
  readAll,
  refusalOf,
  textCell,
  textRow,
  vectors,
  type WorkbookParts,
  zip,
} from './support.ts';

const vector = (name: string) => fileURLToPath(new URL(name, vectors));

/** What each row of a roster of business licences gives: values and what was changed, or codes by label. */
async function readVector(name: string) {
  const { shape, header, rows } = await readAll(vector(name), { type: licence });
  const columns = matchColumns(licence, header);
  const results = rows.map((row) => {
    const result = readRow(columns, row, new Map(), now);
    if ('problems' in result) return [row.line, ...result.problems.map(({ field, code }) => [field?.key ?? '', code])];
    return [row.line, result.values, [...new Set(result.changes.map(({ kind }) => kind))]];
  });
  return { shape, results };
}

const values = Object.fromEntries(licence.fields.map(({ key }, at) => [key, goodRow[at] ?? '']));

describe('a workbook saved by LibreOffice', () => {
  const found = { ...values, registeredCapital: '5000000', validTo: '长期' };
  const dates = ['full-width', 'date-form', 'date-number'];

  it('with a title, merged cells, dates, rich text, notes and a hidden sheet is read', async () => {
    const { shape, results } = await readVector('title-and-dates.xlsx');
    expect(shape).to.deep.equal({ kind: 'xlsx', sheet: '名册', headerLine: 3 });
    expect(results).to.deep.equal([
      [4, found, dates],
      [
        5,
        {
          ...found,
          holderUscc: '91990300DEMB00030N',
          holderName: '乙公司',
          legalRepresentative: '𠮷示范',
          registeredCapital: '5000000.50',
        },
        ['number-form', ...dates],
      ],
      [6, { ...found, legalRepresentative: '示\ufa0e范', validTo: '2045-06-15' }, ['capitals', ...dates]],
    ]);
  });

  it('that counts days from 1904 gives the same dates', async () => {
    expect((await readVector('from-1904.xlsx')).results).to.deep.equal([[2, found, dates]]);
  });

  it('has every cell named that cannot be taken as it stands', async () => {
    const { results } = await readVector('flaws.xlsx');
    expect(results).to.deep.equal([
      [2, ['holderUscc', 'ROSTER_NUMBER_LOST']],
      [3, ['holderName', 'ROSTER_FORMULA']],
      [4, found, dates],
      [5, ['issuerName', 'ROSTER_MERGED']],
      [6, ['registeredCapital', 'FIELD_INVALID']],
      [7, ['', 'ROSTER_ROW_HIDDEN']],
      [8, { ...found, registeredCapital: '5000000.25' }, dates],
      [9, found, ['spaces', ...dates]],
    ]);
  });

  it('with two rosters needs the sheet named', async () => {
    const path = vector('two-sheets.xlsx');
    expect(await refusalOf(path, { type: licence })).to.deep.equal(['ROSTER_SHEETS', { sheets: ['一月', '二月'] }]);
    expect((await readAll(path, { type: licence, sheet: '二月' })).shape).to.include({ sheet: '二月' });
    expect(await refusalOf(path, { type: licence, sheet: '三月' })).to.deep.equal([
      'ROSTER_SHEETS',
      { wanted: '三月', sheets: ['一月', '二月'] },
    ]);
  });

  it('a hidden sheet is taken only by name', async () => {
    const { shape } = await readAll(vector('title-and-dates.xlsx'), { type: licence, sheet: '旧数据' });
    expect(shape).to.deep.equal({ kind: 'xlsx', sheet: '旧数据', headerLine: 1 });
  });

  it('in the format before XLSX is refused', async () => {
    expect(await refusalOf(vector('old-format.xls'))).to.deep.equal(['ROSTER_OLD_FORMAT', {}]);
  });

  it('under a password is refused', async () => {
    expect(await refusalOf(vector('password.xlsx'))).to.deep.equal(['ROSTER_PASSWORD', {}]);
  });

  it('is among the vectors, none of which is forgotten', () => {
    const names = readdirSync(vectors).filter((name) => name.includes('.xls'));
    expect(names).to.have.members([
      'flaws.xlsx',
      'from-1904.xlsx',
      'old-format.xls',
      'password.xlsx',
      'title-and-dates.xlsx',
      'two-sheets.xlsx',
    ]);
  });
});

describe('the cells of a workbook', () => {
  const files = makeFiles();
  after(() => files.remove());
  const write = async (parts: WorkbookParts) => files.writeNext(await makeWorkbook(parts), 'xlsx');
  const rowsOf = async (parts: WorkbookParts) => (await readAll(await write(parts))).rows;
  /** Texts and flaws of one row of cells. */
  const readCells = async (cells: string, parts: WorkbookParts = {}) => {
    const width = cells.split('<c').length - 1;
    const header = textRow(Array.from({ length: width }, (_, at) => `h${at}`));
    const [row] = await rowsOf({ ...parts, rows: `${header}<row>${cells}</row>` });
    return { cells: row?.cells, flaws: row?.flaws?.map(({ column, code }) => [column, code]) };
  };

  it('are shared strings, inline strings, rich text and text with escaped characters', async () => {
    const strings =
      '<si><t>甲</t></si><si><r><rPr><b/></rPr><t>乙</t></r><r><t xml:space="preserve"> 丙</t></r><rPh sb="0" eb="1"><t>yi</t></rPh></si><si><t>a_x000D_b_x005F_x</t></si><si/>';
    const { cells } = await readCells(
      '<c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="inlineStr"><is><r><t>丁</t></r><r><t>戊</t></r></is></c><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="d"><v>2026-11-20T00:00:00</v></c>',
      { strings },
    );
    expect(cells).to.deep.equal(['甲', '乙 丙', 'a\rb_x', '', '丁戊', 'TRUE', 'FALSE', '2026-11-20']);
  });

  it('may hold half a surrogate pair or a NUL, which the fields refuse', async () => {
    const { cells } = await readCells(
      '<c t="inlineStr"><is><t>a_xD800_</t></is></c><c t="inlineStr"><is><t>b_x0000_</t></is></c>',
    );
    expect(cells).to.deep.equal(['a\ud800', 'b\u0000']);
  });

  it('are where their references say, or one after the other without', async () => {
    const header = textRow(['a', 'b', 'c', 'd', 'e']);
    const rows = await rowsOf({
      rows: `${header}<row r="5"><c r="B5"><v>1</v></c><c><v>2</v></c><c r="E5"><v>3</v></c></row><row r="8">${textCell('x')}</row><row r="9"/><row r="12"><c r="A12" s="1"/></row>`,
    });
    expect(rows.map(({ line, cells }) => [line, ...cells])).to.deep.equal([
      [2, ''],
      [3, ''],
      [4, ''],
      [5, '', '1', '2', '', '3'],
      [6, ''],
      [7, ''],
      [8, 'x', '', '', '', ''],
    ]);
  });

  it('that are formulas, errors or numbers of sixteen digits are flawed', async () => {
    const read = await readCells(
      '<c t="str"><f>A1&amp;B1</f><v>甲乙</v></c><c><f>1+1</f><v>2</v></c><c t="e"><v>#N/A</v></c><c><v>4.4030119900101101E+17</v></c><c><v>999999999999999</v></c><c><v>1000000000000000</v></c><c t="str"><f t="shared" si="0"/><v></v></c>',
    );
    expect(read.cells?.slice(0, 6)).to.deep.equal([
      '甲乙',
      '2',
      '#N/A',
      '4.4030119900101101E+17',
      '999999999999999',
      '1000000000000000',
    ]);
    expect(read.flaws).to.deep.equal([
      [0, 'ROSTER_FORMULA'],
      [1, 'ROSTER_FORMULA'],
      [2, 'ROSTER_CELL_ERROR'],
      [3, 'ROSTER_NUMBER_LOST'],
      [5, 'ROSTER_NUMBER_LOST'],
      [6, 'ROSTER_FORMULA'],
    ]);
  });

  it('that are merged over rows, columns or both are flawed but for the first', async () => {
    const header = textRow(['a', 'b', 'c']);
    const row = (line: number) => `<row r="${line}"><c r="A${line}"><v>1</v></c><c r="B${line}"><v>2</v></c></row>`;
    const rows = await rowsOf({
      rows: `${header}${[2, 3, 4, 5].map(row).join('')}`,
      tail: '<mergeCells count="3"><mergeCell ref="A1:C1"/><mergeCell ref="B2:C3"/><mergeCell ref="A4:A9"/></mergeCells>',
    });
    expect(rows.map(({ line, flaws }) => [line, ...(flaws ?? []).map(({ column }) => column)])).to.deep.equal([
      [2, 2],
      [3, 1, 2],
      [4],
      [5, 0],
    ]);
  });

  const shown: readonly (readonly [code: string, value: string, text: string])[] = [
    ['General', '89.5', '89.5'],
    ['General', '1.1000000000000001', '1.1'],
    ['General', '1E-3', '0.001'],
    ['General', '1.5E-7', '0.00000015'],
    ['General', '-0.25', '-0.25'],
    ['General', '123456789012345', '123456789012345'],
    ['0.00', '5000000', '5000000.00'],
    ['#,##0.00', '1234567.5', '1234567.50'],
    ['0.00', '1.239', '1.239'],
    ['000000', '518000', '518000'],
    ['000000', '42', '000042'],
    ['0.00%', '0.125', '12.5%'],
    ['@', '12', '12'],
    ['yyyy-mm-dd', '46346', '2026-11-20'],
    ['yyyy"年"m"月"d"日"', '46346', '2026-11-20'],
    ['[$-804]yyyy"年"m"月"d"日";@', '46346', '2026-11-20'],
    ['m"月"d"日"', '46346', '2026-11-20'],
    ['yyyy"年"m"月"', '46346', '2026-11'],
    ['yyyy/m/d h:mm', '46346.395833333336', '2026-11-20T09:30'],
    ['yyyy/m/d h:mm:ss', '46346.395844907405', '2026-11-20T09:30:01'],
    ['yyyy-mm-dd', '46346.75', '2026-11-20'],
    ['yyyy-mm-dd', '1', '1900-01-01'],
    ['yyyy-mm-dd', '59', '1900-02-28'],
    ['yyyy-mm-dd', '61', '1900-03-01'],
    ['yyyy-mm-dd', '60', '60'],
    ['yyyy-mm-dd', '-1', '-1'],
    ['h:mm', '0.5', '0.5'],
    ['[Red]0.00;[Blue]-0.00', '3', '3.00'],
  ];
  for (const [code, value, text] of shown) {
    it(`of the number ${value} in the format ${code} show ${text}`, () => {
      expect(showNumber(value, readForm(170, code), false)?.text).to.equal(text);
    });
  }

  it('in formats without code are dates where Excel and Chinese Excel count them so', () => {
    const texts = (ids: readonly number[]) => [
      ...new Set(ids.map((id) => showNumber('46346', readForm(id, undefined), false)?.text)),
    ];
    expect(texts([14, 15, 16, 28, 29, 30, 31, 51, 53, 54, 58])).to.deep.equal(['2026-11-20']);
    expect(texts([17, 27, 36, 50, 52, 57])).to.deep.equal(['2026-11']);
    expect(texts([0, 1, 3, 18, 21, 45, 48, 49, 55, 56])).to.deep.equal(['46346']);
    expect(texts([22])).to.deep.equal(['2026-11-20T00:00']);
    expect(showNumber('0.1', readForm(10, undefined), false)?.text).to.equal('10%');
  });

  it('in the style of their number are read by its format', async () => {
    const { cells } = await readCells('<c s="2"><v>46346</v></c><c s="1"><v>46346</v></c><c><v>46346</v></c>', {
      formats: ['0.00', 'yyyy-mm-dd'],
    });
    expect(cells).to.deep.equal(['2026-11-20', '46346.00', '46346']);
  });

  it('are found with prefixed elements and relations from the root', async () => {
    const sheet = `<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>名称</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
    const path = files.write('prefixed.xlsx', await zip(makeParts({ more: { 'xl/worksheets/sheet1.xml': sheet } })));
    expect((await readAll(path)).rows.map(({ cells }) => cells)).to.deep.equal([['7']]);
  });

  it('of twenty thousand rows are read in blocks, twice the same', async () => {
    const body = Array.from({ length: 20_000 }, (_, at) => textRow(goodRow.with(1, `公司${at}`))).join('');
    const path = await write({ rows: textRow(labels) + body });
    const { rows, shape } = await readAll(path, { type: licence });
    expect([rows.length, rows[0]?.line, rows.at(-1)?.cells[1], shape.kind]).to.deep.equal([
      20_000,
      2,
      '公司19999',
      'xlsx',
    ]);
    const roster = await (await import('../../../issuer-cli/rosters/roster.ts')).openRoster(path, { type: licence });
    expect(await collect(roster)).to.deep.equal(rows);
    expect(await collect(roster)).to.deep.equal(rows);
    await roster.close();
  });
});
