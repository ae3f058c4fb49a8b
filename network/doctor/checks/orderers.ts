/** Each orderer is active on the channel, and enough of them are to make blocks. */
import type { Words } from '@yinxin/core';
import { type Check, type DoctorContext, examineEach, skipRemote } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { OrdererView } from '../view.ts';

const report = reporterOf('orderers');

/** How many of `total` must work: SmartBFT bears ⌊(n−1)/3⌋ faulty ones, Raft a minority. */
export function quorumOf(ordering: 'bft' | 'raft', total: number): number {
  if (ordering === 'raft') return Math.floor(total / 2) + 1;
  const faulty = Math.floor((total - 1) / 3);
  return Math.ceil((total + faulty + 1) / 2);
}

function rejoinAdvice({ commandOf }: DoctorContext, { name }: OrdererView): Words {
  const up = commandOf('up');
  return words(
    `运行 ${up}，它会让该节点加入频道；再看 ${commandOf(`logs ${name}`)}`,
    `run ${up}, which joins it to the channel; then look at ${commandOf(`logs ${name}`)}`,
  );
}

async function checkOrderer(context: DoctorContext, orderer: OrdererView): Promise<Finding> {
  const { status, relation, height } = await context.facts.orderer(orderer);
  if (status === 'active' && relation === 'consenter') {
    return report.ok(orderer.name, words(`在用，高度 ${height}`, `active, height ${height}`));
  }
  const found = words(`状态 ${status}，身份 ${relation}`, `status ${status}, relation ${relation}`);
  if (status !== 'onboarding') return report.failed(orderer.name, found, rejoinAdvice(context, orderer));
  return report.warning(
    orderer.name,
    found,
    words('它正在追赶，过一会儿再查', 'it is catching up: look again in a while'),
  );
}

function checkQuorum({ view, commandOf }: DoctorContext, ordering: 'bft' | 'raft', each: readonly Finding[]): Finding {
  const total = each.length;
  const active = each.filter(({ state }) => state === 'ok').length;
  const needed = quorumOf(ordering, total);
  const count = words(
    `${total} 个中 ${active} 个在用，需要 ${needed} 个`,
    `${active} of ${total} active, ${needed} needed`,
  );
  const up = commandOf('up');
  const advice = words(`先恢复不在用的排序节点：${up}`, `bring the others back first: ${up}`);
  if (active < needed) return report.failed(view.channel, count, advice);
  return active === needed && active < total
    ? report.warning(view.channel, count, advice)
    : report.ok(view.channel, count);
}

export const checkOrderers: Check = async (context) => {
  const { local } = context.view;
  if (!local) return skipRemote(report);
  const each = await examineEach(
    report,
    local.ordererViews,
    (orderer) => checkOrderer(context, orderer),
    (orderer) => rejoinAdvice(context, orderer),
  );
  return [...each, checkQuorum(context, local.plan.ordering, each)];
};
