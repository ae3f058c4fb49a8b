/** Recognition: which rule makes a certificate acceptable where it is presented, for the matter at hand. */
import { type Check, doubt, fail, pass } from './finding.ts';
import type { AgreementRow } from './ledger-model.ts';
import type { Instant, Json, Words } from './model.ts';
import type { Subject } from './subject.ts';
import { isInWindow, type Trust } from './trust.ts';

/** Where and for what a certificate is presented. */
export interface Presentation {
  /** Code of a domain, or of a place inside one. */
  readonly domain: string;
  readonly matter: string | undefined;
  /** Legal time. */
  readonly at: Instant;
}

/** Why an agreement does not hold at a time; undefined when it does. */
export function findAgreementFault(
  { approved, from, until, suspensions }: AgreementRow,
  at: Instant,
): 'not-begun' | 'ended' | 'suspended' | undefined {
  if (until !== null && (at >= until || until <= from)) return 'ended';
  if (approved === null || at < approved || at < from) return 'not-begun';
  return suspensions.some((suspension) => isInWindow(suspension, at)) ? 'suspended' : undefined;
}

function covers({ matters }: AgreementRow, matter: string | undefined): boolean {
  return matters === null || (matter !== undefined && matters.includes(matter));
}

const toWords = ({ zh, en }: Words) => ({ zh, en });

/** What a clerk has to know of an agreement: its name, the matters that it covers, and whom of the issuer's side to ask. */
function describe(
  row: AgreementRow,
  home: string,
  trust: Trust,
  matters = row.matters,
): { readonly [key: string]: Json } {
  const party = row.parties.find(({ domain }) => domain === home);
  const contact = party && { office: toWords(party.office), phone: party.phone };
  const names = matters?.map((matter) => toWords(trust.matter(matter)?.name ?? { zh: matter, en: matter }));
  return {
    agreement: row.agreement,
    name: toWords(row.name),
    ...(contact && { contact }),
    ...(matters && names && { matters, matterNames: names }),
  };
}

/** Where, and for which matter. */
function describePlace({ domain, matter }: Presentation, home: string, trust: Trust): { readonly [key: string]: Json } {
  const name = matter === undefined ? undefined : trust.matter(matter)?.name;
  return { home, domain, ...(matter !== undefined && { matter }), ...(name && { matterName: toWords(name) }) };
}

/** Every agreement that all parties once approved, between these domains, on this type. */
function findAgreements(trust: Trust, home: string, here: string, type: string): readonly AgreementRow[] {
  return trust.agreements.filter(({ parties, types, approved }) => {
    const isParty = (domain: string) => parties.some((party) => party.domain === domain);
    return approved !== null && types.includes(type) && isParty(home) && isParty(here);
  });
}

/**
 * Acceptable in the issuer's own domain and every place inside it, and in that of the body that manages it now, which consented to answer
 * for it; elsewhere by an agreement of the issuer's domain in force that covers type and matter.
 */
export function verifyRecognition(subject: Subject, trust: Trust, presentation: Presentation): Check {
  const { domain, matter, at } = presentation;
  const home = trust.issuer(subject.issuer)?.domain ?? '';
  const here = trust.domainOf(domain, at)?.domain;
  if (here !== undefined && here === home) return pass('recognition', { rule: 'own-domain', home, domain });
  if (here !== undefined && here === trust.managerOf(subject.issuer, at)?.domain) {
    return pass('recognition', { rule: 'successor-domain', home, domain });
  }
  const agreements = here === undefined ? [] : findAgreements(trust, home, here, subject.type.type);
  const place = describePlace(presentation, home, trust);
  const facts = (agreement: AgreementRow) => ({ ...describe(agreement, home, trust), ...place });
  const inForce = agreements.filter((agreement) => findAgreementFault(agreement, at) === undefined);
  const rule = inForce.find((agreement) => covers(agreement, matter));
  if (rule) return pass('recognition', { rule: 'agreement', ...facts(rule) });
  const [other] = inForce;
  if (other && matter === undefined) {
    const matters = [...new Set(inForce.flatMap((agreement) => agreement.matters ?? []))].sort();
    return doubt('recognition', 'MATTER_REQUIRED', { ...describe(other, home, trust, matters), ...place });
  }
  if (other) return fail('recognition', 'MATTER_NOT_COVERED', facts(other));
  const resting = agreements[agreements.length - 1];
  if (!resting) return fail('recognition', 'NOT_RECOGNISED', place);
  const why = findAgreementFault(resting, at) ?? 'ended';
  return fail('recognition', 'AGREEMENT_NOT_IN_FORCE', { ...facts(resting), why, until: resting.until });
}
