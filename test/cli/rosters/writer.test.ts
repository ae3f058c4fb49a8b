/** Failed rows and results, in the roster's own form. */
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { encodeGb18030 } from '../../../issuer-cli/rosters/gb18030.ts';
import { createRosterWriter, matchColumns, openRoster, readRow } from '../../../issuer-cli/rosters/roster.ts';
import { escapeXml, formatColumn } from '../../../issuer-cli/rosters/xlsx/xlsx-writer.ts';
import { now } from '../../fixtures/certificates.ts';
import { collect, goodRow, labels, licence, makeFiles, makeWorkbook, readAll, textRow } from './support.ts';

describe('a failed roster', () => {
  const files = makeFiles();
  after(() => files.remove());

  /** Writes all rows of a roster again with a reason, and gives the path. */
  async function fail(path: string, name: string, reason: string): Promise<string> {
    const roster = await openRoster(path, { type: licence });
    const failed = files.path(name);
    const writer = await createRosterWriter(failed, roster, ['原因']);
    for (const { cells } of await collect(roster)) await writer.add(cells, [reason]);
    await writer.close();
    await roster.close();
    return failed;
  }

  const header = `${labels.join(',')}\n`;
  const awkward = ['甲,乙', '"丙"', '多\n行', '=SUM(A1)', '@x', '+1', '-2', ' 空 ', '𠮷', '示\ufa0e', "'x", '；;\t'];
  const text =
    header +
    awkward
      .map((name) => `${goodRow.map((cell, at) => (at === 3 ? `"${name.replaceAll('"', '""')}"` : cell)).join(',')}\n`)
      .join('');

  const forms: readonly (readonly [name: string, bytes: () => Uint8Array | Promise<Uint8Array>])[] = [
    ['utf8.csv', () => new TextEncoder().encode(text)],
    ['mark.csv', () => new TextEncoder().encode(`\ufeff${text}`)],
    ['gb.csv', () => encodeGb18030(text)],
    ['tab.csv', () => encodeGb18030(`${labels.join('\t')}\n${goodRow.join('\t')}\n`)],
    ['semicolon.csv', () => new TextEncoder().encode(`${labels.join(';')}\n${goodRow.join(';')}\n`)],
    [
      'book.xlsx',
      () =>
        makeWorkbook({
          rows: textRow(['标题']) + textRow(labels) + textRow(goodRow) + textRow(goodRow.with(3, '𠮷示\ufa0e')),
        }),
    ],
  ];
  for (const [name, bytes] of forms) {
    it(`of ${name} has its form, and is accepted again as it is`, async () => {
      const path = files.write(name, await bytes());
      const original = await readAll(path, { type: licence });
      const failed = await readAll(await fail(path, `failed-${name}`, '请写作 2026-11-20，“x”'), { type: licence });
      expect(failed.shape).to.deep.equal({ ...original.shape, headerLine: 1 });
      expect(failed.header).to.deep.equal([...original.header, '原因']);
      expect(failed.rows.map(({ cells }) => cells.slice(0, -1))).to.deep.equal(original.rows.map(({ cells }) => cells));
      const columns = matchColumns(licence, failed.header);
      const before = matchColumns(licence, original.header);
      const valuesOf = (result: ReturnType<typeof readRow>) =>
        'values' in result ? result.values : result.problems.map(({ code }) => code);
      expect(failed.rows.map((row) => valuesOf(readRow(columns, row, new Map(), now)))).to.deep.equal(
        original.rows.map((row) => valuesOf(readRow(before, row, new Map(), now))),
      );
    });
  }

  it('that fails again has one column of reasons, the new ones', async () => {
    const path = files.write('once.csv', `${header}${goodRow.join(',')}\n`);
    const twice = await readAll(await fail(await fail(path, 'failed-1.csv', '旧'), 'failed-2.csv', '新'), {
      type: licence,
    });
    expect(twice.header).to.deep.equal([...labels, '原因']);
    expect(twice.rows.map(({ cells }) => cells)).to.deep.equal([[...goodRow, '新']]);
  });

  it('keeps rows with too few and too many cells so that they can be corrected', async () => {
    const path = files.write('width.csv', `${header}${goodRow.slice(1).join(',')}\n${goodRow.join(',')},多\n`);
    const { rows } = await readAll(await fail(path, 'failed-width.csv', '因'), { type: licence });
    expect(rows.map(({ cells }) => cells)).to.deep.equal([
      [...goodRow.slice(1), '', '因'],
      [...goodRow, '多', '因'],
    ]);
  });

  it('has its name only when it is whole, and leaves nothing behind when it is given up', async () => {
    for (const name of ['part.csv', 'part.xlsx']) {
      const kind = name.endsWith('xlsx')
        ? ({ kind: 'xlsx', sheet: 'a', headerLine: 1 } as const)
        : ({ kind: 'csv', encoding: 'UTF-8', hasMark: false, separator: ',', headerLine: 1 } as const);
      const writer = await createRosterWriter(files.path(name), { shape: kind, header: ['a'] }, ['b']);
      await writer.add(['1'], ['2']);
      expect(readdirSync(dirname(files.path(name)))).to.not.include(name);
      await writer.abandon();
      expect(readdirSync(dirname(files.path(name))).filter((found) => found.includes('part'))).to.deep.equal([]);
    }
  });

  it('that cannot be written is refused, with the file and the reason', async () => {
    const shape = { kind: 'csv', encoding: 'UTF-8', hasMark: false, separator: ',', headerLine: 1 } as const;
    const error = await createRosterWriter(files.path('no/such/folder.csv'), { shape, header: ['a'] }, []).catch(
      (fault: unknown) => fault,
    );
    expect(error).to.be.instanceOf(YinxinError).and.to.have.property('code', 'FILE_UNREADABLE');
  });

  it('keeps its reasons in their column where lines end with empty cells', async () => {
    const path = files.write('trailing.csv', `${labels.join(',')},,\n${goodRow.join(',')},,\n`);
    const { rows, header } = await readAll(await fail(path, 'failed-trailing.csv', '因'), { type: licence });
    expect(header).to.deep.equal([...labels, '原因']);
    expect(rows.map(({ cells }) => cells)).to.deep.equal([[...goodRow, '因']]);
  });

  for (const shape of [
    { kind: 'csv', encoding: 'UTF-8', hasMark: false, separator: ',', headerLine: 1 },
    { kind: 'xlsx', sheet: 'a', headerLine: 1 },
  ] as const) {
    it(`in ${shape.kind} on a full disk says so, and leaves nothing behind`, async function () {
      if (process.platform !== 'linux') this.skip();
      const name = `full.${shape.kind}`;
      const path = files.path(name);
      // What is written to /dev/full fails as on a full disk; this is the name under which the writer begins.
      symlinkSync('/dev/full', join(dirname(path), `.${name}.${process.pid}.part`));
      const act = async () => {
        const writer = await createRosterWriter(path, { shape, header: labels }, ['原因']);
        try {
          for (let at = 0; at < 20_000; at += 1) await writer.add(goodRow.with(1, String(Math.sin(at))), ['x']);
          await writer.close();
        } catch (error) {
          await writer.abandon();
          throw error;
        }
      };
      const error = await act().catch((fault: unknown) => fault);
      expect(error).to.be.instanceOf(YinxinError).and.to.have.property('code', 'DISK_FULL');
      expect(readdirSync(dirname(path)).filter((found) => found.includes(name))).to.deep.equal([]);
    });
  }

  it('of fifty thousand rows is written as a stream', async function () {
    this.timeout(60_000);
    for (const shape of [
      { kind: 'csv', encoding: 'GB18030', hasMark: false, separator: ',', headerLine: 1 } as const,
      { kind: 'xlsx', sheet: '名册', headerLine: 1 } as const,
    ]) {
      const path = files.path(`many.${shape.kind}`);
      const writer = await createRosterWriter(path, { shape, header: labels }, ['证照标识', '文件']);
      for (let at = 0; at < 50_000; at += 1) await writer.add(goodRow, [`1.2.156.${at}`, `${at}.json`]);
      await writer.close();
      const { rows, header } = await readAll(path, {});
      expect(header.slice(-2)).to.deep.equal(['证照标识', '文件']);
      expect([rows.length, rows.at(-1)?.cells.at(-2)]).to.deep.equal([50_000, '1.2.156.49999']);
    }
  });
});

describe('the writer of workbooks', () => {
  it('names columns as spreadsheets do', () => {
    expect([0, 25, 26, 701, 702, 16_383].map(formatColumn)).to.deep.equal(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
  });

  it('escapes what XML cannot hold, and what would be taken for that', () => {
    expect(escapeXml('a<&>"\u0000\ud800_x0041_𠮷')).to.equal('a&lt;&amp;&gt;&quot;_x0000__xD800__x005F_x0041_𠮷');
  });

  it('gives the same bytes for the same rows', async () => {
    const files = makeFiles();
    const bytes: string[] = [];
    for (const name of ['a.xlsx', 'b.xlsx']) {
      const shape = { kind: 'xlsx', sheet: 's', headerLine: 1 } as const;
      const writer = await createRosterWriter(files.path(name), { shape, header: ['a'] }, []);
      await writer.add(['x'], []);
      await writer.close();
      bytes.push(readFileSync(files.path(name)).toString('hex'));
    }
    files.remove();
    expect(bytes[0]).to.equal(bytes[1]);
  });
});
