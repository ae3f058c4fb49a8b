/** Which shape, colour and word a verdict has: pure, and never by colour alone. */
import type { ErrorCode, Verdict } from '@yinxin/core';
import type { VerdictWord } from './words.ts';

/** `good` is drawn only for what `conclude` returned as valid. */
export type Tone = 'good' | 'bad' | 'caution' | 'unsure';

export type Shape =
  | 'tick-circle'
  | 'tick-square'
  | 'cross-octagon'
  | 'cross-octagon-hatched'
  | 'clock-hexagon'
  | 'arrow-hexagon'
  | 'pause-hexagon'
  | 'tick-border'
  | 'question-diamond';

export interface Look {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: VerdictWord;
}

/** What a certificate that may say no says, as far as it was shown. */
export type Conclusion =
  | { readonly kind: 'none' | 'positive' | 'hidden' }
  | { readonly kind: 'negative'; readonly value: string | undefined };

const look = (tone: Tone, shape: Shape, word: VerdictWord): Look => ({ tone, shape, word });

const ended: { readonly [code in ErrorCode]?: Look } = {
  REVOKED: look('bad', 'cross-octagon', 'revoked'),
  CANCELLED: look('bad', 'cross-octagon', 'cancelled'),
  WITHDRAWN: look('bad', 'cross-octagon', 'withdrawn'),
  FORFEITED: look('bad', 'cross-octagon', 'forfeited'),
  EXPIRED: look('caution', 'clock-hexagon', 'expired'),
  NOT_YET_VALID: look('caution', 'clock-hexagon', 'notYetValid'),
  CODE_EXPIRED: look('caution', 'clock-hexagon', 'codeExpired'),
  SUPERSEDED: look('caution', 'arrow-hexagon', 'superseded'),
  SUSPENDED: look('caution', 'pause-hexagon', 'suspended'),
  NOT_RECOGNISED: look('caution', 'tick-border', 'notRecognised'),
};

const unsure = look('unsure', 'question-diamond', 'unsure');

export function decideLook(verdict: Verdict, conclusion: Conclusion): Look {
  switch (verdict.verdict) {
    case 'valid':
      return decideValidLook(conclusion);
    case 'indeterminate':
      return unsure;
    case 'invalid':
      return decideInvalidLook(verdict);
  }
}

function decideValidLook(conclusion: Conclusion): Look {
  switch (conclusion.kind) {
    case 'none':
    case 'positive':
      return look('good', 'tick-circle', 'valid');
    case 'negative':
      return look('good', 'tick-square', 'validNegative');
    case 'hidden':
      return look('good', 'tick-square', 'validConclusionHidden');
  }
}

/** What could not even be read (a wrong file, a product's bar code, a mistyped number) accuses nobody. */
function decideInvalidLook({ check, reason }: Verdict): Look {
  if (check === 'format') return look('unsure', 'question-diamond', 'unreadable');
  const hatched = (word: VerdictWord) => look('bad', 'cross-octagon-hatched', word);
  if (check === 'issuer') return hatched('wrongIssuer');
  if (check === 'anchor') return hatched('notOnLedger');
  return (reason === 'VALID' ? undefined : ended[reason]) ?? hatched('notGenuine');
}
