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

/** False when it is not so in half a minute. */
export async function waitUntil(isSo: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + patienceSeconds * 1000;
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

async function waitForEndorsers({ paths }: Context, plan: NetworkPlan, city: Organisation): Promise<void> {
  const findsAll = async () => {
    const found = await findEndorsers(paths, plan, city);
    return citiesOf(plan).every(({ msp }) => found.includes(msp));
  };
  if (await waitUntil(findsAll)) return;
  throw new YinxinError('NETWORK_FAILED', { step: 'ready', program: peerNode(city), why: 'does not find all peers' });
}

/** @throws YinxinError NETWORK_FAILED when some peer does not get there */
export async function waitUntilReady(context: Context, plan: NetworkPlan): Promise<void> {
  await Promise.all(
    citiesOf(plan).map(async (city) => {
      await askContract(operatorOf(context, city), channelOf(context, plan));
      await waitForEndorsers(context, plan, city);
    }),
  );
}
