/** Rosters of every kind of badness: all problems are named by line and column, and nothing is sent. */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { formatTemplate } from '../../issuer-cli/commands/template.ts';
import { parseCsv } from '../../issuer-cli/csv.ts';
import { parseHeader, readRoster } from '../../issuer-cli/roster.ts';
import { loadType, now } from '../fixtures/certificates.ts';
import { makeFolder, makeHome, runCommand } from './support.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const licence = loadType('business-licence');
const header = licence.fields.map(({ label }) => label.zh).join(',');
const row = [
  '91990300DEMB00022U',
  '甲公司',
  '有限责任公司',
  '李示范',
  '5000000.00',
  '2025-06-16',
  '2025-06-16',
  '2045-06-15',
  '深圳市示范区1号',
  '五金',
  '示范局',
  '2025-06-16',
];
const other = ['91990300DEMB00030N', '乙公司', ...row.slice(2)];
const withCell = (column: number, cell: string) => row.map((old, at) => (at === column ? cell : old)).join(',');

interface Shown {
  readonly line: number;
  readonly column: string;
  readonly code: string;
}

describe('a roster', () => {
  const folder = makeFolder();
  let home = '';
  before(async () => {
    home = (await makeHome(folder.path, [licence, loadType('residence-permit'), loadType('tax-registration')])).home;
  });
  after(() => folder.remove());

  const issue = async (content: string | Uint8Array, name = 'business-licence.csv', more: readonly string[] = []) => {
    const path = join(folder.path, name);
    writeFileSync(path, content);
    const ran = await runCommand(['issue', path, '--json', ...more], { cwd: folder.path, env: { YINXIN_HOME: home } });
    const { error } = JSON.parse(ran.out) as { error: { code: string; details: unknown; rows?: readonly Shown[] } };
    return { ...ran, error, rows: error.rows?.map(({ line, column, code }) => [line, column, code]) };
  };

  it('names every bad row, by line, column and code, with what to do', async () => {
    const lines = [
      header,
      row.join(','),
      withCell(0, '91990300DEMB00022X'),
      withCell(1, ''),
      '',
      withCell(5, '2025-02-30'),
      `${row.join(',')},extra`,
      row.slice(1).join(','),
      withCell(4, '五百万'),
      withCell(7, '2020-01-01'),
      withCell(3, ' 李示范'),
    ];
    const { exit, rows, err, error } = await issue(`${lines.join('\n')}\n`);
    expect(exit).to.equal(1);
    expect(error.code).to.equal('ROWS_INVALID');
    expect(rows).to.deep.equal([
      [3, '统一社会信用代码', 'CHECK_DIGIT_INVALID'],
      [4, '名称', 'FIELD_MISSING'],
      [5, '', 'ROSTER_ROW_EMPTY'],
      [6, '成立日期', 'DATE_INVALID'],
      [7, '', 'ROSTER_COLUMNS'],
      [8, '', 'ROSTER_COLUMNS'],
      [9, '注册资本', 'FIELD_INVALID'],
      [10, '营业期限至', 'DATE_INVALID'],
      [11, '法定代表人/经营者/负责人', 'FIELD_INVALID'],
    ]);
    expect(err).to.include('一份也没有签发').and.to.include('请写金额，例如 5000000.00');
    expect(err).to.not.include('五百万', 'no value is repeated');
    expect(existsSync(join(folder.path, 'certificates'))).to.equal(false);
  });

  const wholes: readonly (readonly [name: string, content: string | Uint8Array, code: string, says: string])[] = [
    ['in GBK', new Uint8Array([0xd0, 0xd5, 0xc3, 0xfb, 0x0a, 0xd5, 0xc5, 0x0a]), 'ROSTER_ENCODING', 'CSV UTF-8'],
    ['with an unknown column', `${header},电话\n${row.join(',')},1\n`, 'ROSTER_HEADER', '不认识的栏目“电话”'],
    ['with a repeated column', `${header},holderName\n${row.join(',')},1\n`, 'ROSTER_HEADER', '重复的栏目“名称”'],
    [
      'without a required column',
      `${header.split(',').slice(1).join(',')}\n${row.slice(1).join(',')}\n`,
      'ROSTER_HEADER',
      '缺少必填栏目“统一社会信用代码”',
    ],
    [
      'whose first line is data',
      `${row.join(',')}\n${row.join(',')}\n`,
      'ROSTER_HEADER',
      'yinxin template business-licence',
    ],
    ['without rows', `${header}\n`, 'ROSTER_EMPTY', '没有数据行'],
    [
      'with a quote that never closes',
      `${header}\n${row.join(',')}\n"${row.join(',')}\n`,
      'ROSTER_QUOTE',
      '第 3 行的引号',
    ],
  ];
  for (const [name, content, code, says] of wholes) {
    it(`${name} is refused with ${code}`, async () => {
      const ran = await issue(content);
      expect([ran.exit, ran.error.code]).to.deep.equal([1, code]);
      expect(ran.err).to.include(says);
    });
  }

  it('with pictures that are missing or outside its folder names them', async () => {
    const permit = loadType('residence-permit');
    const template = formatTemplate(permit, ({ label }) => label.zh, true);
    const [head = '', example = ''] = template.split('\r\n');
    copyFileSync(new URL('../../certs/samples/photos/a.png', import.meta.url), join(folder.path, 'photo.png'));
    const names = ['photo.png', 'missing.png', '../outside.png'];
    const content = [head, ...names.map((name) => example.replace('photo.png', name)), ''].join('\n');
    const { rows } = await issue(content, '居住证-2026.csv');
    expect(rows).to.deep.equal([
      [3, '照片', 'IMAGE_UNREADABLE'],
      [4, '照片', 'IMAGE_UNREADABLE'],
    ]);
  });

  it('whose name does not tell the type needs --type', async () => {
    const ran = await issue(`${header}\n${row.join(',')}\n`, 'list.csv');
    expect([ran.exit, ran.error.code]).to.deep.equal([2, 'USAGE']);
    expect(ran.err).to.include('--type');
    expect((await issue(`${header}\n${row.join(',')}\n`, '营业执照说明.csv')).error.code).to.equal('USAGE');
    expect((await issue('x\ny\n', '营业执照2026.csv')).error.code).to.equal('ROSTER_HEADER');
    const named = await issue(`${header}\nx\n`, 'list.csv', ['--type', '营业执照']);
    expect(named.rows).to.deep.equal([[2, '', 'ROSTER_COLUMNS']]);
  });

  it('of a type no longer issued needs --stock', async () => {
    const ran = await issue('x\ny\n', 'tax-registration.csv');
    expect([ran.exit, ran.error.code]).to.deep.equal([1, 'TYPE_LEGACY']);
    expect((await issue('x\ny\n', 'tax-registration.csv', ['--stock'])).error.code).to.equal('ROSTER_HEADER');
  });

  it('that is good, but nobody may issue it here, says which client file is missing and leaves nothing behind', async () => {
    const ran = await issue(`${header}\n${row.join(',')}\n`);
    expect([ran.exit, ran.error.code]).to.deep.equal([2, 'CLIENT_FILE_MISSING']);
    expect(existsSync(join(folder.path, 'certificates'))).to.equal(false);
  });

  it('is headed by Chinese labels, English labels or keys, in any order, with full-width brackets too', () => {
    const heads = ['住所（经营场所）', 'holderName', 'Unified social credit code'];
    const found = parseHeader(licence, {
      line: 1,
      cells: [
        ...heads,
        ...licence.fields
          .map(({ key }) => key)
          .filter((key) => !['holderUscc', 'holderName', 'address', 'domicile'].includes(key)),
      ],
    });
    expect(found.slice(0, 3).map(({ label }) => label.zh)).to.deep.equal([
      '住所(经营场所)',
      '名称',
      '统一社会信用代码',
    ]);
  });

  it('warns of two rows for one holder, and is good all the same', () => {
    const csv = parseCsv(bytes(`${header}\n${row.join(',')}\n${other.join(',')}\n${row.join(',')}\n`));
    const { problems, warnings } = readRoster(licence, licence.fields, csv, new Map(), now);
    expect(problems).to.deep.equal([]);
    expect(warnings.map(({ line, otherLine, code }) => [line, otherLine, code])).to.deep.equal([
      [4, 2, 'HOLDER_REPEATED'],
    ]);
  });

  it('is read whatever its byte-order mark and line ends, to the same values', () => {
    const read = (text: string) => readRoster(licence, licence.fields, parseCsv(bytes(text)), new Map(), now).rows;
    const plain = read(`${header}\n${row.join(',')}\n`);
    expect(plain[0]?.['holderName']).to.equal('甲公司');
    expect(read(`\ufeff${header}\r\n${row.join(',')}\r\n`)).to.deep.equal(plain);
  });

  const samples = new URL('../../certs/samples/', import.meta.url);
  it('of every sample is without a problem', () => {
    const names = readdirSync(samples).filter((name) => name.endsWith('.csv'));
    expect(names.length).to.be.at.least(38);
    for (const name of names) {
      const type = loadType(name.slice(0, -'.csv'.length));
      const csv = parseCsv(readFileSync(new URL(name, samples)));
      const pictures = new Map(
        ['a', 'b', 'c'].map((letter) => [`photos/${letter}.png`, 'oQ98Nc0tc8UbE8YhBeiG9iXkp7qfa9rx6F+NcU/IZZE=']),
      );
      const { problems, rows } = readRoster(type, parseHeader(type, csv.header), csv, pictures, now);
      expect(problems, name).to.deep.equal([]);
      expect(rows, name).to.have.length(3);
    }
  });

  it('of every template with its example row is without a problem', () => {
    const names = readdirSync(new URL('../../certs/types/', import.meta.url)).map((name) =>
      name.slice(0, -'.json'.length),
    );
    for (const name of names) {
      const type = loadType(name);
      for (const heading of [
        ({ label }: (typeof type.fields)[number]) => label.zh,
        ({ label }: (typeof type.fields)[number]) => label.en,
      ]) {
        const csv = parseCsv(bytes(formatTemplate(type, heading, true)));
        const pictures = new Map([['photo.png', 'oQ98Nc0tc8UbE8YhBeiG9iXkp7qfa9rx6F+NcU/IZZE=']]);
        expect(readRoster(type, parseHeader(type, csv.header), csv, pictures, now).problems, name).to.deep.equal([]);
      }
    }
  });
});
