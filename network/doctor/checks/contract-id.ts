/** Each contract process calls itself by the package that its organisation approved: by any other name its peer turns it away, and clients wait in vain. */
import type { Words } from '@yinxin/core';
import { findProcess } from '../../processes.ts';
import { type Check, type DoctorContext, examineEach, skipRemote } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';
import { readProcess } from '../process-facts.ts';
import type { ContractView, LocalView } from '../view.ts';
import { findProcessFault } from './processes.ts';

const report = reporterOf('contract-id');
const option = '--chaincode-id';
const short = (packageId: string) => packageId.replace(/([0-9a-f]{8})[0-9a-f]{56}/g, '$1…');

export function readOption(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  const arg = args[at];
  return arg?.startsWith(`${name}=`) ? arg.slice(name.length + 1) : args[at < 0 ? args.length : at + 1];
}

/** The package that the city approved; what the plan says while its peer does not answer. */
async function findWanted({ view, facts }: DoctorContext, { msp, contract }: ContractView): Promise<string> {
  const peer = view.peers.find((candidate) => candidate.msp === msp);
  try {
    return (peer && (await facts.approval(peer, contract.sequence))?.packageId) || contract.packageId;
  } catch {
    return contract.packageId;
  }
}

function advice({ commandOf }: DoctorContext, pid: number): Words {
  const again = `kill ${pid} && ${commandOf('up')}`;
  return words(
    `对方会一直等到超时，节点日志写“will not accept external chaincode connection”。用正确的 ${option} 重新启动：${again}`,
    `clients wait until their deadline, and the peer’s log says “will not accept external chaincode connection”. Start it with the right ${option}: ${again}`,
  );
}

async function checkContract(context: DoctorContext, { paths }: LocalView, node: ContractView): Promise<Finding> {
  const fault = await findProcessFault(context.view, node.name);
  const process = findProcess(paths, node.name);
  if (!process || fault) return report.skipped(node.name, fault?.why ?? plain('-'));
  const [wanted, facts] = await Promise.all([findWanted(context, node), readProcess(process.pid)]);
  const used = readOption(facts?.args ?? [], option);
  if (used === wanted) return report.ok(node.name, words(short(used), short(used)));
  const found = words(
    `以 ${short(used ?? '-')} 启动，应为 ${short(wanted)}`,
    `started as ${short(used ?? '-')}, not ${short(wanted)}`,
  );
  return report.failed(node.name, found, advice(context, process.pid));
}

/** Whether another check tells already why the contract of this organisation cannot answer. */
export async function hasContractFault(context: DoctorContext, msp: string): Promise<boolean> {
  const { local } = context.view;
  const own = local?.contracts.filter((node) => node.msp === msp && node.contract === local.plan.contract) ?? [];
  if (!local) return false;
  const found = await Promise.all(own.map((node) => checkContract(context, local, node)));
  return found.some(({ state }) => state !== 'ok');
}

export const checkContractId: Check = async (context) => {
  const { local } = context.view;
  if (!local) return skipRemote(report);
  return examineEach(
    report,
    local.contracts,
    (node) => checkContract(context, local, node),
    () => words(`看 ${option}`, `look at ${option}`),
  );
};
