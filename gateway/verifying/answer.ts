/** From checks to an answer: verdict, what may be shown of the certificate, and what the ledger's reader knows. */
import {
  type Body,
  type CertificateSummary,
  type CertificateType,
  type Check,
  type CodeTerms,
  choosePolicy,
  conclude,
  decidingChange,
  explainChecks,
  type FieldValues,
  formatIdentifier,
  type Identifier,
  type IssuerRow,
  issuerNameAt,
  type LedgerKnowledge,
  parseIdentifier,
  readConclusion,
  skip,
  standingChanges,
  type VerificationAnswer,
} from '@yinxin/core';
import { chooseMaskLevel, isOwnOperator, toShownFields, withNewestMasks } from './access.ts';
import type { Scene } from './scene.ts';

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
  readonly knowledge?: LedgerKnowledge | undefined;
  /** For `supersededBy`. */
  readonly identifier?: Identifier | undefined;
  readonly found?: Found | undefined;
  /** Of a code. */
  readonly terms?: CodeTerms | undefined;
}

/** The body that took over from one that was closed. */
function toSuccessor(row: IssuerRow | undefined, { trust, now }: Scene): Pick<CertificateSummary, 'successor'> {
  const manager = row && trust.managerOf(row.issuer, now);
  if (!manager || manager.issuer === row.issuer) return {};
  return { successor: { issuer: manager.issuer, name: manager.name } };
}

function toSummary({ body, type }: Found, scene: Scene): CertificateSummary {
  const { id, entry, issuer, issuedAt, validFrom, validUntil } = body;
  const row = scene.trust.issuer(issuer);
  return {
    identifier: id,
    type: type.type,
    typeVersion: type.version,
    typeName: type.name,
    issuer,
    issuerName: row ? issuerNameAt(row, issuedAt) : { zh: issuer, en: issuer },
    ...toSuccessor(row, scene),
    entry,
    issuedAt,
    validFrom,
    validUntil,
  };
}

/** The next version of a certificate that the ledger says is superseded. */
function findReissue(identifier: Identifier | undefined, knowledge: LedgerKnowledge | undefined, { trust }: Scene) {
  if (identifier === undefined) return undefined;
  const { typeCode, issuer, serial, version } = parseIdentifier(identifier);
  const changes = standingChanges(knowledge?.changes ?? [], trust, issuer);
  if (decidingChange(changes)?.act !== 'supersede') return undefined;
  return formatIdentifier({ typeCode, issuer, serial, version: version + 1 });
}

function toContent(found: Found, scene: Scene): Partial<VerificationAnswer> {
  const { type, body, values } = found;
  const { access, present, now } = scene;
  const content = { certificate: toSummary(found, scene), conclusion: readConclusion(type, values ?? {}).kind };
  if (values === undefined) return content;
  const level = chooseMaskLevel(access, isOwnOperator(access, body.issuer, present, now));
  return { ...content, fields: toShownFields(withNewestMasks(type, present), values, level) };
}

/** A forgery has no status: it must not tell that of the entry which it names. */
export function withoutStatus(check: Check): Check {
  return check.check === 'status' ? skip('status') : check;
}

/** What is not genuine lends nothing of its content to the answer, and learns nothing of the ledger. */
export function toAnswer(scene: Scene, judged: Judged): VerificationAnswer {
  const { kind, knowledge, found, identifier, terms } = judged;
  const { trust, now, options, language } = scene;
  const offlineCode = found?.type.offlineCode ?? false;
  const domainNamed = options.domain !== undefined;
  const verdict = conclude(judged.checks, choosePolicy({ kind, offlineCode, domainNamed }));
  const checks = verdict.genuine === 'no' ? judged.checks.map(withoutStatus) : judged.checks;
  const isShown = found !== undefined && verdict.genuine !== 'no';
  // of a number that the ledger has, what the ledger says is told also where another city's gateway keeps the certificate
  const isTold = isShown || (kind === 'number' && verdict.genuine !== 'no');
  const supersededBy = isTold ? findReissue(identifier, knowledge, scene) : undefined;
  return {
    verdict,
    checks,
    ...(options.explain && { explanation: explainChecks(checks, language) }),
    ...(isShown && toContent(found, scene)),
    ...(isShown && terms && { terms }),
    ...(isTold && knowledge && { knowledge }),
    ...(supersededBy && { supersededBy }),
    at: options.at ?? now,
    height: trust.height,
  };
}
