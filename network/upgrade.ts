/** `upgrade`: the contract of this repository takes the place of the one that runs, by the word of every city. */
import { type Context, requirePlan, savePlan } from './context.ts';
import { readCommitted } from './lifecycle.ts';
import { channelOf, operatorOf } from './members.ts';
import { nodesOf } from './nodes.ts';
import { citiesOf, type NetworkPlan } from './plan.ts';
import { startNodes, stopOthers } from './running.ts';
import { carryOut, prepareContract } from './up.ts';

async function readSequence(context: Context, plan: NetworkPlan): Promise<number> {
  const [first] = citiesOf(plan);
  const committed = first && (await readCommitted(operatorOf(context, first), channelOf(context, plan)));
  return committed?.sequence ?? 0;
}

/** An earlier upgrade that was cut off: finished, where it had been committed; else given up, so that a better one may follow. */
async function settle(context: Context, plan: NetworkPlan): Promise<NetworkPlan> {
  if (!plan.upgrade) return plan;
  const without = { ...plan, upgrade: null };
  await startNodes(context, nodesOf(context, without));
  if ((await readSequence(context, plan)) >= plan.upgrade.sequence) return carryOut(context, plan);
  await stopOthers(context, nodesOf(context, without));
  return savePlan(context.paths, without);
}

/** @returns undefined when the network runs this very contract already */
export async function upgradeContract(context: Context): Promise<NetworkPlan | undefined> {
  const plan = await settle(context, requirePlan(context.paths));
  if (!plan.contract) return carryOut(context, plan);
  const upgrade = await prepareContract(context, plan.contract.sequence + 1);
  if (upgrade.sm3 === plan.contract.sm3) return undefined;
  return carryOut(context, savePlan(context.paths, { ...plan, upgrade }));
}
