/** The verdict as one sees and hears it: shape, colour, word, the reason, its particulars, and what to do next. */
import { explainVerdict, formatConclusion, genuineWords, type Sentence, sentence, verdictWords } from '@yinxin/core';
import { drawMatters, drawRule, sayMissingRule } from './agreement-view.ts';
import { formatDate } from './dates.ts';
import { type Child, html } from './dom.ts';
import type { Examination } from './examine.ts';
import { decideLook, type Look } from './look.ts';
import { drawParticulars } from './particular.ts';
import { listParticulars, type Steps, sayStatusTime } from './particulars.ts';
import { drawShape } from './shapes.ts';
import type { Speech } from './speech.ts';
import { pick } from './words.ts';

/** What was found, and the next step. */
export function findSentence(examination: Examination, look: Look, speech: Speech): Sentence {
  const { words, language } = speech;
  const { verdict, kind, trust } = examination;
  if (verdict.reason === 'CLAIMS_REQUIRED') return { ...sentence(verdict.reason, language), next: words.noClaims };
  if (verdict.reason !== 'TRUST_MISSING') return explainVerdict(verdict, look.word, kind, language);
  if (trust.problem === 'INSECURE') return words.insecure;
  return trust.problem === undefined ? words.noTrust : sentence(trust.problem, language);
}

/** Breaks, where it must, between its halves. */
function drawWord(word: string): readonly Child[] {
  return word.split(' · ').flatMap((half, at) => [...(at > 0 ? [' · '] : []), html('span', { class: 'half' }, half)]);
}

/** About when it was asked, where that is not now. */
export function sayMoment({ asking }: Pick<Examination, 'asking'>, { words }: Speech): string | undefined {
  const { onDay, atHeight } = words.asking;
  const day = asking.day === undefined ? [] : [onDay(formatDate(asking.day, words))];
  const height = asking.height === undefined ? [] : [atHeight(asking.height)];
  return day.length + height.length === 0 ? undefined : [...day, ...height].join(' · ');
}

function drawMoment(moment: string, { words }: Speech, onToday: () => void): HTMLElement {
  const back = html('button', { type: 'button', class: 'link' }, words.asking.backToNow);
  back.addEventListener('click', onToday);
  return html('p', { class: 'moment' }, html('strong', {}, moment), ' ', back);
}

export interface DrawnVerdict {
  readonly look: Look;
  readonly body: HTMLElement;
  /** The words alone, for the window's title. */
  readonly title: string;
}

/** What stands in the verdict's band. */
export function drawVerdict(examination: Examination, speech: Speech, steps: Steps): DrawnVerdict {
  const { words, language } = speech;
  const look = decideLook(examination.verdict, examination.conclusion);
  const { what, next } = findSentence(examination, look, speech);
  const conclusion = formatConclusion(look.word, examination.conclusion, language);
  const word = pick(verdictWords[look.word], speech.language);
  const moment = sayMoment(examination, speech);
  const missing = sayMissingRule(examination, speech);
  const genuine = examination.verdict.verdict === 'indeterminate' && examination.verdict.genuine === 'yes';
  const status = sayStatusTime(examination, words);
  const text = [
    moment !== undefined && drawMoment(moment, speech, steps.onToday),
    html(
      'h2',
      { class: 'word' },
      ...drawWord(word),
      ...(conclusion === undefined ? [] : [' ', html('span', { class: 'conclusion' }, conclusion)]),
    ),
    drawRule(examination, speech),
    html(
      'p',
      { class: 'reason' },
      genuine && html('strong', {}, pick(genuineWords.yes, language)),
      genuine && ' ',
      what,
    ),
    missing !== undefined && html('p', { class: 'reason' }, missing),
    drawParticulars(listParticulars(examination, speech, steps)),
    drawMatters(examination, speech, steps.onMatter),
    html('p', { class: 'next' }, html('strong', {}, `${words.next}${words.colon}`), next),
    status !== undefined &&
      html('p', { class: examination.listed.list || moment !== undefined ? 'as-of noted' : 'as-of' }, status),
  ];
  return {
    look,
    body: html(
      'div',
      { class: 'column verdict-body' },
      drawShape(look.shape),
      html('div', { class: 'verdict-text' }, ...text),
    ),
    title: [moment, word, conclusion].filter((part) => part !== undefined).join(' · '),
  };
}
