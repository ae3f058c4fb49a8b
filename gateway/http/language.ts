/** The language of sentences for people, from Accept-Language (RFC 9110 §12.5.4): Chinese unless English is preferred. */
import type { Language } from '@yinxin/core';

interface Range {
  readonly language: string;
  readonly weight: number;
}

function toRange(text: string): Range {
  const [tag = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { language: tag.split('-')[0] ?? '', weight: Number.isNaN(weight) ? 0 : weight };
}

/** `zh` or `en`: the one with the greater weight, the earlier of equals; `zh` when neither is named. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const ranges = (acceptLanguage ?? '').slice(0, 500).split(',').map(toRange);
  const known = ranges.filter(({ language, weight }) => (language === 'zh' || language === 'en') && weight > 0);
  const best = known.reduce<Range | undefined>((a, b) => (a && a.weight >= b.weight ? a : b), undefined);
  return best?.language === 'en' ? 'en' : 'zh';
}
