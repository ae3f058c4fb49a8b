/** First and last day of a certificate, and whether a moment lies between them. Calendar dates, inclusive, at UTC+08:00. */
import { YinxinError } from './errors.ts';
import type { FieldValues } from './fields.ts';
import type { Body, CalendarDate, CertificateType, Instant } from './model.ts';
import { addDays, addMonths, calendarDateAt, parseCalendarDate } from './time.ts';

export interface Validity {
  readonly validFrom: CalendarDate;
  /** `null` is no end. */
  readonly validUntil: CalendarDate | null;
}

/** GB/T 36903 name of the date of issue. */
const issueDateTag = 'ZZBFRQ';

function readDate(values: FieldValues, key: string): CalendarDate {
  const value = values[key];
  if (typeof value !== 'string') throw new YinxinError('DATE_INVALID', { key });
  return parseCalendarDate(value);
}

function deriveFirstDay(type: CertificateType, values: FieldValues, issuedOn: CalendarDate): CalendarDate {
  const { fromField } = type.validity;
  if (fromField !== undefined && values[fromField] !== undefined) return readDate(values, fromField);
  const issueField = type.fields.find((field) => field.tag === issueDateTag && field.kind === 'date')?.key;
  return issueField !== undefined && values[issueField] !== undefined ? readDate(values, issueField) : issuedOn;
}

function deriveLastDay(type: CertificateType, values: FieldValues, validFrom: CalendarDate): CalendarDate | null {
  const { untilField, kind, months } = type.validity;
  if (untilField !== undefined && values[untilField] !== undefined) {
    const field = type.fields.find((candidate) => candidate.key === untilField);
    return values[untilField] === field?.longTermValue ? null : readDate(values, untilField);
  }
  return kind === 'fixed' && months !== undefined ? addDays(addMonths(validFrom, months), -1) : null;
}

/**
 * What the fields say wins. Without them the first day is the date of issue (the field tagged ZZBFRQ, else `issuedOn`), and the last
 * day the type's months later less one day where its validity is fixed; otherwise there is no last day. Expects values that passed `checkValues`.
 * @throws YinxinError DATE_INVALID when the last day comes before the first
 */
export function deriveValidity(type: CertificateType, values: FieldValues, issuedOn: CalendarDate): Validity {
  const validFrom = deriveFirstDay(type, values, issuedOn);
  const validUntil = deriveLastDay(type, values, validFrom);
  if (validUntil !== null && validUntil < validFrom) {
    throw new YinxinError('DATE_INVALID', { key: type.validity.untilField ?? 'validUntil' });
  }
  return { validFrom, validUntil };
}

/** Both days count in full, from 00:00 to 24:00 at UTC+08:00. */
export function validityAt(
  body: Pick<Body, 'validFrom' | 'validUntil'>,
  at: Instant,
): 'in-force' | 'expired' | 'not-yet-valid' {
  const today = calendarDateAt(at);
  if (today < body.validFrom) return 'not-yet-valid';
  return body.validUntil !== null && today > body.validUntil ? 'expired' : 'in-force';
}
