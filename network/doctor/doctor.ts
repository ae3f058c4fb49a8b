/** `doctor`: looks at everything of a network that is known to go wrong, and says for each fault what to do. Changes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePlan } from '../context.ts';
import type { Repository } from '../contract.ts';
import { pathsOf } from '../paths.ts';
import { type Environment, findProgram, type Programs, type programNames } from '../programs.ts';
import { createProgress, type ProgressOutput } from '../progress.ts';
import { quoteForShell } from '../words.ts';
import type { DoctorContext } from './context.ts';
import { type Examination, exitCodeOf, runChecks } from './examination.ts';
import { createFacts } from './gathering.ts';
import type { Machine } from './machine.ts';
import { formatExamination, toJson } from './report.ts';
import { viewFolder, viewProfile } from './view.ts';

export interface DoctorOptions {
  /** A connection profile, absolute: somebody else's network instead of this folder's. */
  readonly profile: string | undefined;
  readonly json: boolean;
}

export interface Surroundings {
  /** The network's folder, absolute. */
  readonly home: string;
  readonly environment: Environment;
  readonly repository: Repository;
  readonly machine: Machine;
}

/** Missing ones are empty texts: that is a finding, and no reason to look at nothing. */
function findWhatPrograms(environment: Environment): Programs {
  const find = (name: (typeof programNames)[number]) => findProgram(name, environment) ?? '';
  return {
    peer: find('peer'),
    orderer: find('orderer'),
    configtxgen: find('configtxgen'),
    configtxlator: find('configtxlator'),
    cryptogen: find('cryptogen'),
    osnadmin: find('osnadmin'),
  };
}

/**
 * `scratch`: a folder for what Fabric's programs write, as long as the context is used.
 * @throws YinxinError NETWORK_STATE without a network, SETTING_INVALID or FILE_UNREADABLE of the plan or the profile
 */
export function createDoctorContext(
  profile: string | undefined,
  { home, environment, repository, machine }: Surroundings,
  scratch: string,
): DoctorContext {
  const programs = findWhatPrograms(environment);
  const paths = pathsOf(home);
  const progress = createProgress({ write: () => undefined });
  const view =
    profile === undefined
      ? viewFolder({ paths, programs, repository, progress }, requirePlan(paths), scratch)
      : viewProfile(profile, scratch);
  const commandOf = (command: string) => `npm run network -- ${command} --home ${quoteForShell(home)}`;
  return { view, programs, facts: createFacts(view, programs, scratch), commandOf, ...machine };
}

/** @throws YinxinError as above */
export async function examineNetwork(profile: string | undefined, surroundings: Surroundings): Promise<Examination> {
  const scratch = mkdtempSync(join(tmpdir(), 'yinxin-doctor-'));
  try {
    return await runChecks(createDoctorContext(profile, surroundings, scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns the exit code: 0 all is well, or nothing worse than a warning; 1 something has failed */
export async function runDoctor(
  { profile, json }: DoctorOptions,
  surroundings: Surroundings & { readonly output: ProgressOutput },
): Promise<number> {
  const examination = await examineNetwork(profile, surroundings);
  const text = json ? `${JSON.stringify(toJson(examination), undefined, 2)}\n` : formatExamination(examination);
  surroundings.output.write(text);
  return exitCodeOf(examination);
}
