/** Changing the status of up to 1,000 certificates under one signature. One refusal refuses all. */
import { typePattern } from '../body.ts';
import { YinxinError } from '../errors.ts';
import type { BatchRow, ChangeStatusInput, StatusRow } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json, RecordedChange, StatusChange, StatusStatement } from '../model.ts';
import { digestChanges, parseStatusStatement } from '../statement.ts';
import { latestStatus, parseStatusChange, stepStatus } from '../status.ts';
import {
  domainOf,
  invalid,
  issuerKeys,
  issuerOf,
  readSignature,
  requireChannel,
  requireMember,
  requireSignature,
  requireSigner,
  requireTimely,
} from './common.ts';
import { rowKeys } from './rows.ts';
import type { Decision, Needs, Rule, RuleContext, View } from './rule.ts';

/** Changes that one statement may sign. */
export const maxStatusChanges = 1_000;

function parseBatchFirst(json: Json): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 1) throw invalid('batches');
  return json;
}

function parseChange(json: Json): StatusChange {
  const change = parseStatusChange(json);
  if (!typePattern.test(change.type)) throw invalid('change.type');
  return change;
}

/** @throws YinxinError INPUT_INVALID, MALFORMED_TIME */
export function parseChangeStatusInput(json: Json): ChangeStatusInput {
  const read = memberReader(json, 'changeStatus', 'INPUT_INVALID', ['statement', 'signature', 'changes', 'batches']);
  const changes = read.array('changes');
  const batches = read.array('batches');
  if (changes.length < 1 || changes.length > maxStatusChanges) throw invalid('changes', `not 1 to ${maxStatusChanges}`);
  if (batches.length !== changes.length) throw invalid('batches', 'not one for each change');
  return {
    statement: read.text('statement'),
    signature: read.text('signature'),
    changes: changes.map(parseChange),
    batches: batches.map(parseBatchFirst),
  };
}

/** The rows that a status change reads: never a register's head. @throws YinxinError MALFORMED_STATEMENT */
export function changeStatusNeeds({ statement, changes, batches }: ChangeStatusInput, fetched: View): Needs {
  const { issuer, key } = parseStatusStatement(statement);
  const rows = changes.flatMap(({ type, entry }, at) => [
    rowKeys.status(issuer, type, entry),
    rowKeys.batch(issuer, type, batches[at] ?? 0),
  ]);
  return { keys: [...issuerKeys(issuer, fetched), rowKeys.key(key), ...rows] };
}

/** That the statement signs exactly these changes, in their one order. @throws YinxinError INPUT_INVALID */
function checkList(statement: StatusStatement, changes: readonly StatusChange[]): void {
  for (const [at, change] of changes.entries()) {
    const before = changes[at - 1];
    if (!before || before.type < change.type || (before.type === change.type && before.entry < change.entry)) continue;
    throw invalid('changes', 'not ascending by type and entry');
  }
  if (statement.count !== changes.length) throw invalid('statement', 'count');
  if (statement.changes !== digestChanges(changes)) throw invalid('statement', 'changes');
}

/** The batch that holds the entry. @throws YinxinError NOT_FOUND */
function findBatch(view: View, issuer: string, { type, entry }: StatusChange, first: number): BatchRow {
  const batch = view.get(rowKeys.batch(issuer, type, first));
  if (!batch || entry < batch.first || entry > batch.last)
    throw new YinxinError('NOT_FOUND', { kind: 'batch', type, entry });
  return batch;
}

/** The status row with the change added. @throws YinxinError SEQUENCE_STALE, STATUS_STEP_ILLEGAL */
function addChange(view: View, statement: StatusStatement, change: StatusChange, { txId }: RuleContext): StatusRow {
  const { issuer, time, key } = statement;
  const { type, entry, from, act } = change;
  const changes = view.get(rowKeys.status(issuer, type, entry))?.changes ?? [];
  const expected = changes.length + 1;
  if (change.sequence !== expected) throw new YinxinError('SEQUENCE_STALE', { type, entry, expected });
  const latest = latestStatus(changes);
  const isStep = from === latest && stepStatus(from, act) === change.to;
  if (!isStep) throw new YinxinError('STATUS_STEP_ILLEGAL', { type, entry, from: latest, act });
  const { sequence, to, basis, document, effective } = change;
  const recorded: RecordedChange = { sequence, from, to, act, basis, document, effective, by: null, time, key, txId };
  return { kind: 'status', issuer, type, entry, changes: [...changes, recorded] };
}

/** @throws YinxinError; cheap checks first, the signature last */
export function decideChangeStatus(view: View, input: ChangeStatusInput, context: RuleContext): Decision {
  const statement = parseStatusStatement(input.statement);
  const { issuer, key } = statement;
  requireChannel(statement.channel, context);
  requireMember(domainOf(view, issuerOf(view, issuer).domain), context);
  const signer = requireSigner(view, key, { issuer, use: 'status' }, context);
  requireTimely(statement.time, context);
  checkList(statement, input.changes);
  const batches = new Map<string, BatchRow>();
  const statuses = input.changes.map((change, at) => {
    const batch = findBatch(view, issuer, change, input.batches[at] ?? 0);
    batches.set(`${batch.type}/${batch.first}`, { ...batch, touched: batch.touched + 1 });
    return addChange(view, statement, change, context);
  });
  requireSignature(input.statement, readSignature(input.signature), signer);
  return {
    writes: [...batches.values(), ...statuses],
    event: { issuer, changes: input.changes.map(({ type, entry, sequence, to }) => ({ type, entry, sequence, to })) },
  };
}

export const changeStatus: Rule<ChangeStatusInput> = {
  parse: parseChangeStatusInput,
  needs: changeStatusNeeds,
  decide: decideChangeStatus,
};
