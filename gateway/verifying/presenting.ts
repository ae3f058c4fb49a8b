/** What a request presents, read for verification; what cannot be read becomes a finding. */
import {
  type CertificateFile,
  type Json,
  type Presented,
  presentCode,
  toCertificateFile,
  YinxinError,
} from '@yinxin/core';

type Document = Exclude<Presented, { readonly kind: 'number' }>;

/** The members of a file, whose JSON was parsed strictly before. */
export function presentFileJson(file: CertificateFile): Document {
  try {
    return { kind: 'file', file: toCertificateFile(file as unknown as Json) }; // from outside: the type is a promise of the sender
  } catch (error) {
    if (!(error instanceof YinxinError)) throw error;
    return { kind: 'unreadable', as: 'file', code: error.code, details: error.details };
  }
}

/** A symbol's text or its digits. */
export function presentCodeText(text: string): Document {
  const presented = presentCode(text);
  if (presented.kind === 'number') throw new YinxinError('INTERNAL');
  return presented;
}
