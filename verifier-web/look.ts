/** Which shape and colour the word of a verdict has: pure, and never by colour alone. */
import { type Conclusion, chooseVerdictWord, type Verdict, type VerdictWord } from '@yinxin/core';

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

const looks: { readonly [word in VerdictWord]: readonly [Tone, Shape] } = {
  valid: ['good', 'tick-circle'],
  validNegative: ['good', 'tick-square'],
  validConclusionHidden: ['good', 'tick-square'],
  revoked: ['bad', 'cross-octagon'],
  cancelled: ['bad', 'cross-octagon'],
  withdrawn: ['bad', 'cross-octagon'],
  forfeited: ['bad', 'cross-octagon'],
  ended: ['bad', 'cross-octagon'],
  keyCompromised: ['bad', 'cross-octagon-hatched'],
  notGenuine: ['bad', 'cross-octagon-hatched'],
  wrongIssuer: ['bad', 'cross-octagon-hatched'],
  notOnLedger: ['bad', 'cross-octagon-hatched'],
  expired: ['caution', 'clock-hexagon'],
  notYetValid: ['caution', 'clock-hexagon'],
  notYetIssued: ['caution', 'clock-hexagon'],
  codeExpired: ['caution', 'clock-hexagon'],
  superseded: ['caution', 'arrow-hexagon'],
  suspended: ['caution', 'pause-hexagon'],
  notRecognised: ['caution', 'tick-border'],
  notRecognisedHere: ['caution', 'tick-border'],
  unreadable: ['unsure', 'question-diamond'],
  unsure: ['unsure', 'question-diamond'],
};

export function decideLook(verdict: Verdict, conclusion: Conclusion): Look {
  const word = chooseVerdictWord(verdict, conclusion);
  const [tone, shape] = looks[word];
  return { tone, shape, word };
}
