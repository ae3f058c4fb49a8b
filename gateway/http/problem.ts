/** Errors as RFC 9457 problems, with the code of the one table and sentences for people. */
import { errorEntry, type Json, type Language, type Problem, sentence, YinxinError } from '@yinxin/core';

export const problemMediaType = 'application/problem+json';
/** When to come back after an answer that time alone may cure. */
const retryAfterSeconds = 3;

/** Every error that is not one of ours is INTERNAL, and nothing of it leaves. */
export function toYinxinError(error: unknown): YinxinError {
  if (error instanceof YinxinError) return error;
  return isBadPath(error) ? new YinxinError('INPUT_INVALID', { member: 'path' }) : new YinxinError('INTERNAL');
}

/** What express throws for a path with a broken percent-encoding. */
function isBadPath(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && 'status' in error && error.status === 400);
}

/** `rows` moves from the details of ROWS_INVALID to a member of its own. */
export function toProblem(error: YinxinError, language: Language): Problem & { readonly [name: string]: unknown } {
  const { code } = error;
  const { rows, ...details } = error.details;
  const { what, next } = sentence(code, language);
  return {
    type: `urn:yinxin:error:${code}`,
    title: what,
    status: errorEntry(code).http,
    code,
    detail: next,
    details: code === 'INTERNAL' ? {} : details,
    ...(code === 'ROWS_INVALID' && isRows(rows) ? { rows } : {}),
  };
}

/** What issuing puts there: core's RowFinding. */
function isRows(rows: Json | undefined): rows is NonNullable<Problem['rows']> & Json {
  return Array.isArray(rows);
}

/** Headers that go with the code (RFC 9110, RFC 6750). */
export function problemHeaders(error: YinxinError): { readonly [name: string]: string } {
  const { http, retryable } = errorEntry(error.code);
  if (http === 401) return { 'WWW-Authenticate': 'Bearer realm="yinxin"' };
  const { retryAfterSeconds: after } = error.details;
  if (http === 429) return { 'Retry-After': String(typeof after === 'number' ? after : retryAfterSeconds) };
  if (retryable && (http === 503 || http === 504)) return { 'Retry-After': String(retryAfterSeconds) };
  return {};
}
