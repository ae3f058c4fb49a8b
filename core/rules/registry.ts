/** Registration of domains, certificate types, issuing bodies and their entitlements. */
import { issuerPattern, typePattern } from '../body.ts';
import { parseType } from '../catalogue.ts';
import { isUscc } from '../check-digits.ts';
import { YinxinError } from '../errors.ts';
import type {
  EntitlementRow,
  RegisterDomainInput,
  RegisterEntitlementInput,
  RegisterIssuerInput,
  RegisterTypeInput,
  Row,
} from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Instant, Json } from '../model.ts';
import { parseInstant } from '../time.ts';
import {
  domainOf,
  invalid,
  isInRegion,
  issuerKeys,
  issuerOf,
  parseName,
  readWindow,
  regionPattern,
  requireAbsent,
  requireAdmin,
  requireAdminRole,
} from './common.ts';
import { rowKeys } from './rows.ts';
import type { Rule, RuleContext, View } from './rule.ts';

const mspPattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
/** Two, four or six digits: a province, a city, a district. */
const prefixPattern = /^[1-9]\d(?:\d\d){0,2}$/;

const outside = (region: string, of: string) => new YinxinError('OUTSIDE_REGION', { region, of });

/** An administrator of any domain speaks here; a vote of the domains will take its place. @throws YinxinError CALLER_NOT_PERMITTED */
function requireAnyAdmin(view: View, context: RuleContext): void {
  requireAdminRole(context);
  const isOfDomain = view.all('domain').some(({ msp }) => msp === context.caller.msp);
  if (!isOfDomain) throw new YinxinError('CALLER_NOT_PERMITTED', { role: 'admin' });
}

/** @throws YinxinError INPUT_INVALID */
export function parseRegisterDomainInput(json: Json): RegisterDomainInput {
  const read = memberReader(json, 'domain', 'INPUT_INVALID', ['domain', 'name', 'region', 'msp']);
  return {
    domain: read.matching('domain', regionPattern),
    name: parseName(read.value('name')),
    region: read.matching('region', prefixPattern),
    msp: read.matching('msp', mspPattern),
  };
}

/** The rows that a domain's registration makes. @throws YinxinError ALREADY_EXISTS, OUTSIDE_REGION */
export function domainRows(view: View, input: RegisterDomainInput): readonly Row[] {
  requireAbsent(view, rowKeys.domain(input.domain));
  if (!input.domain.startsWith(input.region)) throw outside(input.domain, input.region);
  return [{ kind: 'domain', ...input }];
}

export const registerDomain: Rule<RegisterDomainInput> = {
  parse: parseRegisterDomainInput,
  needs: () => ({ keys: [], kinds: ['domain'] }),
  decide(view, input, context) {
    requireAnyAdmin(view, context);
    return { writes: domainRows(view, input), event: { domain: input.domain } };
  },
};

/** @throws YinxinError INPUT_INVALID, TYPE_INVALID */
export function parseRegisterTypeInput(json: Json): RegisterTypeInput {
  const read = memberReader(json, 'type', 'INPUT_INVALID', ['definition']);
  return { definition: parseType(read.value('definition')) };
}

/**
 * The row of a new type, or of the next version of one. Versions are never overwritten and keep the type's code.
 * @throws YinxinError ALREADY_EXISTS, INPUT_INVALID
 */
export function typeRows(view: View, { definition }: RegisterTypeInput, from: Instant): readonly Row[] {
  const { type, version, code } = definition;
  requireAbsent(view, rowKeys.type(type, version));
  const known = view.all('type').map((row) => row.definition);
  if (known.some((other) => other.code === code && other.type !== type)) {
    throw new YinxinError('ALREADY_EXISTS', { kind: 'type', code });
  }
  const earlier = known.filter((other) => other.type === type);
  if (earlier.some((other) => other.code !== code)) throw invalid('definition.code', 'not the code of the type');
  if (version !== earlier.length + 1) throw invalid('definition.version', `not ${earlier.length + 1}`);
  return [{ kind: 'type', definition, from }];
}

export const registerType: Rule<RegisterTypeInput> = {
  parse: parseRegisterTypeInput,
  needs: () => ({ keys: [], kinds: ['domain', 'type'] }),
  decide(view, input, context) {
    requireAnyAdmin(view, context);
    const { type, version } = input.definition;
    return { writes: typeRows(view, input, context.time), event: { type, version } };
  },
};

/** A unified social credit code. @throws YinxinError INPUT_INVALID */
function readIssuer(text: string): string {
  if (!issuerPattern.test(text) || !isUscc(text)) throw invalid('issuer');
  return text;
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseRegisterIssuerInput(json: Json): RegisterIssuerInput {
  const read = memberReader(json, 'issuer', 'INPUT_INVALID', ['issuer', 'domain', 'region', 'name', 'from']);
  return {
    issuer: readIssuer(read.text('issuer')),
    domain: read.matching('domain', regionPattern),
    region: read.matching('region', regionPattern),
    name: parseName(read.value('name')),
    from: parseInstant(read.text('from')),
  };
}

/** @throws YinxinError ALREADY_EXISTS, NOT_FOUND, OUTSIDE_REGION */
export function issuerRows(view: View, input: RegisterIssuerInput): readonly Row[] {
  requireAbsent(view, rowKeys.issuer(input.issuer));
  const { region } = domainOf(view, input.domain);
  if (!input.region.startsWith(region)) throw outside(input.region, region);
  return [{ kind: 'issuer', ...input }];
}

export const registerIssuer: Rule<RegisterIssuerInput> = {
  parse: parseRegisterIssuerInput,
  needs: (input) => ({ keys: [rowKeys.issuer(input.issuer), rowKeys.domain(input.domain)] }),
  decide(view, input, context) {
    requireAdmin(domainOf(view, input.domain), context);
    return { writes: issuerRows(view, input), event: { issuer: input.issuer } };
  },
};

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseRegisterEntitlementInput(json: Json): RegisterEntitlementInput {
  const read = memberReader(json, 'entitlement', 'INPUT_INVALID', ['issuer', 'type', 'region', 'from', 'until']);
  return {
    issuer: readIssuer(read.text('issuer')),
    type: read.matching('type', typePattern),
    region: read.matching('region', regionPattern),
    ...readWindow(read),
  };
}

/** The entitlement and the empty register that goes with it. @throws YinxinError ALREADY_EXISTS, ISSUER_UNKNOWN, NOT_FOUND, TYPE_UNKNOWN, OUTSIDE_REGION */
export function entitlementRows(view: View, input: RegisterEntitlementInput, time: Instant): readonly Row[] {
  const { issuer, type, region } = input;
  requireAbsent(view, rowKeys.entitlement(issuer, type));
  const owner = issuerOf(view, issuer);
  if (!view.get(rowKeys.type(type, 1))) throw new YinxinError('TYPE_UNKNOWN', { type });
  if (!isInRegion(region, owner.region)) throw outside(region, owner.region);
  const domain = domainOf(view, owner.domain);
  if (!region.startsWith(domain.region)) throw outside(region, domain.region);
  const entitlement: EntitlementRow = { kind: 'entitlement', ...input };
  return [entitlement, { kind: 'register', issuer, type, last: 0, time }];
}

export const registerEntitlement: Rule<RegisterEntitlementInput> = {
  parse: parseRegisterEntitlementInput,
  needs: ({ issuer, type }, fetched) => ({
    keys: [...issuerKeys(issuer, fetched), rowKeys.entitlement(issuer, type), rowKeys.type(type, 1)],
  }),
  decide(view, input, context) {
    requireAdmin(domainOf(view, issuerOf(view, input.issuer).domain), context);
    const { issuer, type } = input;
    return { writes: entitlementRows(view, input, context.time), event: { issuer, type } };
  },
};
