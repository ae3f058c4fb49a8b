/** Domains: a city or district, its region, and the organisation that speaks for it. */
import { YinxinError } from '../errors.ts';
import type { RegisterDomainInput } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { existing, invalid, isSameName, parseName, requireAbsent } from './common.ts';
import { organisationRows } from './governing.ts';
import { domainOf } from './permission.ts';
import { outside, regionPattern } from './regions.ts';
import { rowKeys } from './rows.ts';
import type { Action } from './rule.ts';

/** The name of an organisation. */
export const mspPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
/** Two, four or six digits: a province, a city, a district. */
const prefixPattern = /^[1-9]\d(?:\d\d){0,2}$/;

/** @throws YinxinError INPUT_INVALID */
function parseRegisterDomainInput(json: Json): RegisterDomainInput {
  const read = memberReader(json, 'domain', 'INPUT_INVALID', ['domain', 'name', 'region', 'msp']);
  return {
    domain: read.matching('domain', regionPattern),
    name: parseName(read.value('name')),
    region: read.matching('region', prefixPattern),
    msp: read.matching('msp', mspPattern),
  };
}

/** With its organisation's row where that is new. Its code lies in its region, and no other domain has the same region. Rows refuse with ALREADY_EXISTS, OUTSIDE_REGION. */
export const domainRegistration: Action<RegisterDomainInput> = {
  parse: parseRegisterDomainInput,
  needs: ({ msp }) => ({ keys: [rowKeys.organisation(msp)], kinds: ['domain'] }),
  rows(view, input, context) {
    const { domain, region } = input;
    requireAbsent(view, rowKeys.domain(domain));
    if (!domain.startsWith(region)) throw outside(domain, region);
    const isTaken = view.all('domain').some((other) => other.region === region);
    if (isTaken) throw new YinxinError('ALREADY_EXISTS', { kind: 'domain', region });
    return [{ kind: 'domain', ...input, from: context.time }, ...organisationRows(view, input.msp, context)];
  },
};

/** Another name, or another organisation. Rows refuse with NOT_FOUND, INPUT_INVALID, ALREADY_EXISTS where nothing would change. */
export const domainAmendment: Action<RegisterDomainInput> = {
  parse: parseRegisterDomainInput,
  needs({ domain, msp }, fetched) {
    const before = fetched.get(rowKeys.domain(domain))?.msp ?? msp;
    return { keys: [rowKeys.organisation(msp), rowKeys.organisation(before)], kinds: ['domain'] };
  },
  rows(view, input, context) {
    const row = domainOf(view, input.domain);
    if (row.region !== input.region) throw invalid('domain.region', 'a domain keeps its region');
    if (isSameName(row.name, input.name) && row.msp === input.msp) throw existing(rowKeys.domain(input.domain));
    return [{ ...row, ...input }, ...organisationRows(view, input.msp, context)];
  },
};
