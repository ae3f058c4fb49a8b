/** Templates of every type, in both forms: what they hold as examples is a good roster. */
import { readdirSync } from 'node:fs';
import type { CertificateType } from '@yinxin/core';
import { expect } from 'chai';
import { matchColumns, readRow } from '../../../issuer-cli/rosters/roster.ts';
import { formatTemplate, type TemplateWishes, writeTemplateWorkbook } from '../../../issuer-cli/rosters/template.ts';
import { Package } from '../../../issuer-cli/rosters/xlsx/package.ts';
import { loadType, now } from '../../fixtures/certificates.ts';
import { makeFolder, makeHome, runCommand } from '../support.ts';
import { makeFiles, readAll, refusalOf } from './support.ts';

const names = readdirSync(new URL('../../../certs/types/', import.meta.url)).map((name) =>
  name.slice(0, -'.json'.length),
);
const pictures = new Map([['photo.png', 'oQ98Nc0tc8UbE8YhBeiG9iXkp7qfa9rx6F+NcU/IZZE=']]);
const wishesIn = (language: 'zh' | 'en'): TemplateWishes => ({
  heading: ({ label }) => label[language],
  withExample: true,
  supersedes: language === 'zh' ? '原证照标识' : 'Superseded certificate',
  language,
});

async function expectGood(path: string, type: CertificateType): Promise<void> {
  const { header, rows } = await readAll(path, { type });
  const columns = matchColumns(type, header);
  expect(columns.supersedes).to.equal(header.length - 1);
  expect(rows).to.have.length(1);
  for (const row of rows) {
    const result = readRow(columns, row, pictures, now);
    if ('problems' in result)
      throw new Error(`${type.type}: ${result.problems.map(({ field, code }) => `${field?.key} ${code}`)}`);
    expect(Object.keys(result.values)).to.deep.equal(type.fields.map(({ key }) => key));
    expect(result.changes, type.type).to.deep.equal([]);
  }
}

describe('a template', () => {
  const files = makeFiles();
  after(() => files.remove());

  it('of every type is a good roster with its examples, as CSV and as a workbook, in both languages', async function () {
    this.timeout(60_000);
    expect(names).to.have.length(38);
    for (const name of names) {
      const type = loadType(name);
      for (const language of ['zh', 'en'] as const) {
        const wishes = wishesIn(language);
        await expectGood(files.write(`${name}.csv`, formatTemplate(type, wishes)), type);
        await writeTemplateWorkbook(files.path(`${name}.xlsx`), type, wishes);
        await expectGood(files.path(`${name}.xlsx`), type);
      }
    }
  });

  it('without examples has no rows', async () => {
    const type = loadType('residence-permit');
    await writeTemplateWorkbook(files.path('empty.xlsx'), type, { ...wishesIn('zh'), withExample: false });
    expect((await refusalOf(files.path('empty.xlsx'), { type }))[0]).to.equal('ROSTER_EMPTY');
  });

  it('as a workbook has choices, hints, a frozen header, text for numbers, dates for dates, and notes', async () => {
    const type = loadType('residence-permit');
    await writeTemplateWorkbook(files.path('parts.xlsx'), type, wishesIn('zh'));
    const parts = await Package.open(files.path('parts.xlsx'));
    const sheet = await parts.readSmall('xl/worksheets/sheet1.xml');
    const workbook = await parts.readSmall('xl/workbook.xml');
    const notes = await parts.readSmall('xl/worksheets/sheet2.xml');
    const choices = await parts.readSmall('xl/worksheets/sheet3.xml');
    parts.close();
    expect(sheet)
      .to.include('state="frozen"')
      .and.to.match(/<dataValidation type="list"[^>]*sqref="C2:C1048576"><formula1>'选项'!\$A\$1:\$A\$2</);
    expect(choices).to.include('男').and.to.include('女');
    expect(workbook).to.match(/name="居住证".*name="说明".*name="选项" sheetId="3" state="hidden"/);
    for (const { label } of type.fields) expect(notes).to.include(label.zh);
    const styleOf = (key: string) => {
      const column = type.fields.findIndex((field) => field.key === key) + 1;
      return new RegExp(`<col min="${column}" max="${column}" width="\\d+" style="(\\d)"`).exec(sheet)?.[1];
    };
    const date = type.fields.find(({ kind }) => kind === 'date');
    const id = type.fields.find(({ kind }) => kind === 'idNumber');
    expect([styleOf(date?.key ?? ''), styleOf(id?.key ?? '')]).to.deep.equal(['3', '1']);
  });

  it('comes from the command, by the name of the file', async () => {
    const folder = makeFolder();
    try {
      const type = loadType('residence-permit');
      const { home } = await makeHome(folder.path, [type]);
      const run = (...args: readonly string[]) =>
        runCommand(['template', '居住证', ...args], { cwd: folder.path, env: { YINXIN_HOME: home } });
      expect((await run('-o', '居住证.xlsx', '--example', '--reissue')).exit).to.equal(0);
      await expectGood(`${folder.path}/居住证.xlsx`, type);
      expect((await run('-o', 'a.csv', '--example', '--reissue', '--lang', 'key')).exit).to.equal(0);
      await expectGood(`${folder.path}/a.csv`, type);
      expect((await readAll(`${folder.path}/a.csv`, { type })).shape).to.include({ encoding: 'UTF-8', hasMark: true });
      const again = await run('-o', 'a.csv');
      expect([again.exit, again.err.includes('不覆盖')], again.err).to.deep.equal([2, true]);
      await expectGood(`${folder.path}/a.csv`, type);
      expect((await run()).out).to.equal(`${type.fields.map(({ label }) => label.zh).join(',')}\r\n`);
      expect((await run('--lang', 'fr')).exit).to.equal(2);
    } finally {
      folder.remove();
    }
  });
});
