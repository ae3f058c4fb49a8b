/** Anchoring a batch: one signed statement, its leaf hashes, and the entries it supersedes. */
import { fromBase64, toBase64 } from '../bytes.ts';
import { YinxinError } from '../errors.ts';
import type { AnchorInput, KeyRow, RegisterRow, StatusRow } from '../ledger-model.ts';
import { memberReader } from '../members.ts';
import { merkleRoot } from '../merkle.ts';
import type { AnchorStatement, Json, RecordedChange, Supersession } from '../model.ts';
import { digestSupersessions, parseAnchorStatement, statementDigest } from '../statement.ts';
import { isSupersedable, latestStatus } from '../status.ts';
import { findEntitlementFault } from '../trust.ts';
import { issuerKeys, issuerOf } from './bodies.ts';
import { invalid } from './common.ts';
import { takenUpFrom } from './lines.ts';
import { domainOf, requireMember } from './permission.ts';
import { changeKeyKeys, readingsOf } from './readings.ts';
import { type RowKey, rowKeys } from './rows.ts';
import type { Decision, Needs, Rule, RuleContext, View } from './rule.ts';
import { readSignature, requireChannel, requireSignature, requireSigner, requireTimely } from './signing.ts';
import { requireTypeVersion } from './types.ts';

/** Leaves that one transaction may carry: 1 MiB, 1.4 MB in base64. */
export const maxBatchLeaves = 32_768;
const hashBytes = 32;

function parseSupersession(json: Json): Supersession {
  const read = memberReader(json, 'supersession', 'INPUT_INVALID', ['entry', 'supersedes']);
  return { entry: read.positive('entry'), supersedes: read.positive('supersedes') };
}

/** Leaves and signature stay text until every cheaper check has passed. @throws YinxinError INPUT_INVALID, BATCH_TOO_LARGE */
function parseAnchorInput(json: Json): AnchorInput {
  const read = memberReader(json, 'anchor', 'INPUT_INVALID', ['statement', 'signature', 'leaves', 'supersessions']);
  const supersessions = read.array('supersessions');
  if (supersessions.length > maxBatchLeaves) throw new YinxinError('BATCH_TOO_LARGE', { max: maxBatchLeaves });
  return {
    statement: read.text('statement'),
    signature: read.text('signature'),
    leaves: read.text('leaves'),
    supersessions: supersessions.map(parseSupersession),
  };
}

/** The status row of a superseded entry, and the keys of the changes in it. */
function supersededKeys(issuer: string, type: string, entry: number, fetched: View): readonly RowKey[] {
  const key = rowKeys.status(issuer, type, entry);
  return [key, ...changeKeyKeys(fetched.get(key)?.changes ?? [])];
}

/** The rows that an anchoring reads. @throws YinxinError MALFORMED_STATEMENT */
function anchorNeeds(input: AnchorInput, fetched: View): Needs {
  const { issuer, type, typeVersion, first, key } = parseAnchorStatement(input.statement);
  return {
    keys: [
      ...issuerKeys(issuer, fetched),
      rowKeys.key(key),
      rowKeys.entitlement(issuer, type),
      rowKeys.register(issuer, type),
      rowKeys.batch(issuer, type, first),
      rowKeys.type(type, typeVersion),
      rowKeys.type(type, typeVersion + 1),
      ...input.supersessions.flatMap(({ supersedes }) => supersededKeys(issuer, type, supersedes, fetched)),
    ],
  };
}

/** Whether this key and body may sign this type now. @returns the key's row @throws YinxinError */
function requireAuthority(view: View, statement: AnchorStatement, context: RuleContext): KeyRow {
  const { issuer, type, typeVersion } = statement;
  const owner = issuerOf(view, issuer);
  requireMember(domainOf(view, owner.domain), context);
  const key = requireSigner(view, statement.key, { issuer, use: 'anchor' }, context);
  const fault = findEntitlementFault(owner, view.get(rowKeys.entitlement(issuer, type)), context.time);
  if (fault) throw new YinxinError(fault, { issuer, type });
  requireTypeVersion(view, type, typeVersion, context);
  return key;
}

/** The register whose next entries these are. @throws YinxinError NOT_ENTITLED, ENTRY_NOT_NEXT, STATEMENT_TIME */
function requireNext(view: View, { issuer, type, first, time }: AnchorStatement, context: RuleContext): RegisterRow {
  const register = view.get(rowKeys.register(issuer, type));
  if (!register) throw new YinxinError('NOT_ENTITLED', { issuer, type });
  const expected = register.last + 1;
  if (first !== expected) throw new YinxinError('ENTRY_NOT_NEXT', { expected });
  requireTimely(time, context);
  if (context.time < register.time) throw new YinxinError('STATEMENT_TIME', { notBefore: register.time });
  return register;
}

const illegal = (supersession: Supersession) => new YinxinError('SUPERSESSION_ILLEGAL', { ...supersession });

/** Each reissue's order and bounds, and that the statement signs exactly this list. @throws YinxinError SUPERSESSION_ILLEGAL, INPUT_INVALID */
function checkSupersessions({ first, last, supersedes }: AnchorStatement, list: readonly Supersession[]): void {
  const superseded = new Set<number>();
  let previous = first - 1;
  for (const item of list) {
    const isInOrder = item.entry > previous && item.entry <= last;
    if (!isInOrder || item.supersedes >= first || superseded.has(item.supersedes)) throw illegal(item);
    previous = item.entry;
    superseded.add(item.supersedes);
  }
  if (digestSupersessions(list) !== supersedes) throw invalid('statement', 'supersedes');
}

/**
 * The superseded entry's status row with the change added. Once only, even where a supersession was corrected since: a second reissue would
 * bear the identifier of the first. And not before it was taken up again, when another of its line may be in force. @throws YinxinError SUPERSESSION_ILLEGAL
 */
function supersede(view: View, statement: AnchorStatement, item: Supersession, { txId }: RuleContext): StatusRow {
  const { issuer, type, time, key } = statement;
  const row = view.get(rowKeys.status(issuer, type, item.supersedes));
  const changes = row?.changes ?? [];
  const isFirst = changes.every(({ act }) => act !== 'supersede');
  const isLegal = isFirst && readingsOf(view, changes).every((reading) => isSupersedable(latestStatus(reading)));
  const earliest = takenUpFrom(changes);
  if (!isLegal || (earliest !== undefined && time < earliest)) throw illegal(item);
  const change: RecordedChange = {
    sequence: changes.length + 1,
    from: latestStatus(changes),
    to: 'SUPERSEDED',
    act: 'supersede',
    basis: null,
    document: null,
    effective: time,
    by: item.entry,
    time,
    key,
    txId,
  };
  return { kind: 'status', issuer, type, entry: item.supersedes, ...row, changes: [...changes, change] };
}

/** The leaf hashes in entry order. @throws YinxinError INPUT_INVALID, MALFORMED_TEXT */
function readLeaves(leaves: string, count: number): readonly Uint8Array[] {
  if (leaves.length !== 4 * Math.ceil((count * hashBytes) / 3)) throw invalid('leaves', `not ${count} hashes`);
  const bytes = fromBase64(leaves, count * hashBytes);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
}

/** Legacy types may be anchored: that is how digitised stock comes in. @throws YinxinError; cheap checks first, the signature last */
function decideAnchor(view: View, input: AnchorInput, context: RuleContext): Decision {
  const statement = parseAnchorStatement(input.statement);
  const { issuer, type, typeVersion, first, last, root, key } = statement;
  requireChannel(statement.channel, context);
  const count = last - first + 1;
  if (count > maxBatchLeaves) throw new YinxinError('BATCH_TOO_LARGE', { max: maxBatchLeaves });
  const signer = requireAuthority(view, statement, context);
  const register = requireNext(view, statement, context);
  checkSupersessions(statement, input.supersessions);
  const superseded = input.supersessions.map((item) => supersede(view, statement, item, context));
  const signature = readSignature(input.signature);
  const computed = context.rootOf?.(input.leaves, count) ?? toBase64(merkleRoot(readLeaves(input.leaves, count)));
  if (computed !== root) throw new YinxinError('ROOT_MISMATCH');
  requireSignature(input.statement, signature, signer);
  const { time, txId } = context;
  const digest = statementDigest(input.statement, signature);
  const batch = { kind: 'batch', issuer, type, typeVersion, first, last, root, statement: digest, key } as const;
  return {
    writes: [{ ...register, last, time }, { ...batch, txId, time, touched: 0 }, ...superseded],
    event: { issuer, type, first, last, statement: digest },
  };
}

export const anchor: Rule<AnchorInput> = { parse: parseAnchorInput, needs: anchorNeeds, decide: decideAnchor };
