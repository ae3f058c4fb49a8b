/** Every peer finds those of all cities to endorse: until then endorsement does not fail over. */
import type { Words } from '@yinxin/core';
import { findProcess } from '../../processes.ts';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';

const report = reporterOf('membership');

/** `missing`: MSPs; that of the peer itself among them when it does not announce its own contract, as can happen after an upgrade. */
function advise({ commandOf, view }: DoctorContext, { name, msp }: PeerView, missing: readonly string[]): Words {
  const pid = view.local && findProcess(view.local.paths, name)?.pid;
  if (missing.includes(msp)) {
    const command = pid === undefined ? '' : `: kill ${pid} && ${commandOf('up')}`;
    return words(
      `${name} 没有宣告自己的合约，重新启动它${command}`,
      `${name} does not announce its own contract; start it again${command}`,
    );
  }
  const logs = pid === undefined ? name : commandOf(`logs ${name}`);
  return words(
    `先看 processes、ports、tls、anchors、approval 是否正常；都正常就等 30 秒再查，仍不行看 ${name} 的日志：${logs}`,
    `see first whether processes, ports, tls, anchors and approval are well; if so, look again in 30 s, then at its log: ${logs}`,
  );
}

async function checkPeer(context: DoctorContext, peer: PeerView): Promise<Finding> {
  const { facts } = context;
  const [found, { cities }] = await Promise.all([facts.endorsers(peer), facts.configuration()]);
  const missing = cities.filter(({ msp }) => !found.includes(msp)).map(({ msp }) => msp);
  const total = cities.length;
  if (missing.length === 0)
    return report.ok(peer.name, words(`认识 ${total} 个城市的节点`, `finds the peers of ${total} cities`));
  const text = words(`找不到可背书的节点：${missing.join(' ')}`, `finds no peer to endorse of: ${missing.join(' ')}`);
  return report.failed(peer.name, text, advise(context, peer, missing));
}

export const checkMembership: Check = (context) =>
  examineEach(
    report,
    context.view.peers,
    (peer) => checkPeer(context, peer),
    (peer) => advise(context, peer, []),
  );
