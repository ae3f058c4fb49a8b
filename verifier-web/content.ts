/** What was presented as the page shows it: read and masked, and nothing of it verified here. */
import {
  type Body,
  type CertificateSummary,
  type CertificateType,
  type FieldValues,
  formatIdentifier,
  type Identifier,
  type Instant,
  issuerNameAt,
  maskFields,
  type Presented,
  parseIdentifier,
  type ShownField,
  type Trust,
  toCodeBody,
  toFaceValues,
  YinxinError,
} from '@yinxin/core';

export interface Content {
  readonly body: Body;
  readonly type: CertificateType | undefined;
  readonly values: FieldValues;
  /** Keys that the certificate has and that were not presented. */
  readonly hidden: readonly string[];
}

/** Body and values as they are claimed. Undefined where they cannot be known. */
export function readContent(presented: Presented, trust: Trust | undefined): Content | undefined {
  if (presented.kind === 'file') {
    const { body, fields, commitments } = presented.file;
    const type = trust?.type(body.type, body.typeVersion);
    return { body, type, values: fields, hidden: Object.keys(commitments ?? {}) };
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

/** How many fields of the type were not presented. */
export function countOmitted({ type, hidden }: Content): number {
  return type?.fields.filter((field) => hidden.includes(field.key)).length ?? 0;
}

/** A counter's screen is public: masked as for anyone. */
export function toShownFields({ type, values }: Content): ShownField[] {
  if (!type) return [];
  const masked = maskFields(type, values, 'public');
  return type.fields.flatMap((field) => {
    const value = masked[field.key];
    if (value === undefined) return [];
    const unit = field.unit === undefined ? {} : { unit: field.unit };
    return [{ key: field.key, label: field.label, value, masked: value !== values[field.key], ...unit }];
  });
}

/** The body that manages it now, where the issuer was closed. */
function findSuccessor(trust: Trust | undefined, issuer: string, now: Instant): Pick<CertificateSummary, 'successor'> {
  const manager = trust?.managerOf(issuer, now);
  return manager && manager.issuer !== issuer ? { successor: { issuer: manager.issuer, name: manager.name } } : {};
}

export function toSummary({ body, type }: Content, trust: Trust | undefined, now: Instant): CertificateSummary {
  const { id, typeVersion, issuer, entry, issuedAt, validFrom, validUntil } = body;
  const row = trust?.issuer(issuer);
  return {
    identifier: id,
    type: body.type,
    typeVersion,
    typeName: type?.name ?? { zh: body.type, en: body.type },
    issuer,
    issuerName: row ? issuerNameAt(row, issuedAt) : { zh: issuer, en: issuer },
    ...findSuccessor(trust, issuer, now),
    entry,
    issuedAt,
    validFrom,
    validUntil,
  };
}

/** A reissue keeps the serial and raises the version by one. */
export function reissueOf(identifier: Identifier): Identifier {
  const { typeCode, issuer, serial, version } = parseIdentifier(identifier);
  return formatIdentifier({ typeCode, issuer, serial, version: version + 1 });
}
