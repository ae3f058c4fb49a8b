/** The trust list as it is served: signed when asked for, and anew once the ledger has grown or the signature has aged. */
import { epochSeconds, type Instant, type TrustClaims, utf8 } from '@yinxin/core';
import type { Clock } from '../platform.ts';
import { type Document, toDocument } from './answer.ts';

export interface TrustListSource {
  /** `application/jwt`, of the newest block. @throws YinxinError SIGNING_KEY_MISSING */
  current(): Promise<Document>;
}

export interface TrustListOptions {
  height(): number;
  claims(): TrustClaims;
  sign(claims: TrustClaims): Promise<string>;
  readonly clock: Clock;
}

/** Signed again at least so often, so that whoever asks gets a list that is nearly as good as new. */
const maxAgeSeconds = 600;

interface Made {
  readonly height: number;
  readonly at: Instant;
  readonly document: Promise<Document>;
}

export function createTrustListSource({ height, claims, sign, clock }: TrustListOptions): TrustListSource {
  let made: Made | undefined;
  const make = async () => toDocument('application/jwt', utf8(await sign(claims())));
  return {
    current() {
      const now = clock();
      const isCurrent = made?.height === height() && epochSeconds(now) - epochSeconds(made.at) < maxAgeSeconds;
      if (made && isCurrent) return made.document;
      const next: Made = { height: height(), at: now, document: make() };
      made = next;
      next.document.catch(() => {
        if (made === next) made = undefined;
      });
      return next.document;
    },
  };
}
