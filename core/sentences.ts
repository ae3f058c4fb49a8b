/** One sentence per code for people, with what to do next: the same words on page, command and API. */
import type { ErrorCode } from './errors.ts';
import { findingSentences, type SentenceRow } from './sentences-finding.ts';
import { networkSentences } from './sentences-network.ts';
import { rosterSentences } from './sentences-roster.ts';
import { serviceSentences } from './sentences-service.ts';

const rows: { readonly [code in ErrorCode]: SentenceRow } = {
  ...findingSentences,
  ...networkSentences,
  ...rosterSentences,
  ...serviceSentences,
};

export type Language = 'zh' | 'en';

/** What happened, and what to do next. */
export interface Sentence {
  readonly what: string;
  readonly next: string;
}

/** The sentence of a code. */
export function sentence(code: ErrorCode, language: Language): Sentence {
  const [zhWhat, zhNext, enWhat, enNext] = rows[code];
  return language === 'zh' ? { what: zhWhat, next: zhNext } : { what: enWhat, next: enNext };
}
