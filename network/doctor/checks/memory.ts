/** How much memory the processes hold, and whether this machine has some left. */
import { findProcess } from '../../processes.ts';
import { type Check, skipRemote } from '../context.ts';
import { reporterOf, words } from '../finding.ts';
import { readProcess } from '../process-facts.ts';
import { formatBytes } from './disk.ts';

const report = reporterOf('memory');
const warningBytes = 256 * 1024 ** 2;

export const checkMemory: Check = async ({ view, measureMemory }) => {
  const { local } = view;
  if (!local) return skipRemote(report);
  const held = await Promise.all(
    local.nodes.map(async ({ name, kind }) => {
      const pid = findProcess(local.paths, name)?.pid;
      const facts = pid === undefined ? undefined : await readProcess(pid);
      return { kind, bytes: facts?.memoryBytes ?? 0 };
    }),
  );
  const sum = (wanted: string) =>
    held.filter(({ kind }) => wanted === '' || kind === wanted).reduce((total, { bytes }) => total + bytes, 0);
  const [all, peers, orderers, contracts] = ['', 'peer', 'orderer', 'contract'].map((kind) => formatBytes(sum(kind)));
  const { freeBytes, totalBytes } = measureMemory();
  const [free, total] = [formatBytes(freeBytes), formatBytes(totalBytes)];
  const zh = `${held.length} 个进程共 ${all}（节点 ${peers}，排序 ${orderers}，合约 ${contracts}）；本机余 ${free} / ${total}`;
  const en = `${held.length} processes hold ${all} (peers ${peers}, orderers ${orderers}, contracts ${contracts}); ${free} of ${total} left here`;
  const machine = 'machine';
  if (freeBytes >= warningBytes) return [report.ok(machine, words(zh, en))];
  const advice = words(
    '关闭别的程序，或加内存：不够时系统会杀掉进程',
    'end other programs or add memory: without, the system kills processes',
  );
  return [report.warning(machine, words(zh, en), advice)];
};
