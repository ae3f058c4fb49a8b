/** Certificate identifiers in the structure of GB/T 36904: `1.2.156.3005.2.<type 21>.<issuer>.<serial>.<version 3>.<check>`. Read leniently, written strictly. */
import { isUscc, mod37_36 } from './check-digits.ts';
import { YinxinError } from './errors.ts';
import type { Identifier } from './model.ts';

const oid = '1.2.156.3005.2.';
/** Other issuers' serials are 1 to 32 characters, and 6-digit issuers are seen. */
const lenient =
  /^1\.2\.156\.3005\.2\.([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])$/;
const typeCodePattern = /^[0-9A-Z]{18}[0-9]{3}$/;
const serialPattern = /^[0-9]{10}$/;
const serialMax = 9_999_999_999;

export interface ParsedIdentifier {
  readonly identifier: Identifier;
  /** 21 characters: USCC of the defining authority and three digits. */
  readonly typeCode: string;
  readonly issuer: string;
  readonly serial: string;
  /** 1–999. */
  readonly version: number;
  readonly check: string;
}

export interface IdentifierParts {
  readonly typeCode: string;
  /** USCC. */
  readonly issuer: string;
  /** An entry number, or a serial of 10 digits. */
  readonly serial: number | string;
  /** 1–999. */
  readonly version: number;
}

function malformed(reason: string): YinxinError {
  return new YinxinError('MALFORMED_IDENTIFIER', { reason });
}

/** A wrong check character means "not well formed", not "forged". The issuer's own check digits are not judged. @throws YinxinError MALFORMED_IDENTIFIER */
export function parseIdentifier(text: string): ParsedIdentifier {
  const [, typeCode, issuer, serial, version, check] = lenient.exec(text) ?? [];
  if (!typeCode || !issuer || !serial || !version || !check) throw malformed('structure');
  if (version === '000') throw malformed('version');
  if (mod37_36(typeCode + issuer + serial + version) !== check) throw malformed('check character');
  const identifier = text as Identifier; // the brand is made here
  return { identifier, typeCode, issuer, serial, version: Number(version), check };
}

/** The parts of an identifier that was parsed before: its check character is not computed again. */
export function splitIdentifier(identifier: Identifier): ParsedIdentifier {
  const [typeCode = '', issuer = '', serial = '', version = '', check = ''] = identifier.slice(oid.length).split('.');
  return { identifier, typeCode, issuer, serial, version: Number(version), check };
}

/** @throws YinxinError MALFORMED_IDENTIFIER unless type code and issuer carry valid USCCs, the serial is a number from 1 or 10 digits, the version is 1–999 */
export function formatIdentifier({ typeCode, issuer, serial, version }: IdentifierParts): Identifier {
  if (!typeCodePattern.test(typeCode) || !isUscc(typeCode.slice(0, 18))) throw malformed('type code');
  if (!isUscc(issuer)) throw malformed('issuer');
  if (!Number.isSafeInteger(version) || version < 1 || version > 999) throw malformed('version');
  const digits = typeof serial === 'number' ? serialOf(serial) : serial;
  if (!serialPattern.test(digits) || Number(digits) === 0) throw malformed('serial');
  const version3 = String(version).padStart(3, '0');
  const check = mod37_36(typeCode + issuer + digits + version3);
  return `${oid}${typeCode}.${issuer}.${digits}.${version3}.${check}` as Identifier; // the brand is made here
}

/** The entry in 10 digits. @throws YinxinError MALFORMED_IDENTIFIER unless a whole number of 1 to 10 digits, not 0 */
export function serialOf(entry: number): string {
  if (!Number.isSafeInteger(entry) || entry < 1 || entry > serialMax) throw malformed('serial');
  return String(entry).padStart(10, '0');
}
