/** One verification by the command: judged here by core and the trust list, with what the gateway knows of the ledger where it can be asked. */
import {
  applyDenial,
  type Body,
  type CertificateFile,
  type CertificateType,
  type Check,
  type CheckName,
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
  type StatusList,
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
import type { Register } from './status-lists.ts';

export interface Question {
  /** Legal time. */
  readonly at?: Instant;
  /** By what the ledger knew at this height. */
  readonly height?: number;
  /** Where, and for which matter, it is presented. */
  readonly domain?: string;
  readonly matter?: string;
}

export interface Judged {
  readonly answer: VerificationAnswer;
  /** Whether the gateway was asked, and answered. */
  readonly server: 'answered' | 'unreachable' | 'not-asked';
  readonly kind: 'file' | 'code' | 'number';
  /** Whether a past height was asked about: then what rests on rows is the gateway's word. */
  readonly isPast: boolean;
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
  /** The gateway's own checks. */
  readonly checks?: readonly Check[];
  readonly supersededBy?: VerificationAnswer['supersededBy'];
  readonly server: Judged['server'];
}

/** Asks by number and leaf only: no field leaves this machine. */
async function askGateway(opened: Opened, gateway: Source, question: Question): Promise<Known> {
  if (typeof gateway === 'string') return { server: gateway };
  try {
    const asked = { identifier: opened.body.id, leaf: toBase64(toLeaf(opened.body)), ...question };
    const answer = toVerificationAnswer(await gateway.postJson('/v1/verifications', asked), gateway.url);
    const { knowledge, supersededBy, checks } = answer;
    return { server: 'answered', checks, ...(knowledge && { knowledge }), ...(supersededBy && { supersededBy }) };
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    if (error.code === 'CERTIFICATE_UNKNOWN') return { server: 'answered', isDenied: true };
    if (isUnreachable(error) && question.height === undefined) return { server: 'unreachable' };
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
    ...(opened && { certificate: toSummary(opened.body, trust, moment.now) }),
    ...(opened?.type && {
      fields: toShownFields(opened.type, opened.values, maskFields(opened.type, opened.values, 'public')),
    }),
    ...(known.knowledge && { knowledge: known.knowledge }),
    ...(known.supersededBy && { supersededBy: known.supersededBy }),
    ...(opened && { conclusion: conclusion.kind }),
    ...(verdict.genuine !== 'no' && terms && { terms }),
    at: moment.at ?? moment.now,
    height: moment.height ?? known.knowledge?.height ?? trust?.height ?? 0,
  };
  const isPast = moment.height !== undefined && known.checks !== undefined;
  return { answer, server: known.server, kind, isPast, conclusion, terms: terms ?? {} };
}

/** Who can be asked about the ledger, or why nobody is. */
export type Source = Gateway | 'not-asked' | 'unreachable';

/** What a verdict is made by. */
export interface Sources {
  readonly trust: Trust | undefined;
  readonly gateway: Source;
  readonly now: Instant;
  /** The status list that is kept of a register; used only where the gateway does not tell. */
  readonly readList: (register: Register) => Promise<StatusList | undefined>;
}

type Documents = Exclude<Presented, { kind: 'number' }>;

/** Judges a file or code on this machine. Of what is not genuine the gateway is asked nothing. */
export async function judgeHere(presented: Documents, question: Question, by: Sources): Promise<Judged> {
  const { trust, now, readList } = by;
  const opened = openPresented(presented, trust);
  const anchored = trust && opened?.file ? await readAnchored(opened.file.proof.anchored, trust) : undefined;
  const offline: Lookups = { ...(anchored && { anchored }) };
  const rows = trust && question.height !== undefined ? withoutKeyEnds(trust) : trust;
  const isForged = conclude(verify(presented, rows, now, offline, question), { required: [] }).genuine === 'no';
  const known: Known =
    opened && !isForged ? await askGateway(opened, by.gateway, question) : { server: 'not-asked' as const };
  const list = opened && !known.knowledge ? await readList(opened.body) : undefined;
  const lookups: Lookups = {
    ...offline,
    ...(known.knowledge && { ledger: known.knowledge }),
    ...(list && { statusLists: [list] }),
  };
  const found = verify(presented, rows, now, lookups, question);
  const denied = known.isDenied ? applyDenial(found, anchored) : found;
  const checks = question.height !== undefined && known.checks ? denied.map(adopt(known.checks)) : denied;
  return toJudged(presented, opened, checks, known, trust, { now, ...question });
}

/** The keys of bodies as if none had ended or got into other hands: for a past height, at which only the gateway knows whether one had. */
function withoutKeyEnds(trust: Trust): Trust {
  return {
    ...trust,
    key(key) {
      const row = trust.key(key);
      return row?.use === 'anchor' ? { ...row, until: null, compromisedFrom: null } : row;
    },
  };
}

/** What rests on the registry's rows, of which this machine has only the newest. */
export const rowChecks: ReadonlySet<CheckName> = new Set<CheckName>(['issuer', 'anchor', 'status', 'recognition']);

/** Where it is asked how the ledger stood at a past height, the gateway's word on its rows; what failed here stays failed. */
function adopt(theirs: readonly Check[]): (own: Check) => Check {
  return (own) => {
    const isOwn = !rowChecks.has(own.check) || (own.check === 'anchor' && own.outcome !== 'passed');
    return isOwn ? own : (theirs.find(({ check }) => check === own.check) ?? own);
  };
}
