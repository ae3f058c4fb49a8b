/** How it was checked, in three parts kept apart: what this device checked, what the server added, what nobody checked. */
import { type Check, checkWords, outcomeWords, sentence, sourceWords } from '@yinxin/core';
import { formatTime } from './dates.ts';
import { type Child, html } from './dom.ts';
import type { Examination } from './examine.ts';
import { drawMark } from './shapes.ts';
import type { Speech } from './speech.ts';
import { pick } from './words.ts';

type Part = 'here' | 'server' | 'open';

/** Where a check's outcome came from. */
function placeCheck(check: Check, { kind, knowledge, server }: Examination): Part {
  if (check.outcome === 'inconclusive' || check.outcome === 'skipped') return 'open';
  if (kind === 'number') return check.check === 'format' ? 'here' : 'server';
  const isDenied = server === 'CERTIFICATE_UNKNOWN' && check.outcome === 'failed';
  const byLedger = check.check === 'status' || (check.check === 'anchor' && (knowledge !== undefined || isDenied));
  return byLedger ? 'server' : 'here';
}

function sayCheck(check: Check, examination: Examination, { words, language }: Speech): string {
  switch (check.outcome) {
    case 'skipped':
      return pick(checkWords[check.check].open, language);
    case 'failed':
      return sentence(check.code, language).what;
    case 'inconclusive': {
      const what = check.code === 'TRUST_MISSING' ? words.noTrust.what : sentence(check.code, language).what;
      return `${pick(checkWords[check.check].open, language)}${words.colon}${what}`;
    }
    case 'passed': {
      const by = check.check === 'anchor' ? check.details?.['by'] : undefined;
      const domain = typeof by === 'string' ? examination.trust.trust?.domain(by)?.name : undefined;
      return domain ? words.anchoredBy(pick(domain, language)) : pick(checkWords[check.check].passed, language);
    }
  }
}

/** A fact behind a check that is worth a line of its own. */
function sayDetail(check: Check, { knowledge }: Examination, { words }: Speech): string | undefined {
  if (check.outcome !== 'passed') return undefined;
  if (check.check === 'anchor' && knowledge?.anchor) {
    return words.block(knowledge.anchor.block, formatTime(knowledge.anchor.time, words));
  }
  if (check.check === 'status' && knowledge) return words.statusAsOf(formatTime(knowledge.asOf, words));
  return check.details?.['vouchedBy'] === 'first' ? words.firstKey : undefined;
}

function drawCheck(check: Check, examination: Examination, speech: Speech): HTMLElement {
  const detail = sayDetail(check, examination, speech);
  return html(
    'li',
    {},
    drawMark(check.outcome, pick(outcomeWords[check.outcome], speech.language)),
    html('span', {}, sayCheck(check, examination, speech), detail !== undefined && html('small', {}, detail)),
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

function noteHere({ trust, kind }: Examination, { words, language }: Speech): string | undefined {
  if (kind === 'number' || !trust.trust || !trust.pin) return undefined;
  const name = trust.trust.domain(trust.pin.domain)?.name;
  return words.parts.hereNote(name ? pick(name, language) : trust.pin.domain, formatTime(trust.trust.asOf, words));
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
  const open = [noteTrust(examination, speech), ...draw('open'), person];
  return html(
    'section',
    { class: 'parts column', 'aria-label': words.parts.heading },
    drawPart(pick(sourceWords.here, language), noteHere(examination, speech), draw('here')),
    drawPart(pick(sourceWords.server, language), noteServer(examination, speech), draw('server')),
    drawPart(pick(sourceWords.open, language), words.parts.openNote, open),
  );
}
