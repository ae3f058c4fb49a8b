/** Everyone means the same channel: the hash of block 0 in the plan, in every profile, in the file and on every peer. */
import { join } from 'node:path';
import type { Words } from '@yinxin/core';
import { isJsonObject } from '@yinxin/core';
import { readJson } from '../../files.ts';
import { type Check, type DoctorContext, examine, examineEach } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { LocalView, PeerView } from '../view.ts';
import { listFiles } from '../x509.ts';

const report = reporterOf('genesis');
const short = (hash: string) => `${hash.slice(0, 16)}…`;

function judge(subject: string, hash: string, pinned: string, advice: Words): Finding {
  if (hash === pinned) return report.ok(subject, words(short(hash), short(hash)));
  const found = words(`是 ${short(hash)}，应为 ${short(pinned)}`, `is ${short(hash)}, not ${short(pinned)}`);
  return report.failed(subject, found, advice);
}

const profileAdvice = ({ commandOf }: DoctorContext, file: string): Words => {
  const up = commandOf('up');
  return words(`删掉 ${file}，运行 ${up} 重写`, `remove ${file} and have it written again: ${up}`);
};

async function checkPeer(context: DoctorContext, peer: PeerView, pinned: string): Promise<Finding> {
  const { hash } = await context.facts.block(peer, 0);
  const advice = words(
    `${peer.name} 在另一个频道上；不要使用它的回答。核对它的数据文件夹是否来自别的网络`,
    `${peer.name} is on another channel: do not use its answers; see whether its data come from another network`,
  );
  return judge(peer.name, hash, pinned, advice);
}

function checkProfile(context: DoctorContext, file: string, pinned: string): Finding {
  const json = readJson(file);
  const hash = isJsonObject(json) ? json['genesis'] : undefined;
  return judge(file, typeof hash === 'string' ? hash : '-', pinned, profileAdvice(context, file));
}

async function checkFiles(context: DoctorContext, { paths }: LocalView, pinned: string): Promise<readonly Finding[]> {
  const file = paths.genesis;
  const advice = words(
    `从备份取回 ${file}；任何节点也给得出：peer channel fetch 0`,
    `bring ${file} back from a backup; every peer has it: peer channel fetch 0`,
  );
  const block = () => context.facts.blockOfFile(file).then(({ hash }) => judge(file, hash, pinned, advice));
  const profiles = listFiles(paths.profiles).filter((path) => path.endsWith('.json'));
  const found = await Promise.all([
    examine(report, file, block, () => advice),
    ...profiles.map((path) =>
      examine(
        report,
        path,
        async () => checkProfile(context, path, pinned),
        () => profileAdvice(context, path),
      ),
    ),
  ]);
  if (profiles.length > 0) return found.flat();
  const folder = join(paths.profiles, '*.json');
  return [...found.flat(), report.failed(folder, words('没有连接文件', 'no profile'), profileAdvice(context, folder))];
}

export const checkGenesis: Check = async (context) => {
  const { genesis, peers, local, channel } = context.view;
  if (genesis === null) {
    const up = context.commandOf('up');
    return [
      report.failed(channel, words('频道还没有建成', 'the channel is not made yet'), words(`运行 ${up}`, `run ${up}`)),
    ];
  }
  const [onPeers, inFiles] = await Promise.all([
    examineEach(
      report,
      peers,
      (peer) => checkPeer(context, peer, genesis),
      (peer) => joinAdvice(context, peer),
    ),
    local ? checkFiles(context, local, genesis) : [],
  ]);
  return [...onPeers, ...inFiles];
};

/** Of a peer that answers, but not about the channel. */
export function joinAdvice({ view, commandOf }: DoctorContext, { name }: PeerView): Words {
  if (!view.local)
    return words(
      `请 ${name} 的运维加入频道 ${view.channel}`,
      `ask whoever runs ${name} to join channel ${view.channel}`,
    );
  const up = commandOf('up');
  return words(
    `运行 ${up}，它会让该节点加入频道；再看 ${commandOf(`logs ${name}`)}`,
    `run ${up}, which joins it to the channel; then look at ${commandOf(`logs ${name}`)}`,
  );
}
