/** The verdict as one sees and hears it: shape, colour, word, the reason, its particulars, and what to do next. */
import {
  type Check,
  explainVerdict,
  factWords,
  formatConclusion,
  genuineWords,
  type Instant,
  parseInstant,
  type Sentence,
  sentence,
  verdictWords,
} from '@yinxin/core';
import { formatDate, formatDay, formatTime } from './dates.ts';
import { type Child, html } from './dom.ts';
import type { Examination } from './examine.ts';
import { decideLook, type Look } from './look.ts';
import { drawNumber } from './number-view.ts';
import { drawShape } from './shapes.ts';
import type { Speech } from './speech.ts';
import { type PageWords, pick } from './words.ts';

/** What was found, and the next step. */
export function findSentence(examination: Examination, look: Look, speech: Speech): Sentence {
  const { words, language } = speech;
  const { verdict, kind, trust } = examination;
  if (verdict.reason === 'CLAIMS_REQUIRED') return { ...sentence(verdict.reason, language), next: words.noClaims };
  if (verdict.reason !== 'TRUST_MISSING') return explainVerdict(verdict, look.word, kind, language);
  if (trust.problem === 'INSECURE') return words.insecure;
  return trust.problem === undefined ? words.noTrust : sentence(trust.problem, language);
}

function readInstant(value: unknown): Instant | undefined {
  try {
    return typeof value === 'string' ? parseInstant(value) : undefined;
  } catch {
    return undefined;
  }
}

type Particular = readonly [label: string, ...value: readonly Child[]];

/** The facts of the deciding check that a clerk needs: since when, by which document, until when. */
function listParticulars(
  examination: Examination,
  { words, language }: Speech,
  onNumber: (text: string) => void,
): readonly Particular[] {
  const fact = (name: keyof typeof factWords) => pick(factWords[name], language);
  const { verdict, certificate, supersededBy, knowledge, terms } = examination;
  const details = verdict.details ?? {};
  const rows: Particular[] = [];
  const document = details['document'];
  const effective = readInstant(details['effective']);
  const expired = verdict.reason === 'CODE_EXPIRED' ? readInstant(details['expired']) : undefined;
  if (verdict.check === 'status' && typeof document === 'string') rows.push([fact('document'), document]);
  if (verdict.check === 'status' && effective) rows.push([fact('effective'), formatDay(effective, words)]);
  if (expired) rows.push([fact('codeExpired'), formatTime(expired, words)]);
  if (verdict.reason === 'EXPIRED' && certificate?.validUntil) {
    rows.push([fact('lastDay'), formatDate(certificate.validUntil, words)]);
  }
  if (verdict.reason === 'NOT_YET_VALID' && certificate) {
    rows.push([fact('firstDay'), formatDate(certificate.validFrom, words)]);
  }
  if (verdict.reason === 'STATUS_STALE' && knowledge) rows.push([fact('knownAt'), formatTime(knowledge.asOf, words)]);
  if (verdict.reason === 'SUPERSEDED' && supersededBy) {
    const follow = html('button', { type: 'button', class: 'link' }, words.checkSuccessor);
    follow.addEventListener('click', () => onNumber(supersededBy));
    rows.push([fact('successor'), drawNumber(supersededBy), ' ', follow]);
  }
  if (verdict.genuine !== 'no') {
    if (terms.purpose !== undefined) rows.push([fact('purpose'), terms.purpose]);
    if (terms.addressee !== undefined) rows.push([fact('addressee'), terms.addressee]);
  }
  return rows;
}

function drawParticulars(rows: readonly Particular[]): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const items = rows.map(([label, ...value]) =>
    html('div', { class: value.length > 1 ? 'tall' : '' }, html('dt', {}, label), html('dd', {}, ...value)),
  );
  return html('dl', { class: 'particulars' }, ...items);
}

/** Where the verdict rests on present knowledge of status, how old that is. */
function sayStatusTime({ verdict, checks, knowledge }: Examination, words: PageWords): string | undefined {
  const status: Check | undefined = checks.find((check) => check.check === 'status');
  if (!knowledge || status?.outcome !== 'passed' || verdict.genuine === 'no') return undefined;
  return words.statusAsOf(formatTime(knowledge.asOf, words));
}

/** Breaks, where it must, between its halves. */
function drawWord(word: string): readonly Child[] {
  return word.split(' · ').flatMap((half, at) => [...(at > 0 ? [' · '] : []), html('span', { class: 'half' }, half)]);
}

export interface DrawnVerdict {
  readonly look: Look;
  readonly body: HTMLElement;
  /** The words alone, for the window's title. */
  readonly title: string;
}

/** What stands in the verdict's band. */
export function drawVerdict(examination: Examination, speech: Speech, onNumber: (text: string) => void): DrawnVerdict {
  const { words, language } = speech;
  const look = decideLook(examination.verdict, examination.conclusion);
  const { what, next } = findSentence(examination, look, speech);
  const conclusion = formatConclusion(look.word, examination.conclusion, language);
  const word = pick(verdictWords[look.word], language);
  const genuine = examination.verdict.verdict === 'indeterminate' && examination.verdict.genuine === 'yes';
  const status = sayStatusTime(examination, words);
  const body = html(
    'div',
    { class: 'column verdict-body' },
    drawShape(look.shape),
    html(
      'div',
      { class: 'verdict-text' },
      html(
        'h2',
        { class: 'word' },
        ...drawWord(word),
        ...(conclusion === undefined ? [] : [' ', html('span', { class: 'conclusion' }, conclusion)]),
      ),
      html(
        'p',
        { class: 'reason' },
        genuine && html('strong', {}, pick(genuineWords.yes, language)),
        genuine && ' ',
        what,
      ),
      drawParticulars(listParticulars(examination, speech, onNumber)),
      html('p', { class: 'next' }, html('strong', {}, `${words.next}${words.colon}`), next),
      status !== undefined && html('p', { class: 'as-of' }, status),
    ),
  );
  return { look, body, title: conclusion === undefined ? word : `${word} · ${conclusion}` };
}
