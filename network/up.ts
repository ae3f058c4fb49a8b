/** `up`: from whatever there is, nothing or half a network or one that crashed, to the network that the plan says. Every step may be repeated. */
import { join } from 'node:path';
import { YinxinError } from '@yinxin/core';
import { writeBuilder } from './builder.ts';
import { hashGenesis, makeGenesis } from './channel.ts';
import { letIn } from './config-update.ts';
import { type Context, readPlan, savePlan } from './context.ts';
import { buildContract, writeConnection, writePackage } from './contract.ts';
import { makeCrypto } from './crypto.ts';
import { writeJson } from './files.ts';
import {
  approveContract,
  type Committed,
  commitContract,
  installPackage,
  joinPeer,
  readCommitted,
} from './lifecycle.ts';
import { channelOf, joinOrderer, operatorOf, peerOf } from './members.ts';
import { nodesOf } from './nodes.ts';
import { ordererNode, toOrdererConfiguration } from './orderer-config.ts';
import { peerNode, toOperatorConfiguration, toPeerConfiguration } from './peer-config.ts';
import {
  allCitiesOf,
  type ContractPlan,
  citiesOf,
  contractsOf,
  createPlan,
  type NetworkPlan,
  type Organisation,
  orderersOf,
  type PlanOptions,
  portsOf,
} from './plan.ts';
import { requireFreePorts } from './ports.ts';
import { writeProfiles } from './profiles.ts';
import { waitUntil, waitUntilReady } from './ready.ts';
import { restartNode, startNodes, stopOthers } from './running.ts';
import { words } from './words.ts';

/** What was asked for; undefined: whatever the network has, or the default. */
export type UpOptions = { readonly [option in keyof PlanOptions]: PlanOptions[option] | undefined };

export const defaults: PlanOptions = { cities: 3, ordering: 'bft', basePort: 17_000 };

/** The network's own plan; a new one for an empty folder. @throws YinxinError NETWORK_STATE with `{reason}`: `other options`, `port in use` */
async function choosePlan({ paths }: Context, options: UpOptions): Promise<NetworkPlan> {
  const plan = readPlan(paths);
  if (!plan) {
    const { cities = defaults.cities, ordering = defaults.ordering, basePort = defaults.basePort } = options;
    const made = createPlan({ cities, ordering, basePort });
    await requireFreePorts(portsOf(made), 'port in use'); // before they stand in the genesis block
    return savePlan(paths, made);
  }
  const { cities = plan.cities.length, ordering = plan.ordering, basePort = plan.basePort } = options;
  const isSame = cities === plan.cities.length && ordering === plan.ordering && basePort === plan.basePort;
  if (!isSame) throw new YinxinError('NETWORK_STATE', { reason: 'other options' });
  return plan;
}

/** Builds this repository's contract and packs it for approval at a sequence. */
export async function prepareContract({ repository, paths }: Context, sequence: number): Promise<ContractPlan> {
  const sm3 = await buildContract(repository, paths);
  return { sm3, packageId: writePackage(paths, sm3), sequence };
}

/** Keys, genesis block, contract: made once. A later build of the repository changes nothing here: that takes an upgrade. */
export async function prepare(context: Context, plan: NetworkPlan): Promise<NetworkPlan> {
  const { programs, paths } = context;
  await makeCrypto(programs, paths, allCitiesOf(plan), orderersOf(plan));
  await makeGenesis(programs, plan, paths);
  const genesis = plan.genesis ?? (await hashGenesis(programs, paths));
  const contract = plan.contract ?? (await prepareContract(context, 1));
  return savePlan(paths, { ...plan, genesis, contract });
}

/** Pure functions of the plan, written anew every time: what is on disk is what the code says. */
export function writeConfigurations({ paths }: Context, plan: NetworkPlan): void {
  writeBuilder(paths);
  for (const orderer of orderersOf(plan)) {
    writeJson(join(paths.nodeOf(ordererNode(orderer)), 'orderer.yaml'), toOrdererConfiguration(plan, paths, orderer));
  }
  for (const city of allCitiesOf(plan)) {
    writeJson(join(paths.nodeOf(peerNode(city)), 'core.yaml'), toPeerConfiguration(plan, paths, city));
    writeJson(join(paths.operatorOf(city), 'core.yaml'), toOperatorConfiguration(plan, paths, city));
    for (const contract of contractsOf(plan)) writeConnection(plan, paths, city, contract);
  }
}

async function joinAndInstall(context: Context, plan: NetworkPlan, city: Organisation): Promise<void> {
  const operator = operatorOf(context, city);
  await joinPeer(operator, context.paths.genesis);
  for (const { sm3 } of contractsOf(plan)) await installPackage(operator, context.paths.packageOf(sm3));
}

/** What the channel has agreed on, once every city's peer has read up to it: one that lost its ledger is behind for a while. */
async function readAgreed(context: Context, plan: NetworkPlan): Promise<Committed | undefined> {
  const channel = channelOf(context, plan);
  let newest: Committed | undefined;
  const areEven = async () => {
    const read = (city: Organisation) => readCommitted(operatorOf(context, city), channel);
    const found = await Promise.all(citiesOf(plan).map(read));
    newest = found.toSorted((one, two) => (two?.sequence ?? 0) - (one?.sequence ?? 0))[0];
    return found.every((committed) => committed?.sequence === newest?.sequence);
  };
  if (await waitUntil(areEven)) return newest;
  throw new YinxinError('NETWORK_FAILED', { step: 'agree', why: 'a peer is behind the others' });
}

/** Every city approves; one of them commits. Whoever was left out last time follows. */
async function agree(context: Context, plan: NetworkPlan, contract: ContractPlan): Promise<void> {
  const cities = citiesOf(plan);
  const [first] = cities;
  if (!first) throw new YinxinError('INTERNAL');
  const committed = await readAgreed(context, plan);
  if (committed && committed.sequence > contract.sequence) return; // an upgrade came this far before it was cut off
  const isCommitted = committed?.sequence === contract.sequence;
  const channel = channelOf(context, plan);
  const missing = cities.filter(({ msp }) => !isCommitted || !committed.approvedBy.includes(msp));
  await Promise.all(missing.map((city) => approveContract(operatorOf(context, city), channel, contract)));
  if (isCommitted) return;
  const peers = cities.map((city) => peerOf(context, plan, city));
  await commitContract(operatorOf(context, first), channel, peers, contract);
}

/** The city that `add-city` named: into the channel by the others' word, then it approves the contract that they run, for itself. */
async function welcome(context: Context, plan: NetworkPlan): Promise<NetworkPlan> {
  const city = allCitiesOf(plan).at(-1);
  const { contract } = plan;
  if (plan.joining === null || !city || !contract) return plan;
  await letIn(context, plan, city);
  await joinAndInstall(context, plan, city);
  const [operator, channel] = [operatorOf(context, city), channelOf(context, plan)];
  const hasCaughtUp = async () => (await readCommitted(operator, channel))?.sequence === contract.sequence;
  if (!(await waitUntil(hasCaughtUp)))
    throw new YinxinError('NETWORK_FAILED', { step: 'join', program: peerNode(city) });
  await approveContract(operator, channel, contract);
  return savePlan(context.paths, { ...plan, cities: [...plan.cities, plan.joining], joining: null });
}

/** The contract that `upgrade` named takes the place of the other one. */
async function replaceContract(context: Context, plan: NetworkPlan): Promise<NetworkPlan> {
  if (!plan.upgrade) return plan;
  await agree(context, plan, plan.upgrade);
  return savePlan(context.paths, { ...plan, contract: plan.upgrade, upgrade: null });
}

async function restartPeer(context: Context, plan: NetworkPlan, city: Organisation): Promise<void> {
  const node = nodesOf(context, plan).find(({ name }) => name === peerNode(city));
  if (node) await restartNode(context, node);
}

/** Makes the machine what the plan says, and finishes what an upgrade or a new city began. @returns the plan of a network that is ready */
export async function carryOut(context: Context, chosen: NetworkPlan): Promise<NetworkPlan> {
  const { progress, paths } = context;
  const plan = await progress.run(words.prepare, () => prepare(context, chosen));
  const { contract } = plan;
  if (!contract) throw new YinxinError('INTERNAL');
  writeConfigurations(context, plan);
  await progress.run(words.start, () => startNodes(context, nodesOf(context, plan)));
  await progress.run(words.join, async () => {
    const orderers = orderersOf(plan).map((orderer) => joinOrderer(context, plan, orderer));
    await Promise.all([...orderers, ...citiesOf(plan).map((city) => joinAndInstall(context, plan, city))]);
  });
  await progress.run(words.agree, () => agree(context, plan, contract));
  const upgraded = plan.upgrade ? await progress.run(words.replace, () => replaceContract(context, plan)) : plan;
  const current = plan.joining ? await progress.run(words.welcome, () => welcome(context, upgraded)) : upgraded;
  writeProfiles(current, paths);
  await progress.run(words.ready, () =>
    waitUntilReady(context, current, (city) => restartPeer(context, current, city)),
  );
  await stopOthers(context, nodesOf(context, current));
  return current;
}

/** @returns the plan of a network that is ready */
export async function bringUp(context: Context, options: UpOptions): Promise<NetworkPlan> {
  return carryOut(context, await choosePlan(context, options));
}
