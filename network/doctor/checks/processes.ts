/** Every process of the network runs, and is not halted. */
import type { Words } from '@yinxin/core';
import type { NodePlan } from '../../nodes.ts';
import { findProcess, listProcesses, logFile } from '../../processes.ts';
import { type Check, type DoctorContext, skipRemote } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';
import { readProcess } from '../process-facts.ts';
import type { LocalView, View } from '../view.ts';

const report = reporterOf('processes');

export interface ProcessFault {
  readonly kind: 'gone' | 'halted';
  readonly why: Words;
}

/** Why nothing can be expected of a node of ours, where this check tells it. */
export async function findProcessFault({ local }: View, name: string): Promise<ProcessFault | undefined> {
  const record = local && findProcess(local.paths, name);
  if (!local) return undefined;
  if (!record) return { kind: 'gone', why: words('没有运行：见 processes', 'does not run: see processes') };
  const isHalted = (await readProcess(record.pid))?.isHalted === true;
  return isHalted ? { kind: 'halted', why: words('被挂起：见 processes', 'is halted: see processes') } : undefined;
}

async function checkProcess(context: DoctorContext, { paths }: LocalView, { name }: NodePlan): Promise<Finding> {
  const up = context.commandOf('up');
  const record = findProcess(paths, name);
  if (!record) {
    const wasStarted = listProcesses(paths).some((known) => known.name === name);
    const found = wasStarted
      ? words('已异常终止（未经 down）', 'has ended without being stopped')
      : words('没有启动', 'is not started');
    const log = logFile(paths, name);
    return report.failed(name, found, words(`运行 ${up}；原因看 ${log}`, `run ${up}; its log says why: ${log}`));
  }
  const facts = await readProcess(record.pid);
  if (!facts?.isHalted) return report.ok(name, plain(`pid ${record.pid}`));
  const resume = `kill -CONT ${record.pid}`;
  const found = words(`pid ${record.pid} 被挂起，不应答`, `pid ${record.pid} is halted and answers nobody`);
  return report.failed(name, found, words(`运行 ${resume}`, `run ${resume}`));
}

/** While a city is being added. */
function checkJoining({ commandOf }: DoctorContext, joining: string): Finding {
  const command = commandOf(`add-city ${joining}`);
  const found = words('正在加入，还没有做完', 'is being added, and is not in yet');
  return report.warning(joining, found, words(`运行 ${command} 接着做完`, `run ${command}, which goes on`));
}

export const checkProcesses: Check = async (context) => {
  const { local } = context.view;
  if (!local) return skipRemote(report);
  const { joining } = local.plan;
  const each = await Promise.all(local.nodes.map((node) => checkProcess(context, local, node)));
  return joining === null ? each : [...each, checkJoining(context, joining)];
};
