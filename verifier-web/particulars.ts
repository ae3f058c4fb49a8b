/** The facts of the deciding check that a clerk needs: since when, by which document, until when, under which agreement. */
import { epochSeconds, factWords } from '@yinxin/core';
import { listAgreement } from './agreement-view.ts';
import { formatAge, formatDate, formatDay, formatDuration, formatTime } from './dates.ts';
import { detailsOf, readInstant, readWords } from './details.ts';
import { html } from './dom.ts';
import type { Examination } from './examine.ts';
import { drawNumber } from './number-view.ts';
import type { Particular } from './particular.ts';
import type { Speech } from './speech.ts';
import { type PageWords, pick } from './words.ts';

/** What a press on one of them does. */
export interface Steps {
  /** Verifies another certificate by its number. */
  onNumber(text: string): void;
  /** Verifies the same once more, for a matter or about today. */
  onMatter(matter: string): void;
  onToday(): void;
}

/** What was passed: the end that the list was given, for a change that was to take effect then, or the bound that the type sets. */
function sayBound({ listed, now, type }: Examination, words: PageWords): readonly Particular[] {
  if (listed.list && listed.list.expires < now) return [[words.listEnd, formatTime(listed.list.expires, words)]];
  return type ? [[words.bound, formatDuration(type.statusMaxAgeSeconds, words)]] : [];
}

function listStatus(examination: Examination, { words, language }: Speech): readonly Particular[] {
  const { verdict, now } = examination;
  const details = verdict.details ?? {};
  const document = details['document'];
  const basis = readWords(details['basisName']);
  const effective = readInstant(details['effective']);
  const asOf = readInstant(details['asOf']);
  const rows: Particular[] = [];
  if (typeof document === 'string') rows.push([pick(factWords.document, language), document]);
  if (effective) rows.push([pick(factWords.effective, language), formatDay(effective, words)]);
  if (basis) rows.push([words.basis, pick(basis, language)]);
  if (verdict.verdict === 'indeterminate' && asOf) {
    const known = words.timeWithAge(formatTime(asOf, words), formatAge(asOf, now, words));
    rows.push([pick(factWords.knownAt, language), known]);
  }
  if (verdict.reason === 'STATUS_STALE') rows.push(...sayBound(examination, words));
  return rows;
}

function listDates({ verdict, certificate }: Examination, { words, language }: Speech): readonly Particular[] {
  const fact = (name: keyof typeof factWords) => pick(factWords[name], language);
  const details = verdict.details ?? {};
  const expired = verdict.reason === 'CODE_EXPIRED' ? readInstant(details['expired']) : undefined;
  const issued = verdict.reason === 'NOT_YET_ISSUED' ? readInstant(details['issuedAt']) : undefined;
  const rows: Particular[] = [];
  if (expired) rows.push([fact('codeExpired'), formatTime(expired, words)]);
  if (issued) rows.push([words.certificate.issued, formatDay(issued, words)]);
  if (verdict.reason === 'EXPIRED' && certificate?.validUntil) {
    rows.push([fact('lastDay'), formatDate(certificate.validUntil, words)]);
  }
  if (verdict.reason === 'NOT_YET_VALID' && certificate) {
    rows.push([fact('firstDay'), formatDate(certificate.validFrom, words)]);
  }
  return rows;
}

function listReissue(
  { verdict, supersededBy }: Examination,
  { words, language }: Speech,
  steps: Steps,
): readonly Particular[] {
  if (verdict.reason !== 'SUPERSEDED' || !supersededBy) return [];
  const follow = html('button', { type: 'button', class: 'link' }, words.checkSuccessor);
  follow.addEventListener('click', () => steps.onNumber(supersededBy));
  return [[pick(factWords.successor, language), drawNumber(supersededBy), ' ', follow]];
}

function listTerms({ verdict, terms }: Examination, { language }: Speech): readonly Particular[] {
  if (verdict.genuine === 'no') return [];
  const rows: Particular[] = [];
  if (terms.purpose !== undefined) rows.push([pick(factWords.purpose, language), terms.purpose]);
  if (terms.addressee !== undefined) rows.push([pick(factWords.addressee, language), terms.addressee]);
  return rows;
}

export function listParticulars(examination: Examination, speech: Speech, steps: Steps): readonly Particular[] {
  const { check } = examination.verdict;
  return [
    ...(check === 'status' ? listStatus(examination, speech) : []),
    ...(check === 'recognition' ? listAgreement(examination, speech) : []),
    ...listDates(examination, speech),
    ...listReissue(examination, speech, steps),
    ...listTerms(examination, speech),
  ];
}

/** Whether it was asked about anything but now. */
export function isPast({ asking }: Pick<Examination, 'asking'>): boolean {
  return asking.day !== undefined || asking.height !== undefined;
}

/** Where the verdict rests on knowledge of status, how old that is. */
export function sayStatusTime(examination: Examination, words: PageWords): string | undefined {
  const { verdict, checks, listed, now } = examination;
  const asOf = readInstant(detailsOf(checks, 'status')['asOf']);
  const status = checks.find(({ check }) => check === 'status');
  if (!asOf || verdict.genuine === 'no' || (status?.outcome !== 'passed' && status?.outcome !== 'failed'))
    return undefined;
  const time = formatTime(asOf, words);
  if (isPast(examination)) return words.asking.asOfThen(time);
  if (listed.list) return words.listedAsOf(time, formatAge(asOf, now, words));
  return status.outcome === 'passed' ? words.statusAsOf(time) : undefined;
}

/** Age of the trust list, where it is worth a word. */
export function sayTrustAge({ trust, now }: Examination, words: PageWords): string | undefined {
  const asOf = trust.trust?.asOf;
  if (!asOf || epochSeconds(now) - epochSeconds(asOf) < 30 * 60) return undefined;
  return formatAge(asOf, now, words);
}
