/** `status`: which processes run, how much memory they hold, and whether peers find each other. */
import { readFileSync } from 'node:fs';
import { type Context, requirePlan } from './context.ts';
import { type NodePlan, nodesOf } from './nodes.ts';

import { peerNode } from './peer-config.ts';
import { citiesOf, type NetworkPlan } from './plan.ts';
import { findProcess } from './processes.ts';
import { padColumns } from './progress.ts';
import { findEndorsers } from './ready.ts';
import { isNodeWell } from './running.ts';

export interface NodeStatus {
  readonly name: string;
  readonly kind: NodePlan['kind'];
  /** Undefined: it does not run. */
  readonly pid: number | undefined;
  readonly ports: readonly number[];
  /** By its own word; of a contract process, whether it listens. */
  readonly isHealthy: boolean;
  /** Of a peer: how many cities' peers, its own too, it would ask to endorse. */
  readonly endorsers: number | undefined;
  readonly residentBytes: number | undefined;
}

export interface NetworkStatus {
  readonly plan: NetworkPlan;
  readonly nodes: readonly NodeStatus[];
  /** Everything runs, is healthy, and every peer finds those of all cities. */
  readonly isWhole: boolean;
}

/** As Linux says it. */
function readResidentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

async function readNode({ paths }: Context, plan: NetworkPlan, node: NodePlan): Promise<NodeStatus> {
  const { name, kind, ports } = node;
  const pid = findProcess(paths, name)?.pid;
  const city = citiesOf(plan).find((city) => peerNode(city) === name);
  const [healthy, found] = await Promise.all([
    pid !== undefined && isNodeWell(node),
    city && findEndorsers(paths, plan, city),
  ]);
  const residentBytes = pid === undefined ? undefined : readResidentBytes(pid);
  return { name, kind, pid, ports, isHealthy: healthy, endorsers: found && new Set(found).size, residentBytes };
}

/** @throws YinxinError NETWORK_STATE when there is no network */
export async function readStatus(context: Context): Promise<NetworkStatus> {
  const plan = requirePlan(context.paths);
  const nodes = await Promise.all(nodesOf(context, plan).map((node) => readNode(context, plan, node)));
  const isWell = ({ isHealthy, endorsers = plan.cities.length }: NodeStatus) =>
    isHealthy && endorsers === plan.cities.length;
  return { plan, nodes, isWhole: nodes.length > 0 && nodes.every(isWell) };
}

const mebibyte = 1024 * 1024;

function formatNode({ name, pid, ports, isHealthy, endorsers, residentBytes }: NodeStatus): string {
  const state = pid === undefined ? '未运行 not running' : isHealthy ? '正常 well' : '异常 unhealthy';
  const memory = residentBytes === undefined ? '' : `${Math.round(residentBytes / mebibyte)} MiB`;
  const found = endorsers === undefined ? '' : `背书节点 endorsers ${endorsers}`;
  const cells = [padColumns(name, 22), padColumns(state, 20), padColumns(String(pid ?? '–'), 9)];
  return `  ${cells.join('')}${padColumns(ports.join(' '), 20)}${memory.padStart(8)}  ${found}`.trimEnd();
}

export function formatStatus({ plan, nodes, isWhole }: NetworkStatus): string {
  const total = nodes.reduce((sum, { residentBytes = 0 }) => sum + residentBytes, 0);
  const contract = plan.contract ? `${plan.contract.sm3} (${plan.contract.sequence})` : '–';
  return [
    ...nodes.map(formatNode),
    `  ${padColumns('内存 memory', 22)}${Math.round(total / mebibyte)} MiB`,
    `  ${padColumns('通道 channel', 22)}${plan.channel} ${plan.genesis ?? '–'}`,
    `  ${padColumns('合约 contract', 22)}${contract}`,
    isWhole ? '网络正常。The network is well.' : '网络不完整，请运行“up”。The network is not whole: run “up”.',
    '',
  ].join('\n');
}
