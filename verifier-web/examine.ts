/** The page's one deed: what was presented → checks and verdict. Files and codes are verified here by core; a number is the server's to answer. */
import {
  applyDenial,
  type CertificateSummary,
  type CertificateType,
  type Check,
  type CheckName,
  type CodeTerms,
  type Conclusion,
  checkNames,
  choosePolicy,
  conclude,
  doubt,
  type ErrorCode,
  type Identifier,
  type Instant,
  type LedgerKnowledge,
  type Lookups,
  type Presented,
  pass,
  presentCode,
  presentFile,
  presentNumber,
  readConclusion,
  type ShownField,
  type StatusList,
  skip,
  type Trust,
  toBase64,
  toLeaf,
  type Verdict,
  type VerifyOptions,
  verify,
} from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { type Asking, atOf } from './asking.ts';
import { type Content, countOmitted, readContent, reissueOf, toShownFields, toSummary } from './content.ts';
import { normaliseNumber } from './entry.ts';
import type { Reply, Server } from './server.ts';
import type { Listed, Register, StatusStore } from './status-store.ts';
import type { TrustState, TrustStore } from './trust-store.ts';

export interface Examination {
  readonly kind: 'file' | 'code' | 'number';
  /** Where, for what and about when it was asked. */
  readonly asking: Asking;
  /** When it was asked: the later of the clock and the lists. */
  readonly now: Instant;
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly conclusion: Conclusion;
  readonly type: CertificateType | undefined;
  readonly certificate: CertificateSummary | undefined;
  readonly fields: readonly ShownField[];
  /** How many fields of the type were not presented. */
  readonly omitted: number;
  /** Facts of the ledger as the server gave them; or why it gave none. */
  readonly knowledge: LedgerKnowledge | undefined;
  readonly server: 'answered' | 'not-asked' | ErrorCode;
  /** The status list that was judged by, or what is wrong with the newest one. */
  readonly listed: Listed;
  readonly supersededBy: Identifier | undefined;
  /** For whom and what for a code was made. */
  readonly terms: CodeTerms;
  readonly trust: TrustState;
}

export interface Means {
  readonly trust: TrustStore;
  readonly lists: StatusStore;
  readonly server: Server;
  readonly asking: () => Asking;
  readonly now: () => Instant;
}

const noList: Listed = { list: undefined, problem: undefined };

function toOptions({ domain, matter, ...asking }: Asking): VerifyOptions {
  const at = atOf(asking);
  return {
    ...(at !== undefined && { at }),
    ...(domain !== undefined && { domain }),
    ...(matter !== undefined && { matter }),
  };
}

/** A `*.yinxin.json`. */
export function examineFile(bytes: Uint8Array, means: Means): Promise<Examination> {
  return examine('file', presentFile(bytes), means);
}

/** What a scanner read. */
export function examineCode(text: string, means: Means): Promise<Examination> {
  return examine('code', presentCode(text), means);
}

async function examine(kind: 'file' | 'code', presented: Presented, means: Means): Promise<Examination> {
  const asking = means.asking();
  const options = toOptions(asking);
  const trust = await means.trust.current();
  const clock = means.now();
  const content = readContent(presented, trust.trust);
  const offline: Lookups = await gatherAnchored(presented, trust.trust);
  const settled = conclude(verify(presented, trust.trust, clock, offline), { required: [] }).genuine === 'no';
  const reply =
    content && trust.trust && !settled
      ? await means.server.status(content.body.id, toBase64(toLeaf(content.body)), asking)
      : undefined;
  const knowledge = reply?.ok ? reply.answer.knowledge : undefined;
  const listed =
    content && reply && trust.trust ? await gatherList(content, reply, trust.trust, means, asking) : noList;
  const now = latest(clock, trust.trust?.asOf, listed.list?.issuedAt);
  const found = verify(presented, trust.trust, now, { ...offline, ...toLookups(knowledge, listed.list) }, options);
  const checks = reply ? heed(reply, found, offline, asking) : found;
  const offlineCode = content?.type?.offlineCode === true;
  const verdict = conclude(checks, choosePolicy({ kind, offlineCode, domainNamed: asking.domain !== undefined }));
  return {
    kind,
    asking,
    now,
    verdict,
    checks,
    conclusion: content?.type ? readConclusion(content.type, content.values) : { kind: 'none' },
    type: content?.type,
    certificate: content && toSummary(content, trust.trust, now),
    fields: content ? toShownFields(content) : [],
    omitted: content ? countOmitted(content) : 0,
    knowledge,
    server: describeReply(reply),
    listed,
    supersededBy: findReissue(verdict, reply, content),
    terms: presented.kind === 'code' ? presented.signedCode.code : {},
    trust,
  };
}

function latest(first: Instant, ...others: readonly (Instant | undefined)[]): Instant {
  return others.reduce<Instant>((a, b) => (b !== undefined && b > a ? b : a), first);
}

function toLookups(ledger: LedgerKnowledge | undefined, list: StatusList | undefined): Lookups {
  if (ledger) return { ledger };
  return list ? { statusLists: [list] } : {};
}

/** Without an answer the list at hand does; a server that answers is asked for the register's list in the background, for when it will not. */
async function gatherList(content: Content, reply: Reply, trust: Trust, means: Means, asking: Asking): Promise<Listed> {
  if (reply.ok) keepList(content.body, content.type, trust, means);
  const isDenied = !reply.ok && reply.code === 'CERTIFICATE_UNKNOWN';
  return reply.ok || isDenied || asking.height !== undefined ? noList : means.lists.find(content.body, trust);
}

/** Lists of types that not everyone may look up are for authenticated verifiers. */
function keepList(register: Register, type: CertificateType | undefined, trust: Trust, { lists }: Means): void {
  if (type?.lookup === 'public') void lists.refresh({ issuer: register.issuer, type: register.type }, trust);
}

/** What only a reader of the ledger at that height can judge. */
export const ofHeight: readonly CheckName[] = ['issuer', 'anchor', 'status', 'validity', 'recognition'];

/** The checks after what the server said beyond its knowledge: that it has no such certificate, or how things stood at a height. */
function heed(reply: Reply, checks: readonly Check[], { anchored }: Lookups, { height }: Asking): readonly Check[] {
  if (reply.ok) {
    if (height === undefined) return checks;
    return checks.map(
      (check) =>
        (ofHeight.includes(check.check) && reply.answer.checks.find((own) => own.check === check.check)) || check,
    );
  }
  if (reply.code === 'CERTIFICATE_UNKNOWN') return applyDenial(checks, anchored);
  if (reply.code !== 'HEIGHT_UNKNOWN') return checks;
  return checks.map((check) => (check.check === 'status' ? doubt('status', 'HEIGHT_UNKNOWN') : check));
}

function describeReply(reply: Reply | undefined): Examination['server'] {
  if (!reply) return 'not-asked';
  return reply.ok ? 'answered' : reply.code;
}

function findReissue({ reason }: Verdict, reply: Reply | undefined, content: Content | undefined) {
  if (reply?.ok && reply.answer.supersededBy !== undefined) return reply.answer.supersededBy;
  return reason === 'SUPERSEDED' && content ? reissueOf(content.body.id) : undefined;
}

async function gatherAnchored(presented: Presented, trust: Trust | undefined): Promise<Lookups> {
  if (presented.kind !== 'file' || !trust) return {};
  const anchored = await readAnchored(presented.file.proof.anchored, trust);
  return anchored ? { anchored } : {};
}

/** A typed number: only its check character is verified here. */
export async function examineNumber(text: string, means: Means): Promise<Examination> {
  const presented = presentNumber(normaliseNumber(text));
  const asking = means.asking();
  const trust = await means.trust.current();
  const bare = {
    kind: 'number' as const,
    asking,
    now: latest(means.now(), trust.trust?.asOf),
    conclusion: { kind: 'none' as const },
    type: undefined,
    certificate: undefined,
    fields: [],
    omitted: 0,
    knowledge: undefined,
    listed: noList,
    supersededBy: undefined,
    terms: {},
    trust,
  };
  if (presented.kind !== 'number') {
    const checks = verify(presented, trust.trust, means.now());
    return { ...bare, checks, verdict: conclude(checks, choosePolicy({ kind: 'number' })), server: 'not-asked' };
  }
  const reply = await means.server.byNumber(presented.identifier.identifier, asking);
  if (!reply.ok) return { ...bare, ...withoutAnswer(reply.code), server: reply.code };
  const { certificate, fields, conclusion, ...answer } = reply.answer;
  const type = certificate ? trust.trust?.type(certificate.type, certificate.typeVersion) : undefined;
  if (certificate && trust.trust) keepList(certificate, type, trust.trust, means);
  const value = fields.find((field) => field.key === type?.conclusion?.field)?.value;
  return {
    ...bare,
    ...answer,
    conclusion:
      conclusion === 'negative'
        ? { kind: conclusion, value: typeof value === 'string' ? value : undefined }
        : { kind: conclusion },
    type,
    certificate,
    fields,
    server: 'answered',
  };
}

function withoutAnswer(code: ErrorCode): { readonly checks: readonly Check[]; readonly verdict: Verdict } {
  const checks = checkNames.map((name) => (name === 'format' ? pass(name) : skip(name)));
  return { checks, verdict: { verdict: 'indeterminate', reason: code, check: 'status', genuine: 'unknown' } };
}
