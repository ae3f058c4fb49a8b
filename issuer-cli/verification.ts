/** One verification by the command: judged here by core and the trust list, with what the gateway knows of the ledger where it can be asked. */
import {
  applyDenial,
  type Body,
  type CertificateFile,
  type CertificateType,
  type Check,
  type CodeTerms,
  type Conclusion,
  choosePolicy,
  conclude,
  type FieldValues,
  type Instant,
  isJsonObject,
  type Json,
  type LedgerKnowledge,
  type Lookups,
  maskFields,
  type Presented,
  readConclusion,
  type Trust,
  toBase64,
  toCodeBody,
  toCodeTerms,
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
  readonly kind: 'file' | 'code' | 'number';
  readonly conclusion: Conclusion;
  /** For whom and what for a code was made. */
  readonly terms: CodeTerms;
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
  /** The gateway reads a ledger that has no such leaf under this number. */
  readonly isDenied?: boolean;
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
    if (error.code === 'CERTIFICATE_UNKNOWN') return { server: 'answered', isDenied: true };
    if (isUnreachable(error)) return { server: 'unreachable' };
    throw error;
  }
}

/** What a number's answer says of a conclusion, as far as the gateway shows it. */
export function readAnswerConclusion(answer: VerificationAnswer, type: CertificateType | undefined): Conclusion {
  const kind = answer.conclusion ?? 'none';
  if (kind !== 'negative') return { kind };
  const value = answer.fields?.find(({ key }) => key === type?.conclusion?.field)?.value;
  return { kind, value: typeof value === 'string' ? value : undefined };
}

/** Of a type that is not known here, a no cannot be ruled out. */
function readOpenedConclusion(opened: Opened | undefined): Conclusion {
  if (!opened) return { kind: 'none' };
  return opened.type ? readConclusion(opened.type, opened.values) : { kind: 'hidden' };
}

function toJudged(
  presented: Documents,
  opened: Opened | undefined,
  checks: readonly Check[],
  known: Known,
  trust: Trust | undefined,
  moment: { readonly now: Instant } & Question,
): Judged {
  const kind = presented.kind === 'unreadable' ? 'file' : presented.kind;
  const conclusion = readOpenedConclusion(opened);
  const terms = presented.kind === 'code' ? toCodeTerms(presented.signedCode.code) : undefined;
  const policy = choosePolicy({
    kind,
    offlineCode: opened?.type?.offlineCode ?? false,
    domainNamed: moment.domain !== undefined,
  });
  const verdict = conclude(checks, policy);
  const answer: VerificationAnswer = {
    verdict,
    checks,
    ...(opened && { certificate: toSummary(opened.body, trust) }),
    ...(opened?.type && {
      fields: toShownFields(opened.type, opened.values, maskFields(opened.type, opened.values, 'public')),
    }),
    ...(known.knowledge && { knowledge: known.knowledge }),
    ...(known.supersededBy && { supersededBy: known.supersededBy }),
    ...(opened && { conclusion: conclusion.kind }),
    ...(verdict.genuine !== 'no' && terms && { terms }),
    at: moment.at ?? moment.now,
    height: known.knowledge?.height ?? trust?.height ?? 0,
  };
  return { answer, server: known.server, kind, conclusion, terms: terms ?? {} };
}

/** Who can be asked about the ledger, or why nobody is. */
export type Source = Gateway | 'not-asked' | 'unreachable';

type Documents = Exclude<Presented, { kind: 'number' }>;

/** Judges a file or code on this machine. Of what is not genuine the gateway is asked nothing. */
export async function judgeHere(
  presented: Documents,
  trust: Trust | undefined,
  gateway: Source,
  now: Instant,
  question: Question,
): Promise<Judged> {
  const opened = openPresented(presented, trust);
  const anchored = trust && opened?.file ? await readAnchored(opened.file.proof.anchored, trust) : undefined;
  const offline: Lookups = { ...(anchored && { anchored }) };
  const isForged = conclude(verify(presented, trust, now, offline, question), { required: [] }).genuine === 'no';
  const known = opened && !isForged ? await askGateway(opened, gateway, question) : { server: 'not-asked' as const };
  const lookups: Lookups = { ...offline, ...(known.knowledge && { ledger: known.knowledge }) };
  const found = verify(presented, trust, now, lookups, question);
  const checks = known.isDenied ? applyDenial(found, anchored) : found;
  return toJudged(presented, opened, checks, known, trust, { now, ...question });
}
