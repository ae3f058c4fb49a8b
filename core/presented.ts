/** What someone presents for verification: a certificate file, a code, or a number. Reading never throws; what cannot be read says why. */
import { parseCertificateFile } from './certificate-file.ts';
import { findDigits, parseCode, parseDigits, type SignedCode } from './code.ts';
import { type ErrorCode, type ErrorDetails, YinxinError } from './errors.ts';
import { type ParsedIdentifier, parseIdentifier } from './identifier.ts';
import type { CertificateFile } from './model.ts';

export type Presented =
  | { readonly kind: 'file'; readonly file: CertificateFile }
  | { readonly kind: 'code'; readonly signedCode: SignedCode }
  | { readonly kind: 'number'; readonly identifier: ParsedIdentifier }
  | {
      readonly kind: 'unreadable';
      readonly as: 'file' | 'code' | 'number';
      readonly code: ErrorCode;
      readonly details: ErrorDetails;
    };

function read(as: 'file' | 'code' | 'number', parse: () => Presented): Presented {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    return { kind: 'unreadable', as, code: error.code, details: error.details };
  }
}

/** The bytes of a `*.yinxin.json`. */
export function presentFile(bytes: Uint8Array): Presented {
  return read('file', () => ({ kind: 'file', file: parseCertificateFile(bytes) }));
}

/** What a scanner read or typed: the symbol's text, or its digits alone. */
export function presentCode(symbol: string): Presented {
  return read('code', () => ({ kind: 'code', signedCode: parseCode(parseDigits(findDigits(symbol))) }));
}

/** A typed identifier. */
export function presentNumber(text: string): Presented {
  return read('number', () => ({ kind: 'number', identifier: parseIdentifier(text) }));
}
