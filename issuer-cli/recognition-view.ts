/** Recognition in words: by which rule a certificate is acceptable here, or which rule is missing and whom to ask. */
import {
  type CertificateSummary,
  type Check,
  type ExplainedCheck,
  explainChecks,
  type Sentence,
  type Trust,
  type Verdict,
} from '@yinxin/core';
import { type Context, say } from './context.ts';
import { wrapText } from './width.ts';

/** All that an agreement covers is told only where that is the question. */
function shorten(check: Check): Check {
  if (check.outcome !== 'passed' || !check.details) return check;
  const { matterNames: _matters, contact: _contact, ...details } = check.details;
  return { ...check, details };
}

/** The agreement that decided and, where it does not help, what it covers and whom to ask; nothing for a certificate of this very city. */
export function listRecognition(checks: readonly Check[], context: Context): readonly (readonly string[])[] {
  const own = checks.filter(
    (check) =>
      check.check === 'recognition' && check.outcome !== 'skipped' && typeof check.details?.['agreement'] === 'string',
  );
  return explainChecks(own.map(shorten), context.language).flatMap(({ evidence }) => listEvidence(evidence));
}

const valueCells = 72;

/** Rows of a table; a long value takes several. */
export function listEvidence(evidence: ExplainedCheck['evidence']): readonly (readonly string[])[] {
  return evidence.flatMap(({ label, value }) =>
    wrapText(value, valueCells).map((line, at) => [at === 0 ? label : '', line]),
  );
}

function nameDomain(trust: Trust | undefined, place: string, context: Context): string {
  const name = trust?.domainOf(place)?.name;
  return name ? say(context, name) : place;
}

/** Between which two cities, and on which type, there is no agreement. */
export function explainMissingRule(
  { details, genuine }: Verdict,
  certificate: CertificateSummary | undefined,
  trust: Trust | undefined,
  context: Context,
): Sentence | undefined {
  const [home, domain] = [details?.['home'], details?.['domain']];
  if (!certificate || typeof home !== 'string' || typeof domain !== 'string') return undefined;
  const [there, here] = [nameDomain(trust, home, context), nameDomain(trust, domain, context)];
  const [type, issuer] = [say(context, certificate.typeName), say(context, certificate.issuerName)];
  const isGenuine = genuine === 'yes';
  const what = say(context, {
    zh: `${isGenuine ? '证照真实，但' : ''}${there}与${here}之间没有关于“${type}”的互认协议，在这里不能直接采用。`,
    en: `${isGenuine ? 'It is genuine, but no' : 'No'} agreement between ${there} and ${here} covers this type (${type}), so it is not acceptable here as it is.`,
  });
  const next = say(context, {
    zh: `请按本地规定办理（例如要求补充材料），或向颁发机构“${issuer}”核实。`,
    en: `Follow local procedure, such as asking for further papers, or ask the issuing body, ${issuer}.`,
  });
  return { what, next };
}
