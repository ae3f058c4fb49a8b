/** Other cities' gateways, asked for their domains' word that a batch is anchored. */
import type { AnchoredClaims, Trust } from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import type { AnchoredBatch } from '../index/read-model.ts';
import { isWitness } from '../lists/list-keys.ts';
import type { Partners } from '../partners.ts';

export interface PartnerWords {
  /** The word of the first partner that has one which holds; undefined where none has now, or the signal aborts. */
  ask(batch: AnchoredBatch, signal: AbortSignal): Promise<string | undefined>;
}

export interface PartnerWordsDeps {
  readonly partners: Partners;
  readonly trust: () => Trust;
}

/** A word has some 600. */
const maxBytes = 8_192;

function isOf({ channel, statement, txId, block, time }: AnchoredClaims, batch: AnchoredBatch, trust: Trust): boolean {
  const { row } = batch;
  const isSame = statement === row.statement && txId === row.txId && block === batch.block && time === batch.time;
  return isSame && channel === trust.channel;
}

/** Whether a word is one: by a list key of another organisation's domain that is on the ledger, over this very batch. */
async function isWordOf(word: string, batch: AnchoredBatch, trust: Trust): Promise<boolean> {
  const read = await readAnchored(word, trust);
  if (read?.outcome !== 'verified') return false;
  return isOf(read.claims, batch, trust) && isWitness(trust, read.claims.iss, batch.row.issuer);
}

export function createPartnerWords({ partners, trust }: PartnerWordsDeps): PartnerWords {
  return {
    ask(batch, signal) {
      const { issuer, type, first } = batch.row;
      const path = `/v1/anchorings/${issuer}/${type}/${first}`;
      const question = { path, mediaType: 'application/jwt', maxBytes, topic: 'anchorings' };
      async function read(bytes: Uint8Array): Promise<string | undefined> {
        const word = Buffer.from(bytes).toString('latin1');
        return (await isWordOf(word, batch, trust())) ? word : undefined;
      }
      return partners.ask({ ...question, read }, signal);
    },
  };
}
