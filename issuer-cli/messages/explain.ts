/** What went wrong, in the words of the office: core's sentences, made exact where the command knows more (line, column, option, file). */
import { sentence, type YinxinError } from '@yinxin/core';
import type { Language } from '../context.ts';
import type { Explains, Explanation } from './explanation.ts';
import { networkExplains } from './network.ts';
import { rosterExplains } from './roster.ts';
import { serviceExplains } from './service.ts';
import { explainUsage } from './usage.ts';

const exact: Explains = { USAGE: explainUsage, ...rosterExplains, ...serviceExplains, ...networkExplains };

/** What happened and what to do, in one language. */
export function explainError(error: Pick<YinxinError, 'code' | 'details'>, language: Language): Explanation {
  const usual = sentence(error.code, language);
  const own = exact[error.code]?.(error.details);
  return { what: own?.what?.[language] ?? usual.what, next: own?.next?.[language] ?? usual.next };
}
