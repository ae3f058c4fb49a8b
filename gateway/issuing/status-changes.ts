/** Status changes: many under one signature, all or none. */
import {
  type ChangeStatusInput,
  decidingChange,
  digestChanges,
  type ErrorCode,
  formatStatement,
  type Identifier,
  isAct,
  type Json,
  type KnownChange,
  latestStatus,
  maxStatusChanges,
  parseIdentifier,
  parseStatusChange,
  parseStatusStatement,
  type RecordedChange,
  type RowFinding,
  type StatusChange,
  type StatusChangeAnswer,
  type StatusChangeRequest,
  type StatusStatement,
  standingChanges,
  stepChange,
  type Trust,
  toBase64,
  YinxinError,
} from '@yinxin/core';
import type { EntryRef, SignedTransaction } from '../index/read-model.ts';
import { carryOut } from './carry-out.ts';
import type { IssuingDeps, Operator } from './issuing.ts';
import { answerRequest, forgetRequest, markRequest, type Once, type RequestMark } from './once.ts';
import { chooseKey, isManager, managerOf, mspOf } from './signing-keys.ts';
import type { Turns } from './turns.ts';

/** Changes that are on disk and may have been sent. One set per issuer, whoever manages its registers. */
interface PendingChanges {
  readonly request: RequestMark;
  readonly issuer: string;
  /** In the order of the statement: by type and entry. */
  readonly changes: readonly StatusChange[];
  readonly batches: readonly number[];
  /** In the order of the request. */
  readonly identifiers: readonly { readonly identifier: Identifier; readonly ref: EntryRef }[];
}

type Asked = StatusChangeRequest['changes'][number];

interface Planned {
  readonly identifier: Identifier;
  readonly ref: EntryRef;
  readonly change: StatusChange;
  readonly batch: number;
}

const prefix = 'pending-changes/';
const nameOf = (issuer: string) => `${prefix}${issuer}`;
const turnOf = (issuer: string) => `changes/${issuer}`;
/** How often changes are planned anew because another gateway changed the same certificates. */
const maxPlans = 5;

function isBefore(a: StatusChange, b: StatusChange): boolean {
  return a.type < b.type || (a.type === b.type && a.entry < b.entry);
}

export class StatusChanges {
  readonly #deps: IssuingDeps;
  readonly #once: Once;
  readonly #turns: Turns;

  constructor(deps: IssuingDeps, once: Once, turns: Turns) {
    this.#deps = deps;
    this.#once = once;
    this.#turns = turns;
  }

  change(operator: Operator, request: StatusChangeRequest, key: string): Promise<StatusChangeAnswer> {
    return this.#once.run(operator, 'status-changes', request, key, (mark) => {
      const { readModel, clock } = this.#deps;
      if (!isManager(readModel.trust(), operator.issuer, request.issuer, clock())) {
        throw new YinxinError('CALLER_NOT_PERMITTED', { issuer: operator.issuer });
      }
      return this.#turns.take(turnOf(request.issuer), () => this.#change(request, mark));
    });
  }

  /** What an earlier process left. */
  async settle(): Promise<void> {
    for (const { value } of await this.#deps.vault.listSealed(prefix)) {
      const { issuer } = value as unknown as PendingChanges; // #store wrote it
      await this.#turns
        .take(turnOf(issuer), () => this.#settle(issuer))
        .catch((error: unknown) => {
          if (!(error instanceof YinxinError)) throw error;
        });
    }
  }

  async #change(request: StatusChangeRequest, mark: RequestMark): Promise<StatusChangeAnswer> {
    await this.#settle(request.issuer);
    const answered = await this.#once.answered(mark);
    if (answered !== undefined) return answered as unknown as StatusChangeAnswer; // #complete wrote it
    for (let attempt = 0; attempt < maxPlans; attempt += 1) {
      const pending = await this.#store(request, mark);
      const answer = await this.#send(pending, false).catch((error: unknown) => {
        throw nameRow(error, pending);
      });
      if (answer !== 'overtaken') return answer;
    }
    throw new YinxinError('CONFLICT');
  }

  /** What was refused for good is forgotten and blocks nothing after it. */
  async #settle(issuer: string): Promise<void> {
    const { vault } = this.#deps;
    const value = await vault.getSealed(nameOf(issuer));
    if (value === undefined) return;
    try {
      await this.#send(value as unknown as PendingChanges, true); // #store wrote it
    } catch (error) {
      if ((await vault.getSealed(nameOf(issuer))) !== undefined) throw error;
    }
  }

  /** @throws YinxinError as `Issuing.changeStatuses` says */
  async #store({ issuer, changes }: StatusChangeRequest, request: RequestMark): Promise<PendingChanges> {
    const { readModel, keys, clock, vault } = this.#deps;
    if (changes.length < 1 || changes.length > maxStatusChanges) {
      throw new YinxinError('INPUT_INVALID', { member: 'changes' });
    }
    const trust = readModel.trust();
    chooseKey(keys, trust, managerOf(trust, issuer, clock()).issuer, 'status', clock());
    const planned = await this.#planAll(issuer, changes);
    const sorted = planned.toSorted((a, b) => (isBefore(a.change, b.change) ? -1 : 1));
    const pending: PendingChanges = {
      request,
      issuer,
      changes: sorted.map(({ change }) => change),
      batches: sorted.map(({ batch }) => batch),
      identifiers: planned.map(({ identifier, ref }) => ({ identifier, ref })),
    };
    const value = pending as unknown as Json; // plain members
    await vault.put([], [{ type: 'put', name: nameOf(issuer), value }, markRequest(request)]);
    return pending;
  }

  /** Every change, or every problem: one alone is refused by its own code. @throws YinxinError ROWS_INVALID `{rows}` */
  async #planAll(issuer: string, changes: readonly Asked[]): Promise<readonly Planned[]> {
    const planned: Planned[] = [];
    const rows: RowFinding[] = [];
    const seen = new Set<Identifier>();
    for (const [row, asked] of changes.entries()) {
      if (seen.has(asked.identifier)) rows.push({ row, code: 'CERTIFICATE_REPEATED' });
      seen.add(asked.identifier);
      try {
        planned.push(await this.#plan(issuer, asked, row));
      } catch (error) {
        if (changes.length === 1 || !(error instanceof YinxinError) || !rowCodes.has(error.code)) throw error;
        rows.push({ row, code: error.code });
      }
    }
    if (rows.length > 0) throw refuseRows(rows);
    return planned;
  }

  async #plan(issuer: string, asked: Asked, index: number): Promise<Planned> {
    const { readModel, clock } = this.#deps;
    const { identifier } = parseIdentifier(asked.identifier);
    const ref = await readModel.findEntry(parseIdentifier(identifier));
    if (!ref) throw new YinxinError('CERTIFICATE_UNKNOWN', { index });
    if (ref.issuer !== issuer) throw new YinxinError('CALLER_NOT_PERMITTED', { index });
    if (!isAct(asked.act)) throw new YinxinError('INPUT_INVALID', { member: 'act', index });
    const [{ changes }, batch] = await Promise.all([readModel.knowledge(ref), readModel.batch(ref)]);
    const trust = readModel.trust();
    const change = parseStatusChange({
      type: ref.type,
      entry: ref.entry,
      sequence: changes.length + 1,
      act: asked.act,
      basis: asked.basis,
      document: asked.document,
      effective: asked.effective ?? clock(),
      ...planStep(standingChanges(changes, trust, ref.issuer), asked, index),
    });
    requireBasis(trust, asked, index);
    return { identifier, ref, change, batch: batch?.row.first ?? 0 };
  }

  async #send(pending: PendingChanges, mayBeSent: boolean): Promise<StatusChangeAnswer | 'overtaken'> {
    const { readModel, clock } = this.#deps;
    const trust = readModel.trust();
    const caller = { msp: mspOf(trust, managerOf(trust, pending.issuer, clock()).issuer), role: 'client' } as const;
    const done = await carryOut<SignedTransaction>(
      this.#deps,
      {
        caller,
        transaction: 'changeStatus',
        sign: () => this.#sign(pending),
        look: () => this.#look(pending),
        drop: async () => {
          const { issuer, request } = pending;
          await this.#deps.vault.put([], [{ type: 'del', name: nameOf(issuer) }, forgetRequest(request)]);
        },
      },
      mayBeSent,
    );
    return done === 'overtaken' ? done : this.#complete(pending, done);
  }

  /** All changes are made by one transaction, so the first that is there tells of all; others may have been made in the place of any. */
  async #look({ issuer, changes }: PendingChanges): Promise<SignedTransaction | 'overtaken' | 'open'> {
    const { readModel } = this.#deps;
    let made: RecordedChange | undefined;
    for (const { type, entry, sequence } of changes) {
      made = (await readModel.knowledge({ issuer, type, entry })).changes[sequence - 1];
      if (made) break;
    }
    if (!made) return 'open';
    const transaction = await readModel.transaction(made.txId);
    if (!transaction || made.act === 'supersede') return 'overtaken';
    return parseStatusStatement(transaction.statement).changes === digestChanges(changes) ? transaction : 'overtaken';
  }

  #sign({ issuer, changes, batches }: PendingChanges): Json {
    const { readModel, clock, keys, signer } = this.#deps;
    const trust = readModel.trust();
    const time = clock();
    const manager = managerOf(trust, issuer, time).issuer;
    const statement: StatusStatement = {
      format: 'yinxin-status/1',
      channel: trust.channel,
      issuer,
      count: changes.length,
      changes: digestChanges(changes),
      time,
      key: chooseKey(keys, trust, manager, 'status', time),
    };
    const input: ChangeStatusInput = {
      statement: formatStatement(statement),
      signature: toBase64(signer.signStatus(statement, manager)),
      changes,
      batches,
    };
    return input as unknown as Json; // plain members; interfaces have no index signature
  }

  async #complete(pending: PendingChanges, { txId, block, time }: SignedTransaction): Promise<StatusChangeAnswer> {
    const { vault, readModel, clock } = this.#deps;
    const changes: { identifier: Identifier; change: RecordedChange }[] = [];
    for (const { identifier, ref } of pending.identifiers) {
      const known = await readModel.knowledge(ref);
      const made = known.changes.find((change) => change.txId === txId);
      if (made) changes.push({ identifier, change: toRecorded(made) });
    }
    const answer: StatusChangeAnswer = { txId, block, time, changes };
    const { issuer, request } = pending;
    const value = answer as unknown as Json; // plain members
    await vault.put([], [{ type: 'del', name: nameOf(issuer) }, ...answerRequest(request, value, clock())]);
    return answer;
  }
}

/** What is wrong with one change, whatever the others are. */
const rowCodes: ReadonlySet<ErrorCode> = new Set([
  'CERTIFICATE_UNKNOWN',
  'CALLER_NOT_PERMITTED',
  'STATUS_STEP_ILLEGAL',
  'BASIS_UNKNOWN',
  'EFFECTIVE_ILLEGAL',
  'LIMIT_REACHED',
  'INPUT_INVALID',
  'MALFORMED_IDENTIFIER',
]);

const refuseRows = (rows: readonly RowFinding[]) =>
  new YinxinError('ROWS_INVALID', { rows: rows.map(({ row, code }) => ({ row, code })) });

/** The ledger names the certificate of the change that it refuses; of several, the row is told. */
function nameRow(error: unknown, { identifiers }: PendingChanges): unknown {
  if (!(error instanceof YinxinError) || identifiers.length === 1 || !rowCodes.has(error.code)) return error;
  const { type, entry } = error.details;
  const row = identifiers.findIndex(({ ref }) => ref.type === type && ref.entry === entry);
  return row < 0 ? error : refuseRows([{ row, code: error.code }]);
}

/** Without what the answer says once for all of them. */
function toRecorded({ block: _block, recorded: _recorded, ...change }: KnownChange): RecordedChange {
  return change;
}

/** @throws YinxinError BASIS_UNKNOWN `{index, basis, act}` unless the ledger has the basis, for this act */
function requireBasis(trust: Trust, { basis, act }: Asked, index: number): void {
  if (!trust.basis(basis)?.acts.includes(act)) throw new YinxinError('BASIS_UNKNOWN', { index, basis, act });
}

type Step = Pick<StatusChange, 'from' | 'to'> & Partial<Pick<StatusChange, 'corrects' | 'effective'>>;

/**
 * Where an act leads from the changes that count. A correction takes back the newest of them unless another is named, from the very
 * time at which that one took effect. @throws YinxinError STATUS_STEP_ILLEGAL `{index, from, act}`
 */
function planStep(changes: readonly KnownChange[], asked: Asked, index: number): Step {
  const { act } = asked;
  const from = latestStatus(changes);
  // a line sent twice must not go on to take back what was lawful before
  const isRepeated = asked.corrects === undefined && changes[changes.length - 1]?.act === 'correct';
  if (act === 'correct' && isRepeated) throw new YinxinError('STATUS_STEP_ILLEGAL', { index, from, act });
  const mistaken = act === 'correct' ? findMistaken(changes, asked) : undefined;
  const corrects = mistaken?.sequence ?? asked.corrects;
  try {
    const to = stepChange(changes, { act, corrects });
    const effective = asked.effective ?? mistaken?.effective;
    return { from, to, ...(corrects !== undefined && { corrects }), ...(effective !== undefined && { effective }) };
  } catch {
    throw new YinxinError('STATUS_STEP_ILLEGAL', { index, from, act });
  }
}

function findMistaken(changes: readonly KnownChange[], { corrects }: Asked): KnownChange | undefined {
  if (corrects === undefined) return decidingChange(changes);
  return changes.find(({ sequence }) => sequence === corrects);
}
