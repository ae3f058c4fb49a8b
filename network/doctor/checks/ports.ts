/** Each node listens where others look for it, and nobody else listens there. */
import type { NodePlan } from '../../nodes.ts';
import { findProcess } from '../../processes.ts';
import type { Check, DoctorContext } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';
import { canConnect, findListener } from '../listeners.ts';
import type { LocalView, NodeView } from '../view.ts';
import { findProcessFault } from './processes.ts';

const report = reporterOf('ports');

/** Undefined: the node itself listens there, or, while it does not run, nobody. */
function findIntruder(port: number, pid: number | undefined): string | undefined {
  const listener = findListener(port, pid ?? 0);
  if (listener.kind === 'hidden') return '?';
  return listener.kind === 'process' && listener.pid !== pid ? String(listener.pid) : undefined;
}

async function checkOwn(context: DoctorContext, { paths }: LocalView, { name, ports }: NodePlan): Promise<Finding> {
  const pid = findProcess(paths, name)?.pid;
  for (const port of ports) {
    const intruder = findIntruder(port, pid);
    if (intruder !== undefined) {
      const found = words(
        `端口 ${port} 被别的进程占用（pid ${intruder}）`,
        `port ${port} is held by another process (pid ${intruder})`,
      );
      const look = `ss -ltnp 'sport = :${port}'`;
      const up = context.commandOf('up');
      return report.failed(
        name,
        found,
        words(`看是谁：${look}；停掉它，再运行 ${up}`, `see who: ${look}; end it, then run ${up}`),
      );
    }
  }
  const fault = await findProcessFault(context.view, name);
  if (pid === undefined || fault) return report.skipped(name, fault?.why ?? plain('-'));
  const open = await Promise.all(ports.map((port) => canConnect('127.0.0.1', port)));
  const closed = ports.filter((_, index) => !open[index]);
  if (closed.length === 0) return report.ok(name, plain(ports.join(' ')));
  const restart = `kill ${pid} && ${context.commandOf('up')}`;
  return report.failed(
    name,
    words(`进程在，但端口 ${closed.join(' ')} 无人监听`, `it runs, but nobody listens on ${closed.join(' ')}`),
    words(
      `重新启动它：${restart}；原因看 ${context.commandOf(`logs ${name}`)}`,
      `start it again: ${restart}; why: ${context.commandOf(`logs ${name}`)}`,
    ),
  );
}

async function checkForeign({ name, endpoints }: NodeView): Promise<Finding> {
  const [{ host, port }] = endpoints;
  if (await canConnect(host, port)) return report.ok(name, plain(`${host}:${port}`));
  const advice = words(
    '与该节点的运维核对地址、防火墙，以及节点是否在运行',
    'ask whoever runs it: the address, the firewall, and whether it runs',
  );
  return report.failed(name, words(`${host}:${port} 连不上`, `${host}:${port} does not answer`), advice);
}

export const checkPorts: Check = async (context) => {
  const { local, peers, orderers } = context.view;
  if (!local) return Promise.all([...peers, ...orderers].map(checkForeign));
  return Promise.all(local.nodes.map((node) => checkOwn(context, local, node)));
};
