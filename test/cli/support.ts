/** Runs the command in this process, with surroundings of the test's own; and small worlds for it: a home with pin and trust list. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateType, type Instant, parseInstant } from '@yinxin/core';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Context, ExitCode } from '../../issuer-cli/context.ts';
import { run } from '../../issuer-cli/run.ts';
import { channel, makeTrustClaims, now } from '../fixtures/certificates.ts';

export interface Ran {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
  readonly language?: 'zh' | 'en';
  readonly now?: Instant;
  readonly input?: string;
  readonly answer?: string;
  readonly isTerminal?: boolean;
}

/** A port on which nothing listens. */
export const deadGateway = 'http://127.0.0.1:9';

export async function runCommand(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { cwd = tmpdir(), env = {}, language = 'zh', isTerminal = false, answer, input = '' } = surroundings;
  const out: string[] = [];
  const err: string[] = [];
  const context: Context = {
    env: { YINXIN_GATEWAY: deadGateway, ...env },
    cwd,
    language,
    now: () => surroundings.now ?? now,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    out: { write: (text) => void out.push(text), isTerminal, columns: 80 },
    err: { write: (text) => void err.push(text), isTerminal, columns: 80 },
    ...(answer === undefined ? {} : { ask: async () => answer }),
    readInput: async () => new TextEncoder().encode(input),
  };
  const exit = await run(args, context);
  return { exit, out: out.join(''), err: err.join('') };
}

/** A folder of its own; `remove` takes it away. */
export function makeFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'yinxin-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Signs the test's trust list, and writes `pin.json` and the saved list into `<folder>/.yinxin`. */
export async function makeHome(
  folder: string,
  types: readonly CertificateType[],
): Promise<{ readonly home: string; readonly jws: string }> {
  const home = join(folder, '.yinxin');
  mkdirSync(join(home, 'clients'), { recursive: true });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { x, y } = await exportJWK(publicKey);
  const claims = makeTrustClaims(types);
  const jws = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'yinxin-trust+jwt', kid: 'test' })
    .sign(privateKey);
  const pin = { channel, domain: claims.iss, keys: [{ kty: 'EC', crv: 'P-256', x, y }] };
  writeFileSync(join(home, 'pin.json'), JSON.stringify(pin));
  writeFileSync(join(home, 'trust-list.jwt'), `${jws}\n`);
  return { home, jws };
}

export const later = parseInstant('2026-12-01T00:00:00Z');
