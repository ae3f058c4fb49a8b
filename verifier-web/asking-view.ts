/** The quiet line that says where and for what is checked, and the panel behind it. Used by keyboard alone as well as by mouse. */
import { type CalendarDate, parseCalendarDate, type Trust } from '@yinxin/core';
import type { Asking, AskingStore } from './asking.ts';
import { formatDate } from './dates.ts';
import { type Child, html, replace } from './dom.ts';
import type { Speech } from './speech.ts';
import { pick } from './words.ts';

export interface AskingView {
  /** The line; the panel hangs on the document's body. */
  readonly line: HTMLElement;
  readonly isOpen: boolean;
  close(): void;
  /** Says the names of a trust list that has come. */
  draw(): void;
}

export interface AskingMeans {
  readonly asking: AskingStore;
  readonly trust: () => Trust | undefined;
  readonly today: () => CalendarDate;
  /** After a choice in the panel. */
  readonly onChange: () => void;
}

const strong = (text: string) => html('strong', {}, text);

function sayLine({ domain, matter, day, height }: Asking, trust: Trust, { words, language }: Speech): readonly Child[] {
  const place = trust.domainOf(domain ?? '');
  const [before, after] = words.asking.place;
  const nameOf = (slug: string) => trust.matter(slug)?.name[language] ?? slug;
  const parts: Child[] = [`${before} `, strong(place ? pick(place.name, language) : (domain ?? '')), ` ${after}`];
  if (matter !== undefined) parts.push(' · ', `${words.asking.matter} `, strong(nameOf(matter)));
  if (day !== undefined) parts.push(' · ', strong(words.asking.onDay(formatDate(day, words))));
  if (height !== undefined) parts.push(' · ', strong(words.asking.atHeight(height)));
  return parts;
}

/** The choices, and what was chosen. */
function createPanel(speech: Speech, { asking, trust, today }: AskingMeans) {
  const heading = html('h2', { id: 'asking-heading' });
  const place = html('select');
  const matter = html('select');
  const now = html('input', { type: 'radio', name: 'when' });
  const then = html('input', { type: 'radio', name: 'when' });
  const day = html('input', { type: 'date', min: '2000-01-01' });
  const height = html('input', { type: 'number', min: '1', max: '9007199254740991', step: '1', inputmode: 'numeric' });
  const done = html('button', { type: 'submit', class: 'submit' });
  const cancel = html('button', { type: 'button', class: 'link' });
  const labels = {
    whichPlace: html('span'),
    whichMatter: html('span'),
    whichDay: html('legend'),
    today: html('span'),
    otherDay: html('span'),
    dayNote: html('p', { class: 'quiet' }),
    more: html('summary', { class: 'quiet' }),
    height: html('span'),
    heightNote: html('p', { class: 'quiet' }),
  };
  const more = html(
    'details',
    {},
    labels.more,
    html('label', { class: 'choose-row' }, labels.height, height),
    labels.heightNote,
  );
  const form = html(
    'form',
    {},
    heading,
    html('label', { class: 'choose-row' }, labels.whichPlace, place),
    html('label', { class: 'choose-row' }, labels.whichMatter, matter),
    html(
      'fieldset',
      {},
      labels.whichDay,
      html('label', {}, now, labels.today),
      html('span', { class: 'choose-day' }, html('label', {}, then, labels.otherDay), day),
      labels.dayNote,
    ),
    more,
    html('div', { class: 'actions' }, done, cancel),
  );
  const dialog = html('dialog', { class: 'panel', 'aria-labelledby': 'asking-heading' }, form);

  const requireDay = () => {
    day.required = then.checked;
  };
  now.addEventListener('change', requireDay);
  then.addEventListener('change', () => {
    requireDay();
    day.focus();
  });
  day.addEventListener('input', () => {
    then.checked = true;
    requireDay();
  });
  cancel.addEventListener('click', () => dialog.close());

  speech.follow((words) => {
    for (const name of Object.keys(labels) as readonly (keyof typeof labels)[]) {
      labels[name].textContent = words.asking[name]; // each label is named as its words are
    }
    heading.textContent = words.asking.heading;
    day.setAttribute('aria-label', words.asking.otherDay);
    done.textContent = words.asking.done;
    cancel.textContent = words.asking.cancel;
  });

  const fill = (
    select: HTMLSelectElement,
    value: string,
    options: readonly (readonly [value: string, label: string])[],
  ) => {
    replace(select, ...options.map(([name, label]) => html('option', { value: name }, label)));
    select.value = value;
  };

  return {
    dialog,
    form,
    open() {
      const rows = trust();
      const { language, words } = speech;
      const { current } = asking;
      const domains = rows?.domains ?? [];
      fill(
        place,
        current.domain ?? '',
        domains.map(({ domain, name }) => [domain, pick(name, language)]),
      );
      const matters = rows?.matters ?? [];
      fill(matter, current.matter ?? '', [
        ['', words.asking.noMatter],
        ...matters.map((row) => [row.matter, pick(row.name, language)] as const),
      ]);
      day.max = today();
      day.value = current.day ?? '';
      height.value = current.height === undefined ? '' : String(current.height);
      more.open = current.height !== undefined;
      now.checked = current.day === undefined;
      then.checked = !now.checked;
      requireDay();
      dialog.showModal();
    },
    chosen(): Asking {
      const chosenDay = then.checked && day.value < today() ? parseCalendarDate(day.value) : undefined;
      return {
        domain: place.value === '' ? asking.current.domain : place.value,
        matter: matter.value === '' ? undefined : matter.value,
        day: chosenDay,
        height: height.value === '' ? undefined : Number(height.value),
      };
    },
  };
}

export function createAskingView(speech: Speech, means: AskingMeans): AskingView {
  const button = html('button', { type: 'button', class: 'asking' });
  const line = html('p', { class: 'asking-line column', hidden: '' }, button);
  const { dialog, form, open, chosen } = createPanel(speech, means);
  document.body.append(dialog);
  const draw = () => {
    const trust = means.trust();
    line.hidden = trust === undefined;
    if (trust) replace(button, ...sayLine(means.asking.current, trust, speech));
  };
  button.addEventListener('click', open);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    means.asking.set(chosen());
    dialog.close();
    means.onChange();
  });
  means.asking.follow(draw);
  speech.follow(({ asking }) => {
    button.title = asking.label;
    draw();
  });
  return {
    line,
    get isOpen() {
      return dialog.open;
    },
    close: () => dialog.close(),
    draw,
  };
}
