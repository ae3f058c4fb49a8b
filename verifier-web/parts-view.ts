/** How it was checked, in three parts kept apart: what this device checked, what the server added, what nobody checked. */
import {
  type Check,
  checkWords,
  type ExplainedCheck,
  explainChecks,
  outcomeWords,
  sentence,
  sourceWords,
} from '@yinxin/core';
import { formatTime } from './dates.ts';
import { type Child, html } from './dom.ts';
import { type Examination, ofHeight } from './examine.ts';
import { sayTrustAge } from './particulars.ts';
import { drawMark } from './shapes.ts';
import type { Speech } from './speech.ts';
import { pick } from './words.ts';

type Part = 'here' | 'server' | 'open';

/** Where a check's outcome came from. */
function placeCheck(check: Check, { kind, knowledge, server, asking }: Examination): Part {
  if (check.outcome === 'inconclusive' || check.outcome === 'skipped') return 'open';
  if (kind === 'number') return check.check === 'format' ? 'here' : 'server';
  if (asking.height !== undefined && server === 'answered') return ofHeight.includes(check.check) ? 'server' : 'here';
  const isDenied = server === 'CERTIFICATE_UNKNOWN' && check.outcome === 'failed';
  const isOfLedger = check.check === 'status' || check.check === 'anchor';
  return isOfLedger && (knowledge !== undefined || isDenied) ? 'server' : 'here';
}

function sayCheck(check: Check, explained: ExplainedCheck, { words, language }: Speech): string {
  switch (check.outcome) {
    case 'skipped':
      return pick(checkWords[check.check].open, language);
    case 'inconclusive': {
      const what = check.code === 'TRUST_MISSING' ? words.noTrust.what : explained.sentence;
      return `${explained.title}${words.colon}${what}`;
    }
    default:
      return explained.sentence;
  }
}

/** What must be seen without opening anything. */
function sayDetail(check: Check, { trust }: Examination, { words, language }: Speech): string | undefined {
  if (check.outcome !== 'passed') return undefined;
  const by = check.check === 'anchor' ? check.details?.['by'] : undefined;
  const domain = typeof by === 'string' ? trust.trust?.domain(by)?.name : undefined;
  if (domain) return words.anchoredBy(pick(domain, language));
  return check.details?.['vouchedBy'] === 'first' ? words.firstKey : undefined;
}

/** Hashes and numbers stand in even columns, and break anywhere. */
const isLong = (value: string) => /^[A-Za-z0-9+/=_.-]{24,}$/.test(value);

function drawEvidence({ evidence, code }: ExplainedCheck, { words }: Speech): HTMLElement | undefined {
  const facts = code === undefined ? evidence : [...evidence, { label: words.code, value: code }];
  if (facts.length === 0) return undefined;
  const rows = facts.flatMap(({ label, value }) => [
    html('dt', {}, label),
    html('dd', isLong(value) ? { class: 'long' } : {}, value),
  ]);
  return html('dl', { class: 'evidence' }, ...rows);
}

function drawCheck(check: Check, examination: Examination, speech: Speech): HTMLElement {
  const [explained] = explainChecks([check], speech.language);
  if (!explained) return html('li');
  const detail = sayDetail(check, examination, speech);
  const evidence = drawEvidence(explained, speech);
  const said = [sayCheck(check, explained, speech), detail !== undefined && html('small', {}, detail)];
  return html(
    'li',
    {},
    drawMark(check.outcome, pick(outcomeWords[check.outcome], speech.language)),
    evidence
      ? html('details', {}, html('summary', {}, html('span', {}, ...said)), evidence)
      : html('span', {}, ...said),
  );
}

function drawPart(title: string, note: string | undefined, items: readonly Child[]): HTMLElement {
  return html(
    'section',
    { class: 'part' },
    html('h4', {}, title),
    html(
      'div',
      {},
      items.length > 0 && html('ul', {}, ...items),
      note !== undefined && html('p', { class: 'quiet' }, note),
    ),
  );
}

function noteHere(examination: Examination, { words, language }: Speech): string | undefined {
  const { trust, kind } = examination;
  if (kind === 'number' || !trust.trust || !trust.pin) return undefined;
  const name = trust.trust.domain(trust.pin.domain)?.name;
  const time = formatTime(trust.trust.asOf, words);
  return words.parts.hereNote(name ? pick(name, language) : trust.pin.domain, time, sayTrustAge(examination, words));
}

function noteServer({ kind, server }: Examination, { words, language }: Speech): string {
  if (server === 'not-asked') return words.parts.serverNotAsked;
  if (server === 'GATEWAY_UNREACHABLE') return words.parts.serverSilent;
  if (server !== 'answered') return sentence(server, language).what;
  return kind === 'number' ? words.parts.serverNumberNote : words.parts.serverNote;
}

/** A list that was refused is said, even where an older one did. */
function noteTrust({ trust, kind }: Examination, { words, language }: Speech): Child {
  if (kind === 'number' || trust.problem === undefined) return undefined;
  const what = trust.problem === 'INSECURE' ? words.insecure.what : sentence(trust.problem, language).what;
  return html('li', {}, drawMark('inconclusive', pick(outcomeWords.inconclusive, language)), html('span', {}, what));
}

function noteList({ listed }: Examination, { words, language }: Speech): Child {
  if (listed.problem === undefined) return undefined;
  const mark = drawMark('inconclusive', pick(outcomeWords.inconclusive, language));
  return html(
    'li',
    {},
    mark,
    html('span', {}, `${words.list}${words.colon}${sentence(listed.problem, language).what}`),
  );
}

export function drawParts(examination: Examination, speech: Speech): HTMLElement {
  const { words, language } = speech;
  const draw = (part: Part) =>
    examination.checks
      .filter((check) => placeCheck(check, examination) === part)
      .map((check) => drawCheck(check, examination, speech));
  const person = html(
    'li',
    {},
    drawMark('skipped', pick(outcomeWords.skipped, language)),
    html('span', {}, words.parts.person),
  );
  const open = [noteTrust(examination, speech), noteList(examination, speech), ...draw('open'), person];
  return html(
    'section',
    { class: 'parts column', 'aria-label': words.parts.heading },
    drawPart(pick(sourceWords.here, language), noteHere(examination, speech), draw('here')),
    drawPart(pick(sourceWords.server, language), noteServer(examination, speech), draw('server')),
    drawPart(pick(sourceWords.open, language), words.parts.openNote, open),
  );
}
