/** Instants and calendar dates. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  calendarDateAt,
  daysSinceEpoch,
  epochSeconds,
  fromDaysSinceEpoch,
  isCalendarDate,
  parseCalendarDate,
  parseInstant,
  startOfDay,
  toInstant,
} from '../../../core/time.ts';
import { expectCode } from './vectors.ts';

const date = parseCalendarDate;
const firstDay = -25_567;
const lastDay = 2_932_896;

describe('instants', () => {
  it('count the seconds that the worked codes carry', () => {
    expect(epochSeconds(parseInstant('2026-11-20T09:00:00Z'))).to.equal(0x6b000c10);
    expect(epochSeconds(parseInstant('1970-01-01T00:00:00Z'))).to.equal(0);
    expect(toInstant(-1)).to.equal('1969-12-31T23:59:59Z');
  });

  it('come back from their seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: firstDay * 86_400, max: lastDay * 86_400 }), (seconds) => {
        expect(epochSeconds(parseInstant(toInstant(seconds)))).to.equal(seconds);
      }),
    );
  });

  for (const text of [
    '',
    '2026-11-20',
    '2026-11-20T09:00:00',
    '2026-11-20T09:00:00z',
    '2026-11-20t09:00:00Z',
    '2026-11-20 09:00:00Z',
    '2026-11-20T09:00Z',
    '2026-11-20T09:00:00.000Z',
    '2026-11-20T09:00:00+08:00',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:60:00Z',
    '2026-12-31T23:59:60Z',
    '2026-02-29T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '0026-01-01T00:00:00Z',
    '1899-12-31T15:59:59Z',
    '9999-12-31T16:00:00Z',
    '+12026-01-01T00:00:00Z',
    ' 2026-11-20T09:00:00Z',
    '2026-11-20T09:00:00Z\n',
    '２026-11-20T09:00:00Z',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expectCode('MALFORMED_TIME', () => parseInstant(text)));
  }

  for (const seconds of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, firstDay * 86_400 - 28_801, 1e12]) {
    it(`refuses ${seconds} seconds`, () => expectCode('MALFORMED_TIME', () => toInstant(seconds)));
  }

  it('compare by time as they do as texts', () => {
    const [early, late] = [parseInstant('1999-12-31T23:59:59Z'), parseInstant('2026-11-20T09:00:00Z')];
    expect(early < late).to.equal(true);
    expect(epochSeconds(early) < epochSeconds(late)).to.equal(true);
  });
});

describe('calendar dates', () => {
  it('count the days that the worked codes carry', () => {
    expect(daysSinceEpoch(date('2026-11-20'))).to.equal(0x5129);
    expect(daysSinceEpoch(date('2036-11-19'))).to.equal(0x5f6d);
    expect(fromDaysSinceEpoch(0)).to.equal('1970-01-01');
    expect(fromDaysSinceEpoch(firstDay)).to.equal('1900-01-01');
    expect(fromDaysSinceEpoch(lastDay)).to.equal('9999-12-31');
  });

  it('come back from their days', () => {
    fc.assert(
      fc.property(fc.integer({ min: firstDay, max: lastDay }), (days) => {
        expect(daysSinceEpoch(date(fromDaysSinceEpoch(days)))).to.equal(days);
      }),
    );
  });

  for (const text of [
    '',
    '2026-1-1',
    '2026-02-29',
    '1900-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-10',
    '2026-01-00',
    '2026-01-32',
    '1899-12-31',
    '10000-01-01',
    '2026/01/01',
    '20260101',
    '2026-01-01 ',
    '2026-01-01\n',
    '2026-01-01T00:00:00Z',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(isCalendarDate(text)).to.equal(false);
      expectCode('MALFORMED_TIME', () => parseCalendarDate(text));
    });
  }

  it('knows leap years', () => {
    for (const text of ['2000-02-29', '2024-02-29', '2400-02-29']) expect(date(text)).to.equal(text);
  });

  it('refuses days that are not whole or outside', () => {
    for (const days of [0.5, Number.NaN, firstDay - 1, lastDay + 1]) {
      expectCode('MALFORMED_TIME', () => fromDaysSinceEpoch(days));
    }
  });

  for (const [from, months, to] of [
    ['2026-11-20', 120, '2036-11-20'],
    ['2026-01-31', 1, '2026-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2026-12-31', 2, '2027-02-28'],
    ['2026-01-15', -1, '2025-12-15'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-05-31', 0, '2026-05-31'],
  ] as const) {
    it(`adds ${months} months to ${from}`, () => expect(addMonths(date(from), months)).to.equal(to));
  }

  it('adds days over months and years', () => {
    expect(addDays(date('2024-02-28'), 1)).to.equal('2024-02-29');
    expect(addDays(date('2026-12-31'), 1)).to.equal('2027-01-01');
    expect(addDays(date('2026-01-01'), -1)).to.equal('2025-12-31');
  });

  it('refuses to leave the years it knows', () => {
    expectCode('MALFORMED_TIME', () => addDays(date('9999-12-31'), 1));
    expectCode('MALFORMED_TIME', () => addMonths(date('9999-12-31'), 1));
    expectCode('MALFORMED_TIME', () => addMonths(date('1900-01-01'), -1));
    expectCode('MALFORMED_TIME', () => addMonths(date('1900-01-01'), -12 * 1890));
    expectCode('MALFORMED_TIME', () => addMonths(date('2026-01-01'), 0.5));
    expectCode('MALFORMED_TIME', () => addDays(date('2026-01-01'), 0.5));
  });

  it('change at 16:00 UTC', () => {
    expect(calendarDateAt(parseInstant('2026-11-20T15:59:59Z'))).to.equal('2026-11-20');
    expect(calendarDateAt(parseInstant('2026-11-20T16:00:00Z'))).to.equal('2026-11-21');
    expect(startOfDay(date('2026-11-21'))).to.equal('2026-11-20T16:00:00Z');
  });

  it('begin and end where instants do', () => {
    expect(startOfDay(date('1900-01-01'))).to.equal('1899-12-31T16:00:00Z');
    expect(calendarDateAt(parseInstant('1899-12-31T16:00:00Z'))).to.equal('1900-01-01');
    expect(calendarDateAt(parseInstant('9999-12-31T15:59:59Z'))).to.equal('9999-12-31');
  });
});
