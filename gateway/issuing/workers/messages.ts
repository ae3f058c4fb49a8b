/** What goes from thread to thread. Large pieces of memory are handed over, not copied. */
import type { ErrorCode, ErrorDetails } from '@yinxin/core';
import { transferOf } from '../../vault/sealing.ts';
import type { Input, JobKind, Numbered, Output } from './jobs.ts';

export interface Job {
  readonly id: number;
  readonly kind: JobKind;
  readonly input: Input<JobKind>;
}

export type Reply = { readonly id: number } & (
  | { readonly output: Output<JobKind> }
  | { readonly refused: { readonly code: ErrorCode; readonly details: ErrorDetails } }
  /** Where it happened. */
  | { readonly bug: string }
);

/** The memory behind a view, where it is nobody else's; what shares its memory with others is copied. */
function toOwn({ buffer, byteLength }: Uint8Array | Uint32Array): readonly ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

export function transferInput(input: Input<JobKind>): readonly ArrayBuffer[] {
  if ('bytes' in input) return toOwn(input.bytes);
  if ('leaves' in input) return toOwn(input.leaves);
  return 'page' in input ? toOwn(input.page.bytes) : [];
}

const isNumbered = (output: Output<JobKind>): output is Numbered => output !== null && 'sealed' in output;

export function transferReply(reply: Reply): readonly ArrayBuffer[] {
  if (!('output' in reply)) return [];
  const { output } = reply;
  if (output instanceof Uint8Array) return toOwn(output);
  if (!isNumbered(output)) return [];
  const { leaves, tokens, pages, sealed } = output;
  return [
    ...toOwn(leaves),
    ...toOwn(tokens),
    ...pages.flatMap(({ bytes, ends }) => [...toOwn(bytes), ...toOwn(ends)]),
    ...sealed.flatMap(transferOf),
  ];
}
