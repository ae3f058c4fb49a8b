/** `add-city`: one more city in a running channel. What the others approved stays as it is. */
import { YinxinError } from '@yinxin/core';
import { type Context, requirePlan, savePlan } from './context.ts';
import { allCitiesOf, mostCities, type NetworkPlan } from './plan.ts';
import { carryOut } from './up.ts';

/**
 * Finishes what an earlier call for the same city began.
 * @throws YinxinError NETWORK_STATE with `{city, reason}`: `city is there`, `another city is joining`, `no room for a city`
 */
export async function addCity(context: Context, name: string): Promise<NetworkPlan> {
  const plan = requirePlan(context.paths);
  if (plan.joining === name) return carryOut(context, plan);
  const fail = (reason: string) => new YinxinError('NETWORK_STATE', { city: name, reason });
  if (plan.joining !== null) throw fail('another city is joining');
  const slug = name.toLowerCase();
  if (allCitiesOf(plan).some((city) => city.slug === slug)) throw fail('city is there');
  if (plan.cities.length >= mostCities) throw fail('no room for a city');
  return carryOut(context, savePlan(context.paths, { ...plan, joining: name }));
}
