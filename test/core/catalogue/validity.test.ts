/** First and last days by kind of validity, and the edges of a day at UTC+08:00. */
import { expect } from 'chai';
import type { CertificateType, FieldValue, Json } from '../../../core/model.ts';
import { parseCalendarDate, parseInstant } from '../../../core/time.ts';
import { deriveValidity, validityAt } from '../../../core/validity.ts';
import { draftType, makeType, refusalOf } from './fixture.ts';

const issuedOn = parseCalendarDate('2026-11-20');

function dateField(key: string, tag: string): Json {
  return {
    key,
    label: { zh: key.toUpperCase(), en: `The ${key}` },
    kind: 'date',
    required: false,
    mask: 'none',
    example: '2026-01-31',
    longTermValue: '长期',
    tag,
  };
}

/** A type whose own date fields are `from`, `until` and `issued`. */
function typeWith(validity: Json): CertificateType {
  const first = draftType()['fields'];
  const fields = (Array.isArray(first) ? first : []).filter(
    (field) => field.kind === 'string' || field.kind === 'idNumber',
  );
  const dates = [dateField('from', 'ZZYXQQSRQ'), dateField('until', 'ZZYXQJZRQ'), dateField('issued', 'ZZBFRQ')];
  return makeType({ fields: [...fields, ...dates], validity });
}

const both = { fromField: 'from', untilField: 'until' };
const cases: readonly (readonly [
  why: string,
  validity: Json,
  values: { [key: string]: FieldValue },
  from: string,
  until: string | null,
])[] = [
  [
    'range: both fields win',
    { kind: 'range', ...both },
    { from: '2026-01-01', until: '2030-12-31', issued: '2025-12-01' },
    '2026-01-01',
    '2030-12-31',
  ],
  [
    'range: a single day',
    { kind: 'range', ...both },
    { from: '2026-01-01', until: '2026-01-01' },
    '2026-01-01',
    '2026-01-01',
  ],
  [
    'range: the long-term value is no end',
    { kind: 'range', ...both },
    { from: '2026-01-01', until: '长期' },
    '2026-01-01',
    null,
  ],
  ['range: no last day given', { kind: 'range', ...both }, { from: '2026-01-01' }, '2026-01-01', null],
  ['fixed: months less one day', { kind: 'fixed', months: 60 }, { issued: '2026-03-01' }, '2026-03-01', '2031-02-28'],
  [
    'fixed: from the last of a month',
    { kind: 'fixed', months: 1 },
    { issued: '2026-01-31' },
    '2026-01-31',
    '2026-02-27',
  ],
  [
    'fixed: the field wins over the months',
    { kind: 'fixed', months: 60, ...both },
    { from: '2026-01-01', until: '2027-01-01' },
    '2026-01-01',
    '2027-01-01',
  ],
  [
    'fixed: without dates from the day of issue',
    { kind: 'fixed', months: 12, ...both },
    {},
    '2026-11-20',
    '2027-11-19',
  ],
  [
    'graded: its field',
    { kind: 'graded', untilField: 'until' },
    { issued: '2026-02-01', until: '2027-01-31' },
    '2026-02-01',
    '2027-01-31',
  ],
  ['tied: no end', { kind: 'tied' }, { issued: '2026-02-01', until: '2027-01-31' }, '2026-02-01', null],
  ['permanent: no end', { kind: 'permanent' }, { issued: '2026-02-01' }, '2026-02-01', null],
  ['none: no end', { kind: 'none' }, {}, '2026-11-20', null],
  [
    'snapshot: no end, whatever its freshness',
    { kind: 'snapshot', freshnessDays: 30 },
    { issued: '2025-02-01' },
    '2025-02-01',
    null,
  ],
];

describe('deriveValidity', () => {
  for (const [why, validity, values, from, until] of cases) {
    it(why, () => {
      expect(deriveValidity(typeWith(validity), values, issuedOn)).to.deep.equal({
        validFrom: from,
        validUntil: until,
      });
    });
  }

  it('rejects a last day before the first and names the field', () => {
    const type = typeWith({ kind: 'range', ...both });
    const refusal = refusalOf(() => deriveValidity(type, { from: '2026-01-02', until: '2026-01-01' }, issuedOn));
    expect(refusal.code).to.equal('DATE_INVALID');
    expect(refusal.details).to.deep.equal({ key: 'until' });
  });
});

describe('validityAt', () => {
  const body = { validFrom: parseCalendarDate('2026-01-01'), validUntil: parseCalendarDate('2026-12-31') };

  it('begins and ends at midnight in China, both days included', () => {
    expect(validityAt(body, parseInstant('2025-12-31T15:59:59Z'))).to.equal('not-yet-valid');
    expect(validityAt(body, parseInstant('2025-12-31T16:00:00Z'))).to.equal('in-force');
    expect(validityAt(body, parseInstant('2026-12-31T15:59:59Z'))).to.equal('in-force');
    expect(validityAt(body, parseInstant('2026-12-31T16:00:00Z'))).to.equal('expired');
  });

  it('never expires without a last day', () => {
    expect(validityAt({ ...body, validUntil: null }, parseInstant('9998-12-31T00:00:00Z'))).to.equal('in-force');
  });
});
