/** The trust list as it is served: of what is confirmed; signed when asked for, and anew once more is confirmed or the signature has aged. */
import { epochSeconds, type Instant, type TrustClaims, utf8 } from '@yinxin/core';
import type { ReadModel } from '../index/read-model.ts';
import type { Clock } from '../platform.ts';
import { type Document, toDocument } from './answer.ts';

export interface TrustListSource {
  /**
   * `application/jwt`, of the newest block that another organisation holds too. Once the ledger does not hold together, or other organisations hold another, what was signed before.
   * @throws YinxinError SIGNING_KEY_MISSING, NOT_READY; LEDGER_DAMAGED, LEDGER_DIVERGED where nothing was
   */
  current(): Promise<Document>;
}

export interface TrustListOptions {
  readonly readModel: Pick<ReadModel, 'readyToSign' | 'confirmedHeight' | 'trustClaims'>;
  /** That signs. */
  readonly domain: string;
  readonly sign: (claims: TrustClaims) => Promise<string>;
  readonly clock: Clock;
}

/** Signed again at least so often, so that whoever asks gets a list that is nearly as good as new. */
const maxAgeSeconds = 600;

interface Made {
  readonly height: number;
  readonly at: Instant;
  readonly document: Promise<Document>;
}

export function createTrustListSource({ readModel, domain, sign, clock }: TrustListOptions): TrustListSource {
  let made: Made | undefined;
  const make = async (height: number) =>
    toDocument('application/jwt', utf8(await sign(readModel.trustClaims(domain, height))));
  return {
    async current() {
      try {
        await readModel.readyToSign();
      } catch (error) {
        if (made) return made.document;
        throw error;
      }
      const now = clock();
      const height = readModel.confirmedHeight();
      const isCurrent = made?.height === height && epochSeconds(now) - epochSeconds(made.at) < maxAgeSeconds;
      if (made && isCurrent) return made.document;
      const next: Made = { height, at: now, document: make(height) };
      made = next;
      next.document.catch(() => {
        if (made === next) made = undefined;
      });
      return next.document;
    },
  };
}
