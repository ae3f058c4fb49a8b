/** The page's one deed: what was presented → checks and verdict. Files and codes are verified here by core; a number is the server's to answer. */
import {
  applyDenial,
  type Body,
  type CertificateSummary,
  type CertificateType,
  type Check,
  type CodeTerms,
  type Conclusion,
  checkNames,
  choosePolicy,
  conclude,
  type ErrorCode,
  type FieldValues,
  type Identifier,
  type Instant,
  type LedgerKnowledge,
  type Lookups,
  maskFields,
  type Presented,
  pass,
  presentCode,
  presentFile,
  presentNumber,
  readConclusion,
  type ShownField,
  skip,
  type Trust,
  toBase64,
  toCodeBody,
  toFaceValues,
  toLeaf,
  type Verdict,
  verify,
  YinxinError,
} from '@yinxin/core';
import { readAnchored } from '@yinxin/core/jose';
import { normaliseNumber } from './entry.ts';
import type { Reply, Server } from './server.ts';
import type { TrustState, TrustStore } from './trust-store.ts';

export interface Examination {
  readonly kind: 'file' | 'code' | 'number';
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
  readonly supersededBy: Identifier | undefined;
  /** For whom and what for a code was made. */
  readonly terms: CodeTerms;
  readonly trust: TrustState;
}

export interface Means {
  readonly trust: TrustStore;
  readonly server: Server;
  readonly now: () => Instant;
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
  const trust = await means.trust.current();
  const now = means.now();
  const content = readContent(presented, trust.trust);
  const offline: Lookups = { ...(await gatherAnchored(presented, trust.trust)) };
  const settled = conclude(verify(presented, trust.trust, now, offline), { required: [] }).genuine === 'no';
  const reply =
    content && trust.trust && !settled
      ? await means.server.status(content.body.id, toBase64(toLeaf(content.body)))
      : undefined;
  const knowledge = reply?.ok ? reply.answer.knowledge : undefined;
  const found = verify(presented, trust.trust, now, { ...offline, ...(knowledge ? { ledger: knowledge } : {}) });
  const checks = isDenied(reply) ? applyDenial(found, offline.anchored) : found;
  const verdict = conclude(checks, choosePolicy({ kind, offlineCode: content?.type?.offlineCode === true }));
  const shown = content?.type ? toShownFields(content.type, content.values) : [];
  return {
    kind,
    verdict,
    checks,
    conclusion: content?.type ? readConclusion(content.type, content.values) : { kind: 'none' },
    type: content?.type,
    certificate: content ? toSummary(content.body, content.type, trust.trust) : undefined,
    fields: shown,
    omitted: content?.type ? content.type.fields.filter((field) => content.hidden.includes(field.key)).length : 0,
    knowledge,
    server: describeReply(reply),
    supersededBy: reply?.ok ? reply.answer.supersededBy : undefined,
    terms: presented.kind === 'code' ? presented.signedCode.code : {},
    trust,
  };
}

/** The server reads a ledger that has no such leaf under this number. */
function isDenied(reply: Reply | undefined): boolean {
  return reply?.ok === false && reply.code === 'CERTIFICATE_UNKNOWN';
}

function describeReply(reply: Reply | undefined): Examination['server'] {
  if (!reply) return 'not-asked';
  return reply.ok ? 'answered' : reply.code;
}

async function gatherAnchored(presented: Presented, trust: Trust | undefined): Promise<Lookups> {
  if (presented.kind !== 'file' || !trust) return {};
  const anchored = await readAnchored(presented.file.proof.anchored, trust);
  return anchored ? { anchored } : {};
}

interface Content {
  readonly body: Body;
  readonly type: CertificateType | undefined;
  readonly values: FieldValues;
  /** Keys that the certificate has and that were not presented. */
  readonly hidden: readonly string[];
}

/** Body and values as they are claimed: nothing of them is verified here. */
function readContent(presented: Presented, trust: Trust | undefined): Content | undefined {
  if (presented.kind === 'file') {
    const { body, fields, commitments } = presented.file;
    return {
      body,
      type: trust?.type(body.type, body.typeVersion),
      values: fields,
      hidden: Object.keys(commitments ?? {}),
    };
  }
  if (presented.kind !== 'code') return undefined;
  const { code } = presented.signedCode;
  const type = trust?.type(code.type, code.typeVersion);
  if (!type) return undefined;
  try {
    const values = toFaceValues(code.face, type);
    const hidden = type.fields.filter((field) => values[field.key] === undefined).map((field) => field.key);
    return { body: toCodeBody(code, type), type, values, hidden };
  } catch (error) {
    if (error instanceof YinxinError) return undefined;
    throw error;
  }
}

/** A counter's screen is public: masked as for anyone. */
function toShownFields(type: CertificateType, values: FieldValues): ShownField[] {
  const masked = maskFields(type, values, 'public');
  return type.fields.flatMap((field) => {
    const value = masked[field.key];
    if (value === undefined) return [];
    const unit = field.unit === undefined ? {} : { unit: field.unit };
    return [{ key: field.key, label: field.label, value, masked: value !== values[field.key], ...unit }];
  });
}

function toSummary(body: Body, type: CertificateType | undefined, trust: Trust | undefined): CertificateSummary {
  const { id, typeVersion, issuer, entry, issuedAt, validFrom, validUntil } = body;
  return {
    identifier: id,
    type: body.type,
    typeVersion,
    typeName: type?.name ?? { zh: body.type, en: body.type },
    issuer,
    issuerName: trust?.issuer(issuer)?.name ?? { zh: issuer, en: issuer },
    entry,
    issuedAt,
    validFrom,
    validUntil,
  };
}

/** A typed number: only its check character is verified here. */
export async function examineNumber(text: string, means: Means): Promise<Examination> {
  const presented = presentNumber(normaliseNumber(text));
  const trust = await means.trust.current();
  const bare = {
    kind: 'number' as const,
    conclusion: { kind: 'none' as const },
    type: undefined,
    certificate: undefined,
    fields: [],
    omitted: 0,
    knowledge: undefined,
    supersededBy: undefined,
    terms: {},
    trust,
  };
  if (presented.kind !== 'number') {
    const checks = verify(presented, trust.trust, means.now());
    return { ...bare, checks, verdict: conclude(checks, choosePolicy({ kind: 'number' })), server: 'not-asked' };
  }
  const reply = await means.server.byNumber(presented.identifier.identifier);
  if (!reply.ok) return { ...bare, ...withoutAnswer(reply.code), server: reply.code };
  const { certificate, fields, conclusion, ...answer } = reply.answer;
  const type = certificate ? trust.trust?.type(certificate.type, certificate.typeVersion) : undefined;
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
