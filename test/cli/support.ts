/** Runs the command in this process, with surroundings of the test's own; and small worlds for it: a home with pin and trust list. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateType, type Instant, parseInstant, toInstant } from '@yinxin/core';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Context, ExitCode } from '../../issuer-cli/context.ts';
import { run } from '../../issuer-cli/run.ts';
import { channel, makeTrustClaims, now } from '../fixtures/certificates.ts';
import type { TestGateway } from '../fixtures/gateway.ts';

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
  /** Done while the person is asked, before the answer. */
  readonly whileAsked?: () => unknown;
  readonly onEnd?: Context['onEnd'];
  readonly isTerminal?: boolean;
}

/** A port on which nothing listens. */
export const deadGateway = 'http://127.0.0.1:9';

export async function runCommand(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const {
    cwd = tmpdir(),
    env = {},
    language = 'zh',
    isTerminal = false,
    answer,
    input = '',
    whileAsked,
  } = surroundings;
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
    ...(answer === undefined
      ? {}
      : {
          ask: async () => {
            await whileAsked?.();
            return answer;
          },
        }),
    ...(surroundings.onEnd && { onEnd: surroundings.onEnd }),
    readInput: async () => new TextEncoder().encode(input),
  };
  const exit = await run(args, context);
  return { exit, out: out.join(''), err: err.join('') };
}

/** The command by the real clock, at home beside a gateway of the test. */
export interface LiveCommand {
  (...args: readonly string[]): Promise<Ran>;
  /** In another language. */
  in(language: 'zh' | 'en'): (...args: readonly string[]) => Promise<Ran>;
  /** Asked at a terminal, the person says this. */
  answering(answer: string): (...args: readonly string[]) => Promise<Ran>;
  /** With other surroundings. */
  with(more: Surroundings): (...args: readonly string[]) => Promise<Ran>;
  /** A file of the folder in which it runs. */
  read(name: string): Promise<string>;
}

export function runLive({ url, home }: Pick<TestGateway, 'url' | 'home'>, cwd: string): LiveCommand {
  const start =
    (more: Surroundings) =>
    (...args: readonly string[]) =>
      runCommand(args, {
        cwd,
        now: toInstant(Math.floor(Date.now() / 1000)),
        ...more,
        env: { YINXIN_HOME: home, YINXIN_GATEWAY: url, ...more.env },
      });
  return Object.assign(start({}), {
    in: (language: 'zh' | 'en') => start({ language }),
    with: start,
    answering: (answer: string) => start({ answer }),
    read: (name: string) => readFile(join(cwd, name), 'utf8'),
  });
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
  const jwk = await exportJWK(publicKey);
  const { x, y } = jwk;
  const claims = makeTrustClaims(types);
  const jws = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'yinxin-trust+jwt', kid: await calculateJwkThumbprint(jwk) })
    .sign(privateKey);
  const pin = { channel, domain: claims.iss, keys: [{ kty: 'EC', crv: 'P-256', x, y }] };
  writeFileSync(join(home, 'pin.json'), JSON.stringify(pin));
  writeFileSync(join(home, 'trust-list.jwt'), `${jws}\n`);
  return { home, jws };
}

export const later = parseInstant('2026-12-01T00:00:00Z');
