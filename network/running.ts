/** Starts the processes that should run, and ends those that should not. */
import { connect } from 'node:net';
import { YinxinError } from '@yinxin/core';
import type { Context } from './context.ts';
import type { NodePlan } from './nodes.ts';
import { isHealthy } from './operations.ts';
import type { Paths } from './paths.ts';
import { requireFreePorts } from './ports.ts';
import { findProcess, lastLogLine, listProcesses, logEnd, startProcess, stopProcess } from './processes.ts';
import { waitUntil } from './ready.ts';

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Whether a node that runs says that it is well; a contract process, which says nothing, whether it listens. */
export async function isNodeWell({ operations, ports }: NodePlan): Promise<boolean> {
  if (operations) return isHealthy(operations.port, operations.tls);
  return (await Promise.all(ports.map(isListening))).every(Boolean);
}

/** @returns false when it ended. @throws YinxinError NETWORK_FAILED when it runs and does not become well */
async function waitForNode(paths: Paths, node: NodePlan): Promise<boolean> {
  const isOver = () => findProcess(paths, node.name) === undefined;
  const isDecided = await waitUntil(async () => isOver() || isNodeWell(node));
  if (isDecided || isOver()) return !isOver();
  throw new YinxinError('NETWORK_FAILED', { step: 'start', program: node.name, why: 'not healthy in time' });
}

/** @throws YinxinError NETWORK_STATE, NETWORK_FAILED with the last of its log */
async function startNode(paths: Paths, node: NodePlan): Promise<void> {
  // one that was found running may have been about to end
  const wasRunning = findProcess(paths, node.name) !== undefined;
  if (wasRunning && (await waitForNode(paths, node))) return;
  await requireFreePorts(node.ports, 'port taken');
  const before = logEnd(paths, node.name);
  await startProcess(paths, node.process);
  if (await waitForNode(paths, node)) return;
  const why = lastLogLine(paths, node.name, before) || 'ended at once';
  throw new YinxinError('NETWORK_FAILED', { step: 'start', program: node.name, why });
}

/** Those that run already are left alone. @throws YinxinError NETWORK_STATE for a port that another program has, NETWORK_FAILED */
export async function startNodes({ paths }: Context, nodes: readonly NodePlan[]): Promise<void> {
  await Promise.all(nodes.map((node) => startNode(paths, node)));
}

/** @throws YinxinError NETWORK_STATE, NETWORK_FAILED */
export async function restartNode({ paths }: Context, node: NodePlan): Promise<void> {
  const record = findProcess(paths, node.name);
  if (record) await stopProcess(paths, record);
  await startNode(paths, node);
}

/** Ends what the plan does not name, such as the contract before an upgrade. */
export async function stopOthers({ paths }: Context, nodes: readonly NodePlan[]): Promise<void> {
  const wanted = new Set(nodes.map(({ name }) => name));
  const others = listProcesses(paths).filter(({ name }) => !wanted.has(name));
  await Promise.all(others.map((record) => stopProcess(paths, record)));
}
