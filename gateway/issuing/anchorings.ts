/** Another domain's word that a batch is anchored: signed here at once where such a domain's key is held; else asked for until a partner gives it. */
import { setTimeout as delay } from 'node:timers/promises';
import { epochSeconds, type Instant } from '@yinxin/core';
import type { AnchoredBatch } from '../index/read-model.ts';
import { chooseWitness } from '../lists/list-keys.ts';
import { signAnchored } from '../lists/lists.ts';
import type { SealedOperation } from '../vault/vault.ts';
import { type BatchKey, getWord, keepWord, listWordless, putWordless, toBatchId } from './batch-records.ts';
import type { IssuingDeps } from './issuing.ts';

type Deps = Pick<IssuingDeps, 'readModel' | 'vault' | 'keys' | 'signer' | 'clock' | 'words'>;

/** A partner sees the block a moment after this gateway, and what a second organisation holds a moment after that. */
const freshPauses: readonly number[] = [0, 50, 100, 200, 400, 800, 1_600];
/** A batch without a word after these is one of those that are asked for now and then. */
const freshMilliseconds = 4_000;
const maxFresh = 16;
const maxQueue = 4_096;
const rounds = { first: 5_000, longest: 60_000, batches: 256 } as const;
/** Whoever asks for files waits so long, and then not again so soon. */
const readerMilliseconds = 1_000;
const quietSeconds = 5;
/** A block that was just taken in is confirmed in a moment, where it can be. */
const confirmationMilliseconds = 1_000;

/** One per vault. What is wanted lies in the vault, so that nothing is forgotten when the process ends. */
export class Anchorings {
  readonly #deps: Deps;
  readonly #closing = new AbortController();
  /** Under way, by batch id. */
  readonly #asking = new Map<string, Promise<string | undefined>>();
  /** Fresh ones that wait for their turn. */
  readonly #queue: BatchKey[] = [];
  /** Not had at the first asking, and when that was; those asked for longest ago come first. */
  readonly #late = new Map<string, { readonly key: BatchKey; readonly asked: Instant }>();
  #rounds: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The word, signed here; null where this gateway holds no key of another organisation's domain, or nobody else is seen to hold the block. */
  async sign({ row, block, time }: AnchoredBatch): Promise<string | null> {
    const { readModel, keys, signer } = this.#deps;
    const trust = readModel.trust();
    const witness = chooseWitness(keys, trust, row.issuer, time);
    if (!witness) return null;
    await readModel.confirmedUpTo(block, confirmationMilliseconds).catch(() => undefined);
    if (block >= readModel.confirmedHeight()) return null;
    const { channel } = trust;
    const { statement, txId } = row;
    return signAnchored(signer, witness.kid, { iss: witness.domain, channel, statement, txId, block, time });
  }

  /** To be written together with a batch that has no word. */
  want(key: BatchKey): readonly SealedOperation[] {
    return putWordless(key);
  }

  /** Asks for the word of a batch whose wish is written. Returns at once. */
  begin(key: BatchKey): void {
    if (this.#asking.size < maxFresh) void this.#ask(key, freshPauses);
    else if (this.#queue.length < maxQueue) this.#queue.push(key);
    else this.#postpone(key);
  }

  /** Asks at once, and then now and then, for everything that has no word yet: also for what an earlier process wanted. */
  async settle(): Promise<void> {
    for (const key of await listWordless(this.#deps.vault)) this.#postpone(key);
    this.#wake();
  }

  /** The word of an anchored batch: kept, or asked for now, for as long as whoever waits for files can be kept waiting. */
  async current(key: BatchKey): Promise<string | null> {
    const kept = await getWord(this.#deps.vault, key);
    if (kept !== undefined || !this.#deps.words) return kept ?? null;
    const id = toBatchId(key);
    const late = this.#late.get(id);
    if (late && epochSeconds(this.#deps.clock()) - epochSeconds(late.asked) < quietSeconds) return null;
    const tooLong = delay(readerMilliseconds, undefined, { ref: false });
    const word = await Promise.race([this.#ask(key, late ? [0] : freshPauses), tooLong]);
    if (word === undefined) this.#postpone(key);
    return word ?? null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#asking.values(), this.#rounds]);
  }

  /** Once at a time for each batch. */
  #ask(key: BatchKey, pauses: readonly number[]): Promise<string | undefined> {
    const id = toBatchId(key);
    const running = this.#asking.get(id);
    if (running) return running;
    const asking = this.#obtain(key, pauses)
      .catch(() => undefined)
      .finally(() => {
        this.#asking.delete(id);
        const next = this.#queue.shift();
        if (next && !this.#closing.signal.aborted) this.begin(next);
      });
    this.#asking.set(id, asking);
    return asking;
  }

  async #obtain(key: BatchKey, pauses: readonly number[]): Promise<string | undefined> {
    const { words, readModel, vault } = this.#deps;
    const batch = words && (await readModel.batch({ ...key, entry: key.first }));
    if (!batch) return undefined;
    const kept = await getWord(vault, key);
    if (kept !== undefined) {
      this.#late.delete(toBatchId(key));
      return kept;
    }
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(freshMilliseconds)]);
    for (const pause of pauses) {
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      const word = signal.aborted ? undefined : await words.ask(batch, signal);
      if (word !== undefined && (await this.#keep(key, word))) return word;
    }
    this.#postpone(key);
    return undefined;
  }

  async #keep(key: BatchKey, word: string): Promise<boolean> {
    if (this.#closing.signal.aborted) return false;
    await this.#deps.vault.put([], keepWord(key, word));
    this.#late.delete(toBatchId(key));
    return true;
  }

  #postpone(key: BatchKey): void {
    const id = toBatchId(key);
    this.#late.delete(id);
    this.#late.set(id, { key, asked: this.#deps.clock() });
    if (this.#deps.words && !this.#closing.signal.aborted) this.#rounds ??= this.#goRound();
  }

  /** Some batches in every round, the pause between rounds growing, until there is nothing left to ask for. */
  async #goRound(): Promise<void> {
    const { signal } = this.#closing;
    let pause: number = rounds.first;
    while (this.#late.size > 0) {
      const isWoken = await this.#rest(pause);
      pause = isWoken ? rounds.first : Math.min(2 * pause, rounds.longest);
      for (const { key } of [...this.#late.values()].slice(0, rounds.batches)) {
        if (!signal.aborted) await this.#ask(key, [0]);
      }
      if (signal.aborted) return;
    }
    this.#rounds = undefined;
  }

  /** Until then, or until it is woken: then true. */
  async #rest(milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const { signal } = this.#closing;
    const rested = delay(milliseconds, false, { signal, ref: false }).catch(() => false);
    return Promise.race([rested, promise.then(() => true)]);
  }
}
