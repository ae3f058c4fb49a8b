/** Recognition as a clerk needs it: which agreement makes a certificate acceptable here, for which matters, and whom to ask. */
import { isJsonObject, type Json, type Words } from '@yinxin/core';
import { formatDay } from './dates.ts';
import { detailsOf, readInstant, readWords } from './details.ts';
import { type Child, html } from './dom.ts';
import type { Examination } from './examine.ts';
import type { Particular } from './particular.ts';
import type { Speech } from './speech.ts';
import { pick } from './words.ts';

/** The agreement that the recognition check names. */
interface NamedAgreement {
  readonly name: Words;
  readonly contact: Words | undefined;
  readonly phone: string | undefined;
}

function agreementOf({ checks }: Examination): NamedAgreement | undefined {
  const details = detailsOf(checks, 'recognition');
  const name = readWords(details['name']);
  const contact = details['contact'];
  const phone = isJsonObject(contact) ? contact['phone'] : undefined;
  return (
    name && {
      name,
      contact: isJsonObject(contact) ? readWords(contact['office']) : undefined,
      phone: typeof phone === 'string' ? phone : undefined,
    }
  );
}

/** The matters that the agreement covers, by slug. */
function mattersOf({ checks, trust }: Examination): readonly (readonly [matter: string, name: Words])[] {
  const { matters, matterNames } = { ...{ matters: [], matterNames: [] }, ...detailsOf(checks, 'recognition') };
  if (!Array.isArray(matters)) return [];
  return matters.flatMap((matter: Json, at) => {
    if (typeof matter !== 'string') return [];
    const told = Array.isArray(matterNames) ? readWords(matterNames[at]) : undefined;
    return [[matter, trust.trust?.matter(matter)?.name ?? told ?? { zh: matter, en: matter }] as const];
  });
}

function sayContact({ contact, phone }: NamedAgreement, { language }: Speech): string | undefined {
  return contact && `${pick(contact, language)} ${phone ?? ''}`.trim();
}

/** What is known of an agreement that does not help. */
export function listAgreement(examination: Examination, speech: Speech): readonly Particular[] {
  const { words, language } = speech;
  const agreement = agreementOf(examination);
  if (!agreement) return [];
  const details = detailsOf(examination.checks, 'recognition');
  const contact = sayContact(agreement, speech);
  const why = (['not-begun', 'ended', 'suspended'] as const).find((known) => known === details['why']);
  const until = why === 'ended' ? readInstant(details['until']) : undefined;
  const rows: Particular[] = [[words.recognition.agreement, pick(agreement.name, language)]];
  if (why) {
    const since = until ? ` (${formatDay(until, words)})` : '';
    rows.push([words.recognition.state, words.recognition.why[why] + since]);
  }
  if (examination.verdict.reason === 'MATTER_NOT_COVERED') {
    const names = mattersOf(examination).map(([, name]) => pick(name, language));
    rows.push([words.recognition.matters, names.join(words.comma)]);
  }
  if (contact !== undefined && examination.verdict.reason !== 'MATTER_REQUIRED')
    rows.push([words.recognition.contact, contact]);
  return rows;
}

/** The rule by which it is accepted in a city that is not its issuer's. */
export function drawRule(examination: Examination, speech: Speech): HTMLElement | undefined {
  const { words, language } = speech;
  const passed = examination.checks.some(({ check, outcome }) => check === 'recognition' && outcome === 'passed');
  const agreement = passed && examination.verdict.verdict === 'valid' ? agreementOf(examination) : undefined;
  if (!agreement) return undefined;
  const contact = sayContact(agreement, speech);
  return html(
    'p',
    { class: 'rule' },
    html('strong', {}, words.recognition.by(pick(agreement.name, language))),
    contact !== undefined && html('small', {}, `${words.recognition.contact}${words.colon}${contact}`),
  );
}

/** Which rule is missing. */
export function sayMissingRule({ verdict, certificate, checks, trust }: Examination, { words, language }: Speech) {
  if (verdict.reason !== 'NOT_RECOGNISED' || !certificate) return undefined;
  const { home, domain } = { home: '', domain: '', ...detailsOf(checks, 'recognition') };
  const nameOf = (code: Json) => {
    const row = typeof code === 'string' ? trust.trust?.domainOf(code) : undefined;
    return row ? pick(row.name, language) : String(code);
  };
  return words.recognition.noRule(nameOf(home), nameOf(domain), pick(certificate.typeName, language));
}

/** A button for each matter that the agreement covers, where none was named. */
export function drawMatters(examination: Examination, speech: Speech, onMatter: (matter: string) => void): Child {
  if (examination.verdict.reason !== 'MATTER_REQUIRED') return undefined;
  const { words, language } = speech;
  const buttons = mattersOf(examination).map(([matter, name]) => {
    const button = html('button', { type: 'button', class: 'choice' }, pick(name, language));
    button.addEventListener('click', () => onMatter(matter));
    return button;
  });
  return html('div', { class: 'choices', role: 'group', 'aria-label': words.recognition.chooseMatter }, ...buttons);
}
