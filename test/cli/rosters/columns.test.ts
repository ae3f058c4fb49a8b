/** Which column is which field. */
import { type CertificateType, type ErrorCode, type Json, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { explainError } from '../../../issuer-cli/messages/explain.ts';
import { type Mapping, matchColumns, parseMapping, readMapping, readRow } from '../../../issuer-cli/rosters/roster.ts';
import { loadType, now } from '../../fixtures/certificates.ts';
import { goodRow, labels, licence, makeFiles, readAll } from './support.ts';

const keys = licence.fields.map(({ key }) => key);

function refusal(act: () => unknown): YinxinError | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof YinxinError) return error;
    throw error;
  }
  return undefined;
}

function keysOf(header: readonly string[], type: CertificateType = licence, mapping?: Mapping) {
  return matchColumns(type, header, mapping).fields.map((field) => field?.key);
}

describe('the header of a roster', () => {
  const heads: readonly (readonly [name: string, header: readonly string[]])[] = [
    ['Chinese labels', labels],
    ['English labels', licence.fields.map(({ label }) => label.en)],
    ['keys', keys],
    [
      'metadata names where there are, else KZ_ and the label',
      licence.fields.map(({ tag, label }) => tag ?? `KZ_${label.zh}`),
    ],
    ['KZ_ and the key', licence.fields.map(({ key }) => `KZ_${key}`)],
    [
      'labels with full-width brackets, spaces, stars and other capitals',
      labels.map((label) => ` *${label.replace('(', '（').replace(')', '） ')}`),
    ],
  ];
  for (const [name, header] of heads) {
    it(`may be ${name}, in any order`, () => {
      expect(keysOf(header)).to.deep.equal(keys);
      expect(keysOf(header.toReversed())).to.deep.equal(keys.toReversed());
    });
  }

  it('is matched for every type, by label, key and metadata name', () => {
    for (const name of ['residence-permit', 'social-insurance-proof', 'driving-licence']) {
      const type = loadType(name);
      const all = type.fields.map(({ key }) => key);
      for (const header of [
        type.fields.map(({ label }) => label.zh),
        type.fields.map(({ label }) => label.en),
        type.fields.map(({ tag, key }) => tag ?? key),
      ])
        expect(keysOf(header, type), name).to.deep.equal(all);
    }
  });

  it('may have the column of the certificate that is reissued, and what an export says of the type', () => {
    const columns = matchColumns(licence, ['原证照标识', ...labels, 'ZZMC', 'CZZTDMLX', 'ZZZT']);
    expect(columns.supersedes).to.equal(0);
    expect(columns.ignored).to.deep.equal(['ZZMC', 'CZZTDMLX', 'ZZZT']);
    expect(matchColumns(licence, [...labels, 'supersedes']).supersedes).to.equal(labels.length);
    expect(matchColumns(licence, labels).supersedes).to.equal(-1);
  });

  it('may end with the reasons of a failed roster', () => {
    for (const reason of ['原因', 'Reason']) expect(keysOf([...labels, reason])).to.deep.equal([...keys, undefined]);
  });

  it('is refused with every unknown, repeated and missing column named', () => {
    const error = refusal(() => matchColumns(licence, ['电话', '名称', 'holderName', '', '原证照标识', 'supersedes']));
    expect(error?.code).to.equal('ROSTER_HEADER');
    expect(error?.details['unknown']).to.deep.equal(['电话', '#4']);
    expect(error?.details['repeated']).to.deep.equal(['holderName', 'supersedes']);
    expect(error?.details['missing']).to.deep.include({ zh: '统一社会信用代码', en: 'Unified social credit code' });
    expect(error && explainError(error, 'zh').what).to.include('不认识的栏目“电话”');
    expect(error && explainError(error, 'zh').next).to.include('请删去不认识的列');
  });

  it('that is missing is told without what stands in its place, which is of a person', () => {
    const error = refusal(() => matchColumns(licence, goodRow));
    expect([error?.code, error?.details['headless']]).to.deep.equal(['ROSTER_HEADER', true]);
    const told = JSON.stringify([
      error?.details,
      error && explainError(error, 'zh'),
      error && explainError(error, 'en'),
    ]);
    for (const value of goodRow) if (value !== '') expect(told).not.to.include(value);
    expect(told).to.include('像是缺了表头');
  });

  it('of another type is recognised and named', () => {
    const types = ['residence-permit', 'business-licence', 'tax-registration', 'social-insurance-proof'].map(loadType);
    for (const other of types) {
      if (other.type === licence.type) continue;
      const header = other.fields.map(({ label }) => label.zh);
      const error = refusal(() => matchColumns(licence, header, undefined, types));
      expect(error?.code).to.equal('ROSTER_TYPE_OTHER');
      expect(error?.details).to.deep.equal({ type: 'business-licence', other: other.type, name: { ...other.name } });
      expect(error && explainError(error, 'zh').what).to.include(`“${other.name.zh}”`);
      expect(error && explainError(error, 'en').next).to.include(`--type ${other.type}`);
    }
  });

  it('that fits no type is not said to be of one', () => {
    const error = refusal(() => matchColumns(licence, ['x', 'y'], undefined, [loadType('residence-permit')]));
    expect(error?.code).to.equal('ROSTER_HEADER');
  });
});

describe('a mapping file', () => {
  const files = makeFiles();
  after(() => files.remove());
  const format = 'yinxin-mapping/1';
  const header = ['企业代码', '企业名称', '备注', ...labels.slice(2, 10), '核准日期'];
  const mapping = parseMapping({
    format,
    type: 'business-licence',
    columns: { 企业代码: 'holderUscc', 企业名称: '名称' },
    constants: { ZZBFJG: '示范局' },
    ignored: ['备注', '没有的列'],
  });

  it('names columns, gives constants, and leaves columns out', () => {
    const columns = matchColumns(licence, header, mapping);
    expect(columns.fields.slice(0, 4).map((field) => field?.key)).to.deep.equal(
      ['holderUscc', 'holderName', undefined, 'kind'].map((key, at) => (at === 3 ? keys[2] : key)),
    );
    expect(columns.ignored).to.deep.equal(['备注']);
    const cells = [goodRow[0] ?? '', goodRow[1] ?? '', '随便', ...goodRow.slice(2, 10), goodRow[11] ?? ''];
    const row = readRow(columns, { line: 2, cells }, new Map(), now);
    expect('values' in row && Object.values(row.values)).to.deep.equal(goodRow);
  });

  it('helps to find the header below a title', async () => {
    const content = `某系统导出\n${header.join(',')}\n1,2,3\n`;
    const { shape } = await readAll(files.write('export.csv', content), { type: licence, mapping });
    expect(shape.headerLine).to.equal(2);
  });

  it('may name the column of the certificate that is reissued', () => {
    const columns = matchColumns(
      licence,
      ['旧证', ...labels],
      parseMapping({ format, columns: { 旧证: '原证照标识' } }),
    );
    expect(columns.supersedes).to.equal(0);
  });

  const bad: readonly (readonly [name: string, json: object, why: string, says: string])[] = [
    ['of another format', { format: 'x' }, 'format', 'yinxin-mapping/1'],
    ['with an unknown member', { format, colums: {} }, 'member', '“colums”'],
    ['with a member of the wrong kind', { format, columns: ['a'] }, 'member', '“columns”'],
    ['with a column that is no text', { format, columns: { a: 1 } }, 'member', 'columns: a'],
    ['with a list that is none', { format, ignored: 'a' }, 'member', '“ignored”'],
    [
      'that maps and leaves out one column',
      { format, columns: { 名称: 'holderName' }, ignored: ['名称'] },
      'twice',
      '“名称”',
    ],
    [
      'with a field that the type does not have',
      { format, columns: { 名称: 'nothing' } },
      'field-unknown',
      '“nothing”',
    ],
    ['with a constant for a field that is none', { format, constants: { nothing: 'a' } }, 'field-unknown', '“nothing”'],
    [
      'with a column that the roster does not have',
      { format, columns: { 某列: 'holderName' } },
      'column-missing',
      '“某列”',
    ],
    ['with a constant for a field that has a column', { format, constants: { 名称: '甲' } }, 'twice', '“名称”'],
    ['with a constant that is not valid', { format, constants: { holderUscc: '1' } }, 'twice', '“holderUscc”'],
    ['for another type', { format, type: 'residence-permit' }, 'other-type', 'residence-permit'],
  ];
  for (const [name, json, why, says] of bad) {
    it(`${name} is refused`, () => {
      const error = refusal(() => matchColumns(licence, labels, parseMapping(JSON.parse(JSON.stringify(json)))));
      expect([error?.code, error?.details['why']]).to.deep.equal(['ROSTER_MAPPING', why]);
      expect(error && explainError(error, 'zh').what).to.include(says);
    });
  }

  it('with a constant that is not valid for its field is refused', () => {
    const error = refusal(() =>
      matchColumns(licence, labels.slice(1), parseMapping({ format, constants: { holderUscc: '91990300DEMB00022X' } })),
    );
    expect(error?.details).to.deep.equal({ why: 'constant-invalid', name: 'holderUscc', code: 'CHECK_DIGIT_INVALID' });
  });

  it('is read from a file, and refused where that is no JSON', async () => {
    const path = files.write('good.json', JSON.stringify({ format, columns: { a: 'holderName' } }));
    expect([...(await readMapping(path)).columns]).to.deep.equal([['a', 'holderName']]);
    for (const content of ['{', '[]', '{"format":"yinxin-mapping/1","format":"x"}']) {
      const error = await readMapping(files.write('bad.json', content)).catch((fault: unknown) => fault);
      expect(error).to.be.instanceOf(YinxinError).and.to.have.property('code', 'ROSTER_MAPPING');
    }
  });
});

describe('what is said of a whole roster', () => {
  const said: readonly (readonly [
    code: ErrorCode,
    details: { readonly [name: string]: Json },
    zh: string,
    en: string,
  ])[] = [
    ['ROSTER_ENCODING', { likely: 'UTF-16' }, 'UTF-16', 'UTF-16'],
    ['ROSTER_ENCODING', { likely: 'unknown' }, '无法识别', 'not recognised'],
    ['ROSTER_ENCODING_MIXED', { line: 7, encoding: 'UTF-8' }, '第 7 行', 'line 7'],
    ['ROSTER_QUOTE', { line: 3, why: 'open' }, '第 3 行的引号', 'opened on line 3'],
    ['ROSTER_SHEETS', { sheets: ['一月', '二月'] }, '“一月”、“二月”', '“一月”, “二月”'],
    ['ROSTER_SHEETS', { sheets: ['一月'], wanted: '三月' }, '没有工作表“三月”', 'no sheet “三月”'],
  ];
  for (const [code, details, zh, en] of said) {
    it(`${code} ${JSON.stringify(details)} names what it is about and what to do`, () => {
      expect(explainError({ code, details }, 'zh').what).to.include(zh);
      expect(explainError({ code, details }, 'en').what).to.include(en);
      expect(explainError({ code, details }, 'zh').next).to.match(/^请/);
    });
  }
});
