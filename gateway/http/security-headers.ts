/** Headers that go with every answer: nothing from elsewhere runs, frames, sniffs or is told where the reader came from. */

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const always: readonly (readonly [name: string, value: string])[] = [
  ['Content-Security-Policy', policy],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'camera=(self), geolocation=(), microphone=()'],
];

/** HSTS only where the connection is TLS: a browser ignores it elsewhere, and a trial over HTTP must stay one. */
export function securityHeaders(isTls: boolean): readonly (readonly [name: string, value: string])[] {
  return isTls ? [...always, ['Strict-Transport-Security', 'max-age=31536000']] : always;
}
