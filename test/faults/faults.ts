/** What can go wrong on one machine, and how it is put right: mostly by `up`, as an operator would. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodesOf } from '../../network/nodes.ts';
import { orderersOf } from '../../network/plan.ts';
import { listProcesses, startProcess } from '../../network/processes.ts';
import type { Audit } from './audit.ts';
import type { Dice } from './dice.ts';
import { endNode, type Field, pidOf, type Slug } from './field.ts';
import { readLeader } from './leader.ts';

export interface Fault {
  readonly name: string;
  /** Cities that cannot issue until it is healed: their own peer and contract process must endorse whatever concerns their rows. */
  readonly stops: readonly Slug[];
  /** Seconds after which it is healed even if the others do not go on before. */
  readonly bears?: number;
  strike(): Promise<void>;
  heal(): Promise<void>;
}

const everybody: readonly Slug[] = ['shenzhen', 'chengdu', 'chongqing'];

function kill(field: Field, nodes: readonly string[]): void {
  const pids = nodes.map((node) => pidOf(field, node));
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

/** Kinds of nodes without which a city issues nothing. */
const cityOf = (node: string): Slug | undefined => {
  const [kind, slug] = node.split('.');
  return kind === 'orderer' ? undefined : everybody.find((one) => one === slug);
};

/** kill -9 of these at once. Of four orderers that agree among themselves one may be missing. */
export function killNodes(field: Field, nodes: readonly string[]): Fault {
  const cities = nodes.map(cityOf).filter((slug) => slug !== undefined);
  const orderers = nodes.filter((node) => node.startsWith('orderer.')).length;
  return {
    name: `kill -9 ${nodes.join(' and ')}`,
    stops: orderers > 1 || new Set(cities).size > 1 ? everybody : cities,
    strike: async () => kill(field, nodes),
    heal: () => field.up(),
  };
}

async function leaderOf(field: Field): Promise<string> {
  const { slug } = await readLeader(field.network);
  return `orderer.${slug}`;
}

export function killLeader(field: Field): Fault {
  return {
    name: 'kill -9 of the leading orderer',
    stops: [],
    strike: async () => kill(field, [await leaderOf(field)]),
    heal: () => field.up(),
  };
}

/** It keeps its connections, and answers nobody. On a machine that is short of time the others may change leaders for long before one stays. */
export function haltLeader(field: Field): Fault {
  let pid = 0;
  return {
    name: 'SIGSTOP of the leading orderer',
    stops: [],
    bears: 30,
    async strike() {
      pid = pidOf(field, await leaderOf(field));
      process.kill(pid, 'SIGSTOP');
    },
    heal: async () => void process.kill(pid, 'SIGCONT'),
  };
}

export function haltNode(field: Field, node: string): Fault {
  const slug = cityOf(node);
  return {
    name: `SIGSTOP of ${node}`,
    stops: slug === undefined ? [] : [slug],
    strike: async () => void process.kill(pidOf(field, node), 'SIGSTOP'),
    heal: async () => void process.kill(pidOf(field, node), 'SIGCONT'),
  };
}

/** Its peer, its orderer, its contract process. */
export function stopCity(field: Field, slug: Slug): Fault {
  const fault = killNodes(field, [`peer.${slug}`, `orderer.${slug}`, `contract.${slug}`]);
  return { ...fault, name: `the whole city of ${slug}` };
}

/** `audit` is told when all that lay in the gateway was tried again. */
export function killGateway(field: Field, slug: Slug, audit: Audit): Fault {
  const city = field.city(slug);
  const { gateway } = city;
  return {
    name: `kill -9 of the gateway of ${slug}`,
    stops: [slug],
    strike: () => gateway.end('SIGKILL'),
    async heal() {
      await gateway.start();
      audit.noteSettled(city);
    },
  };
}

/** All that it ever stored is gone. */
export function losePeer(field: Field, slug: Slug): Fault {
  const node = `peer.${slug}`;
  return {
    name: `${node} from nothing`,
    stops: [slug],
    async strike() {
      await endNode(field, node);
      rmSync(join(field.network.paths.nodeOf(node), 'data'), { recursive: true, force: true });
    },
    heal: () => field.up(),
  };
}

/** All of these at once. */
export function together(faults: readonly Fault[]): Fault {
  return {
    name: faults.map(({ name }) => name).join(', with '),
    stops: faults.flatMap(({ stops }) => stops),
    strike: async () => void (await Promise.all(faults.map((fault) => fault.strike()))),
    heal: async () => void (await Promise.all(faults.map((fault) => fault.heal()))),
  };
}

/** Every process of the network, killed one by one in any order and started again in another. */
export function restartAll(field: Field, dice: Dice): Fault {
  const { context, paths } = field.network;
  return {
    name: 'restart of everything in any order',
    stops: everybody,
    async strike() {
      for (const { name } of dice.shuffled(listProcesses(paths))) {
        kill(field, [name]);
        await delay(dice.below(200));
      }
    },
    async heal() {
      for (const { process } of dice.shuffled(nodesOf(context, field.network.plan))) {
        await startProcess(paths, process);
        await delay(dice.below(500));
      }
      await field.up();
    },
  };
}

/** Names of all nodes of a kind. */
export function nodesNamed(field: Field, kind: 'peer' | 'contract' | 'orderer'): readonly string[] {
  if (kind === 'orderer') return orderersOf(field.network.plan).map(({ slug }) => `orderer.${slug}`);
  return everybody.map((slug) => `${kind}.${slug}`);
}
