/** Instants (RFC 3339, UTC, whole seconds) and calendar dates (GB/T 7408, at UTC+08:00) of the years 1900–9999 there. What does not re-serialise to itself is refused. */
import { YinxinError } from './errors.ts';
import type { CalendarDate, Instant } from './model.ts';

const daySeconds = 86_400;
/** China has one time, without summer time. */
const offsetSeconds = 8 * 3_600;
/** 1900-01-01 and 9999-12-31, as days since 1970-01-01. */
const firstDay = -25_567;
const lastDay = 2_932_896;

const datePattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const instantPattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

function malformed(): YinxinError {
  return new YinxinError('MALFORMED_TIME');
}

/** @throws YinxinError MALFORMED_TIME unless `YYYY-MM-DDThh:mm:ssZ` and real (no leap seconds) */
export function parseInstant(text: string): Instant {
  if (!instantPattern.test(text) || !isRealDate(text)) throw malformed();
  if (digits(text, 11, 2) > 23 || digits(text, 14, 2) > 59 || digits(text, 17, 2) > 59) throw malformed();
  requireDay(Math.floor((readSeconds(text) + offsetSeconds) / daySeconds));
  return text as Instant; // the brand is made here
}

/** The number that so many digits from a place on are. Reading texts is most of what is done here, so without pattern groups. */
function digits(text: string, from: number, count: number): number {
  let number = 0;
  for (let at = from; at < from + count; at += 1) number = number * 10 + text.charCodeAt(at) - 48;
  return number;
}

/** Whether the first ten characters, digits in their places, are a day of the calendar after the year 1000. */
function isRealDate(text: string): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  return year > 1000 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysIn(year, month));
}

function requireDay(day: number): void {
  if (day < firstDay || day > lastDay) throw malformed();
}

/** @throws YinxinError MALFORMED_TIME unless a whole number of seconds within the years above */
export function toInstant(epochSeconds: number): Instant {
  const day = Math.floor((epochSeconds + offsetSeconds) / daySeconds);
  if (!Number.isSafeInteger(epochSeconds)) throw malformed();
  requireDay(day);
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z') as Instant; // the brand is made here
}

/** Whole seconds since 1970-01-01T00:00:00Z. */
export function epochSeconds(instant: Instant): number {
  return readSeconds(instant);
}

/** Of a text that has the form of an instant. */
function readSeconds(text: string): number {
  const day = Date.UTC(digits(text, 0, 4), digits(text, 5, 2) - 1, digits(text, 8, 2)) / 1000;
  return day + digits(text, 11, 2) * 3_600 + digits(text, 14, 2) * 60 + digits(text, 17, 2);
}

/** Whether the text is a real date `YYYY-MM-DD` of the years 1900–9999. */
export function isCalendarDate(text: string): text is CalendarDate {
  return datePattern.test(text) && digits(text, 0, 4) >= 1900 && isRealDate(text);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** @throws YinxinError MALFORMED_TIME unless a real date of the years 1900–9999 */
export function parseCalendarDate(text: string): CalendarDate {
  if (!isCalendarDate(text)) throw malformed();
  return text;
}

/** Days since 1970-01-01, negative before. */
export function daysSinceEpoch(date: CalendarDate): number {
  const [year, month, day] = split(date);
  return Date.UTC(year, month - 1, day) / (daySeconds * 1000);
}

/** @throws YinxinError MALFORMED_TIME unless a whole number within the years above */
export function fromDaysSinceEpoch(days: number): CalendarDate {
  if (!Number.isSafeInteger(days) || days < firstDay || days > lastDay) throw malformed();
  return parseCalendarDate(new Date(days * daySeconds * 1000).toISOString().slice(0, 10));
}

function split(date: CalendarDate): readonly [year: number, month: number, day: number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
}

/** The same day of the month so many months on, or that month's last day where it has none. @throws YinxinError MALFORMED_TIME past the years above */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const [year, month, day] = split(date);
  const total = year * 12 + month - 1 + months;
  if (!Number.isSafeInteger(total)) throw malformed();
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  const newDay = Math.min(day, daysIn(newYear, newMonth));
  return parseCalendarDate(`${newYear}-${String(newMonth).padStart(2, '0')}-${String(newDay).padStart(2, '0')}`);
}

/** @throws YinxinError MALFORMED_TIME past the years above */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return fromDaysSinceEpoch(daysSinceEpoch(date) + days);
}

/** What was asked for last: it is nearly always this instant again, or another of the same day. */
let last: { readonly instant: Instant; readonly day: number; readonly date: CalendarDate } | undefined;

/** The date on the calendar at UTC+08:00 at this instant. */
export function calendarDateAt(instant: Instant): CalendarDate {
  if (last?.instant === instant) return last.date;
  const day = Math.floor((epochSeconds(instant) + offsetSeconds) / daySeconds);
  last = { instant, day, date: last?.day === day ? last.date : fromDaysSinceEpoch(day) };
  return last.date;
}

/** 00:00 at UTC+08:00 of that day. */
export function startOfDay(date: CalendarDate): Instant {
  return toInstant(daysSinceEpoch(date) * daySeconds - offsetSeconds);
}
