/** Changing the status of up to 1,000 certificates under one signature. One refusal refuses all. */
import { typePattern } from '../body.ts';
import { YinxinError } from '../errors.ts';
import type { BatchRow, ChangeStatusInput, DomainRow, KeyRow, StatusRow } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import type { Json, RecordedChange, StatusChange, StatusStatement } from '../model.ts';
import { digestChanges, parseStatusStatement } from '../statement.ts';
import { parseStatusChange } from '../status.ts';
import { requireBasis } from './bases.ts';
import { issuerOf, managerOf, successionKeys } from './bodies.ts';
import { invalid } from './common.ts';
import { domainOf, requireMember } from './permission.ts';
import { rowKeys } from './rows.ts';
import type { Decision, Needs, Rule, RuleContext, View } from './rule.ts';
import { readSignature, requireChannel, requireSignature, requireSigner, requireTimely } from './signing.ts';
import { decideStep, stepKeys } from './status-step.ts';

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
function parseChangeStatusInput(json: Json): ChangeStatusInput {
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

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

/** The rows that a status change reads: never a register's head. @throws YinxinError MALFORMED_STATEMENT */
function changeStatusNeeds({ statement, changes, batches }: ChangeStatusInput, fetched: View): Needs {
  const { issuer, key } = parseStatusStatement(statement);
  const rows = changes.flatMap((change, at) => [
    rowKeys.batch(issuer, change.type, batches[at] ?? 0),
    ...stepKeys({ issuer, type: change.type, entry: change.entry }, change, fetched),
  ]);
  const types = unique(changes.map(({ type }) => type));
  return {
    keys: [
      ...successionKeys(issuer, fetched),
      rowKeys.key(key),
      ...types.map((type) => rowKeys.entitlement(issuer, type)),
      ...unique(changes.map(({ basis }) => basis)).map(rowKeys.basis),
      ...rows,
    ],
  };
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

/** The change as it is kept. */
function record(statement: StatusStatement, change: StatusChange, { txId }: RuleContext): RecordedChange {
  const { time, key } = statement;
  const { sequence, from, to, act, basis, document, effective, corrects } = change;
  const told = { sequence, from, to, act, basis, document, effective, ...(corrects !== undefined && { corrects }) };
  return { ...told, by: null, time, key, txId };
}

/** The batch with the transaction counted. @throws YinxinError NOT_FOUND */
function touchBatch(view: View, issuer: string, change: StatusChange, first: number): BatchRow {
  const batch = findBatch(view, issuer, change, first);
  return { ...batch, touched: batch.touched + 1 };
}

/** The status row with the change added, and rows of its line that it needs as they are. @throws YinxinError of the change's fault */
function changeRows(
  view: View,
  statement: StatusStatement,
  change: StatusChange,
  context: RuleContext,
): readonly StatusRow[] {
  const { issuer } = statement;
  const { type, entry } = change;
  if (!view.get(rowKeys.entitlement(issuer, type))) throw new YinxinError('NOT_ENTITLED', { issuer, type });
  requireBasis(view, change.basis, change.act);
  const place = { issuer, type, entry };
  const others = decideStep(view, place, change, context);
  const before = view.get(rowKeys.status(issuer, type, entry));
  const changes = [...(before?.changes ?? []), record(statement, change, context)];
  return [{ kind: 'status', ...place, ...before, changes }, ...others];
}

/** Each row once: what one change needs as it is, another of the same transaction must not change. @throws YinxinError STATUS_STEP_ILLEGAL */
function requireApart(rows: readonly StatusRow[]): void {
  const seen = new Set<string>();
  for (const { type, entry } of rows) {
    if (seen.has(`${type}/${entry}`)) throw new YinxinError('STATUS_STEP_ILLEGAL', { type, entry, why: 'twice' });
    seen.add(`${type}/${entry}`);
  }
}

/**
 * The signing key's row as it is, where a body of another organisation took over: the batches are the first one's, and so whoever acts
 * would otherwise write nothing that is its own.
 */
function heirRows(view: View, issuer: string, city: DomainRow, signer: KeyRow): readonly KeyRow[] {
  return domainOf(view, issuerOf(view, issuer).domain).msp === city.msp ? [] : [signer];
}

/** @throws YinxinError; cheap checks first, the signature last */
function decideChangeStatus(view: View, input: ChangeStatusInput, context: RuleContext): Decision {
  const statement = parseStatusStatement(input.statement);
  const { issuer, key } = statement;
  requireChannel(statement.channel, context);
  const manager = managerOf(view, issuer, context);
  const city = domainOf(view, manager.domain);
  requireMember(city, context);
  const signer = requireSigner(view, key, { issuer: manager.issuer, use: 'status' }, context);
  requireTimely(statement.time, context);
  checkList(statement, input.changes);
  const batches = new Map<string, BatchRow>();
  const statuses = input.changes.flatMap((change, at) => {
    const batch = touchBatch(view, issuer, change, input.batches[at] ?? 0);
    batches.set(`${batch.type}/${batch.first}`, batch);
    return changeRows(view, statement, change, context);
  });
  requireApart(statuses);
  requireSignature(input.statement, readSignature(input.signature), signer);
  return {
    writes: [...batches.values(), ...statuses, ...heirRows(view, issuer, city, signer)],
    event: { issuer, changes: input.changes.map(({ type, entry, sequence, to }) => ({ type, entry, sequence, to })) },
  };
}

export const changeStatus: Rule<ChangeStatusInput> = {
  parse: parseChangeStatusInput,
  needs: changeStatusNeeds,
  decide: decideChangeStatus,
};
