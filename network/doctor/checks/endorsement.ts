/** A transaction needs the peers of two cities: the channel's policy says so, of all cities, and the contract's definition refers to it. */
import { type Check, type DoctorContext, examine, examineEach, logAdvice } from '../context.ts';
import { endorsementPolicy } from '../contract-facts.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';

const report = reporterOf('endorsement');
const endorsersNeeded = 2;

async function checkPolicy({ view, facts }: DoctorContext): Promise<Finding> {
  const { cities, endorsement } = await facts.configuration();
  const msps = cities.map(({ msp }) => msp);
  const isOfAll =
    endorsement !== undefined &&
    endorsement.msps.length === msps.length &&
    msps.every((msp) => endorsement.msps.includes(msp));
  const text = endorsement
    ? words(
        `${endorsement.msps.length} 个机构中任 ${endorsement.count} 个`,
        `any ${endorsement.count} of ${endorsement.msps.length}`,
      )
    : words('不是“任几个机构”的形式', 'not of the form “so many of these”');
  if (isOfAll && endorsement.count === endorsersNeeded) return report.ok(view.channel, text);
  return report.failed(
    view.channel,
    words(
      `${endorsementPolicy} 是${text.zh}，应为全部 ${msps.length} 个城市中任 ${endorsersNeeded} 个`,
      `${endorsementPolicy} is ${text.en}, not any ${endorsersNeeded} of all ${msps.length} cities`,
    ),
    words(
      `在改回之前不要接受新的写入；由过半机构的管理员签署频道配置更新（peer channel signconfigtx、peer channel update）：OutOf(${endorsersNeeded}, ${msps.join(', ')})`,
      `accept no writes until it is put back: administrators of a majority sign a channel update (peer channel signconfigtx, peer channel update): OutOf(${endorsersNeeded}, ${msps.join(', ')})`,
    ),
  );
}

async function checkReference({ view, facts }: DoctorContext, peer: PeerView): Promise<Finding> {
  const { policy } = await facts.definition(peer);
  if (policy === endorsementPolicy) return report.ok(peer.name, words(policy, policy));
  return report.failed(
    peer.name,
    words(
      `合约定义的背书策略是${policy === undefined ? '自带的' : ` ${policy}`}，应引用 ${endorsementPolicy}`,
      `the contract’s definition ${policy === undefined ? 'brings a policy of its own' : `refers to ${policy}`}, not to ${endorsementPolicy}`,
    ),
    words(
      `各机构以下一个序号重新批准并提交：peer lifecycle chaincode approveformyorg --name ${view.chaincode} --channel-config-policy ${endorsementPolicy} …`,
      `approve and commit it again with the next sequence: peer lifecycle chaincode approveformyorg --name ${view.chaincode} --channel-config-policy ${endorsementPolicy} …`,
    ),
  );
}

export const checkEndorsement: Check = async (context) => {
  const { view } = context;
  const [policy, references] = await Promise.all([
    examine(
      report,
      view.channel,
      () => checkPolicy(context),
      () => logAdvice(context, view.peers[0]?.name ?? ''),
    ),
    examineEach(
      report,
      view.peers,
      (peer) => checkReference(context, peer),
      (peer) => logAdvice(context, peer.name),
    ),
  ]);
  return [...policy, ...references];
};
