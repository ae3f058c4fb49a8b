/** Times as people write and read them: by the clock of Beijing (UTC+08:00). */
import {
  addDays,
  calendarDateAt,
  epochSeconds,
  type Instant,
  isCalendarDate,
  parseInstant,
  startOfDay,
  toInstant,
  YinxinError,
} from '@yinxin/core';
import { usageError } from './command.ts';

const offsetSeconds = 8 * 3600;

/** `2026-11-20 17:00:00`. */
export function formatTime(instant: Instant): string {
  return toInstant(epochSeconds(instant) + offsetSeconds)
    .replace('T', ' ')
    .replace('Z', '');
}

function parseLocal(text: string): Instant | undefined {
  const [, date, minutes, seconds] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/.exec(text) ?? [];
  if (date === undefined || minutes === undefined) return undefined;
  return toInstant(epochSeconds(parseInstant(`${date}T${minutes}${seconds ?? ':00'}Z`)) - offsetSeconds);
}

/**
 * A date (its beginning, or with `end` its end), `2026-11-20 17:00` by the clock of Beijing, or an instant `…Z`.
 * @throws YinxinError USAGE naming the option
 */
export function parseTime(option: string, text: string, end = false): Instant {
  try {
    if (isCalendarDate(text)) return startOfDay(end ? addDays(text, 1) : text);
    return parseLocal(text) ?? parseInstant(text);
  } catch (error) {
    if (error instanceof YinxinError) throw usageError('time', option, { value: text.slice(0, 40) });
    throw error;
  }
}

/** As `parseTime`; undefined where it is none. */
export function readTime(text: string): Instant | undefined {
  try {
    return parseTime('', text);
  } catch {
    return undefined;
  }
}

/** `2026-11-20`, today by the clock of Beijing. */
export function formatDay(instant: Instant): string {
  return calendarDateAt(instant);
}
