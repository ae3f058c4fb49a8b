/** Whether a network is ready: health of a port says little, so the contract is asked through every peer, and every peer whom it would have endorse. */
import { setTimeout as sleep } from 'node:timers/promises';
import { YinxinError } from '@yinxin/core';
import type { Context } from './context.ts';
import { discoverEndorsers } from './discovery.ts';
import { askContract } from './lifecycle.ts';
import { channelOf, operatorOf } from './members.ts';
import { cityCryptoOf, type Paths } from './paths.ts';
import { peerAddress, peerNode } from './peer-config.ts';
import { citiesOf, type NetworkPlan, type Organisation } from './plan.ts';

const patienceSeconds = 30;
const pauseMilliseconds = 100;

/** False when it is not so in time. */
export async function waitUntil(isSo: () => Promise<boolean>, seconds = patienceSeconds): Promise<boolean> {
  const end = Date.now() + seconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > end) return false;
    await sleep(pauseMilliseconds);
  }
  return true;
}

/** MSPs of the peers that the peer of a city would ask to endorse; empty also when it does not answer. */
export async function findEndorsers(paths: Paths, plan: NetworkPlan, city: Organisation): Promise<readonly string[]> {
  const { msp: mspFolder, tls } = cityCryptoOf(paths, city).admin;
  const { channel, chaincode } = plan;
  const question = { address: peerAddress(plan, city), channel, chaincode, msp: city.msp, mspFolder, tls };
  return discoverEndorsers(question).catch(() => []);
}

export interface Announcing {
  /** MSPs of all cities, and of the peer's own. */
  readonly wanted: readonly string[];
  readonly own: string;
  /** MSPs of the peers that the peer would ask now. */
  find(): Promise<readonly string[]>;
  /** Starts the peer again. */
  restart(): Promise<void>;
  /** Seconds: before the peer is started again, and after. */
  readonly patience: readonly [number, number];
}

/**
 * Waits until a peer finds those of all cities. One that does not even name itself is started again, once: after a city had joined and the contract was
 * replaced, a peer of Fabric 3.1.5 was seen to endorse without announcing that it can. @returns whether it came to find them
 */
export async function awaitEndorsers({ wanted, own, find, restart, patience }: Announcing): Promise<boolean> {
  let found: readonly string[] = [];
  const findsAll = async () => {
    found = await find();
    return wanted.every((msp) => found.includes(msp));
  };
  const [first, second] = patience;
  if (await waitUntil(findsAll, first)) return true;
  if (!found.includes(own)) await restart();
  return waitUntil(findsAll, second);
}

const announceSeconds = 10;

/** `restart`: of the peer of a city. @throws YinxinError NETWORK_FAILED when some peer does not get there */
export async function waitUntilReady(
  context: Context,
  plan: NetworkPlan,
  restart: (city: Organisation) => Promise<void>,
): Promise<void> {
  const wanted = citiesOf(plan).map(({ msp }) => msp);
  await Promise.all(
    citiesOf(plan).map(async (city) => {
      await askContract(operatorOf(context, city), channelOf(context, plan));
      const isThere = await awaitEndorsers({
        wanted,
        own: city.msp,
        find: () => findEndorsers(context.paths, plan, city),
        restart: () => restart(city),
        patience: [announceSeconds, patienceSeconds],
      });
      if (isThere) return;
      const why = 'does not find all peers';
      throw new YinxinError('NETWORK_FAILED', { step: 'ready', program: peerNode(city), why });
    }),
  );
}
