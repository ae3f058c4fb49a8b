/** There is room to write: ledgers only grow, and a peer whose disk is full stops. */
import { dirname } from 'node:path';
import { type Check, examine, type Space } from '../context.ts';
import { type Finding, plain, reporterOf, words } from '../finding.ts';

const report = reporterOf('disk');
const mebibyte = 1024 ** 2;
const failureBytes = 200 * mebibyte;
const warningBytes = 2048 * mebibyte;
const warningShare = 0.1;

export function formatBytes(bytes: number): string {
  const mebibytes = bytes / mebibyte;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

export function judgeSpace(folder: string, { freeBytes, totalBytes }: Space): Finding {
  const percent = Math.round((100 * freeBytes) / totalBytes);
  const text = `${formatBytes(freeBytes)} / ${formatBytes(totalBytes)} (${percent} %)`;
  const isEnough = freeBytes >= warningBytes && freeBytes >= warningShare * totalBytes;
  if (isEnough) return report.ok(folder, plain(text));
  const look = `du -sh ${folder}/nodes/* ${folder}/logs`;
  const advice = words(
    `腾出空间或换更大的盘：看 ${look}；账本不能删，较旧的日志（*.log.1）可以`,
    `make room or move to a larger disk: look with ${look}; ledgers must stay, older logs (*.log.1) may go`,
  );
  const found = words(`只剩 ${text}`, `only ${text} left`);
  return freeBytes < failureBytes ? report.failed(folder, found, advice) : report.warning(folder, found, advice);
}

export const checkDisk: Check = ({ view, measureDisk }) => {
  // of somebody else's network: where the gateway's files lie
  const folder = view.local?.paths.home ?? dirname(view.remote?.file ?? '.');
  return examine(
    report,
    folder,
    async () => judgeSpace(folder, await measureDisk(folder)),
    () => words(`看 ${folder} 在不在`, `see whether ${folder} is there`),
  );
};
