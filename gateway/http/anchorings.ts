/** This gateway's word that another city's batch is anchored: signed when it is asked for, of what its own index has seen and a second organisation holds. */
import { type Instant, utf8, YinxinError } from '@yinxin/core';
import { isUnreachable } from '../index/follower.ts';
import type { AnchoredBatch, EntryRef, ReadModel } from '../index/read-model.ts';
import type { Signer } from '../keys/signer.ts';
import type { KeyStore } from '../keys/store.ts';
import { chooseListKey, isWitness } from '../lists/list-keys.ts';
import { signAnchored } from '../lists/lists.ts';
import { Recent } from '../recent.ts';
import { type Document, toDocument } from './answer.ts';

export interface AnchoringSource {
  /** `application/jwt`. @throws YinxinError LEDGER_DAMAGED, LEDGER_DIVERGED: nothing is signed any more. Undefined where this domain has no word of its own to give: the batch is of its own organisation, is not seen or not confirmed yet, or was anchored when the domain had no key that is still good. */
  current(ref: EntryRef): Promise<Document | undefined>;
}

export interface AnchoringSourceDeps {
  readonly readModel: Pick<ReadModel, 'batch' | 'trust' | 'confirmedHeight' | 'confirmedUpTo' | 'fault'>;
  readonly keys: Pick<KeyStore, 'listKeys'>;
  readonly signer: Signer;
  /** That signs. */
  readonly domain: string;
}

/** Of so many batches the words asked for last are kept. */
const maxKept = 256;
const patienceMilliseconds = 1_000;

export function createAnchoringSource(deps: AnchoringSourceDeps): AnchoringSource {
  const { readModel, keys, signer, domain } = deps;
  const kept = new Recent<Promise<Document>>(maxKept);

  /** A reader takes the word by a key that was in force at the time that it names. */
  function findKey(at: Instant): string | undefined {
    try {
      return chooseListKey(keys, readModel.trust(), domain, at);
    } catch (error) {
      if (error instanceof YinxinError && error.code === 'SIGNING_KEY_MISSING') return undefined;
      throw error;
    }
  }

  /** What is just being confirmed is waited for. */
  async function isConfirmed({ block }: AnchoredBatch): Promise<boolean> {
    if (block >= readModel.confirmedHeight())
      await readModel.confirmedUpTo(block, patienceMilliseconds).catch(() => undefined);
    return block < readModel.confirmedHeight();
  }

  async function make(kid: string, { row, block, time }: AnchoredBatch): Promise<Document> {
    const { channel } = readModel.trust();
    const { statement, txId } = row;
    const word = await signAnchored(signer, kid, { iss: domain, channel, statement, txId, block, time });
    return toDocument('application/jwt', utf8(word));
  }

  return {
    async current(ref) {
      const batch = await readModel.batch(ref);
      if (!batch || !isWitness(readModel.trust(), domain, ref.issuer)) return undefined;
      if (!(await isConfirmed(batch))) return undefined;
      const kid = findKey(batch.time);
      if (kid === undefined) return undefined;
      const name = `${kid}/${batch.row.txId}`;
      const known = kept.get(name);
      if (known) return known;
      const fault = readModel.fault();
      if (fault !== undefined && !isUnreachable(fault)) throw fault;
      const document = make(kid, batch);
      kept.set(name, document);
      document.catch(() => kept.delete(name));
      return document;
    },
  };
}
