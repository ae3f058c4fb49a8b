/**
 * Clocks agree. Of our own nodes by the Date of their operations port (RFC 9110, whole seconds): how far it lies from ours, give or take a second. Of
 * somebody else's peer only what Fabric itself enforces: it refuses questions whose time is more than 15 minutes off, and then says what time it has.
 */
import type { Words } from '@yinxin/core';
import type { NodePlan } from '../../nodes.ts';
import { readClock } from '../../operations.ts';
import { type Check, type DoctorContext, examineEach, whyOf } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';
import { findProcessFault } from './processes.ts';

const report = reporterOf('clock');
const warningSeconds = 30;
/** The contract refuses at ten minutes, Fabric at fifteen. */
const failureSeconds = 300;
const windowMinutes = 15;

/** `shown`: a time in whole seconds, seen between `before` and `after`, all in milliseconds. @returns seconds that it is ahead, at the least; 0 when it may be right */
export function measureSkew(shown: number, before: number, after: number): number {
  const [least, most] = [shown - after, shown + 999 - before];
  if (least > 0) return least / 1000;
  return most < 0 ? most / 1000 : 0;
}

const advice: Words = words(
  '校准本机或该节点的时钟（chronyc tracking、timedatectl status）；相差十分钟以上，合约拒绝写入',
  'set the clock of this machine or of the node (chronyc tracking, timedatectl status); ten minutes off, the contract refuses',
);

function judge(name: string, skewSeconds: number): Finding {
  const seconds = Math.round(Math.abs(skewSeconds));
  if (seconds <= warningSeconds) return report.ok(name, plain(`±${seconds + 1} s`));
  const found =
    skewSeconds > 0
      ? words(`比本机快 ${seconds} 秒`, `${seconds} s ahead of this machine`)
      : words(`比本机慢 ${seconds} 秒`, `${seconds} s behind this machine`);
  return seconds > failureSeconds ? report.failed(name, found, advice) : report.warning(name, found, advice);
}

async function checkOwn({ view, now }: DoctorContext, { name, operations }: NodePlan): Promise<Finding> {
  const fault = await findProcessFault(view, name);
  if (fault) return report.skipped(name, fault.why);
  const before = now().getTime();
  const shown = operations && (await readClock(operations.port, operations.tls));
  const after = now().getTime();
  if (!shown)
    return report.skipped(
      name,
      words('运维端口不应答：见 ports、tls', 'its operations port does not answer: see ports, tls'),
    );
  return judge(name, measureSkew(shown.getTime(), before, after));
}

/** Seconds that a peer is ahead, from its refusal; undefined when it refused for another reason. */
export function parseClockRefusal(why: string): number | undefined {
  const [, own, theirs] = /incorrect timestamp (\S+), peer time (\S+?),/.exec(why) ?? [];
  return own === undefined || theirs === undefined ? undefined : (Date.parse(theirs) - Date.parse(own)) / 1000;
}

async function checkForeign({ facts }: DoctorContext, peer: PeerView): Promise<Finding> {
  const why = await facts.height(peer).then(() => '', whyOf);
  const skew = parseClockRefusal(why);
  if (skew !== undefined) return judge(peer.name, skew);
  if (why !== '')
    return report.skipped(peer.name, words('不应答：见 tls、heights', 'does not answer: see tls, heights'));
  return report.ok(
    peer.name,
    words(`相差不到 ${windowMinutes} 分钟；更细看不到`, `less than ${windowMinutes} minutes; more cannot be seen`),
  );
}

export const checkClock: Check = (context) => {
  const { local, peers } = context.view;
  if (!local) {
    return examineEach(
      report,
      peers,
      (peer) => checkForeign(context, peer),
      () => advice,
    );
  }
  return examineEach(
    report,
    local.nodes.filter(({ operations }) => operations !== undefined),
    (node) => checkOwn(context, node),
    () => advice,
  );
};
