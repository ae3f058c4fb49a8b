/** Fabric's programs: found, never fetched; and run, with an environment of our own making. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { YinxinError } from '@yinxin/core';

export const programNames = ['peer', 'orderer', 'configtxgen', 'configtxlator', 'cryptogen', 'osnadmin'] as const;
export type ProgramName = (typeof programNames)[number];
export type Programs = { readonly [name in ProgramName]: string };
export type Environment = { readonly [name: string]: string | undefined };

/** The line of versions that was measured and tested, and its first good one. */
export const wantedLine = '3.1';
export const wantedPatch = 5;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** In YINXIN_FABRIC_BIN when that is set, else on PATH. */
export function findProgram(name: string, environment: Environment): string | undefined {
  const folder = environment['YINXIN_FABRIC_BIN'];
  const folders = folder ? [folder] : (environment['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  return folders.map((part) => join(part, name)).find(isProgram);
}

/** @throws YinxinError FABRIC_MISSING with `{missing}`, their names, and the `folder` that was named */
export function findPrograms(environment: Environment): Programs {
  const find = (name: ProgramName) => findProgram(name, environment) ?? '';
  const programs: Programs = {
    peer: find('peer'),
    orderer: find('orderer'),
    configtxgen: find('configtxgen'),
    configtxlator: find('configtxlator'),
    cryptogen: find('cryptogen'),
    osnadmin: find('osnadmin'),
  };
  const missing = programNames.filter((name) => programs[name] === '');
  const folder = environment['YINXIN_FABRIC_BIN'];
  if (missing.length > 0) throw new YinxinError('FABRIC_MISSING', { missing, ...(folder && { folder }) });
  return programs;
}

/** `3.1.5`, as the program itself says. */
export async function readVersion(program: string): Promise<string> {
  const { stdout } = await runProgram('version', program, ['version'], {});
  return /Version: v?(\S+)/.exec(stdout)?.[1] ?? '';
}

export function isVersionWanted(version: string): boolean {
  const [, line, patch] = /^(\d+\.\d+)\.(\d+)/.exec(version) ?? [];
  return line === wantedLine && Number(patch) >= wantedPatch;
}

/** @throws YinxinError FABRIC_MISSING with `{program, version}` */
export async function requireVersions(programs: Programs): Promise<void> {
  const check = async (name: 'peer' | 'orderer') => {
    const version = await readVersion(programs[name]).catch(() => '?');
    if (!isVersionWanted(version)) throw new YinxinError('FABRIC_MISSING', { program: name, version });
  };
  await Promise.all([check('peer'), check('orderer')]);
}

export interface RunOptions {
  readonly env?: Environment;
  readonly cwd?: string;
  readonly timeoutSeconds?: number;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

const runFile = promisify(execFile);
const outputBytes = 64 * 1024 * 1024;

/** What a child sees of our environment: settings of Fabric that happen to be set on this machine stay out. */
export function childEnvironment(environment: Environment): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
  const entries = Object.entries({ ...pick(process.env, kept), ...environment });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function pick(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}

/**
 * `step`: what it is for, in messages.
 * @throws YinxinError NETWORK_FAILED with `{step, program, why}`, the program's last word on it
 */
export async function runProgram(
  step: string,
  program: string,
  args: readonly string[],
  { env = {}, cwd, timeoutSeconds = 60 }: RunOptions,
): Promise<Output> {
  try {
    return await runFile(program, args, {
      env: childEnvironment(env),
      ...(cwd !== undefined && { cwd }),
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: outputBytes,
    });
  } catch (error) {
    throw new YinxinError('NETWORK_FAILED', { step, program: basename(program), why: findReason(error) });
  }
}

const reasonLength = 600;

function findReason(error: unknown): string {
  const { stderr = '', stdout = '', killed = false } = (error ?? {}) as Partial<Output> & { killed?: boolean };
  if (killed) return 'no answer in time';
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  const matching = (pattern: RegExp) => lines.findLast((line) => pattern.test(line));
  const found =
    matching(/\berror:|\bpanic:|^error /i) ?? matching(/error|fatal|fail/i) ?? lines.at(-1) ?? String(error);
  return found.trim().slice(0, reasonLength);
}

/** What a NETWORK_FAILED says, for errors that mean "done already" or "not yet". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof YinxinError)) return '';
  const { why } = error.details;
  return typeof why === 'string' ? why : '';
}
