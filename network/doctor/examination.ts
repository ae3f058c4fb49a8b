/** Runs every check side by side, each with a time limit. */

import { checks } from './checks.ts';
import { type Check, type DoctorContext, whyOf } from './context.ts';
import { type CheckId, checkIds, type Finding, reporterOf, words } from './finding.ts';

export interface Examination {
  /** In the order of the checks. */
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** A healthy network is done in two or three seconds. */
export const limitSeconds = 25;

/** One that is late, or that fails by itself, has failed. */
export async function runCheck(
  id: CheckId,
  check: Check,
  context: DoctorContext,
  seconds: number,
): Promise<readonly Finding[]> {
  const report = reporterOf(id);
  const late = words(`${seconds} 秒内没有查完`, `not done in ${seconds} s`);
  const advice = words(
    '机器很忙时再查一次；否则先处理其他失败项',
    'look again when the machine is less busy; else see to the other failures first',
  );
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([report.failed('-', late, advice)]), seconds * 1000);
  });
  const work = async () => check(context);
  try {
    return await Promise.race([work(), limit]);
  } catch (error) {
    const why = whyOf(error);
    return [report.failed('-', words(why, why), advice)];
  } finally {
    clearTimeout(timer);
  }
}

export async function runChecks(context: DoctorContext): Promise<Examination> {
  const began = performance.now();
  const found = await Promise.all(checkIds.map((id) => runCheck(id, checks[id], context, limitSeconds)));
  return { findings: found.flat(), seconds: (performance.now() - began) / 1000 };
}

/** 0: nothing has failed. */
export function exitCodeOf({ findings }: Examination): 0 | 1 {
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
