/** Issuing: rows in, one signed and anchored batch out. */
import {
  type AnchorInput,
  type AnchorStatement,
  type BatchRequest,
  type BatchSummary,
  type CertificateType,
  digestSupersessions,
  findEntitlementFault,
  formatStatement,
  type Json,
  toBase64,
  toLeaf,
  YinxinError,
} from '@yinxin/core';
import type { AnchoredBatch } from '../index/read-model.ts';
import type { Anchorings } from './anchorings.ts';
import {
  completePending,
  dropPending,
  getPending,
  listPending,
  type PendingBatch,
  putPending,
  toBatchId,
  tokensUntil,
} from './batch-records.ts';
import { carryOut } from './carry-out.ts';
import { type Draft, draftBatch } from './draft.ts';
import type { IssuingDeps, Operator } from './issuing.ts';
import { answerRequest, forgetRequest, markRequest, type Once, type RequestMark } from './once.ts';
import { type CheckedRows, checkRows } from './rows.ts';
import { chooseKey, mspOf } from './signing-keys.ts';
import type { Turns } from './turns.ts';

/** How often a batch is numbered anew because another gateway took its entries. */
const maxRenumberings = 5;

type Register = Pick<PendingBatch, 'issuer' | 'type'>;

const turnOf = ({ issuer, type }: Register) => `batch/${issuer}/${type}`;

export class Batches {
  readonly #deps: IssuingDeps;
  readonly #once: Once;
  readonly #turns: Turns;
  readonly #anchorings: Anchorings;

  constructor(deps: IssuingDeps, once: Once, turns: Turns, anchorings: Anchorings) {
    this.#deps = deps;
    this.#once = once;
    this.#turns = turns;
    this.#anchorings = anchorings;
  }

  issue(operator: Operator, request: BatchRequest, key: string): Promise<BatchSummary> {
    return this.#once.run(operator, 'batch', request, key, (mark) => {
      if (request.issuer !== operator.issuer) {
        throw new YinxinError('CALLER_NOT_PERMITTED', { issuer: operator.issuer });
      }
      return this.#turns.take(turnOf(request), () => this.#issue(request, mark));
    });
  }

  /** What an earlier process left. */
  async settle(): Promise<void> {
    for (const pending of await listPending(this.#deps.vault)) {
      await this.#turns
        .take(turnOf(pending), () => this.#settle(pending))
        .catch((error: unknown) => {
          if (!(error instanceof YinxinError)) throw error;
        });
    }
  }

  async #issue(request: BatchRequest, mark: RequestMark): Promise<BatchSummary> {
    await this.#settle(request);
    const answered = await this.#once.answered(mark);
    if (answered !== undefined) return answered as unknown as BatchSummary; // #complete wrote it
    const type = this.#requireType(request);
    const rows = await checkRows(this.#deps.readModel, type, request, this.#deps.clock());
    for (let attempt = 0; attempt < maxRenumberings; attempt += 1) {
      const { pending, draft } = await this.#store(request, type, rows, mark);
      const summary = await this.#anchor(pending, draft.leaves, false);
      if (summary !== 'overtaken') return summary;
    }
    throw new YinxinError('CONFLICT');
  }

  /** The newest version. @throws YinxinError TYPE_UNKNOWN, TYPE_LEGACY, ISSUER_UNKNOWN, ISSUER_CLOSED, NOT_ENTITLED, SIGNING_KEY_MISSING */
  #requireType({ issuer, type: name, stock }: BatchRequest): CertificateType {
    const { readModel, clock, keys } = this.#deps;
    const trust = readModel.trust();
    const type = trust.types.find((candidate) => candidate.type === name);
    if (!type) throw new YinxinError('TYPE_UNKNOWN', { type: name });
    if (type.legacy && stock !== true) throw new YinxinError('TYPE_LEGACY', { type: name });
    const fault = findEntitlementFault(trust.issuer(issuer), trust.entitlement(issuer, name), clock());
    if (fault) throw new YinxinError(fault, { issuer, type: name });
    chooseKey(keys, trust, issuer, 'anchor', clock());
    return type;
  }

  /** Certificates, tokens and intent, on disk before anything is signed. */
  async #store(
    { issuer, type: name }: BatchRequest,
    type: CertificateType,
    { rows, warnings }: CheckedRows,
    request: RequestMark,
  ): Promise<{ readonly pending: PendingBatch; readonly draft: Draft }> {
    const { readModel, clock, random, vault } = this.#deps;
    const first = (readModel.register(issuer, name)?.last ?? 0) + 1;
    const issuedAt = clock();
    const draft = await draftBatch({ issuer, type, first, issuedAt }, rows, random);
    const pending: PendingBatch = {
      request,
      issuer,
      type: name,
      typeVersion: type.version,
      first,
      last: first + rows.length - 1,
      root: toBase64(draft.tree.root),
      supersessions: draft.supersessions,
      warnings,
    };
    await vault.put(draft.records, [...putPending(pending, toBase64(draft.tokens)), markRequest(request)]);
    return { pending, draft };
  }

  /** Finishes what is under way in a register, if anything is. What was refused for good is forgotten and blocks nothing after it. */
  async #settle(register: Register): Promise<void> {
    const { vault } = this.#deps;
    const pending = await getPending(vault, register);
    if (!pending) return;
    try {
      await this.#anchor(pending, await this.#readLeaves(pending), true);
    } catch (error) {
      if (await getPending(vault, register)) throw error;
    }
  }

  async #readLeaves({ issuer, type, first, last }: PendingBatch): Promise<readonly Uint8Array[]> {
    const leaves: Uint8Array[] = [];
    for (let entry = first; entry <= last; entry += 1) {
      const record = await this.#deps.vault.get(issuer, type, entry);
      if (!record) throw new YinxinError('VAULT_DAMAGED', { issuer, type, entry });
      leaves.push(toLeaf(record.body));
    }
    return leaves;
  }

  async #anchor(
    pending: PendingBatch,
    leaves: readonly Uint8Array[],
    mayBeSent: boolean,
  ): Promise<BatchSummary | 'overtaken'> {
    const { readModel } = this.#deps;
    const { issuer, type, first, last, root } = pending;
    const caller = { msp: mspOf(readModel.trust(), issuer), role: 'client' } as const;
    const done = await carryOut<AnchoredBatch>(
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
    return done === 'overtaken' ? done : this.#complete(pending, done);
  }

  #sign(pending: PendingBatch, leaves: readonly Uint8Array[]): Json {
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
      leaves: Buffer.concat(leaves).toString('base64'),
      supersessions,
    };
    return input as unknown as Json; // plain members; interfaces have no index signature
  }

  async #drop(pending: PendingBatch): Promise<void> {
    const { issuer, type, first, last, request } = pending;
    const entries = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    await this.#deps.vault.remove(issuer, type, entries, [...dropPending(pending), forgetRequest(request)]);
  }

  /** Anchored: the answer stays, with another domain's word, or with the wish for it. */
  async #complete(pending: PendingBatch, batch: AnchoredBatch): Promise<BatchSummary> {
    const { vault, clock } = this.#deps;
    const { issuer, type, typeVersion, first, last, warnings, request } = pending;
    const { block, time, row } = batch;
    const { txId } = row;
    const anchored = await this.#anchorings.sign(batch);
    const id = toBatchId(pending);
    const summary: BatchSummary = { id, issuer, type, typeVersion, first, last, txId, block, time, warnings };
    const answer = summary as unknown as Json; // plain members
    const issued = { summary, anchored, tokensUntil: tokensUntil(clock()) };
    const wish = anchored === null ? this.#anchorings.want(pending) : [];
    await vault.put([], [...completePending(pending, issued), ...answerRequest(request, answer, clock()), ...wish]);
    if (anchored === null) this.#anchorings.begin({ issuer, type, first });
    return summary;
  }
}
