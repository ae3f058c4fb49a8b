/** What a message is made of. */
import type { ErrorCode, ErrorDetails, Words } from '@yinxin/core';

export interface Explanation {
  readonly what: string;
  readonly next: string;
}

/** Words that know more than core's sentence; undefined where they do not. */
export type Explain = (details: ErrorDetails) => { readonly what?: Words; readonly next?: Words } | undefined;

/** By code, for the codes of which the command knows more. */
export type Explains = { readonly [code in ErrorCode]?: Explain };

/** A detail as text; empty when it is not there. */
export function text(details: ErrorDetails, name: string): string {
  const value = details[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
