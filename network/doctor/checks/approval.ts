/** Each organisation approved the contract that is committed, by the package that its peer has. */
import type { Words } from '@yinxin/core';
import type { ContractPlan } from '../../plan.ts';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';

const report = reporterOf('approval');
const short = (packageId: string) => packageId.replace(/([0-9a-f]{8})[0-9a-f]{56}/g, '$1…');

function advice({ view, commandOf }: DoctorContext, contract: ContractPlan | null | undefined): Words {
  const command = commandOf('up');
  if (view.local) {
    const id = contract ? `（--package-id ${contract.packageId} --sequence ${contract.sequence}）` : '';
    return words(
      `运行 ${command}；已批准了别的包时，由该机构管理员重新批准：peer lifecycle chaincode approveformyorg${id}`,
      `run ${command}; where another package was approved, its administrator approves again: peer lifecycle chaincode approveformyorg ${id.replace(/[（）]/g, '')}`.trim(),
    );
  }
  return words(
    '请该机构的管理员批准已提交的定义：peer lifecycle chaincode approveformyorg',
    'ask that organisation’s administrator to approve the committed definition: peer lifecycle chaincode approveformyorg',
  );
}

/** What this organisation's own peer knows of its own approval. */
async function findOwnFaults({ facts }: DoctorContext, peer: PeerView, sequence: number): Promise<readonly Words[]> {
  const [approval, installed] = await Promise.all([facts.approval(peer, sequence), facts.installed(peer)]);
  if (!approval) return [words(`没有批准序号 ${sequence}`, `has not approved sequence ${sequence}`)];
  if (installed.includes(approval.packageId)) return [];
  const id = short(approval.packageId) || '-';
  return [words(`批准的包 ${id} 没有安装在节点上`, `the approved package ${id} is not installed on its peer`)];
}

/** Against the network's own plan. */
async function findPlanFaults(
  { facts }: DoctorContext,
  peer: PeerView,
  contract: ContractPlan,
): Promise<readonly Words[]> {
  const [approval, definition] = await Promise.all([facts.approval(peer, contract.sequence), facts.definition(peer)]);
  const faults: Words[] = [];
  if (definition.sequence !== contract.sequence || definition.version !== contract.sm3) {
    const committed = `${definition.sequence} (${definition.version.slice(0, 8)}…)`;
    const planned = `${contract.sequence} (${contract.sm3.slice(0, 8)}…)`;
    faults.push(
      words(
        `已提交的是 ${committed}，network.json 是 ${planned}`,
        `committed is ${committed}, network.json has ${planned}`,
      ),
    );
  }
  if (approval && approval.packageId !== contract.packageId) {
    const [is, should] = [short(approval.packageId), short(contract.packageId)];
    faults.push(words(`批准的包是 ${is}，应为 ${should}`, `approved the package ${is}, not ${should}`));
  }
  return faults;
}

async function checkPeer(context: DoctorContext, peer: PeerView): Promise<readonly Finding[]> {
  const { local, remote } = context.view;
  const { sequence, approvals } = await context.facts.definition(peer);
  const contract = local?.plan.contract;
  const faults: Words[] = [];
  if (!approvals.includes(peer.msp))
    faults.push(words('没有批准已提交的定义', 'has not approved the committed definition'));
  // a peer tells of its packages to its own organisation's administrator alone
  const isAdministered = remote?.profile.identities.some(({ msp, role }) => role === 'admin' && msp === peer.msp);
  if (!remote || (isAdministered && remote.profile.msp === peer.msp))
    faults.push(...(await findOwnFaults(context, peer, sequence)));
  if (contract) faults.push(...(await findPlanFaults(context, peer, contract)));
  if (faults.length > 0) return faults.map((fault) => report.failed(peer.name, fault, advice(context, contract)));
  return [report.ok(peer.name, words(`序号 ${sequence}`, `sequence ${sequence}`))];
}

/** While an upgrade is under way: who has yet to approve. */
async function checkUpgrade(context: DoctorContext, upgrade: ContractPlan): Promise<readonly Finding[]> {
  const [peer] = context.view.peers;
  if (!peer) return [];
  const command = context.commandOf('upgrade');
  return examineEach(
    report,
    [{ name: context.view.channel }],
    async ({ name }) => {
      const readiness = await context.facts.readiness(peer, upgrade.sequence, upgrade.sm3);
      const missing = Object.keys(readiness).filter((msp) => readiness[msp] !== true);
      const found = words(
        `升级到序号 ${upgrade.sequence} 未完成，还缺：${missing.join(' ') || '提交'}`,
        `the upgrade to sequence ${upgrade.sequence} is not complete; missing: ${missing.join(' ') || 'commit'}`,
      );
      return report.warning(name, found, words(`运行 ${command} 接着做完`, `run ${command}, which goes on`));
    },
    () => words(`运行 ${command} 接着做完`, `run ${command}, which goes on`),
  );
}

export const checkApproval: Check = async (context) => {
  const { view } = context;
  const upgrade = view.local?.plan.upgrade;
  const [each, coming] = await Promise.all([
    examineEach(
      report,
      view.peers,
      (peer) => checkPeer(context, peer),
      () => advice(context, view.local?.plan.contract),
    ),
    upgrade ? checkUpgrade(context, upgrade) : [],
  ]);
  return [...each, ...coming];
};
