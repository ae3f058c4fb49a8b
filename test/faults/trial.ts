/** One fault while everybody works: struck, borne by those whom it does not concern, healed, and then everything is looked at. Times are told, not judged. */
import type { Audit, Count } from './audit.ts';
import type { Fault } from './faults.ts';
import type { Lane } from './lane.ts';
import { NothingDone, type Workload } from './workload.ts';

export interface Outcome {
  readonly fault: string;
  /** Seconds from the fault until every operator whom it does not stop was acknowledged something asked after it; null: none before it was healed. */
  readonly elsewhere: number | null;
  /** Seconds that healing took. */
  readonly heal: number;
  /** Seconds from the end of healing until every operator was acknowledged something asked after it began. */
  readonly again: number;
  /** What operators were told meanwhile. */
  readonly told: string;
  readonly count: Count;
}

async function goOnElsewhere(
  workload: Workload,
  lanes: readonly Lane[],
  struck: number,
  bears: number | undefined,
): Promise<number | null> {
  try {
    return await workload.haveDone(lanes, struck, bears);
  } catch (error) {
    if (bears !== undefined && error instanceof NothingDone) return null;
    throw error;
  }
}

/** @throws Error when something acknowledged is lost, doubled or halved, somebody disagrees, or it does not go on within a minute and a half */
export async function tryFault(workload: Workload, audit: Audit, fault: Fault): Promise<Outcome> {
  const { lanes } = workload;
  workload.start();
  await workload.haveDone(lanes, performance.now());
  workload.takeTold();
  const struck = performance.now();
  await fault.strike();
  const unharmed = lanes.filter(({ city }) => !fault.stops.includes(city.slug));
  const elsewhere = unharmed.length === 0 ? null : await goOnElsewhere(workload, unharmed, struck, fault.bears);
  const healing = performance.now();
  await fault.heal();
  const healed = performance.now();
  await workload.haveDone(lanes, healing);
  const again = (performance.now() - healed) / 1000;
  await workload.stop();
  const told = workload.takeTold();
  return { fault: fault.name, elsewhere, heal: (healed - healing) / 1000, again, told, count: await audit.run() };
}

/** Everybody works a little, and then everything is looked at. @throws as tryFault */
export async function goOn(workload: Workload, audit: Audit): Promise<void> {
  workload.start();
  await workload.haveDone(workload.lanes, performance.now());
  await workload.stop();
  await audit.run();
}

const seconds = (value: number | null) => (value === null ? '–' : value.toFixed(1)).padStart(6);

export function formatOutcome({ fault, elsewhere, heal, again, told, count }: Outcome): string {
  const { blocks, certificates, changes, givenUp } = count;
  const sums = `${blocks} blocks, ${certificates} certificates, ${changes} changes; given up ${givenUp.there} there, ${givenUp.absent} not`;
  const times = `others ${seconds(elsewhere)} s, healing ${seconds(heal)} s, all again ${seconds(again)} s`;
  return `    ${fault}: ${times}; ${sums}; told: ${told === '' ? 'nothing' : told}`;
}
