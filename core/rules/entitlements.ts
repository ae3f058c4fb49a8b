/** Entitlement: which type a body may issue, for which region, in which windows of time. */
import { typePattern } from '../body.ts';
import { YinxinError } from '../errors.ts';
import type {
  EndEntitlementInput,
  EntitlementRow,
  RegisterEntitlementInput,
  RegisterRow,
  Row,
} from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { parseInstant } from '../time.ts';
import { issuerKeys, issuerOf, openIssuerOf, parseIssuer, requireIssuerAdmin } from './bodies.ts';
import { existing, requireRoom } from './common.ts';
import { isInRegion, outside, regionPattern, requireDomainRegion } from './regions.ts';
import { rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';
import { readWindow, shorten } from './windows.ts';

/** Windows that one may have. */
const maxWindows = 64;

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseRegisterEntitlementInput(json: Json): RegisterEntitlementInput {
  const read = memberReader(json, 'entitlement', 'INPUT_INVALID', ['issuer', 'type', 'region', 'from', 'until']);
  return {
    issuer: parseIssuer(read.text('issuer')),
    type: read.matching('type', typePattern),
    region: read.matching('region', regionPattern),
    ...readWindow(read),
  };
}

/** The row with one window more, which begins when the last has ended. @throws YinxinError ALREADY_EXISTS, LIMIT_REACHED */
function addWindow(row: EntitlementRow | undefined, input: RegisterEntitlementInput): EntitlementRow {
  const { issuer, type, region, from, until } = input;
  const windows = row?.windows ?? [];
  const last = windows[windows.length - 1];
  const isApart = last === undefined || (last.until !== null && last.until <= from);
  if (!isApart) throw existing(rowKeys.entitlement(issuer, type));
  requireRoom(windows.length, maxWindows, 'windows');
  return { kind: 'entitlement', issuer, type, windows: [...windows, { region, from, until }] };
}

/**
 * The entitlement, and with a first one the empty register that goes with it.
 * @throws YinxinError ALREADY_EXISTS, ISSUER_UNKNOWN, ISSUER_CLOSED, TYPE_UNKNOWN, OUTSIDE_REGION, LIMIT_REACHED
 */
export function entitlementRows(view: View, input: RegisterEntitlementInput, context: RuleContext): readonly Row[] {
  const { issuer, type, region } = input;
  const owner = openIssuerOf(view, issuer, context);
  if (!view.get(rowKeys.type(type, 1))) throw new YinxinError('TYPE_UNKNOWN', { type });
  if (!isInRegion(region, owner.region)) throw outside(region, owner.region);
  requireDomainRegion(view, region, owner.domain);
  const row = view.get(rowKeys.entitlement(issuer, type));
  const entitlement = addWindow(row, input);
  const register: RegisterRow = { kind: 'register', issuer, type, last: 0, time: context.time };
  return row ? [entitlement] : [entitlement, register];
}

export const registerEntitlement: Rule<RegisterEntitlementInput> = {
  parse: parseRegisterEntitlementInput,
  needs: ({ issuer, type }) => ({
    keys: [
      rowKeys.issuer(issuer),
      rowKeys.entitlement(issuer, type),
      rowKeys.register(issuer, type),
      rowKeys.type(type, 1),
    ],
    kinds: ['domain'],
  }),
  decide(view, input, context) {
    const { issuer, type } = input;
    requireIssuerAdmin(view, issuerOf(view, issuer), context);
    return { writes: entitlementRows(view, input, context), event: { issuer, type } };
  },
};

export const endEntitlement: Rule<EndEntitlementInput> = {
  parse(json) {
    const read = memberReader(json, 'end', 'INPUT_INVALID', ['issuer', 'type', 'until']);
    return {
      issuer: parseIssuer(read.text('issuer')),
      type: read.matching('type', typePattern),
      until: parseInstant(read.text('until')),
    };
  },
  needs: ({ issuer, type }, fetched) => ({
    keys: [...issuerKeys(issuer, fetched), rowKeys.entitlement(issuer, type)],
  }),
  decide(view, { issuer, type, until }, context) {
    requireIssuerAdmin(view, issuerOf(view, issuer), context);
    const row = view.get(rowKeys.entitlement(issuer, type));
    const last = row?.windows[row.windows.length - 1];
    if (!row || !last) throw new YinxinError('NOT_FOUND', { kind: 'entitlement', issuer, type });
    const ended = shorten(last, until, context);
    return {
      writes: [{ ...row, windows: [...row.windows.slice(0, -1), ended] }],
      event: { issuer, type, until: ended.until },
    };
  },
};
