/** The verifier page, put together by hand: clock, storage, network and document are read here and nowhere else. */
import { maxFileBytes, sentence, toInstant } from '@yinxin/core';
import { drawCertificate } from './certificate-view.ts';
import { createDesk } from './desk.ts';
import { html, replace } from './dom.ts';
import { type Examination, examineCode, examineFile, examineNumber, type Means } from './examine.ts';
import { drawParts } from './parts-view.ts';
import { createServer } from './server.ts';
import { createSpeech } from './speech.ts';
import { openKeep } from './storage.ts';
import { createTrustStore } from './trust-store.ts';
import { drawVerdict } from './verdict-view.ts';

const keep = openKeep(() => localStorage);
const speech = createSpeech(keep);
const server = createServer((path, init) => fetch(path, init));
const secure = globalThis.crypto?.subtle !== undefined;
const means: Means = {
  server,
  trust: createTrustStore({
    pinText: document.getElementById('yinxin-pin')?.textContent ?? '',
    secure,
    keep,
    fetchList: () => server.trustList(),
    milliseconds: () => performance.now(),
  }),
  now: () => toInstant(Math.floor(Date.now() / 1000)),
};

const brand = html('a', { class: 'brand', href: './' });
const language = html('button', { type: 'button', class: 'link' });
const title = html('h1');
const lead = html('p', { class: 'lead' });
const warning = html('p', { class: 'warning column', hidden: '' });
const verdict = html('section', { class: 'verdict', 'aria-live': 'polite', 'aria-atomic': 'true' });
const rest = html('div', { class: 'rest' });
const desk = createDesk(speech, {
  file: (file) => begin({ kind: 'file', name: file.name }, async () => examineFile(await readBytes(file), means)),
  code: (text) => begin({ kind: 'code', text }, () => examineCode(text, means)),
  number: (text) => begin({ kind: 'number', text }, () => examineNumber(text, means)),
});

/** One byte more than is allowed is enough for core to refuse it. */
async function readBytes(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, maxFileBytes + 1).arrayBuffer());
}

let shown: Examination | undefined;
let turn = 0;

function begin(given: Parameters<typeof desk.settle>[0], examine: () => Promise<Examination>): void {
  const mine = ++turn;
  shown = undefined;
  desk.settle(given);
  draw();
  const slow = setTimeout(() => mine === turn && drawWaiting(), 300);
  examine()
    .then((examination) => {
      if (mine !== turn) return;
      shown = examination;
      draw();
      verdict.scrollIntoView({ block: 'nearest' });
    })
    .catch(() => mine === turn && drawFailure(given.kind === 'file' ? 'FILE_UNREADABLE' : 'INTERNAL'))
    .finally(() => clearTimeout(slow));
}

function drawWaiting(): void {
  replace(verdict, html('p', { class: 'column waiting' }, speech.words.working));
}

/** The file went away while it was read, or a bug of ours: no verdict. */
function drawFailure(code: 'FILE_UNREADABLE' | 'INTERNAL'): void {
  const { what, next } = sentence(code, speech.language);
  replace(verdict, html('p', { class: 'column waiting' }, `${what} ${next}`));
}

function draw(): void {
  document.documentElement.classList.toggle('settled', turn > 0);
  if (!shown) {
    verdict.removeAttribute('data-tone');
    verdict.removeAttribute('data-word');
    replace(verdict);
    replace(rest);
    document.title = `${speech.words.title} · ${speech.words.brand}`;
    return;
  }
  const {
    look,
    body,
    title: word,
  } = drawVerdict(shown, speech, (text) => begin({ kind: 'number', text }, () => examineNumber(text, means)));
  verdict.setAttribute('data-tone', look.tone);
  verdict.setAttribute('data-word', look.word);
  replace(verdict, body);
  const again = html('button', { type: 'button', class: 'link' }, speech.words.again);
  again.addEventListener('click', startOver);
  replace(rest, drawCertificate(shown, speech), drawParts(shown, speech), html('p', { class: 'column again' }, again));
  document.title = `${word} · ${speech.words.brand}`;
}

function startOver(): void {
  turn = 0;
  shown = undefined;
  draw();
  desk.clear();
}

/** A phone's camera opens the page with the digits behind `#`, which never reach a server; they leave the address bar at once. */
function takeFragment(): void {
  const fragment = location.hash;
  if (fragment.length < 2) return;
  history.replaceState(null, '', location.pathname + location.search);
  begin({ kind: 'code', text: fragment }, () => examineCode(fragment, means));
}

speech.follow((words) => {
  document.documentElement.lang = words.htmlLang;
  brand.textContent = words.brand;
  language.textContent = words.switchTo;
  language.lang = words.switchLang;
  language.setAttribute('aria-label', words.switchLabel);
  title.textContent = words.title;
  lead.textContent = words.lead;
  warning.textContent = `${words.insecure.what}${words.insecure.next}`;
  draw();
});
warning.hidden = secure;
language.addEventListener('click', () => speech.switch());
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) startOver();
});
window.addEventListener('hashchange', takeFragment);
document
  .getElementById('page')
  ?.append(
    html('header', { class: 'column' }, brand, language),
    html('main', {}, html('div', { class: 'opening column' }, title, lead), warning, desk.element, verdict, rest),
  );
takeFragment();
void means.trust.current();
