/** What a certificate says, masked as for anyone; of one that is not genuine only what it claims to be. */
import { type CertificateSummary, calendarDateAt, claimedWords, type FieldValue, type ShownField } from '@yinxin/core';
import { formatDate, formatDay } from './dates.ts';
import { html } from './dom.ts';
import type { Examination } from './examine.ts';
import { drawNumber } from './number-view.ts';
import type { Speech } from './speech.ts';
import { type PageWords, pick } from './words.ts';

function formatValue(value: FieldValue): string {
  if (typeof value === 'string') return value;
  if (isItems(value)) return value.join('、');
  return Object.entries(value)
    .map(([name, item]) => `${name}：${item}`)
    .join('；');
}

function isItems(value: Exclude<FieldValue, string>): value is readonly string[] {
  return Array.isArray(value);
}

const halfLineCharacters = 20;

/** Which fields take a whole line: long ones, and those that would stand beside an empty half. */
function chooseWide(fields: readonly ShownField[]): readonly boolean[] {
  const wide = fields.map(({ value }) => value !== null && [...formatValue(value)].length > halfLineCharacters);
  let alone: number | undefined;
  for (const [at, isWide] of [...wide, true].entries()) {
    if (isWide && alone !== undefined) wide[alone] = true;
    alone = isWide || alone !== undefined ? undefined : at;
  }
  return wide;
}

function drawField(field: ShownField, isWide: boolean, speech: Speech): HTMLElement {
  const label = html('dt', {}, pick(field.label, speech.language));
  const unit = field.unit === undefined ? '' : ` ${field.unit}`;
  const value =
    field.value === null
      ? html('dd', { class: 'quiet' }, speech.words.certificate.secret)
      : html('dd', { lang: 'zh-CN' }, formatValue(field.value) + unit);
  return html('div', { class: isWide ? 'field wide' : 'field' }, label, value);
}

function sayPeriod({ type }: Examination, certificate: CertificateSummary, words: PageWords): string {
  const { validFrom, validUntil, issuedAt } = certificate;
  if (type?.validity.kind === 'snapshot') {
    return words.certificate.snapshot(formatDate(calendarDateAt(issuedAt), words), type.validity.freshnessDays);
  }
  // Year 9999 is how some registers write "no end".
  const until = validUntil === null || validUntil.startsWith('9999-') ? undefined : formatDate(validUntil, words);
  return words.certificate.period(formatDate(validFrom, words), until);
}

function drawTitle(
  certificate: CertificateSummary,
  { words, language }: Speech,
  period?: string,
): readonly HTMLElement[] {
  const line = html('p', { class: 'certificate-line' }, html('span', {}, pick(certificate.issuerName, language)));
  if (period !== undefined && certificate.successor) {
    const manager = words.managedBy(pick(certificate.successor.name, language));
    line.append(html('span', { class: 'separator' }, ' · '), html('span', {}, manager));
  }
  if (period !== undefined) line.append(html('span', { class: 'separator' }, ' · '), html('span', {}, period));
  return [html('h3', { class: 'certificate-name' }, pick(certificate.typeName, language)), line];
}

function drawClaim(certificate: CertificateSummary, speech: Speech): HTMLElement {
  return html(
    'section',
    { class: 'certificate column claimed' },
    html('p', { class: 'eyebrow' }, pick(claimedWords, speech.language)),
    ...drawTitle(certificate, speech),
    html('p', { class: 'certificate-line' }, drawNumber(certificate.identifier)),
  );
}

/** Undefined where nothing is known of it. */
export function drawCertificate(examination: Examination, speech: Speech): HTMLElement | undefined {
  const { certificate, fields, omitted, kind, verdict } = examination;
  const { words } = speech;
  if (!certificate) return undefined;
  if (verdict.genuine === 'no') return drawClaim(certificate, speech);
  const wide = chooseWide(fields);
  const number = html(
    'div',
    { class: 'field wide' },
    html('dt', {}, words.certificate.number),
    html(
      'dd',
      {},
      drawNumber(certificate.identifier),
      html('span', { class: 'quiet issued' }, `${words.certificate.issued} ${formatDay(certificate.issuedAt, words)}`),
    ),
  );
  return html(
    'section',
    { class: 'certificate column', 'aria-label': words.certificate.heading },
    ...drawTitle(certificate, speech, sayPeriod(examination, certificate, words)),
    html('dl', { class: 'fields' }, ...fields.map((field, at) => drawField(field, wide[at] === true, speech)), number),
    omitted > 0 && html('p', { class: 'quiet' }, words.certificate.omitted(omitted)),
    kind === 'number' && fields.length === 0 && html('p', { class: 'quiet' }, words.certificate.numberShowsNone),
  );
}
