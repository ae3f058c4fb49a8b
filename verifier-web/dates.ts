/** Dates and times for people, at UTC+08:00. */
import { type CalendarDate, calendarDateAt, epochSeconds, type Instant } from '@yinxin/core';
import type { PageWords } from './words.ts';

export function formatDate(date: CalendarDate, words: PageWords): string {
  const [year, month, day] = date.split('-').map(Number);
  return words.date(year ?? 0, month ?? 0, day ?? 0);
}

export function formatDay(instant: Instant, words: PageWords): string {
  return formatDate(calendarDateAt(instant), words);
}

/** To the minute. */
export function formatTime(instant: Instant, words: PageWords): string {
  const local = new Date((epochSeconds(instant) + 8 * 3600) * 1000).toISOString();
  return words.time(formatDay(instant, words), local.slice(11, 16));
}

/** In whole minutes (at least one), hours from 90 minutes on, days from 48 hours on. */
export function formatDuration(seconds: number, words: PageWords): string {
  const minutes = Math.max(1, Math.floor(seconds / 60));
  if (minutes < 90) return words.duration(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? words.duration(hours, 'hour') : words.duration(Math.floor(hours / 24), 'day');
}

/** How long before `now` an instant was. */
export function formatAge(instant: Instant, now: Instant, words: PageWords): string {
  return formatDuration(epochSeconds(now) - epochSeconds(instant), words);
}
