/** The field and every way into it: typing, pasting, dropping, choosing, a scanner gun. It says what was given, and knows nothing of verdicts. */
import { html, replace } from './dom.ts';
import { type Entry, isCode, type NumberState, readEntry } from './entry.ts';
import type { Speech } from './speech.ts';
import { listenForWedge } from './wedge.ts';
import type { PageWords } from './words.ts';

export interface Desk {
  readonly element: HTMLElement;
  /** Says beneath the field what was given last, and readies it for the next. */
  settle(
    given:
      | { readonly kind: 'file'; readonly name: string }
      | { readonly kind: 'code' | 'number'; readonly text: string },
  ): void;
  clear(): void;
}

export interface Taken {
  file(file: File): void;
  code(text: string): void;
  number(text: string): void;
}

type Help = (words: PageWords) => readonly (Node | string)[];

function helpNumber(state: NumberState): Help {
  return ({ help }) => {
    switch (state.step) {
      case 'good':
        return [html('span', { class: 'help-good' }, `✓ ${help.good}`)];
      case 'bad-check':
        return [html('span', { class: 'help-bad' }, help.badCheck)];
      case 'bad-structure':
        return [html('span', { class: 'help-bad' }, help.badStructure)];
      case 'partial': {
        const full = [21, 18, 10, 3, 1];
        const parts = state.lengths.map((length, at) =>
          html(
            'span',
            { class: length === 0 ? 'meter' : length >= (full[at] ?? 1) ? 'meter meter-full' : 'meter meter-some' },
            `${help.parts[at]} ${length}/${full[at]}`,
          ),
        );
        return [help.partial, ' ', ...parts];
      }
    }
  };
}

function helpEntry(entry: Entry): Help {
  switch (entry.kind) {
    case 'empty':
      return ({ help }) => [help.idle];
    case 'code':
      return ({ help }) => [help.code(entry.digits)];
    case 'number':
      return helpNumber(entry.state);
  }
}

export function createDesk(speech: Speech, taken: Taken): Desk {
  const label = html('label', { for: 'entry' });
  const input = html('input', {
    id: 'entry',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'characters',
    spellcheck: 'false',
    enterkeyhint: 'go',
    'aria-describedby': 'help',
  });
  const submit = html('button', { type: 'submit', class: 'submit' });
  const chooser = html('input', {
    type: 'file',
    accept: '.json,application/json',
    hidden: '',
    tabindex: '-1',
    'aria-hidden': 'true',
  });
  const choose = html('button', { type: 'button', class: 'link choose' });
  const help = html('p', { id: 'help', class: 'help' });
  const form = html(
    'form',
    { class: 'desk column', autocomplete: 'off' },
    label,
    html('div', { class: 'entry' }, input, submit),
    html('div', { class: 'below' }, help, choose, chooser),
  );
  const veil = html('div', { class: 'veil', 'aria-hidden': 'true' });
  document.body.append(veil);

  let settled = false;
  const invite = (words: PageWords) => {
    input.placeholder = settled ? words.again : '1.2.156.3005.2.';
  };
  let say: Help = helpEntry({ kind: 'empty' });
  const tell = (next: Help) => {
    say = next;
    replace(help, ...say(speech.words));
  };
  speech.follow((words) => {
    label.textContent = words.fieldLabel;
    submit.textContent = words.submit;
    choose.textContent = words.chooseFile;
    veil.textContent = words.dropHere;
    invite(words);
    tell(say);
  });

  const take = (text: string) => {
    if (text.trim() === '') return input.focus();
    if (isCode(text)) taken.code(text);
    else taken.number(text);
  };
  const takeFiles = (files: FileList | undefined) => {
    const file = files?.[0];
    if (file && files?.length === 1) taken.file(file);
    else if (file) tell(({ oneAtATime }) => [html('span', { class: 'help-bad' }, oneAtATime)]);
  };

  input.addEventListener('input', () => tell(helpEntry(readEntry(input.value))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    take(input.value);
  });
  choose.addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    takeFiles(chooser.files ?? undefined);
    chooser.value = '';
  });
  listenForWedge(document, (text) => {
    // A number typed fast into the field is the form's to submit, with what was there before.
    if (document.activeElement === input && !isCode(text)) return false;
    take(text);
    return true;
  });
  listenForPaste(input, take, takeFiles);
  listenForDrop(takeFiles);

  return {
    element: form,
    settle(given) {
      settled = true;
      invite(speech.words);
      input.value = given.kind === 'number' ? given.text.trim() : '';
      if (given.kind === 'file') tell(({ help }) => [help.file(given.name)]);
      else tell(helpEntry(readEntry(given.text)));
      if (document.activeElement === input) input.select();
    },
    clear() {
      settled = false;
      invite(speech.words);
      input.value = '';
      tell(helpEntry({ kind: 'empty' }));
      input.focus();
    },
  };
}

/** Pasted anywhere: a file or a code is taken at once, a number is put into the field to be looked at. */
function listenForPaste(
  input: HTMLInputElement,
  take: (text: string) => void,
  takeFiles: (files: FileList | undefined) => void,
): void {
  document.addEventListener('paste', (event) => {
    const data = event.clipboardData;
    const text = data?.getData('text') ?? '';
    if (data && data.files.length > 0) takeFiles(data.files);
    else if (isCode(text.trim())) take(text);
    else if (event.target !== input && text.trim() !== '') {
      input.value = text.trim();
      input.dispatchEvent(new Event('input'));
      input.focus();
    } else return;
    event.preventDefault();
  });
}

/** The whole page is the place to drop. */
function listenForDrop(takeFiles: (files: FileList | undefined) => void): void {
  const root = document.documentElement;
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  document.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    root.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) root.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    root.classList.remove('dropping');
    if (!holdsFiles(event)) return;
    event.preventDefault();
    takeFiles(event.dataTransfer?.files);
  });
}
