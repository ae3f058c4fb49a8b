/** Issuing: a request's way from its bytes to its register's queue, and there to an answer. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BatchRequest,
  type BatchSummary,
  type CertificateType,
  findEntitlementFault,
  type Json,
  utf8,
  YinxinError,
} from '@yinxin/core';
import { Admission, type Place } from './admission.ts';
import { Anchoring, type Ready } from './anchoring.ts';
import { listPending } from './batch-records.ts';
import { Batcher, type Register, turnOf } from './batcher.ts';
import type { Files } from './files.ts';
import type { IssuingDeps, Operator, RequestBody } from './issuing.ts';
import type { Once, RequestMark } from './once.ts';
import { findReissues } from './reissues.ts';
import { rowsInvalid } from './rows.ts';
import { chooseKey } from './signing-keys.ts';
import type { Turns } from './turns.ts';
import type { HeldFiles, Issued, Outcome, Waiting } from './waiting.ts';
import type { Pool } from './workers/pool.ts';

/** Hashed between two turns of the event loop: some four milliseconds. */
const bytesPerTurn = 1_048_576;

/** Known by its digest: the same request again has the same bytes. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sm3');
  for (let at = 0; at < bytes.length; at += bytesPerTurn) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + bytesPerTurn));
  }
  return hash.digest('base64');
}

const answerOf = (summary: Json): Outcome => ({
  summary: summary as unknown as BatchSummary, // Anchoring wrote it
  takeFiles: () => undefined,
});

export class Batches {
  readonly #deps: IssuingDeps;
  readonly #once: Once;
  readonly #turns: Turns;
  readonly #pool: Pool;
  readonly #admission: Admission;
  readonly #anchoring: Anchoring;
  readonly #batcher: Batcher<Waiting>;
  #drafts = 0;

  constructor(deps: IssuingDeps, once: Once, turns: Turns, pool: Pool, files: Files) {
    this.#deps = deps;
    this.#once = once;
    this.#turns = turns;
    this.#pool = pool;
    this.#admission = new Admission(deps.bounds);
    this.#anchoring = new Anchoring(deps, pool, files);
    const most = deps.ledger.largestAnchor ?? this.#anchoring.maxRows;
    this.#batcher = new Batcher(turns, most, (register, group) => this.#commit(register, group));
  }

  async issue(
    operator: Operator,
    request: BatchRequest | RequestBody,
    key: string,
    wantsLines = false,
  ): Promise<Issued> {
    const body = 'read' in request ? request : toBody(request);
    const place = this.#admission.enter(operator.clientId, body.bytes);
    let files: HeldFiles | undefined;
    try {
      const bytes = await body.read();
      const content = { body: await digestOf(bytes) };
      const { summary, takeFiles } = await this.#once.run(operator, 'batch', content, key, (mark) =>
        this.#issue(operator, bytes, mark, place, wantsLines),
      );
      files = wantsLines ? takeFiles() : undefined;
      return { summary, ...(files && { held: { ...files, letGo: () => place.leave() } }) };
    } finally {
      if (!files) place.leave();
    }
  }

  /** What an earlier process left. */
  async settle(): Promise<void> {
    for (const pending of await listPending(this.#deps.vault)) {
      await this.#settle(pending).catch((error: unknown) => {
        if (!(error instanceof YinxinError)) throw error;
      });
    }
  }

  #settle(register: Register): Promise<void> {
    return this.#turns.take(turnOf(register), () => this.#anchoring.settle(register));
  }

  async #issue(
    operator: Operator,
    bytes: Uint8Array,
    mark: RequestMark,
    place: Place,
    wantsLines: boolean,
  ): Promise<Outcome> {
    const answered = await this.#once.answered(mark);
    if (answered !== undefined) return answerOf(answered);
    const { lane, leave } = await this.#pool.enter(bytes.length);
    this.#drafts += 1;
    const draft = this.#drafts;
    try {
      const asked = await lane.run('read', { draft, bytes });
      place.addRows(asked.rows);
      if (asked.issuer !== operator.issuer) throw new YinxinError('CALLER_NOT_PERMITTED', { issuer: operator.issuer });
      if (await this.#once.isUnderWay(mark)) {
        await this.#settle(asked);
        const settled = await this.#once.answered(mark);
        if (settled !== undefined) return answerOf(settled);
      }
      return await this.#enqueue(asked, { mark, lane, draft, wantsLines });
    } finally {
      void lane.run('release', { draft }).catch(() => undefined); // a lost worker holds nothing any more
      leave();
    }
  }

  async #enqueue(
    { rows, ...asked }: Register & { readonly stock: boolean; readonly rows: number },
    request: Pick<Waiting, 'mark' | 'lane' | 'draft' | 'wantsLines'>,
  ): Promise<Outcome> {
    const type = this.#requireType(asked);
    const arrived = this.#batcher.expect(asked);
    try {
      const checked = await this.#check(asked, request, type);
      return await new Promise<Outcome>((resolve, reject) => {
        const typeVersion = type.version;
        const { stock } = asked;
        const rest = { rows, typeVersion, stock, isAlone: false, resolve, reject };
        this.#batcher.add(asked, { ...request, ...checked, ...rest });
        arrived();
      });
    } finally {
      arrived();
    }
  }

  /** @throws YinxinError ROWS_INVALID naming every problem of every row */
  async #check(register: Register, { lane, draft }: Pick<Waiting, 'lane' | 'draft'>, type: CertificateType) {
    const { readModel, clock } = this.#deps;
    const { findings, ...checked } = await lane.run('check', { draft, type, issuedAt: clock() });
    if (findings.length === 0) return checked;
    const reissues = await findReissues(readModel, register, checked.reissues);
    throw rowsInvalid([...findings, ...reissues.findings]);
  }

  /** The newest version. @throws YinxinError TYPE_UNKNOWN, TYPE_LEGACY, ISSUER_UNKNOWN, ISSUER_CLOSED, NOT_ENTITLED, SIGNING_KEY_MISSING */
  #requireType({ issuer, type: name, stock }: Register & { readonly stock: boolean }): CertificateType {
    const { readModel, clock, keys } = this.#deps;
    const trust = readModel.trust();
    const type = trust.types.find((candidate) => candidate.type === name);
    if (!type) throw new YinxinError('TYPE_UNKNOWN', { type: name });
    if (type.legacy && !stock) throw new YinxinError('TYPE_LEGACY', { type: name });
    const fault = findEntitlementFault(trust.issuer(issuer), trust.entitlement(issuer, name), clock());
    if (fault) throw new YinxinError(fault, { issuer, type: name });
    chooseKey(keys, trust, issuer, 'anchor', clock());
    return type;
  }

  async #commit(register: Register, group: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      await this.#anchoring.settle(register);
      const ready = await this.#prepare(register, group);
      return ready.length > 0 ? await this.#anchoring.anchor(register, ready) : [];
    } catch (error) {
      for (const { reject } of group) reject(error);
      return [];
    }
  }

  /** Those that may be numbered now; the others have their answer. */
  async #prepare(register: Register, group: readonly Waiting[]): Promise<readonly Ready[]> {
    const ready: Ready[] = [];
    const taken = new Set<number>();
    for (const waiting of group) {
      try {
        const answered = await this.#once.answered(waiting.mark);
        if (answered !== undefined) {
          waiting.resolve(answerOf(answered));
          continue;
        }
        this.#requireType({ ...register, stock: waiting.stock });
        const { reissues, findings } = await findReissues(this.#deps.readModel, register, waiting.reissues, taken);
        if (findings.length > 0) throw rowsInvalid(findings);
        ready.push({ waiting, reissues });
      } catch (error) {
        if (!(error instanceof YinxinError)) throw error;
        waiting.reject(error);
      }
    }
    return ready;
  }
}

function toBody(request: BatchRequest): RequestBody {
  const bytes = utf8(JSON.stringify(request));
  return { bytes: bytes.length, read: async () => bytes };
}
