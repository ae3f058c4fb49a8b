/** The language of the page: Chinese first, switched by hand, and every label that changes with it. */
import type { Keep } from './storage.ts';
import { type Language, type PageWords, wordsOf } from './words.ts';

export interface Speech {
  readonly language: Language;
  readonly words: PageWords;
  /** Calls now, and again whenever the language changes. */
  follow(relabel: (words: PageWords) => void): void;
  switch(): void;
}

export function createSpeech(keep: Keep): Speech {
  let language: Language = keep.read('language') === 'en' ? 'en' : 'zh';
  const followers: ((words: PageWords) => void)[] = [];
  return {
    get language() {
      return language;
    },
    get words() {
      return wordsOf(language);
    },
    follow(relabel) {
      followers.push(relabel);
      relabel(wordsOf(language));
    },
    switch() {
      language = language === 'zh' ? 'en' : 'zh';
      keep.write('language', language);
      for (const relabel of followers) relabel(wordsOf(language));
    },
  };
}
