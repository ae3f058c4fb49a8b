/** The contract answers through every peer. Its own refusal is an answer, too: before founding there is no network row. */
import type { Words } from '@yinxin/core';
import { type Check, type DoctorContext, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';
import { hasContractFault } from './contract-id.ts';

const report = reporterOf('answers');

async function checkPeer(context: DoctorContext, peer: PeerView): Promise<Finding> {
  if (await hasContractFault(context, peer.msp)) {
    const why = words(
      '合约进程有问题：见 processes、contract-id',
      'its contract process is ill: see processes, contract-id',
    );
    return report.skipped(peer.name, why);
  }
  const began = performance.now();
  const answer = await context.facts.ask(peer);
  const milliseconds = Math.round(performance.now() - began);
  const gist = /^[A-Z_]+$/.test(answer) ? answer : `${answer.length} B`;
  return report.ok(peer.name, words(`${gist}，${milliseconds} ms`, `${gist}, ${milliseconds} ms`));
}

/** `why`: what Fabric's `peer` said. */
export function adviseOnAnswer(
  { view, commandOf }: Pick<DoctorContext, 'view' | 'commandOf'>,
  { name }: PeerView,
  why: string,
): Words {
  const log = view.local ? commandOf(`logs ${name}`) : name;
  if (/no answer in time|deadline|timeout|timed out/i.test(why)) {
    return words(
      `多半是合约进程的 --chaincode-id 与批准的包不一致，或它被挂起：看 ${name} 的日志里有没有“will not accept external chaincode connection”（${log}），改正后重启合约进程`,
      `most likely the contract process has another --chaincode-id than the approved package, or is halted: look for “will not accept external chaincode connection” in the log of ${name} (${log}), then start the contract process anew`,
    );
  }
  if (/connection refused|could not launch|connection error|tls:|handshake/i.test(why)) {
    const up = view.local ? commandOf('up') : '';
    return words(
      `${name} 连不上它的合约进程：启动它${up === '' ? '' : `（${up}）`}，并核对地址和 TLS 文件`,
      `${name} does not reach its contract process: start it${up === '' ? '' : ` (${up})`}, and compare address and TLS files`,
    );
  }
  return words(`看 ${name} 的日志：${log}`, `read the log of ${name}: ${log}`);
}

export const checkAnswers: Check = (context) =>
  examineEach(
    report,
    context.view.peers,
    (peer) => checkPeer(context, peer),
    (peer, why) => adviseOnAnswer(context, peer, why),
  );
