/** Issuing bodies: registration inside the region of a domain, and other names. */
import type { IssuerRow, RegisterIssuerInput, RenameIssuerInput, Row } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import { parseInstant } from '../time.ts';
import { issuerKeys, openIssuerOf, parseIssuer, requireIssuerAdmin } from './bodies.ts';
import { existing, isSameName, parseName, requireAbsent, requireRoom } from './common.ts';
import { domainOf, requireAdmin } from './permission.ts';
import { regionPattern, requireDomainRegion } from './regions.ts';
import { rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';
import { laterOf } from './windows.ts';

/** Former names that a body may have. */
const maxFormerNames = 32;

/** The row of an open body. @throws YinxinError ALREADY_EXISTS, NOT_FOUND, OUTSIDE_REGION */
export function issuerRows(view: View, input: RegisterIssuerInput): readonly Row[] {
  requireAbsent(view, rowKeys.issuer(input.issuer));
  requireDomainRegion(view, input.region, domainOf(view, input.domain).domain);
  return [{ kind: 'issuer', ...input, formerNames: [], closed: null, offered: null }];
}

export const registerIssuer: Rule<RegisterIssuerInput> = {
  parse(json) {
    const read = memberReader(json, 'issuer', 'INPUT_INVALID', ['issuer', 'domain', 'region', 'name', 'from']);
    return {
      issuer: parseIssuer(read.text('issuer')),
      domain: read.matching('domain', regionPattern),
      region: read.matching('region', regionPattern),
      name: parseName(read.value('name')),
      from: parseInstant(read.text('from')),
    };
  },
  needs: ({ issuer }) => ({ keys: [rowKeys.issuer(issuer)], kinds: ['domain'] }),
  decide(view, input, context) {
    requireAdmin(domainOf(view, input.domain), context);
    const { issuer, domain } = input;
    return { writes: issuerRows(view, input), event: { issuer, domain } };
  },
};

/** The row with the name that it had among the former ones. Clocks may differ by minutes: the ends never go back. */
function rename(row: IssuerRow, { name }: RenameIssuerInput, { time }: RuleContext): IssuerRow {
  const last = row.formerNames[row.formerNames.length - 1];
  const until = last ? laterOf(last.until, time) : time;
  return { ...row, name, formerNames: [...row.formerNames, { name: row.name, until }] };
}

export const renameIssuer: Rule<RenameIssuerInput> = {
  parse(json) {
    const read = memberReader(json, 'rename', 'INPUT_INVALID', ['issuer', 'name']);
    return { issuer: parseIssuer(read.text('issuer')), name: parseName(read.value('name')) };
  },
  needs: ({ issuer }, fetched) => ({ keys: issuerKeys(issuer, fetched) }),
  decide(view, input, context) {
    const row = openIssuerOf(view, input.issuer, context);
    requireIssuerAdmin(view, row, context);
    if (isSameName(row.name, input.name)) throw existing(rowKeys.issuer(input.issuer));
    requireRoom(row.formerNames.length, maxFormerNames, 'formerNames');
    return { writes: [rename(row, input, context)], event: { issuer: input.issuer } };
  },
};
