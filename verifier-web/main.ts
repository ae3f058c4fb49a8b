/** The verifier page, put together by hand: clock, storage, network and document are read here and nowhere else. */
import { calendarDateAt, maxFileBytes, sentence, toInstant } from '@yinxin/core';
import { createAskingStore } from './asking.ts';
import { createAskingView } from './asking-view.ts';
import { drawCertificate } from './certificate-view.ts';
import { createDesk } from './desk.ts';
import { html, replace } from './dom.ts';
import { type Examination, examineCode, examineFile, examineNumber, type Means } from './examine.ts';
import type { Steps } from './particulars.ts';
import { drawParts } from './parts-view.ts';
import { createServer } from './server.ts';
import { createSpeech } from './speech.ts';
import { createStatusStore } from './status-store.ts';
import { openKeep } from './storage.ts';
import { createTrustStore } from './trust-store.ts';
import { drawVerdict, sayMoment } from './verdict-view.ts';

const keep = openKeep(() => localStorage);
const speech = createSpeech(keep);
const server = createServer((path, init) => fetch(path, init));
const secure = globalThis.crypto?.subtle !== undefined;
const pinText = document.getElementById('yinxin-pin')?.textContent ?? '';
const now = () => toInstant(Math.floor(Date.now() / 1000));
const trust = createTrustStore({
  pinText,
  secure,
  keep,
  fetchList: () => server.trustList(),
  milliseconds: () => performance.now(),
});
const home = trust.state.pin?.domain;
const asking = createAskingStore(
  home,
  openKeep(() => sessionStorage),
);
const means: Means = {
  trust,
  lists: createStatusStore({ pinText, domain: home ?? '', keep, fetchList: server.statusList, now }),
  server,
  asking: () => asking.current,
  now,
};

const brand = html('a', { class: 'brand', href: './' });
const language = html('button', { type: 'button', class: 'link' });
const title = html('h1');
const lead = html('p', { class: 'lead' });
const warning = html('p', { class: 'warning column', hidden: '' });
const verdict = html('section', { class: 'verdict', 'aria-live': 'polite', 'aria-atomic': 'true' });
const rest = html('div', { class: 'rest' });
const desk = createDesk(speech, {
  file: (file) => present({ kind: 'file', name: file.name }, async () => examineFile(await readBytes(file), means)),
  code: (text) => present({ kind: 'code', text }, () => examineCode(text, means)),
  number: checkNumber,
});
const place = createAskingView(speech, {
  asking,
  trust: () => trust.state.trust,
  today: () => calendarDateAt(now()),
  onChange: repeat,
});

/** One byte more than is allowed is enough for core to refuse it. */
async function readBytes(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, maxFileBytes + 1).arrayBuffer());
}

interface Presented {
  readonly given: Parameters<typeof desk.settle>[0];
  readonly examine: () => Promise<Examination>;
}

let presented: Presented | undefined;
let shown: Examination | undefined;
let turn = 0;

function checkNumber(text: string): void {
  present({ kind: 'number', text }, () => examineNumber(text, means));
}

/** A day that was asked about for the certificate before is over with it; one that was chosen with nothing at hand is for this. */
function present(given: Presented['given'], examine: Presented['examine']): void {
  if (presented) asking.forgetDay();
  presented = { given, examine };
  place.close();
  desk.settle(given);
  begin(presented);
}

/** The same once more, for another place, matter or day. */
function repeat(): void {
  if (presented) begin(presented);
}

function begin({ given, examine }: Presented): void {
  const mine = ++turn;
  shown = undefined;
  draw();
  const slow = setTimeout(() => mine === turn && drawWaiting(), 300);
  examine()
    .then((examination) => {
      if (mine !== turn) return;
      shown = examination;
      place.draw();
      draw();
      verdict.scrollIntoView({ block: 'nearest' });
    })
    .catch(() => mine === turn && drawFailure(given.kind === 'file' ? 'FILE_UNREADABLE' : 'INTERNAL'))
    .finally(() => clearTimeout(slow));
}

const steps: Steps = {
  onNumber: checkNumber,
  onMatter(matter) {
    asking.set({ ...asking.current, matter });
    repeat();
  },
  onToday() {
    asking.forgetDay();
    repeat();
  },
};

function drawWaiting(): void {
  replace(verdict, html('p', { class: 'column waiting' }, speech.words.working));
}

/** The file went away while it was read, or a bug of ours: no verdict. */
function drawFailure(code: 'FILE_UNREADABLE' | 'INTERNAL'): void {
  const { what, next } = sentence(code, speech.language);
  replace(verdict, html('p', { class: 'column waiting' }, `${what} ${next}`));
}

function draw(): void {
  document.documentElement.classList.toggle('settled', presented !== undefined);
  if (!shown) {
    for (const name of ['data-tone', 'data-word', 'data-moment']) verdict.removeAttribute(name);
    replace(verdict);
    replace(rest);
    document.title = `${speech.words.title} · ${speech.words.brand}`;
    return;
  }
  const { look, body, title: word } = drawVerdict(shown, speech, steps);
  verdict.setAttribute('data-tone', look.tone);
  verdict.setAttribute('data-word', look.word);
  verdict.toggleAttribute('data-moment', sayMoment(shown, speech) !== undefined);
  replace(verdict, body);
  const again = html('button', { type: 'button', class: 'link' }, speech.words.again);
  again.addEventListener('click', startOver);
  replace(rest, drawCertificate(shown, speech), drawParts(shown, speech), html('p', { class: 'column again' }, again));
  document.title = `${word} · ${speech.words.brand}`;
}

function startOver(): void {
  turn += 1;
  presented = undefined;
  shown = undefined;
  asking.forgetDay();
  draw();
  desk.clear();
}

/** A phone's camera opens the page with the digits behind `#`, which never reach a server; they leave the address bar at once. */
function takeFragment(): void {
  const fragment = location.hash;
  if (fragment.length < 2) return;
  history.replaceState(null, '', location.pathname + location.search);
  present({ kind: 'code', text: fragment }, () => examineCode(fragment, means));
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
  if (event.key === 'Escape' && !event.isComposing && !place.isOpen) startOver();
});
window.addEventListener('hashchange', takeFragment);
document
  .getElementById('page')
  ?.append(
    html('header', { class: 'column' }, brand, language),
    html(
      'main',
      {},
      html('div', { class: 'opening column' }, title, lead),
      warning,
      desk.element,
      place.line,
      verdict,
      rest,
    ),
  );
takeFragment();
void trust.current().then(place.draw);
