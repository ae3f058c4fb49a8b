/** A batch of several requests: numbered, stored, signed, sent, and each request answered; or finished after an earlier process ended. */
import {
  type AnchorInput,
  type AnchorStatement,
  type BatchSummary,
  digestSupersessions,
  errorEntry,
  formatStatement,
  type Json,
  maxBatchLeaves,
  type Supersession,
  toBase64,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import type { AnchoredBatch } from '../index/read-model.ts';
import {
  completePending,
  dropPending,
  getPending,
  type PendingBatch,
  type PendingRequest,
  putIssued,
  putPending,
  putWord,
  toBatchId,
  tokensUntil,
} from './batch-records.ts';
import type { Register } from './batcher.ts';
import { carryOut } from './carry-out.ts';
import type { Files } from './files.ts';
import type { IssuingDeps } from './issuing.ts';
import { answerRequest, forgetRequest, markRequest } from './once.ts';
import type { Reissue } from './reissues.ts';
import { rowsInvalid } from './rows.ts';
import { chooseKey, mspOf } from './signing-keys.ts';
import { rootOf, type Tree } from './tree.ts';
import type { Waiting } from './waiting.ts';
import type { Numbered } from './workers/jobs.ts';
import type { Pool } from './workers/pool.ts';

/** Another gateway that takes the entries is given way to for so long; who is alone is told nothing new by waiting. */
const patienceMilliseconds = 60_000;
/** Two that were overtaken at the same moment do not go on in step. */
const maxPauseMilliseconds = 25;
/** Records read between two turns of the event loop: some milliseconds. */
const recordsAtOnce = 128;
const hashBytes = 32;

/** A request that may be numbered, with what it supersedes. */
export interface Ready {
  readonly waiting: Waiting;
  readonly reissues: readonly Reissue[];
}

/** A request with its entries and what was made of it. */
interface Placed extends Ready {
  readonly first: number;
  readonly last: number;
  readonly numbered: Numbered;
}

interface Stored {
  readonly pending: PendingBatch;
  readonly tree: Tree;
}

const randomPause = () => Math.floor(Math.random() * maxPauseMilliseconds);

export class Anchoring {
  /** Certificates that the ledger takes at once. */
  readonly maxRows = maxBatchLeaves;
  readonly #deps: IssuingDeps;
  readonly #pool: Pool;
  readonly #files: Files;

  constructor(deps: IssuingDeps, pool: Pool, files: Files) {
    this.#deps = deps;
    this.#pool = pool;
    this.#files = files;
  }

  /** Finishes what is under way in a register, if anything is. What was refused for good is forgotten and blocks nothing after it. */
  async settle(register: Register): Promise<void> {
    const { vault } = this.#deps;
    const pending = await getPending(vault, register);
    if (!pending) return;
    try {
      const leaves = await this.#readLeaves(pending);
      const done = await this.#carryOut(pending, leaves, true);
      if (done !== 'overtaken') await this.#complete(pending, done);
    } catch (error) {
      if (await getPending(vault, register)) throw error;
    }
  }

  /** Answers every request, but those that must go again. @returns these */
  async anchor(register: Register, ready: readonly Ready[]): Promise<readonly Waiting[]> {
    const placed = await this.#number(register, ready);
    if ('again' in placed) return placed.again;
    const { pending, tree } = await this.#store(register, placed);
    const leaves = tree.nodes.subarray(0, tree.size * hashBytes);
    let done: AnchoredBatch | 'overtaken';
    try {
      done = await this.#carryOut(pending, leaves, false);
    } catch (error) {
      return refuse(placed, error);
    }
    if (done === 'overtaken') return this.#goAgain(placed);
    const summaries = await this.#complete(pending, done);
    for (const [at, { waiting, numbered }] of placed.entries()) {
      const summary = summaries[at];
      const held = waiting.wantsLines ? { pages: numbered.pages, tree } : undefined;
      if (summary) waiting.resolve({ summary, takeFiles: takeOnce(held) });
    }
    return [];
  }

  /** Consecutive entries for all of them. Where one cannot be made, it is refused and the others go again: entries leave no gap. */
  async #number(
    { issuer, type }: Register,
    ready: readonly Ready[],
  ): Promise<readonly Placed[] | { readonly again: readonly Waiting[] }> {
    const { readModel, clock, vault } = this.#deps;
    const issuedAt = clock();
    const key = await vault.issuerKey(issuer);
    let next = (readModel.register(issuer, type)?.last ?? 0) + 1;
    // an index built anew from a peer that lags: these entries are given already, and their records must not be written over
    if ((await vault.entriesAfter(issuer, type, next - 1, 1)).length > 0) throw new YinxinError('NOT_READY');
    const made = ready.map(async ({ waiting, reissues }): Promise<Placed> => {
      const { lane, draft, rows, wantsLines } = waiting;
      const first = next;
      next += rows;
      const numbered = await lane.run('number', { draft, first, issuedAt, reissues, key, wantsLines });
      if (numbered.findings.length > 0) throw rowsInvalid(numbered.findings);
      return { waiting, reissues, first, last: first + rows - 1, numbered };
    });
    const settled = await Promise.allSettled(made);
    const placed = settled.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
    if (placed.length === ready.length) return placed;
    for (const [at, result] of settled.entries()) {
      if (result.status === 'rejected') ready[at]?.waiting.reject(result.reason);
    }
    return { again: placed.map(({ waiting }) => waiting) };
  }

  /** Certificates, tokens and intent, on disk before anything is signed. */
  async #store({ issuer, type }: Register, placed: readonly Placed[]): Promise<Stored> {
    const leaves = new Uint8Array(Buffer.concat(placed.map(({ numbered }) => numbered.leaves)));
    const tree = await this.#pool.lane(leaves.length).run('tree', { leaves });
    const pending: PendingBatch = {
      issuer,
      type,
      typeVersion: placed[0]?.waiting.typeVersion ?? 0,
      first: placed[0]?.first ?? 0,
      last: placed[placed.length - 1]?.last ?? 0,
      root: toBase64(rootOf(tree)),
      supersessions: placed.flatMap(toSupersessions),
      requests: placed.map(({ first, last, waiting: { mark, warnings } }) => ({
        request: mark,
        first,
        last,
        warnings,
      })),
    };
    const tokens = placed.map(({ numbered }) => Buffer.from(numbered.tokens).toString('base64'));
    const marks = pending.requests.map(({ request }) => markRequest(request));
    const sealed = placed.flatMap(({ numbered }) => numbered.sealed);
    await this.#deps.vault.put(sealed, [...putPending(pending, tokens), ...marks]);
    return { pending, tree };
  }

  async #readLeaves({ issuer, type, first, last }: PendingBatch): Promise<Uint8Array> {
    const leaves = new Uint8Array((last - first + 1) * hashBytes);
    for (let from = first; from <= last; from += recordsAtOnce) {
      const to = Math.min(last, from + recordsAtOnce - 1);
      const records = await this.#deps.vault.getRange(issuer, type, from, to);
      if (records.length !== to - from + 1) throw new YinxinError('VAULT_DAMAGED', { issuer, type, entry: from });
      for (const { body } of records) leaves.set(toLeaf(body), (body.entry - first) * hashBytes);
    }
    return leaves;
  }

  #carryOut(pending: PendingBatch, leaves: Uint8Array, mayBeSent: boolean): Promise<AnchoredBatch | 'overtaken'> {
    const { readModel } = this.#deps;
    const { issuer, type, first, last, root } = pending;
    const caller = { msp: mspOf(readModel.trust(), issuer), role: 'client' } as const;
    return carryOut<AnchoredBatch>(
      this.#deps,
      {
        caller,
        transaction: 'anchor',
        sign: () => this.#sign(pending, leaves),
        look: async () => {
          if ((readModel.register(issuer, type)?.last ?? 0) < first) return 'open';
          const batch = await readModel.batch({ issuer, type, entry: first });
          const isOurs = batch?.row.first === first && batch.row.last === last && batch.row.root === root;
          return batch && isOurs ? batch : 'overtaken';
        },
        drop: () => this.#drop(pending),
      },
      mayBeSent,
    );
  }

  #sign(pending: PendingBatch, leaves: Uint8Array): Json {
    const { readModel, clock, keys, signer } = this.#deps;
    const { issuer, type, typeVersion, first, last, root, supersessions } = pending;
    const trust = readModel.trust();
    const time = clock();
    const statement: AnchorStatement = {
      format: 'yinxin-anchor/1',
      channel: trust.channel,
      issuer,
      type,
      typeVersion,
      first,
      last,
      root,
      supersedes: digestSupersessions(supersessions),
      time,
      key: chooseKey(keys, trust, issuer, 'anchor', time),
    };
    const input: AnchorInput = {
      statement: formatStatement(statement),
      signature: toBase64(signer.signAnchor(statement)),
      leaves: Buffer.from(leaves).toString('base64'),
      supersessions,
    };
    return input as unknown as Json; // plain members; interfaces have no index signature
  }

  async #drop(pending: PendingBatch): Promise<void> {
    const { issuer, type, first, last, requests } = pending;
    const marks = requests.map(({ request }) => forgetRequest(request));
    await this.#deps.vault.remove(issuer, type, first, last, [...dropPending(pending), ...marks]);
  }

  /** Anchored: the answers stay, with another domain's word, or with the wish for it. */
  async #complete(pending: PendingBatch, batch: AnchoredBatch): Promise<readonly BatchSummary[]> {
    const { vault, clock } = this.#deps;
    const { anchorings } = this.#files;
    const { issuer, type, first } = pending;
    const key = { issuer, type, first };
    const now = clock();
    const word = await anchorings.sign(batch);
    const summaries = pending.requests.map((request) => toSummary(pending, request, batch));
    const answers = pending.requests.flatMap(({ request, first: own }, at) => {
      const summary = summaries[at] as unknown as Json & BatchSummary; // one for each; plain members
      const issued = putIssued({ issuer, type, first: own }, { summary, tokensUntil: tokensUntil(now) });
      return [...issued, ...answerRequest(request, summary, now)];
    });
    const wish = word === null ? anchorings.want(key) : [putWord(key, word)];
    await vault.put([], [completePending(pending), ...answers, ...wish]);
    if (word === null) anchorings.begin(key);
    return summaries;
  }

  /** Another gateway took the entries. */
  async #goAgain(placed: readonly Placed[]): Promise<readonly Waiting[]> {
    const again: Waiting[] = [];
    for (const { waiting } of placed) {
      waiting.since ??= performance.now();
      if (performance.now() - waiting.since < patienceMilliseconds) again.push(waiting);
      else waiting.reject(new YinxinError('CONFLICT'));
    }
    if (again.length > 0) await this.#deps.wait(randomPause());
    return again;
  }
}

const toSupersessions = ({ first, reissues }: Placed): readonly Supersession[] =>
  reissues.map(({ row, entry }) => ({ entry: first + row, supersedes: entry }));

function toSummary(
  { issuer, type, typeVersion }: PendingBatch,
  { first, last, warnings }: PendingRequest,
  { row, block, time }: AnchoredBatch,
): BatchSummary {
  const id = toBatchId({ issuer, type, first });
  return { id, issuer, type, typeVersion, first, last, txId: row.txId, block, time, warnings };
}

function takeOnce<T>(value: T | undefined): () => T | undefined {
  let left = value;
  return () => {
    const taken = left;
    left = undefined;
    return taken;
  };
}

/**
 * Whose fault a refusal is. A reissue that the ledger refuses is the fault of the request that asks for it. What else is refused for good may be that of any:
 * each then goes by itself. Everything else befalls all of them. @returns those that go again
 */
function refuse(placed: readonly Placed[], error: unknown): readonly Waiting[] {
  const waiting = placed.map((place) => place.waiting);
  const culprit = findCulprit(placed, error);
  if (culprit) {
    culprit.waiting.reject(culprit.error);
    return waiting.filter((other) => other !== culprit.waiting);
  }
  if (waiting.length > 1 && isForGood(error)) {
    for (const each of waiting) each.isAlone = true;
    return waiting;
  }
  for (const each of waiting) each.reject(error);
  return [];
}

function findCulprit(placed: readonly Placed[], error: unknown) {
  if (!(error instanceof YinxinError) || error.code !== 'SUPERSESSION_ILLEGAL') return undefined;
  const entry = Number(error.details['entry']);
  const found = placed.find(({ first, last }) => first <= entry && entry <= last);
  if (!found) return undefined;
  return { waiting: found.waiting, error: rowsInvalid([{ row: entry - found.first, code: error.code }]) };
}

function isForGood(error: unknown): boolean {
  if (!(error instanceof YinxinError)) return false;
  const { http, retryable } = errorEntry(error.code);
  return !retryable && http < 500;
}
