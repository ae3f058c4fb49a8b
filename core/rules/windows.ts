/** Windows of time: reading one, ending one early. */
import { YinxinError } from '../errors.ts';
import type { Window } from '../ledger-model.ts';
import type { MemberReader } from '../members.ts';
import type { Instant } from '../model.ts';
import { epochSeconds, parseInstant, toInstant } from '../time.ts';
import { invalid } from './common.ts';
import type { RuleContext } from './rule.ts';

/** A window's `from` and `until`; the end lies after the beginning. */
export function readWindow(read: MemberReader<'from' | 'until'>): Window {
  const from = parseInstant(read.text('from'));
  const until = read.value('until') === null ? null : parseInstant(read.text('until'));
  if (until !== null && until <= from) throw invalid('until', 'not after from');
  return { from, until };
}

export const laterOf = (one: Instant, other: Instant): Instant => (one > other ? one : other);

/** @throws YinxinError INPUT_INVALID where a time lies before the transaction's, or before so many seconds from it */
export function requireNotBefore(time: Instant, member: string, context: RuleContext, offsetSeconds = 0): void {
  const earliest = toInstant(epochSeconds(context.time) + offsetSeconds);
  if (time < earliest) throw new YinxinError('INPUT_INVALID', { member, earliest });
}

/** The window with an earlier end, never in the past. One that has not begun is left empty. @throws YinxinError INPUT_INVALID */
export function shorten<W extends Window>(window: W, until: Instant, context: RuleContext): W {
  requireNotBefore(until, 'until', context);
  if (window.until !== null && until >= window.until) {
    throw new YinxinError('INPUT_INVALID', { member: 'until', before: window.until });
  }
  return { ...window, until: laterOf(until, window.from) };
}
