/** The ES256 keys with which domains sign trust lists, status lists, receipts and anchorings. */
import { YinxinError } from '../errors.ts';
import type {
  ListKeyRow,
  RegisterListKeyInput,
  ReportListKeyCompromiseInput,
  RetireListKeyInput,
  Row,
} from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { parseInstant } from '../time.ts';
import { invalid, requireAbsent } from './common.ts';
import { requireReportable } from './compromise.ts';
import { domainOf, requireAdmin } from './permission.ts';
import { regionPattern } from './regions.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';
import { statementToleranceSeconds } from './signing.ts';
import { readWindow, requireNotBefore, shorten } from './windows.ts';

/** 32 bytes of base64url. */
const kidPattern = /^[A-Za-z0-9_-]{43}$/;

function parseJwk(json: Json): ListKeyRow['jwk'] {
  const read = memberReader(json, 'jwk', 'INPUT_INVALID', ['kty', 'crv', 'x', 'y']);
  if (read.text('kty') !== 'EC') throw invalid('jwk.kty');
  if (read.text('crv') !== 'P-256') throw invalid('jwk.crv');
  return { kty: 'EC', crv: 'P-256', x: read.matching('x', kidPattern), y: read.matching('y', kidPattern) };
}

/** That `kid` is the key's thumbprint is checked by the contract: no SHA-256 here. @throws YinxinError INPUT_INVALID */
export function parseRegisterListKeyInput(json: Json): RegisterListKeyInput {
  const read = memberReader(json, 'listKey', 'INPUT_INVALID', ['domain', 'kid', 'jwk', 'from', 'until']);
  return {
    domain: read.matching('domain', regionPattern),
    kid: read.matching('kid', kidPattern),
    jwk: parseJwk(read.value('jwk')),
    ...readWindow(read),
  };
}

/** @throws YinxinError ALREADY_EXISTS, NOT_FOUND */
export function listKeyRows(view: View, input: RegisterListKeyInput): readonly Row[] {
  requireAbsent(view, rowKeys.listKey(input.kid));
  domainOf(view, input.domain);
  return [{ kind: 'listKey', ...input, compromisedFrom: null }];
}

/** In force from now on at the earliest: it must not vouch for a time before it was known. */
export const registerListKey: Rule<RegisterListKeyInput> = {
  parse: parseRegisterListKeyInput,
  needs: ({ kid, domain }) => ({ keys: [rowKeys.listKey(kid), rowKeys.domain(domain)] }),
  decide(view, input, context) {
    requireAdmin(domainOf(view, input.domain), context);
    requireNotBefore(input.from, 'from', context, -statementToleranceSeconds);
    return { writes: listKeyRows(view, input), event: { domain: input.domain, kid: input.kid } };
  },
};

function listKeyKeys(kid: string, fetched: View): readonly RowKey[] {
  const row = fetched.get(rowKeys.listKey(kid));
  return [rowKeys.listKey(kid), ...(row ? [rowKeys.domain(row.domain)] : [])];
}

/** The key, for an administrator of its domain. @throws YinxinError KEY_UNKNOWN, CALLER_NOT_PERMITTED */
function administeredListKey(view: View, kid: string, context: RuleContext): ListKeyRow {
  const row = view.get(rowKeys.listKey(kid));
  if (!row) throw new YinxinError('KEY_UNKNOWN', { kid });
  requireAdmin(domainOf(view, row.domain), context);
  return row;
}

export const retireListKey: Rule<RetireListKeyInput> = {
  parse(json) {
    const read = memberReader(json, 'retirement', 'INPUT_INVALID', ['kid', 'until']);
    return { kid: read.matching('kid', kidPattern), until: parseInstant(read.text('until')) };
  },
  needs: ({ kid }, fetched) => ({ keys: listKeyKeys(kid, fetched) }),
  decide(view, { kid, until }, context) {
    const row = shorten(administeredListKey(view, kid, context), until, context);
    return { writes: [row], event: { kid, domain: row.domain, until: row.until } };
  },
};

export const reportListKeyCompromise: Rule<ReportListKeyCompromiseInput> = {
  parse(json) {
    const read = memberReader(json, 'compromise', 'INPUT_INVALID', ['kid', 'from']);
    return { kid: read.matching('kid', kidPattern), from: parseInstant(read.text('from')) };
  },
  needs: ({ kid }, fetched) => ({ keys: listKeyKeys(kid, fetched) }),
  decide(view, { kid, from }, context) {
    const row = administeredListKey(view, kid, context);
    requireReportable(row.compromisedFrom, from, context);
    return { writes: [{ ...row, compromisedFrom: from }], event: { kid, domain: row.domain, from } };
  },
};
