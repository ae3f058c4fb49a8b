/** Channel and contract by Fabric's own commands, each repeatable: what is done already counts as done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type Json, YinxinError } from '@yinxin/core';
import type { ContractPlan } from './plan.ts';
import { type Output, reasonOf, runProgram } from './programs.ts';

/** An administrator who calls Fabric's `peer` against a peer of its own organisation. */
export interface Operator {
  /** Fabric's `peer`. */
  readonly program: string;
  /** Folder of the `core.yaml` that says which peer, and as whom. */
  readonly folder: string;
}

export interface Endpoint {
  /** `host:port` */
  readonly address: string;
  readonly tlsCa: string;
  /** The name in its TLS certificate, where that is not the host. */
  readonly serverName: string | null;
}

export interface Channel {
  readonly channel: string;
  readonly chaincode: string;
  /** Tried in turn. */
  readonly orderers: readonly Endpoint[];
}

/** What is approved: the package in the peer's own store, its SM3 as the version of the definition. */
export type Approval = Pick<ContractPlan, 'sm3' | 'packageId' | 'sequence'>;

/** The policy in the channel's configuration that the contract's definition refers to. */
const endorsementPolicy = '/Channel/Application/Endorsement';

export function runPeer({ program, folder }: Operator, step: string, args: readonly string[]): Promise<Output> {
  return runProgram(step, program, args, { env: { FABRIC_CFG_PATH: folder, FABRIC_LOGGING_SPEC: 'error' } });
}

const patienceSeconds = 30;
const pauseMilliseconds = 150;

/** Again and again while the reason says that it may yet succeed. */
export async function retry<T>(isTransient: (reason: string) => boolean, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + patienceSeconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end || !isTransient(reasonOf(error))) throw error;
      await sleep(pauseMilliseconds);
    }
  }
}

/** Success where the reason says that it was done before. */
async function unlessDone(isDone: (reason: string) => boolean, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isDone(reasonOf(error))) throw error;
  }
}

const starting =
  /SERVICE_UNAVAILABLE|no Raft leader|connection refused|connection error|deadline exceeded|Unavailable|EOF|NOT_FOUND|channel .*not found|creator org unknown/i;

/** Nodes answer before they are ready, leaders take a moment, and a new city's peer first reads up to where the city was let in. */
export const isStarting = (reason: string) => starting.test(reason);

export function joinPeer(operator: Operator, genesis: string): Promise<void> {
  const isDone = (reason: string) => /already exists/.test(reason);
  const args = ['channel', 'join', '--blockpath', genesis];
  return unlessDone(isDone, () => retry(isStarting, () => runPeer(operator, 'join', args)));
}

export function installPackage(operator: Operator, file: string): Promise<void> {
  const isDone = (reason: string) => /already successfully installed/.test(reason);
  const args = ['lifecycle', 'chaincode', 'install', file];
  return unlessDone(isDone, () => retry(isStarting, () => runPeer(operator, 'install', args)));
}

function ordererArgs({ address, tlsCa, serverName }: Endpoint): readonly string[] {
  const override = serverName === null ? [] : ['--ordererTLSHostnameOverride', serverName];
  return ['--orderer', address, '--tls', '--cafile', tlsCa, ...override];
}

/** Sends to one orderer after another until one takes it. */
export function runOrdered(
  operator: Operator,
  { orderers }: Channel,
  step: string,
  args: readonly string[],
): Promise<Output> {
  let turn = 0;
  return retry(isStarting, async () => {
    const orderer = orderers[turn++ % orderers.length];
    if (!orderer) throw new YinxinError('NETWORK_FAILED', { step, why: 'no orderer is known' });
    return runPeer(operator, step, [...args, ...ordererArgs(orderer)]);
  });
}

function definitionArgs({ channel, chaincode }: Channel, { sm3, sequence }: Approval): readonly string[] {
  const names = ['--channelID', channel, '--name', chaincode, '--version', sm3, '--sequence', String(sequence)];
  return [...names, '--channel-config-policy', endorsementPolicy];
}

export function approveContract(operator: Operator, channel: Channel, approval: Approval): Promise<void> {
  const definition = [...definitionArgs(channel, approval), '--package-id', approval.packageId];
  const args = ['lifecycle', 'chaincode', 'approveformyorg', ...definition];
  // the second form is of a definition that is committed already
  const isDone = (reason: string) =>
    /unchanged content|redefine the current committed sequence/.test(reason) && !/different parameters/.test(reason);
  return unlessDone(isDone, () => runOrdered(operator, channel, 'approve', args));
}

/** `peers`: those that endorse the commit; the call waits until it has reached all of them. */
export function commitContract(
  operator: Operator,
  channel: Channel,
  peers: readonly Endpoint[],
  approval: Approval,
): Promise<void> {
  const endorsers = peers.flatMap(({ address, tlsCa }) => ['--peerAddresses', address, '--tlsRootCertFiles', tlsCa]);
  const args = ['lifecycle', 'chaincode', 'commit', ...definitionArgs(channel, approval), ...endorsers];
  const isDone = (reason: string) => /but new definition must be sequence/.test(reason);
  return unlessDone(isDone, () => runOrdered(operator, channel, 'commit', args));
}

export interface Committed {
  readonly sequence: number;
  readonly sm3: string;
  /** MSPs that have approved this very definition. */
  readonly approvedBy: readonly string[];
}

function readApprovals(json: Json): readonly string[] {
  const approvals = isJsonObject(json) ? json['approvals'] : undefined;
  return isJsonObject(approvals) ? Object.keys(approvals).filter((msp) => approvals[msp] === true) : [];
}

function parseCommitted(json: Json): Committed | undefined {
  if (!isJsonObject(json)) return undefined;
  const { sequence, version } = json;
  if (typeof sequence !== 'number' || typeof version !== 'string') return undefined;
  return { sequence, sm3: version, approvedBy: readApprovals(json) };
}

/** What the operator's peer holds as the channel's definition; undefined before the first commit. */
export async function readCommitted(operator: Operator, channel: Channel): Promise<Committed | undefined> {
  const names = ['--channelID', channel.channel, '--name', channel.chaincode];
  const args = ['lifecycle', 'chaincode', 'querycommitted', ...names, '--output', 'json'];
  try {
    const { stdout } = await retry(isStarting, () => runPeer(operator, 'committed', args));
    return parseCommitted(JSON.parse(stdout));
  } catch (error) {
    if (/is not defined/.test(reasonOf(error))) return undefined;
    throw error;
  }
}

export interface Readiness {
  readonly approvedBy: readonly string[];
  readonly missing: readonly string[];
}

/** Who has approved a definition that is not committed yet. */
export async function readReadiness(operator: Operator, channel: Channel, approval: Approval): Promise<Readiness> {
  const definition = definitionArgs(channel, approval);
  const args = ['lifecycle', 'chaincode', 'checkcommitreadiness', ...definition, '--output', 'json'];
  const json: Json = JSON.parse((await runPeer(operator, 'readiness', args)).stdout);
  const approvals = isJsonObject(json) ? json['approvals'] : undefined;
  const approvedBy = readApprovals(json);
  const all = isJsonObject(approvals) ? Object.keys(approvals) : [];
  return { approvedBy, missing: all.filter((msp) => !approvedBy.includes(msp)) };
}

/** Asks the contract through the operator's peer. Before founding it answers that there is no network row, which proves as much. */
export function askContract(operator: Operator, { channel, chaincode }: Channel): Promise<void> {
  const call = JSON.stringify({ Args: ['readNetwork', '{}'] });
  const args = ['chaincode', 'query', '--channelID', channel, '--name', chaincode, '--ctor', call];
  const isAnswer = (reason: string) => /YINXIN\/1 NOT_FOUND/.test(reason);
  const isComing = (reason: string) =>
    !isAnswer(reason) && (isStarting(reason) || /refused|could not launch|not found|timeout/i.test(reason));
  return unlessDone(isAnswer, () => retry(isComing, () => runPeer(operator, 'ask', args)));
}
