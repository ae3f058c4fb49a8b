/** Who may look a certificate up by its number, and how much of a certificate an asker sees. */
import {
  type CertificateType,
  type FieldValues,
  type MaskLevel,
  maskFields,
  type ShownField,
  YinxinError,
} from '@yinxin/core';
import type { Access } from './verifying.ts';

/** Scopes of those for whom partner types are open. */
const partnerScopes = ['verify', 'issue', 'audit'];
const maxPurposeCharacters = 200;

export function isPartner(access: Access): boolean {
  return access !== 'anonymous' && access.scopes.some((scope) => partnerScopes.includes(scope));
}

/** Whoever may have the whole file; a token without that scope sees what any partner sees. */
export function isOwnOperator(access: Access, issuer: string): boolean {
  return access !== 'anonymous' && access.issuer === issuer && access.scopes.includes('issue');
}

/** An asker who is known says why. @throws YinxinError INPUT_INVALID */
export function requirePurpose(access: Access, purpose: string | undefined): void {
  const length = [...(purpose ?? '').trim()].length;
  const isMissing = access !== 'anonymous' && length === 0;
  if (isMissing || length > maxPurposeCharacters) throw new YinxinError('INPUT_INVALID', { member: 'purpose' });
}

/** How values are masked for this asker. */
export function chooseMaskLevel(access: Access, issuer: string): MaskLevel {
  if (access === 'anonymous') return 'public';
  return isOwnOperator(access, issuer) ? 'full' : 'purpose';
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
