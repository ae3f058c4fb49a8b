/** Reads the server's answers (core/api.ts): only what has the right shape goes on, so that a bad answer is no answer. */
import {
  type CertificateSummary,
  type Check,
  type Conclusion,
  checkNames,
  fromBase64,
  type Instant,
  isAct,
  isErrorCode,
  isJsonObject,
  isStatus,
  type Json,
  type KnownChange,
  type LedgerKnowledge,
  parseIdentifier,
  parseInstant,
  parseKeyId,
  type Verdict,
  type VerificationAnswer,
} from '@yinxin/core';

class Misshapen extends Error {}

type JsonObject = { readonly [key: string]: Json };

function object(json: Json | undefined): JsonObject {
  if (!isJsonObject(json)) throw new Misshapen();
  return json;
}

function list(json: Json | undefined): readonly Json[] {
  if (!Array.isArray(json)) throw new Misshapen();
  return json;
}

function text(json: Json | undefined): string {
  if (typeof json !== 'string') throw new Misshapen();
  return json;
}

function natural(json: Json | undefined): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0) throw new Misshapen();
  return json;
}

const orNull = <T>(json: Json | undefined, read: (json: Json | undefined) => T): T | null =>
  json === null ? null : read(json);
const instant = (json: Json | undefined): Instant => parseInstant(text(json));

function hash(json: Json | undefined): string {
  fromBase64(text(json), 32);
  return text(json);
}

function toChange(json: Json): KnownChange {
  const row = object(json);
  const from = text(row['from']);
  const to = text(row['to']);
  const act = text(row['act']);
  if (!isStatus(from) || !isStatus(to) || !(act === 'supersede' || isAct(act))) throw new Misshapen();
  return {
    sequence: natural(row['sequence']),
    from,
    to,
    act,
    basis: orNull(row['basis'], text),
    document: orNull(row['document'], text),
    effective: instant(row['effective']),
    ...(row['corrects'] !== undefined && { corrects: natural(row['corrects']) }),
    by: orNull(row['by'], natural),
    time: instant(row['time']),
    key: parseKeyId(text(row['key'])),
    txId: text(row['txId']),
    block: natural(row['block']),
    recorded: instant(row['recorded']),
  };
}

function toAnchor(json: Json): NonNullable<LedgerKnowledge['anchor']> {
  const row = object(json);
  return {
    leaf: hash(row['leaf']),
    statement: hash(row['statement']),
    key: parseKeyId(text(row['key'])),
    txId: text(row['txId']),
    block: natural(row['block']),
    time: instant(row['time']),
    supersedes: orNull(row['supersedes'], natural),
  };
}

export function toKnowledge(json: Json): LedgerKnowledge {
  const row = object(json);
  const anchor = row['anchor'];
  return {
    height: natural(row['height']),
    time: instant(row['time']),
    asOf: instant(row['asOf']),
    ...(anchor === undefined ? {} : { anchor: toAnchor(anchor) }),
    changes: list(row['changes']).map(toChange),
  };
}

function isCheck(json: Json): boolean {
  if (!isJsonObject(json) || !checkNames.some((name) => name === json['check'])) return false;
  const { outcome, code } = { outcome: json['outcome'], code: json['code'] };
  return (
    outcome === 'passed' ||
    outcome === 'skipped' ||
    ((outcome === 'failed' || outcome === 'inconclusive') && isErrorCode(code))
  );
}

function isVerdict(json: Json | undefined): boolean {
  if (!isJsonObject(json)) return false;
  const { verdict, reason } = { verdict: json['verdict'], reason: json['reason'] };
  return (
    (verdict === 'valid') === (reason === 'VALID') &&
    ['valid', 'invalid', 'indeterminate'].some((word) => word === verdict) &&
    (reason === 'VALID' || isErrorCode(reason))
  );
}

/** Never guessed: what is not told could be a no. */
function toConclusion(json: Json | undefined): Conclusion['kind'] {
  const kind = (['none', 'positive', 'negative', 'hidden'] as const).find((known) => known === json);
  if (kind === undefined) throw new Misshapen();
  return kind;
}

/** What the page uses of an answer; everything else of it is left aside. */
export interface Answer {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly certificate: VerificationAnswer['certificate'];
  readonly fields: NonNullable<VerificationAnswer['fields']>;
  readonly knowledge: LedgerKnowledge | undefined;
  readonly supersededBy: VerificationAnswer['supersededBy'];
  readonly conclusion: Conclusion['kind'];
}

/** What the page writes out of a summary. */
function lookAtSummary({ identifier, typeName, issuerName, successor }: CertificateSummary): void {
  parseIdentifier(identifier);
  for (const words of [typeName, issuerName, ...(successor ? [successor.name] : [])]) {
    text(words.zh);
    text(words.en);
  }
}

/** @throws when the answer is not of the shape that core/api.ts gives */
export function toAnswer(json: Json): Answer {
  const answer = object(json);
  const checks = list(answer['checks']);
  if (!isVerdict(answer['verdict']) || !checks.every(isCheck)) throw new Misshapen();
  const { certificate, fields, knowledge, supersededBy } = answer as unknown as VerificationAnswer; // members are looked at below
  if (certificate !== undefined) lookAtSummary(certificate);
  if (supersededBy !== undefined) parseIdentifier(supersededBy);
  return {
    verdict: answer['verdict'] as unknown as Verdict, // isVerdict
    checks: checks as unknown as readonly Check[], // isCheck
    certificate,
    fields: fields ?? [],
    knowledge: knowledge === undefined ? undefined : toKnowledge(answer['knowledge'] ?? null),
    supersededBy,
    conclusion: certificate === undefined ? 'none' : toConclusion(answer['conclusion']),
  };
}
