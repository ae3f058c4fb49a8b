/** Who may look a certificate up by its number, and how much of a certificate an asker sees. */
import {
  type CertificateType,
  type FieldValues,
  type Instant,
  type MaskLevel,
  type MaskRule,
  maskFields,
  type ShownField,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import type { Access } from './verifying.ts';

/** Scopes of those for whom partner types are open. */
const partnerScopes = ['verify', 'issue', 'audit'];
const maxPurposeCharacters = 200;

export function isPartner(access: Access): boolean {
  return access !== 'anonymous' && access.scopes.some((scope) => partnerScopes.includes(scope));
}

/** Whether a body manages what another issued: its own, until it is closed; what it took over. By the newest registry. */
export function isManager(body: string | undefined, issuer: string, trust: Trust, now: Instant): boolean {
  return body !== undefined && trust.managerOf(issuer, now)?.issuer === body;
}

/** Whoever may have the whole file; a token without that scope sees what any partner sees. */
export function isOwnOperator(access: Access, issuer: string, trust: Trust, now: Instant): boolean {
  return access !== 'anonymous' && access.scopes.includes('issue') && isManager(access.issuer, issuer, trust, now);
}

/** An asker who is known says why. @throws YinxinError INPUT_INVALID */
export function requirePurpose(access: Access, purpose: string | undefined): void {
  const length = [...(purpose ?? '').trim()].length;
  const isMissing = access !== 'anonymous' && length === 0;
  if (isMissing || length > maxPurposeCharacters) throw new YinxinError('INPUT_INVALID', { member: 'purpose' });
}

/** How values are masked for this asker. */
export function chooseMaskLevel(access: Access, isOwn: boolean): MaskLevel {
  if (access === 'anonymous') return 'public';
  return isOwn ? 'full' : 'purpose';
}

/** What was promised when a certificate was issued is kept: a newer version may hide more of it, never less. */
function chooseMask(own: MaskRule, newest: MaskRule | undefined): MaskRule {
  return newest === undefined || newest === 'none' || own === 'hide' ? own : newest;
}

/** A type version with the masks that its newest version gives to the same fields, where those hide more. */
export function withNewestMasks(type: CertificateType, { types }: Pick<Trust, 'types'>): CertificateType {
  const newest = types.find((other) => other.type === type.type);
  const maskOf = (key: string) => newest?.fields.find((field) => field.key === key)?.mask;
  return {
    ...type,
    fields: type.fields.map((field) => ({ ...field, mask: chooseMask(field.mask, maskOf(field.key)) })),
  };
}

/** The type's fields in order; null where the value is hidden by rule or was not presented. */
export function toShownFields(type: CertificateType, values: FieldValues, level: MaskLevel): readonly ShownField[] {
  const masked = maskFields(type, values, level);
  return type.fields.map(({ key, label, unit }) => {
    const value = masked[key] ?? null;
    const isMasked = values[key] !== undefined && JSON.stringify(value) !== JSON.stringify(values[key]);
    return { key, label, value, masked: isMasked, ...(unit !== undefined && { unit }) };
  });
}
