/** Recognition agreements (互认协议): terms that never change, in force once every party has approved. */
import { typePattern } from '../body.ts';
import { YinxinError } from '../errors.ts';
import type { AgreementInput, AgreementParty, AgreementRow, ProposeAgreementInput } from '../ledger-model.ts';
import { type MemberReader, memberReader } from '../members.ts';
import type { Json } from '../model.ts';
import { invalid, parseAscending, parseName, requireAbsent, requireAscending, slugPattern } from './common.ts';
import { domainOf, requireAdmin } from './permission.ts';
import { regionPattern } from './regions.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { Decision, Rule, RuleContext, View } from './rule.ts';
import { readWindow, requireNotBefore } from './windows.ts';

/** Parties, and types or matters, that one agreement may name. */
const maxParties = 64;
const maxNames = 256;
const phonePattern = /^\+?\d[\d -]{1,18}\d$/;
/** How the digits of a mobile number begin, abroad or at home: that is a person's, not an office's. */
const mobilePattern = /^0*(?:86)?0*1[3-9]\d{9}/;

const members = ['agreement', 'name', 'parties', 'types', 'matters', 'from', 'until', 'domain'] as const;

/** An office's line. @throws YinxinError INPUT_INVALID */
function readPhone(read: MemberReader<'phone'>): string {
  const phone = read.matching('phone', phonePattern);
  if (mobilePattern.test(phone.replace(/\D/g, ''))) throw invalid('party.phone', 'a mobile number');
  return phone;
}

function parseParty(json: Json): AgreementParty {
  const read = memberReader(json, 'party', 'INPUT_INVALID', ['domain', 'office', 'phone']);
  return {
    domain: read.matching('domain', regionPattern),
    office: parseName(read.value('office')),
    phone: readPhone(read),
  };
}

/** Two at least, each once. */
function parseParties(items: readonly Json[]): readonly AgreementParty[] {
  if (items.length < 2 || items.length > maxParties) throw invalid('agreement.parties', `not 2 to ${maxParties}`);
  const parties = items.map(parseParty);
  const domains = parties.map(({ domain }) => domain);
  requireAscending(domains, 'agreement.parties');
  return parties;
}

function readSlugs(
  read: MemberReader<'types' | 'matters'>,
  name: 'types' | 'matters',
  pattern: RegExp,
): readonly string[] {
  const items = read.array(name);
  if (items.length < 1 || items.length > maxNames) throw invalid(`agreement.${name}`, `not 1 to ${maxNames}`);
  return parseAscending(items, pattern, `agreement.${name}`);
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
function parseProposeAgreementInput(json: Json): ProposeAgreementInput {
  const read = memberReader(json, 'agreement', 'INPUT_INVALID', members);
  return {
    agreement: read.matching('agreement', slugPattern),
    name: parseName(read.value('name')),
    parties: parseParties(read.array('parties')),
    types: readSlugs(read, 'types', typePattern),
    matters: read.value('matters') === null ? null : readSlugs(read, 'matters', slugPattern),
    ...readWindow(read),
    domain: read.matching('domain', regionPattern),
  };
}

/** @throws YinxinError CALLER_NOT_PERMITTED unless the caller administers `domain`, and that is a party */
export function requireParty(
  view: View,
  { parties }: Pick<AgreementRow, 'parties'>,
  domain: string,
  context: RuleContext,
): void {
  if (!parties.some((party) => party.domain === domain)) throw new YinxinError('CALLER_NOT_PERMITTED', { domain });
  requireAdmin(domainOf(view, domain), context);
}

/** @throws YinxinError NOT_FOUND, TYPE_UNKNOWN where the terms name what the ledger does not have */
function requireKnownTerms(view: View, { parties, types, matters }: ProposeAgreementInput): void {
  for (const { domain } of parties) domainOf(view, domain);
  for (const type of types) {
    if (!view.get(rowKeys.type(type, 1))) throw new YinxinError('TYPE_UNKNOWN', { type });
  }
  for (const matter of matters ?? []) {
    if (!view.get(rowKeys.matter(matter))) throw new YinxinError('NOT_FOUND', { kind: 'matter', matter });
  }
}

/** The row with a party's approval; the last one brings it into force. @throws YinxinError ALREADY_APPROVED */
function addApproval(row: AgreementRow, domain: string, { time }: RuleContext): AgreementRow {
  if (row.approvals.some((approval) => approval.domain === domain))
    throw new YinxinError('ALREADY_APPROVED', { domain });
  const approvals = [...row.approvals, { domain, time }];
  return { ...row, approvals, approved: approvals.length === row.parties.length ? time : null };
}

export const agreementDecision = (row: AgreementRow, domain: string): Decision => ({
  writes: [row],
  event: { agreement: row.agreement, domain, approved: row.approved, until: row.until },
});

export const proposeAgreement: Rule<ProposeAgreementInput> = {
  parse: parseProposeAgreementInput,
  needs: ({ agreement, parties, types, matters, domain }) => ({
    keys: [
      rowKeys.agreement(agreement),
      rowKeys.domain(domain),
      ...parties.map((party) => rowKeys.domain(party.domain)),
      ...types.map((type) => rowKeys.type(type, 1)),
      ...(matters ?? []).map(rowKeys.matter),
    ],
  }),
  decide(view, input, context) {
    const { domain, ...terms } = input;
    requireParty(view, input, domain, context);
    requireAbsent(view, rowKeys.agreement(input.agreement));
    requireKnownTerms(view, input);
    if (input.until !== null) requireNotBefore(input.until, 'until', context);
    const row: AgreementRow = {
      kind: 'agreement',
      ...terms,
      proposedBy: domain,
      approvals: [],
      approved: null,
      suspensions: [],
    };
    return agreementDecision(addApproval(row, domain, context), domain);
  },
};

/** @throws YinxinError INPUT_INVALID */
export function parseAgreementInput(json: Json): AgreementInput {
  const read = memberReader(json, 'input', 'INPUT_INVALID', ['agreement', 'domain']);
  return { agreement: read.matching('agreement', slugPattern), domain: read.matching('domain', regionPattern) };
}

export const agreementKeys = ({ agreement, domain }: AgreementInput): readonly RowKey[] => [
  rowKeys.agreement(agreement),
  rowKeys.domain(domain),
];

/** An agreement that has not ended, for a party's administrator. @throws YinxinError NOT_FOUND, CALLER_NOT_PERMITTED, AGREEMENT_STATE */
export function agreementOf(view: View, { agreement, domain }: AgreementInput, context: RuleContext): AgreementRow {
  const row = view.get(rowKeys.agreement(agreement));
  if (!row) throw new YinxinError('NOT_FOUND', { kind: 'agreement', agreement });
  requireParty(view, row, domain, context);
  if (row.until !== null && row.until <= context.time) throw new YinxinError('AGREEMENT_STATE', { ended: row.until });
  return row;
}

export const approveAgreement: Rule<AgreementInput> = {
  parse: parseAgreementInput,
  needs: (input) => ({ keys: agreementKeys(input) }),
  decide(view, input, context) {
    return agreementDecision(addApproval(agreementOf(view, input, context), input.domain, context), input.domain);
  },
};
