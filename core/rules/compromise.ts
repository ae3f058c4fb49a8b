/** Keys in other hands: the first word is the domain's own and recent; any other, a majority's. Never in the future, or a body could deny what it signs. */
import { YinxinError } from '../errors.ts';
import type { ReportCompromiseInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Instant, Json } from '../model.ts';
import { parseKeyId } from '../sm2.ts';
import { epochSeconds, parseInstant } from '../time.ts';
import { administeredKey, keyOf, ownedKeyKeys } from './keys.ts';
import { rowKeys } from './rows.ts';
import type { Action, Rule, RuleContext } from './rule.ts';

/** How far back a domain alone may say that a key was in other hands. */
export const reportableSeconds = 30 * 86_400;

const illegal = (why: string) => new YinxinError('COMPROMISE_ILLEGAL', { why });

function requirePast(from: Instant, { time }: RuleContext): void {
  if (from > time) throw illegal('in the future');
}

/** @throws YinxinError COMPROMISE_ILLEGAL unless it is the first record and says a time of the last thirty days */
export function requireReportable(recorded: Instant | null, from: Instant, context: RuleContext): void {
  if (recorded !== null) throw illegal('recorded before');
  requirePast(from, context);
  if (epochSeconds(context.time) - epochSeconds(from) > reportableSeconds) throw illegal('more than 30 days back');
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_KEY, MALFORMED_TIME */
function parseCompromise(json: Json): ReportCompromiseInput {
  const read = memberReader(json, 'compromise', 'INPUT_INVALID', ['key', 'from']);
  return { key: parseKeyId(read.text('key')), from: parseInstant(read.text('from')) };
}

export const reportCompromise: Rule<ReportCompromiseInput> = {
  parse: parseCompromise,
  needs: ({ key }, fetched) => ({ keys: ownedKeyKeys(key, fetched) }),
  decide(view, { key, from }, context) {
    const row = administeredKey(view, key, context);
    requireReportable(row.compromisedFrom, from, context);
    return { writes: [{ ...row, compromisedFrom: from }], event: { key, issuer: row.issuer, from } };
  },
};

/** Any time that is not in the future, in place of what is recorded or anew. Rows refuse with KEY_UNKNOWN, COMPROMISE_ILLEGAL. */
export const compromiseRecord: Action<ReportCompromiseInput> = {
  parse: parseCompromise,
  needs: ({ key }) => ({ keys: [rowKeys.key(key)] }),
  rows(view, { key, from }, context) {
    const row = keyOf(view, key);
    requirePast(from, context);
    if (row.compromisedFrom === from) throw illegal('recorded before');
    return [{ ...row, compromisedFrom: from }];
  },
};
