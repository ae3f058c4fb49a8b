/** Every kind of field: values that pass, values that do not and with which code; all problems at once; cells of a roster. */
import { expect } from 'chai';
import type { ErrorCode } from '../../../core/errors.ts';
import { checkValue, checkValues, parseCell } from '../../../core/field-kinds.ts';
import type { FieldKind } from '../../../core/model.ts';
import { exampleOf, fieldOf, kinds, makeType, refusalOf } from './fixture.ts';

const good: { readonly [Kind in FieldKind]?: readonly unknown[] } = {
  string: ['张', '𠮷田·示例', '更', 'é', '字'.repeat(200), '𠮷'.repeat(200), '2 号 "A" 座\\B'],
  text: ['字'.repeat(4000)],
  date: ['1900-01-01', '2024-02-29', '9999-12-31', '长期'],
  datetime: ['2026-01-01T00:00'],
  yearMonth: ['2026-01'],
  enum: ['合格', '不合格'],
  number: ['0', '0.5', '-0.5', '123456789012345', '1.000001'],
  integer: ['0', '-1', '123456789012345'],
  money: ['0', '0.00', '12', '999999999999999.99'],
  idNumber: ['990300190305150110', '99030019060203022X', 'E12345678', 'H1234567', '990300030515011'],
  uscc: ['91990300DEMB000141'],
  phone: ['19900000000', '0755-99000002', '01099000002', '0755-99000002-801'],
  address: ['示范·大道 2 号'],
  region: ['990300', '500000'],
  list: [['甲'], Array.from({ length: 100 }, () => '甲')],
  record: [{ a: 'b' }],
};

const bad: { readonly [Kind in FieldKind]?: readonly (readonly [value: unknown, code: ErrorCode])[] } = {
  string: [
    ['', 'FIELD_INVALID'],
    [' 张', 'FIELD_INVALID'],
    ['张　', 'FIELD_INVALID'],
    ['张\n三', 'FIELD_INVALID'],
    ['张\u0000', 'FIELD_INVALID'],
    ['张\u0085三', 'FIELD_INVALID'],
    ['张\u2028三', 'FIELD_INVALID'],
    ['张\u202e三', 'FIELD_INVALID'],
    ['张\ud842', 'FIELD_INVALID'],
    ['\udfb7张', 'FIELD_INVALID'],
    ['字'.repeat(201), 'FIELD_INVALID'],
    [12, 'FIELD_INVALID'],
    [null, 'FIELD_INVALID'],
    [['张'], 'FIELD_INVALID'],
  ],
  text: [
    ['字'.repeat(4001), 'FIELD_INVALID'],
    ['一\r\n二', 'FIELD_INVALID'],
  ],
  date: [
    ['2026-02-29', 'DATE_INVALID'],
    ['2026-2-9', 'DATE_INVALID'],
    ['2026/02/09', 'DATE_INVALID'],
    ['20260209', 'DATE_INVALID'],
    ['永久', 'DATE_INVALID'],
    ['', 'DATE_INVALID'],
  ],
  datetime: [
    ['2026-02-30T10:00', 'DATE_INVALID'],
    ['2026-02-28T24:00', 'DATE_INVALID'],
    ['2026-02-28 10:00', 'DATE_INVALID'],
    ['2026-02-28T10:00:00', 'DATE_INVALID'],
    ['2026-02-28T10:00Z', 'DATE_INVALID'],
  ],
  yearMonth: [
    ['2026-13', 'DATE_INVALID'],
    ['2026-1', 'DATE_INVALID'],
    ['2026年1月', 'DATE_INVALID'],
  ],
  enum: [
    ['合格 ', 'ENUM_INVALID'],
    ['', 'ENUM_INVALID'],
  ],
  number: [
    ['1e3', 'FIELD_INVALID'],
    ['01', 'FIELD_INVALID'],
    ['-0', 'FIELD_INVALID'],
    ['1.', 'FIELD_INVALID'],
    ['.5', 'FIELD_INVALID'],
    ['1,000', 'FIELD_INVALID'],
    ['+1', 'FIELD_INVALID'],
    ['１', 'FIELD_INVALID'],
    ['1.0000001', 'FIELD_INVALID'],
    [12, 'FIELD_INVALID'],
  ],
  integer: [
    ['1.0', 'FIELD_INVALID'],
    ['-0', 'FIELD_INVALID'],
    ['1234567890123456', 'FIELD_INVALID'],
  ],
  money: [
    ['-1', 'FIELD_INVALID'],
    ['1.5', 'FIELD_INVALID'],
    ['1.555', 'FIELD_INVALID'],
    ['1,000.00', 'FIELD_INVALID'],
    ['¥1', 'FIELD_INVALID'],
  ],
  idNumber: [
    ['990300190305150111', 'CHECK_DIGIT_INVALID'],
    ['990300190302300116', 'CHECK_DIGIT_INVALID'],
    ['11990300DEMA00021E', 'CHECK_DIGIT_INVALID'],
    ['99030019060203022x', 'FIELD_INVALID'],
    ['E123', 'FIELD_INVALID'],
    ['E1234567890123456789X', 'FIELD_INVALID'],
    ['E 1234567', 'FIELD_INVALID'],
  ],
  uscc: [
    ['11990300DEMA00021F', 'CHECK_DIGIT_INVALID'],
    ['11990300DEMA00022E', 'CHECK_DIGIT_INVALID'],
    ['11990300dema00021e', 'FIELD_INVALID'],
    ['E12345678', 'FIELD_INVALID'],
  ],
  phone: [
    ['12800000000', 'FIELD_INVALID'],
    ['1380000000', 'FIELD_INVALID'],
    ['+8613800000001', 'FIELD_INVALID'],
    ['88000001', 'FIELD_INVALID'],
  ],
  address: [['路\n1号', 'FIELD_INVALID']],
  region: [
    ['44030', 'FIELD_INVALID'],
    ['040300', 'FIELD_INVALID'],
    ['4403AB', 'FIELD_INVALID'],
  ],
  image: [
    ['photos/a.png', 'FIELD_INVALID'],
    ['A'.repeat(44), 'FIELD_INVALID'],
    [`${'A'.repeat(42)}B=`, 'FIELD_INVALID'],
    [`${'A'.repeat(42)}==`, 'FIELD_INVALID'],
  ],
  list: [
    [[], 'FIELD_INVALID'],
    ['甲', 'FIELD_INVALID'],
    [[''], 'FIELD_INVALID'],
    [['甲', 1], 'FIELD_INVALID'],
    [[['甲']], 'FIELD_INVALID'],
    [Array.from({ length: 101 }, () => '甲'), 'FIELD_INVALID'],
  ],
  record: [
    [{}, 'FIELD_INVALID'],
    ['a=b', 'FIELD_INVALID'],
    [['a'], 'FIELD_INVALID'],
    [null, 'FIELD_INVALID'],
    [{ a: 1 }, 'FIELD_INVALID'],
    [{ '': 'b' }, 'FIELD_INVALID'],
  ],
};

describe('checkValue', () => {
  for (const kind of kinds) {
    it(`returns good values of kind ${kind} exactly as given`, () => {
      for (const value of [exampleOf[kind], ...(good[kind] ?? [])]) {
        expect(checkValue(fieldOf(kind), value, 'natural')).to.equal(value);
      }
    });

    for (const [value, code] of bad[kind] ?? []) {
      it(`rejects ${JSON.stringify(value)?.slice(0, 40)} as ${kind} with ${code}, and never repeats it`, () => {
        const refusal = refusalOf(() => checkValue(fieldOf(kind), value, 'natural'));
        expect(refusal.code).to.equal(code);
        expect(refusal.details).to.deep.equal({ key: `${kind}Field`, kind });
      });
    }
  }

  it('knows a bad value of every kind', () => {
    expect(Object.keys(bad).sort()).to.deep.equal([...kinds].sort());
  });

  it('takes an organisation’s code as identity number only where organisations may be holders', () => {
    const code = '11990300DEMA00021E';
    expect(checkValue(fieldOf('idNumber'), code, 'either')).to.equal(code);
    expect(checkValue(fieldOf('idNumber'), code, 'organization')).to.equal(code);
    expect(refusalOf(() => checkValue(fieldOf('idNumber'), code, 'natural')).code).to.equal('CHECK_DIGIT_INVALID');
  });
});

describe('checkValues', () => {
  const type = makeType();
  const required = { stringField: '张示例', idNumberField: exampleOf.idNumber, enumField: '合格' };

  it('takes the required fields alone, and all of them', () => {
    expect(checkValues(type, required)).to.deep.equal(required);
    const all = Object.fromEntries(kinds.map((kind) => [`${kind}Field`, exampleOf[kind]]));
    expect(checkValues(type, all)).to.deep.equal(all);
  });

  it('names every problem at once: the type’s fields in order, then unknown keys', () => {
    const refusal = refusalOf(() =>
      checkValues(type, {
        other: 'x',
        enumField: '尚可',
        idNumberField: '990300190305150111',
        dateField: '2026-02-30',
      }),
    );
    expect(refusal.code).to.equal('FIELDS_INVALID');
    expect(refusal.details).to.deep.equal({
      problems: [
        { key: 'stringField', code: 'FIELD_MISSING' },
        { key: 'dateField', code: 'DATE_INVALID' },
        { key: 'enumField', code: 'ENUM_INVALID' },
        { key: 'idNumberField', code: 'CHECK_DIGIT_INVALID' },
        { key: 'other', code: 'FIELD_UNKNOWN' },
      ],
    });
  });

  it('rejects keys that every object has, and a __proto__ of its own', () => {
    for (const text of ['{"constructor":"x"}', '{"__proto__":"x"}']) {
      const refusal = refusalOf(() => checkValues(type, { ...required, ...JSON.parse(text) }));
      expect(JSON.stringify(refusal.details)).to.contain('FIELD_UNKNOWN');
    }
  });

  it('does not take an inherited value for a given one', () => {
    const values = Object.create({ stringField: '张示例' });
    expect(JSON.stringify(refusalOf(() => checkValues(type, values)).details)).to.contain('FIELD_MISSING');
  });
});

describe('parseCell', () => {
  it('takes an empty cell for no value', () => {
    for (const kind of kinds) expect(parseCell(fieldOf(kind), '')).to.equal(undefined);
  });

  it('splits a list at either semicolon and changes nothing else', () => {
    expect(parseCell(fieldOf('list'), '甲;乙；丙, 丁')).to.deep.equal(['甲', '乙', '丙, 丁']);
  });

  it('reads a record, and rejects one without names or with a name twice', () => {
    expect(parseCell(fieldOf('record'), 'name=张示例；title=a=b')).to.deep.equal({ name: '张示例', title: 'a=b' });
    for (const text of ['张示例', '=x', 'a=1;a=2', 'a=1;']) {
      expect(refusalOf(() => parseCell(fieldOf('record'), text)).code).to.equal('FIELD_INVALID');
    }
  });

  it('capitalises the letters of an identity number', () => {
    expect(parseCell(fieldOf('idNumber'), '99030019060203022x')).to.equal('99030019060203022X');
    expect(parseCell(fieldOf('uscc'), '11990300dema00021e')).to.equal('11990300DEMA00021E');
  });

  it('leaves every other text as it is, dates in other forms too', () => {
    expect(parseCell(fieldOf('date'), '2026/1/2')).to.equal('2026/1/2');
    expect(parseCell(fieldOf('string'), ' 更 ')).to.equal(' 更 ');
  });
});
