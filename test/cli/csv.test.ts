/** The reader of rosters, form by form. */
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { formatCsvLine, maxRosterRows, parseCsv } from '../../issuer-cli/csv.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const cellsOf = (text: string) => parseCsv(bytes(text)).rows.map(({ cells }) => cells);

function refusal(content: Uint8Array): { readonly code: string; readonly details: unknown } {
  try {
    parseCsv(content);
  } catch (error) {
    if (error instanceof YinxinError) return { code: error.code, details: error.details };
    throw error;
  }
  return { code: 'accepted', details: {} };
}

describe('the CSV reader', () => {
  const good: readonly (readonly [name: string, text: string, rows: readonly (readonly string[])[]])[] = [
    ['lines ended by LF', 'a,b\n1,2\n', [['1', '2']]],
    [
      'lines ended by CRLF',
      'a,b\r\n1,2\r\n3,4\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a last line without end', 'a,b\n1,2', [['1', '2']]],
    ['a last cell that is empty, without end', 'a,b\n1,', [['1', '']]],
    ['a byte-order mark', '\ufeffa,b\n1,2\n', [['1', '2']]],
    ['quoted cells with commas, quotes and line ends', 'a,b\n"1,""x""","2\r\n3"\n', [['1,"x"', '2\r\n3']]],
    ['an empty quoted cell', 'a,b\n"",2\n', [['', '2']]],
    ['empty lines at the end', 'a,b\n1,2\n\n\r\n\n', [['1', '2']]],
    ['rows of empty cells at the end', 'a,b\n1,2\n,\n,\n', [['1', '2']]],
    ['an empty row between others, kept', 'a,b\n1,2\n\n3,4\n', [['1', '2'], [''], ['3', '4']]],
    ['four-byte characters and the name dot, exactly', 'a\n𠮷·\u9ec4\ufa0e\n', [['𠮷·黄\ufa0e']]],
    ['spaces, exactly', 'a,b\n 1 , 2\n', [[' 1 ', ' 2']]],
  ];
  for (const [name, text, rows] of good) {
    it(`reads ${name}`, () => expect(cellsOf(text)).to.deep.equal(rows));
  }

  it('drops the byte-order mark from the header', () => {
    expect(parseCsv(bytes('\ufeff甲,b\n1,2\n')).header.cells).to.deep.equal(['甲', 'b']);
  });

  it('numbers rows by the line of the file on which they begin', () => {
    const { rows } = parseCsv(bytes('a,b\n"1\n1\n1",2\n3,4\n\n5,6\n'));
    expect(rows.map(({ line }) => line)).to.deep.equal([2, 5, 6, 7]);
  });

  const gbk = new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb, 0x0a, 0xd5, 0xc5, 0x0a]); // 姓名\n张 in GBK
  const bad: readonly (readonly [name: string, content: Uint8Array, code: string, details: object])[] = [
    ['GBK as Excel saves it', gbk, 'ROSTER_ENCODING', { likely: 'GB18030' }],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00]), 'ROSTER_ENCODING', { likely: 'UTF-16' }],
    ['what is no text', new Uint8Array([0x61, 0xff, 0xff, 0x0a]), 'ROSTER_ENCODING', { likely: 'unknown' }],
    ['a quote never closed', bytes('a,b\n1,2\n3,"4\n5,6\n'), 'ROSTER_QUOTE', { line: 3, why: 'open' }],
    [
      'a quote never closed after one that spans lines',
      bytes('a\n"1\n2"\n"3\n'),
      'ROSTER_QUOTE',
      { line: 4, why: 'open' },
    ],
    ['a quote inside a cell', bytes('a,b\n1,2\n3,4"5\n'), 'ROSTER_QUOTE', { line: 3, why: 'inside' }],
    ['text behind a closed quote', bytes('a,b\n"1"x,2\n'), 'ROSTER_QUOTE', { line: 2, why: 'inside' }],
    ['nothing', bytes(''), 'ROSTER_EMPTY', {}],
    ['a byte-order mark alone', bytes('\ufeff'), 'ROSTER_EMPTY', {}],
    ['a header alone', bytes('a,b\n'), 'ROSTER_EMPTY', {}],
    ['a header and empty rows', bytes('a,b\n,\n\n'), 'ROSTER_EMPTY', {}],
    [
      'one row more than the limit',
      bytes(`a\n${'1\n'.repeat(maxRosterRows + 1)}`),
      'ROSTER_TOO_LONG',
      { maxRows: 100_000 },
    ],
  ];
  for (const [name, content, code, details] of bad) {
    it(`refuses ${name}`, () => expect(refusal(content)).to.deep.equal({ code, details }));
  }

  it('reads as many rows as the limit', () => {
    expect(parseCsv(bytes(`a\n${'1\n'.repeat(maxRosterRows)}`)).rows).to.have.length(maxRosterRows);
  });

  it('reads back what it writes', () => {
    const cells = ['甲', 'a,b', '"', 'x\ny', ''];
    expect(cellsOf(`${formatCsvLine(['1', '2', '3', '4', '5'])}${formatCsvLine(cells)}`)).to.deep.equal([cells]);
  });
});
