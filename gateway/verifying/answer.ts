/** From checks to an answer: verdict, what may be shown of the certificate, and what the ledger's reader knows. */
import {
  type Body,
  type CertificateSummary,
  type CertificateType,
  type Check,
  type CodeTerms,
  choosePolicy,
  conclude,
  type FieldValues,
  formatIdentifier,
  type Identifier,
  type Instant,
  type LedgerKnowledge,
  parseIdentifier,
  readConclusion,
  skip,
  type Trust,
  type VerificationAnswer,
} from '@yinxin/core';
import { chooseMaskLevel, toShownFields } from './access.ts';
import type { Access } from './verifying.ts';

/** What was found of the certificate: its body, the values that may be shown in some form, and the ledger's knowledge. */
export interface Found {
  readonly body: Body;
  readonly type: CertificateType;
  /** Undefined: none is shown. */
  readonly values: FieldValues | undefined;
}

export interface Judged {
  readonly kind: 'file' | 'code' | 'number';
  readonly checks: readonly Check[];
  readonly trust: Trust;
  readonly access: Access;
  readonly at: Instant;
  readonly isDomainNamed: boolean;
  readonly knowledge?: LedgerKnowledge | undefined;
  /** For `supersededBy`. */
  readonly identifier?: Identifier | undefined;
  readonly found?: Found | undefined;
  /** Of a code. */
  readonly terms?: CodeTerms | undefined;
}

function toSummary({ body, type }: Found, trust: Trust): CertificateSummary {
  const { id, entry, issuer, issuedAt, validFrom, validUntil } = body;
  return {
    identifier: id,
    type: type.type,
    typeVersion: type.version,
    typeName: type.name,
    issuer,
    issuerName: trust.issuer(issuer)?.name ?? { zh: issuer, en: issuer },
    entry,
    issuedAt,
    validFrom,
    validUntil,
  };
}

/** The next version of a certificate that the ledger says is superseded. */
function findSuccessor(identifier: Identifier | undefined, knowledge: LedgerKnowledge | undefined) {
  if (identifier === undefined || !knowledge?.changes.some(({ act }) => act === 'supersede')) return undefined;
  const { typeCode, issuer, serial, version } = parseIdentifier(identifier);
  return formatIdentifier({ typeCode, issuer, serial, version: version + 1 });
}

function toContent(found: Found, trust: Trust, access: Access): Partial<VerificationAnswer> {
  const { type, body, values } = found;
  const content = { certificate: toSummary(found, trust), conclusion: readConclusion(type, values ?? {}).kind };
  if (values === undefined) return content;
  return { ...content, fields: toShownFields(type, values, chooseMaskLevel(access, body.issuer)) };
}

/** A forgery has no status: it must not tell that of the entry which it names. */
export function withoutStatus(check: Check): Check {
  return check.check === 'status' ? skip('status') : check;
}

/** What is not genuine lends nothing of its content to the answer, and learns nothing of the ledger. */
export function toAnswer(judged: Judged): VerificationAnswer {
  const { kind, checks, trust, access, at, isDomainNamed, knowledge, found, identifier, terms } = judged;
  const offlineCode = found?.type.offlineCode ?? false;
  const verdict = conclude(checks, choosePolicy({ kind, offlineCode, domainNamed: isDomainNamed }));
  const isShown = found !== undefined && verdict.genuine !== 'no';
  const supersededBy = isShown ? findSuccessor(identifier, knowledge) : undefined;
  return {
    verdict,
    checks: verdict.genuine === 'no' ? checks.map(withoutStatus) : checks,
    ...(isShown && toContent(found, trust, access)),
    ...(isShown && terms && { terms }),
    ...(isShown && knowledge && { knowledge }),
    ...(supersededBy && { supersededBy }),
    at,
    height: knowledge?.height ?? trust.height,
  };
}
