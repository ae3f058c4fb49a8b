/** What every command works with: the network's folder, Fabric's programs, this repository, and where to say what happens. */
import { YinxinError } from '@yinxin/core';
import type { Repository } from './contract.ts';
import { namingFile, readJson, writeJson } from './files.ts';
import type { Paths } from './paths.ts';
import { type NetworkPlan, parsePlan } from './plan.ts';
import type { Programs } from './programs.ts';
import type { Progress } from './progress.ts';

export interface Context {
  readonly paths: Paths;
  readonly programs: Programs;
  readonly repository: Repository;
  readonly progress: Progress;
}

/** Undefined before the first `up`. @throws YinxinError FILE_UNREADABLE, SETTING_INVALID */
export function readPlan({ plan }: Paths): NetworkPlan | undefined {
  const json = readJson(plan);
  return json === undefined ? undefined : namingFile(plan, () => parsePlan(json));
}

/** @throws YinxinError NETWORK_STATE with `{reason: 'not made', folder}` */
export function requirePlan(paths: Paths): NetworkPlan {
  const plan = readPlan(paths);
  if (!plan) throw new YinxinError('NETWORK_STATE', { reason: 'not made', folder: paths.home });
  return plan;
}

/** Durable when it returns. */
export function savePlan({ plan: file }: Paths, plan: NetworkPlan): NetworkPlan {
  const { contract, upgrade, ...rest } = plan;
  writeJson(file, { ...rest, contract: contract && { ...contract }, upgrade: upgrade && { ...upgrade } });
  return plan;
}
