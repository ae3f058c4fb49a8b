/** Each command of `npm run network`: what it needs, what it does, what it says. */
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { YinxinError } from '@yinxin/core';
import { addCity } from './add-city.ts';
import { type Command, defaultFolder } from './command-line.ts';
import { type Context, requirePlan } from './context.ts';
import type { Repository } from './contract.ts';
import { deployContract } from './deploy.ts';
import { runDoctor } from './doctor/doctor.ts';
import type { Machine } from './doctor/machine.ts';
import { takeDown } from './down.ts';
import { helpText } from './help.ts';
import { withLock } from './lock.ts';
import { showLogs } from './logs.ts';
import { type Paths, pathsOf } from './paths.ts';
import { type Environment, findPrograms, requireVersions } from './programs.ts';
import { createProgress, type ProgressOutput } from './progress.ts';
import { removeNetwork } from './reset.ts';
import { formatStatus, readStatus } from './status.ts';
import { bringUp } from './up.ts';
import { upgradeContract } from './upgrade.ts';
import { formatDeployment, formatReady, nextSteps, words } from './words.ts';

export interface Surroundings {
  /** The network's folder, absolute. */
  readonly home: string;
  readonly environment: Environment;
  readonly repository: Repository;
  readonly output: ProgressOutput;
  readonly machine: Machine;
  readonly terminal: { readonly input: Readable & { readonly isTTY?: boolean }; readonly output: Writable };
}

/** @throws YinxinError FABRIC_MISSING */
export function createContext(surroundings: Surroundings): Context {
  const { home, environment, repository, output } = surroundings;
  return {
    paths: pathsOf(home),
    programs: findPrograms(environment),
    repository,
    progress: createProgress(output),
  };
}

/** Of commands that start Fabric's programs. @throws YinxinError FABRIC_MISSING, also for a version that was not measured */
async function createCheckedContext(surroundings: Surroundings): Promise<Context> {
  const context = createContext(surroundings);
  await requireVersions(context.programs);
  return context;
}

/** Where `npm start` looks for a network when nothing is said. */
function placeOf({ home, repository }: Surroundings): Parameters<typeof formatReady>[1] {
  return { home, isDefault: home === join(repository.root, defaultFolder) };
}

async function up(surroundings: Surroundings, options: Parameters<typeof bringUp>[1]): Promise<number> {
  const context = await createCheckedContext(surroundings);
  const plan = await withLock(context.paths, () => bringUp(context, options));
  surroundings.output.write(formatReady(plan, placeOf(surroundings), nextSteps.up));
  return 0;
}

async function upgrade(surroundings: Surroundings, paths: Paths): Promise<number> {
  requirePlan(paths);
  const context = await createCheckedContext(surroundings);
  const plan = await withLock(context.paths, () => upgradeContract(context));
  if (plan) surroundings.output.write(formatReady(plan, placeOf(surroundings), nextSteps.upgrade));
  else context.progress.say(words.current);
  return 0;
}

async function letJoin(surroundings: Surroundings, paths: Paths, city: string): Promise<number> {
  requirePlan(paths);
  const context = await createCheckedContext(surroundings);
  const plan = await withLock(context.paths, () => addCity(context, city));
  surroundings.output.write(formatReady(plan, placeOf(surroundings), nextSteps.city));
  return 0;
}

async function deploy(surroundings: Surroundings, profile: string): Promise<number> {
  const context = await createCheckedContext(surroundings);
  const deployment = await withLock(context.paths, () => deployContract(context, profile));
  surroundings.output.write(formatDeployment(deployment));
  return 0;
}

async function down({ output }: Surroundings, paths: Paths): Promise<number> {
  requirePlan(paths);
  const progress = createProgress(output);
  await withLock(paths, () => progress.run(words.stop, () => takeDown(paths)));
  progress.say(words.stopped);
  return 0;
}

async function status(surroundings: Surroundings, paths: Paths): Promise<number> {
  requirePlan(paths);
  const found = await readStatus(createContext(surroundings));
  surroundings.output.write(formatStatus(found));
  return found.isWhole ? 0 : 1;
}

async function reset({ output, terminal }: Surroundings, paths: Paths, yes: boolean): Promise<number> {
  requirePlan(paths);
  if (!yes && !(await confirm(terminal, paths.home))) return 1;
  await withLock(paths, () => takeDown(paths));
  removeNetwork(paths);
  createProgress(output).say(words.removed);
  return 0;
}

async function confirm({ input, output }: Surroundings['terminal'], home: string): Promise<boolean> {
  if (input.isTTY !== true) throw new YinxinError('USAGE', { option: '--yes', reason: 'not asked' });
  const reader = createInterface({ input, output });
  try {
    const question = `将删除网络及其全部数据：${home}\nThis removes the network and all its data. 继续 continue? [y/N] `;
    return /^y(es)?$/i.test((await reader.question(question)).trim());
  } finally {
    reader.close();
  }
}

/** @returns the exit code. @throws YinxinError what did not succeed */
export async function runCommand(command: Command, surroundings: Surroundings): Promise<number> {
  const paths = pathsOf(surroundings.home);
  switch (command.name) {
    case 'up':
      return up(surroundings, command.options);
    case 'down':
      return down(surroundings, paths);
    case 'status':
      return status(surroundings, paths);
    case 'reset':
      return reset(surroundings, paths, command.yes);
    case 'logs':
      return showLogs(paths, command, surroundings.output);
    case 'doctor':
      return runDoctor(command, surroundings);
    case 'help':
      surroundings.output.write(helpText);
      return 0;
    case 'upgrade':
      return upgrade(surroundings, paths);
    case 'add-city':
      return letJoin(surroundings, paths, command.city);
    case 'deploy':
      return deploy(surroundings, command.profile);
  }
}
