/** One verification by the command: judged here by core and the trust list, with what the gateway knows of the ledger where it can be asked. */
import {
  type Body,
  type CertificateFile,
  type CertificateType,
  type Check,
  choosePolicy,
  conclude,
  type FieldValues,
  type Instant,
  isJsonObject,
  isNegativeConclusion,
  type Json,
  type LedgerKnowledge,
  type Lookups,
  maskFields,
  type Presented,
  type Trust,
  toBase64,
  toCodeBody,
  toFaceValues,
  toLeaf,
  type VerificationAnswer,
  verify,
  YinxinError,
} from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { toShownFields, toSummary } from './certificate-view.ts';
import { type Gateway, isUnreachable } from './gateway.ts';

export interface Question {
  readonly at?: Instant;
  readonly domain?: string;
}

export interface Judged {
  readonly answer: VerificationAnswer;
  /** Whether the gateway was asked, and answered. */
  readonly server: 'answered' | 'unreachable' | 'not-asked';
  /** What the certificate concludes when it says no. */
  readonly negative?: string;
}

/** What a file or code shows, in one form. */
interface Opened {
  readonly body: Body;
  readonly type: CertificateType | undefined;
  readonly values: FieldValues;
  readonly file?: CertificateFile;
}

function openPresented(presented: Presented, trust: Trust | undefined): Opened | undefined {
  if (presented.kind === 'file') {
    const { file } = presented;
    return { body: file.body, type: trust?.type(file.body.type, file.body.typeVersion), values: file.fields, file };
  }
  if (presented.kind !== 'code') return undefined;
  const { code } = presented.signedCode;
  const type = trust?.type(code.type, code.typeVersion);
  if (!type) return undefined;
  try {
    return { body: toCodeBody(code, type), type, values: toFaceValues(code.face, type) };
  } catch (error) {
    if (error instanceof YinxinError) return undefined; // verify names the fault
    throw error;
  }
}

/** The gateway's answer: its shape is its contract, tested on its side. */
export function toVerificationAnswer(json: Json, gateway: string): VerificationAnswer {
  if (isJsonObject(json) && isJsonObject(json['verdict']) && Array.isArray(json['checks'])) {
    return json as unknown as VerificationAnswer; // the OpenAPI document fixes the rest
  }
  throw new YinxinError('GATEWAY_UNREACHABLE', { gateway, status: 200 });
}

interface Known {
  readonly knowledge?: LedgerKnowledge;
  readonly supersededBy?: VerificationAnswer['supersededBy'];
  readonly server: Judged['server'];
}

/** Asks by number and leaf only: no field leaves this machine. */
async function askGateway(opened: Opened, gateway: Source, question: Question): Promise<Known> {
  if (typeof gateway === 'string') return { server: gateway };
  try {
    const asked = { identifier: opened.body.id, leaf: toBase64(toLeaf(opened.body)), ...question };
    const answer = toVerificationAnswer(await gateway.postJson('/v1/verifications', asked), gateway.url);
    const { knowledge, supersededBy } = answer;
    return { server: 'answered', ...(knowledge && { knowledge }), ...(supersededBy && { supersededBy }) };
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    if (error.code === 'CERTIFICATE_UNKNOWN') return { server: 'answered' };
    if (isUnreachable(error)) return { server: 'unreachable' };
    throw error;
  }
}

function findNegative(opened: Opened | undefined): string | undefined {
  if (!opened?.type?.conclusion || !isNegativeConclusion(opened.type, opened.values)) return undefined;
  const value = opened.values[opened.type.conclusion.field];
  return typeof value === 'string' ? value : undefined;
}

function toAnswer(
  opened: Opened | undefined,
  checks: readonly Check[],
  known: Known,
  trust: Trust | undefined,
  moment: { readonly now: Instant } & Question,
  kind: 'file' | 'code',
): Judged {
  const negative = findNegative(opened);
  const policy = choosePolicy({
    kind,
    offlineCode: opened?.type?.offlineCode ?? false,
    domainNamed: moment.domain !== undefined,
  });
  const answer: VerificationAnswer = {
    verdict: conclude(checks, policy),
    checks,
    ...(opened && { certificate: toSummary(opened.body, trust) }),
    ...(opened?.type && {
      fields: toShownFields(opened.type, opened.values, maskFields(opened.type, opened.values, 'public')),
    }),
    ...(known.knowledge && { knowledge: known.knowledge }),
    ...(known.supersededBy && { supersededBy: known.supersededBy }),
    ...(negative !== undefined && { negativeConclusion: true }),
    at: moment.at ?? moment.now,
    height: known.knowledge?.height ?? trust?.height ?? 0,
  };
  return { answer, server: known.server, ...(negative !== undefined && { negative }) };
}

/** Who can be asked about the ledger, or why nobody is. */
export type Source = Gateway | 'not-asked' | 'unreachable';

/** Judges a file or code on this machine. */
export async function judgeHere(
  presented: Exclude<Presented, { kind: 'number' }>,
  trust: Trust | undefined,
  gateway: Source,
  now: Instant,
  question: Question,
): Promise<Judged> {
  const opened = openPresented(presented, trust);
  const known = opened ? await askGateway(opened, gateway, question) : { server: 'not-asked' as const };
  const anchored = trust && opened?.file ? await readAnchored(opened.file.proof.anchored, trust) : undefined;
  const lookups: Lookups = { ...(known.knowledge && { ledger: known.knowledge }), ...(anchored && { anchored }) };
  const checks = verify(presented, trust, now, lookups, question);
  const kind = presented.kind === 'unreadable' ? 'file' : presented.kind;
  return toAnswer(opened, checks, known, trust, { now, ...question }, kind);
}
