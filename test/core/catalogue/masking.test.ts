/** Masks: what each rule leaves to be seen, for anyone and for a reader with a purpose. */
import { expect } from 'chai';
import { isUscc } from '../../../core/check-digits.ts';
import { type MaskLevel, maskFields, maskValue } from '../../../core/masking.ts';
import type { FieldValue, MaskRule } from '../../../core/model.ts';
import { readType } from '../../certs/catalogue.ts';

const cases: readonly (readonly [rule: MaskRule, value: FieldValue, shown: FieldValue | null, level?: MaskLevel])[] = [
  ['none', '张示例', '张示例'],
  ['hide', '张示例', null],
  ['hide', ['甲'], null],
  ['hide', '张示例', null, 'purpose'],
  ['hide', '张示例', '张示例', 'full'],
  ['name', '张三', '张**'],
  ['name', '张', '张**'],
  ['name', '欧阳示例', '欧**'],
  ['name', '𠮷样本', '𠮷**'],
  ['name', '张三', '张**', 'purpose'],
  ['name', '张三', '张三', 'full'],
  ['idNumber', '99030019060203022X', '9****************X'],
  ['idNumber', '99030019060203022X', '9903************2X', 'purpose'],
  ['idNumber', '99030019060203022X', '99030019060203022X', 'full'],
  ['idNumber', 'E12345678', 'E*******8'],
  ['idNumber', 'E12345678', 'E*******8', 'purpose'],
  ['idNumber', 'E1', '**'],
  ['idNumber', '11990300DEMA00021E', '11990300DEMA00021E'],
  ['phone', '13800005678', '138****5678'],
  ['phone', '13800005678', '138****5678', 'purpose'],
  ['phone', '0109900000', '****00'],
  ['address', '深圳市福田区深南大道1号', '深圳市福田区****'],
  ['address', '广东省深圳市南山区示范路1号', '广东省深圳市南山区****'],
  ['address', '内蒙古自治区锡林郭勒盟示范旗示范路1号', '内蒙古自治区锡林郭勒盟示范旗****'],
  ['address', '江苏省苏州市昆山市示范路1号', '江苏省苏州市昆山市****'],
  ['address', '示范省样本市示例县示范村1组', '示范省样本市示例县****'],
  ['address', '深圳市福中路3号东区', '深圳市****'],
  ['address', '深圳市阳光小区3栋', '深圳市****'],
  ['address', '示范大厦101', '****'],
  ['bankAccount', '6229903000000000011', '****0011'],
  ['tail4', 'LDEMA000000000011', '****0011'],
  ['tail4', '123', '****3'],
  ['plate', '粤B00A12', '粤B***12'],
  ['plate', '粤BD00056', '粤B***56'],
  ['plate', '粤B1', '***'],
  ['birthDate', '1903-05-15', '1903'],
  ['birthDate', '1903-05-15T08:30', '1903'],
  ['birthDate', '五月', null],
  ['name', ['张三', '李四'], ['张**', '李**']],
  ['name', { head: '张三' }, { head: '张**' }],
  ['birthDate', ['1903-05-15', '五月'], ['1903', '****']],
];

describe('maskValue', () => {
  for (const [rule, value, shown, level = 'public'] of cases) {
    it(`shows ${JSON.stringify(value)} as ${JSON.stringify(shown)} under ${rule}, ${level}`, () => {
      expect(maskValue(rule, value, level)).to.deep.equal(shown);
    });
  }

  it('never shows a citizen’s number whole, even one that is well formed as a credit code', () => {
    const bothWays = '119903190301012323';
    expect(isUscc(bothWays)).to.equal(true);
    expect(maskValue('idNumber', bothWays)).to.equal('1****************3');
  });
});

describe('maskFields', () => {
  const type = readType('resident-id-card');
  const values = Object.fromEntries(type.fields.map((field) => [field.key, field.example]));

  it('masks each field by the type’s rule and keeps their order', () => {
    const masked = maskFields(type, values, 'public');
    expect(Object.keys(masked)).to.deep.equal(type.fields.map((field) => field.key));
    expect(masked).to.include({
      holderName: '张**',
      birthDate: '1903',
      photo: null,
      residentialAddress: '深圳市示范区****',
    });
    expect(masked['holderIdNumber']).to.equal('9****************0');
  });

  it('shows a reader with a purpose four and two of the number, and everything to the holder', () => {
    expect(maskFields(type, values, 'purpose')['holderIdNumber']).to.equal('9903************10');
    expect(maskFields(type, values, 'full')).to.deep.equal(values);
  });

  it('adds nothing that was not shown, and drops what is no field', () => {
    expect(maskFields(type, { holderName: '张示例', other: 'x' }, 'full')).to.deep.equal({ holderName: '张示例' });
  });
});
