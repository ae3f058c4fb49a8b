/** The reader of CSV, form by form. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { formatCsvLine } from '../../../issuer-cli/rosters/csv-writer.ts';
import { openRoster } from '../../../issuer-cli/rosters/roster.ts';
import { goodRow, labels, licence, makeFiles, readAll, refusalOf } from './support.ts';

describe('a roster in CSV', () => {
  const files = makeFiles();
  after(() => files.remove());
  const write = (content: string | Uint8Array) => files.writeNext(content);
  const cellsOf = async (text: string) => (await readAll(write(text))).rows.map(({ cells }) => cells);

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
    [
      'plain rows after quoted ones',
      'a,b\n"1",2\n3,4\n"5",6',
      [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
    ],
    ['an empty quoted cell', 'a,b\n"",2\n', [['', '2']]],
    ['empty lines at the end', 'a,b\n1,2\n\n\r\n\n', [['1', '2']]],
    ['rows of empty cells at the end', 'a,b\n1,2\n,\n,\n', [['1', '2']]],
    ['an empty row between others, kept', 'a,b\n1,2\n\n3,4\n', [['1', '2'], [''], ['3', '4']]],
    ['four-byte characters and the name dot, exactly', 'a\n𠮷·\u9ec4\ufa0e\n', [['𠮷·黄\ufa0e']]],
    ['spaces, exactly', 'a,b\n 1 , 2\n', [[' 1 ', ' 2']]],
    ['tabs as separators', 'a\tb\n1,5\t2\n', [['1,5', '2']]],
    [
      'tabs beside quotes',
      'a\tb\n"1\t5"\t2\n3\t4\n',
      [
        ['1\t5', '2'],
        ['3', '4'],
      ],
    ],
    ['semicolons as separators', 'a;b\n1,5;2\n', [['1,5', '2']]],
    ['semicolons in cells of a comma file', 'a,b,c\n1;2;3;4,5,6\n', [['1;2;3;4', '5', '6']]],
  ];
  for (const [name, text, rows] of good) {
    it(`with ${name} is read`, async () => expect(await cellsOf(text)).to.deep.equal(rows));
  }

  it('drops the mark from the header, and says that there was one', async () => {
    const { header, shape } = await readAll(write('\ufeff甲,b\n1,2\n'));
    expect(header).to.deep.equal(['甲', 'b']);
    expect(shape).to.deep.equal({ kind: 'csv', encoding: 'UTF-8', hasMark: true, separator: ',', headerLine: 1 });
  });

  it('numbers rows by the line of the file on which they begin', async () => {
    const { rows } = await readAll(write('a,b\n"1\n1\n1",2\n3,4\n\n5,6\n'));
    expect(rows.map(({ line }) => line)).to.deep.equal([2, 5, 6, 7]);
  });

  it('has its header below a title, where that names fields', async () => {
    const text = `示范市名册,,\r\n\r\n${labels.join(',')},\r\n${goodRow.join(',')},\r\n`;
    const { header, shape, rows } = await readAll(write(text), { type: licence });
    expect(header).to.deep.equal(labels);
    expect([shape.headerLine, rows[0]?.line]).to.deep.equal([3, 4]);
  });

  it('finds the separator by the header, not by what is in the cells', async () => {
    const heads = labels.join(';');
    const { shape } = await readAll(
      write(`${heads}\n${goodRow.join(';').replace('五金', '五金,电器,木材,,,,,,,,,,,,,,')}\n`),
      {
        type: licence,
      },
    );
    expect(shape).to.include({ separator: ';' });
  });

  const bytes = (text: string) => new TextEncoder().encode(text);
  const bad: readonly (readonly [name: string, content: Uint8Array, code: string, details: object])[] = [
    ['a quote never closed', bytes('a,b\n1,2\n3,"4\n5,6\n'), 'ROSTER_QUOTE', { line: 3, why: 'open' }],
    ['a quote never closed in its header', bytes('"a,b\n1,2\n'), 'ROSTER_QUOTE', { line: 1, why: 'open' }],
    [
      'a quote never closed after one that spans lines',
      bytes('a\n"1\n2"\n"3\n'),
      'ROSTER_QUOTE',
      { line: 4, why: 'open' },
    ],
    ['a quote inside a cell', bytes('a,b\n1,2\n3,4"5\n'), 'ROSTER_QUOTE', { line: 3, why: 'inside' }],
    ['text behind a closed quote', bytes('a,b\n"1"x,2\n'), 'ROSTER_QUOTE', { line: 2, why: 'inside' }],
    ['text behind a quote of several lines', bytes('a,b\n"1\n1"x,2\n'), 'ROSTER_QUOTE', { line: 3, why: 'inside' }],
    ['nothing', bytes(''), 'ROSTER_EMPTY', {}],
    ['a byte-order mark alone', bytes('\ufeff'), 'ROSTER_EMPTY', {}],
    ['a header alone', bytes('a,b\n'), 'ROSTER_EMPTY', {}],
    ['a header and empty rows', bytes('a,b\n,\n\n'), 'ROSTER_EMPTY', {}],
    ['a page under its name', bytes('<html><table><tr><td>1</td></tr></table></html>'), 'ROSTER_OLD_FORMAT', {}],
  ];
  for (const [name, content, code, details] of bad) {
    it(`with ${name} is refused`, async () => expect(await refusalOf(write(content))).to.deep.equal([code, details]));
  }

  it('that is not there is refused', async () => {
    expect(await refusalOf(files.path('none.csv'))).to.deep.equal([
      'FILE_UNREADABLE',
      { file: 'none.csv', reason: 'ENOENT' },
    ]);
  });

  it('with a cell of 1 MB is read, whatever pieces the file is read in', async () => {
    const long = '长'.repeat(350_000);
    const { rows } = await readAll(write(`a,b\n1,${long}\n2,"${long}\n""${long}"\n3,4\n`));
    expect(rows.map(({ cells }) => cells[1]?.length)).to.deep.equal([350_000, 700_002, 1]);
    expect(rows[1]?.cells[1]).to.equal(`${long}\n"${long}`);
  });

  it('with a line of more than 16 MB is refused', async () => {
    const path = write(`a,b\n1,${'x'.repeat(17 * 1024 * 1024)}\n`);
    expect((await refusalOf(path))[0]).to.equal('TOO_LARGE');
  });

  it('gives blocks of at most 1,024 rows, again and again the same', async () => {
    const roster = await openRoster(write(`a,b\n${Array.from({ length: 3000 }, (_, at) => `${at},x\n`).join('')}`));
    for (let time = 0; time < 2; time += 1) {
      const sizes: number[] = [];
      let next = 0;
      for await (const block of roster.blocks()) {
        sizes.push(block.length);
        for (const { line, cells } of block) {
          expect([line, cells[0]]).to.deep.equal([next + 2, String(next)]);
          next += 1;
        }
      }
      expect(sizes).to.deep.equal([1024, 1024, 952]);
    }
  });

  it('of half a million rows is read in constant memory', async function () {
    this.timeout(60_000);
    const path = files.path('large.csv');
    const stream = createWriteStream(path);
    const lines = `${goodRow.join(',')}\n`.repeat(10_000);
    stream.write(`${labels.join(',')}\n`);
    for (let part = 0; part < 50; part += 1) if (!stream.write(lines)) await once(stream, 'drain');
    stream.end();
    await once(stream, 'finish');
    // in a process of its own: others' garbage lies in this one
    const program = `
      import { openRoster } from ${JSON.stringify(new URL('../../../issuer-cli/rosters/roster.ts', import.meta.url).href)};
      const roster = await openRoster(${JSON.stringify(path)});
      let rows = 0;
      for await (const block of roster.blocks()) rows += block.length;
      await roster.close();
      console.log(JSON.stringify({ rows, kilobytes: process.resourceUsage().maxRSS }));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    const { rows, kilobytes } = JSON.parse(stdout) as { readonly rows: number; readonly kilobytes: number };
    expect(rows).to.equal(500_000);
    expect(kilobytes).to.be.below(400_000);
  });

  it('is read as it was written, whatever stands in its cells', async () => {
    const alphabet = [
      '',
      'a',
      '姓',
      '𠮷',
      '"',
      '""',
      ',',
      ';',
      '\t',
      '\n',
      '\r\n',
      ' ',
      '=1+1',
      '@',
      "'",
      '\ufa0e',
      '·',
    ];
    let seed = 20_261_120;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (const separator of [',', '\t', ';'] as const) {
      const rows = Array.from({ length: 400 }, () => [
        'x',
        ...Array.from({ length: 3 }, () =>
          Array.from({ length: random(4) }, () => alphabet[random(alphabet.length)] ?? '').join(''),
        ),
      ]);
      const text = [['h1', 'h2', 'h3', 'h4'], ...rows].map((cells) => formatCsvLine(cells, separator)).join('');
      const read = await readAll(write(text));
      expect(read.shape).to.include({ separator });
      expect(read.rows.map(({ cells }) => cells)).to.deep.equal(rows);
    }
  });
});
