/** Every peer has joined, is level with the others, and holds the same blocks and the same state: compared at the lowest height. */
import type { BlockFacts } from '../block.ts';
import { type Check, type DoctorContext, examine, examineEach, logAdvice } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { PeerView } from '../view.ts';
import { joinAdvice } from './genesis.ts';

const report = reporterOf('heights');

async function tryHeight({ facts }: DoctorContext, peer: PeerView): Promise<number | undefined> {
  try {
    return await facts.height(peer);
  } catch {
    return undefined; // told by checkPeer
  }
}

/** One that is behind for a moment only catches up before it is asked again. */
async function checkPeer(context: DoctorContext, peer: PeerView, highest: number): Promise<Finding> {
  const first = await context.facts.height(peer);
  const height = first < highest ? await context.facts.heightLater(peer) : first;
  if (height >= highest) return report.ok(peer.name, words(`高度 ${height}`, `height ${height}`));
  const behind = highest - height;
  const found = words(`高度 ${height}，落后 ${behind} 个区块`, `height ${height}, ${behind} blocks behind`);
  const log = logAdvice(context, peer.name);
  return report.warning(
    peer.name,
    found,
    words(
      `过一会儿再查；不前进时，它连不上排序节点：${log.zh}`,
      `look again in a while; if it stays, it does not reach the orderers: ${log.en}`,
    ),
  );
}

const formatFacts = ({ hash, commitHash }: BlockFacts) => `${hash.slice(0, 16)}…/${commitHash.slice(0, 16)}`;

interface Held {
  readonly peer: PeerView;
  readonly block: BlockFacts;
}

/** The facts that most peers hold; undefined when none has a majority. */
function findCommon(held: readonly Held[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { block } of held) counts.set(formatFacts(block), (counts.get(formatFacts(block)) ?? 0) + 1);
  return [...counts].find(([, count]) => count > held.length / 2)?.[0];
}

function judgeBlocks(held: readonly Held[], number: number): readonly Finding[] {
  const common = findCommon(held);
  return held.flatMap(({ peer, block }) => {
    const own = formatFacts(block);
    if (own === common) return [];
    const found = words(
      `区块 ${number} 的散列/状态散列是 ${own}，多数节点是 ${common ?? '（没有多数）'}`,
      `block ${number} has hash/commit hash ${own}, most peers have ${common ?? '(no majority)'}`,
    );
    const advice = words(
      `停用 ${peer.name}，保留其数据备查；查明后清空其数据文件夹，重新加入频道`,
      `stop ${peer.name} and keep its data as evidence; then empty its data folder and join it anew`,
    );
    return [report.failed(peer.name, found, advice)];
  });
}

async function compareBlocks(
  context: DoctorContext,
  peers: readonly PeerView[],
  lowest: number,
): Promise<readonly Finding[]> {
  const number = lowest - 1;
  const held = await Promise.all(peers.map(async (peer) => ({ peer, block: await context.facts.block(peer, number) })));
  const different = judgeBlocks(held, number);
  if (different.length > 0) return different;
  const subject = context.view.channel;
  return [
    report.ok(
      subject,
      words(`区块 ${number} 在 ${held.length} 个节点上一致`, `block ${number} is the same on ${held.length} peers`),
    ),
  ];
}

export const checkHeights: Check = async (context) => {
  const { peers, channel } = context.view;
  const heights = await Promise.all(peers.map((peer) => tryHeight(context, peer)));
  const known = heights.filter((height) => height !== undefined);
  const highest = Math.max(0, ...known);
  const answering = peers.filter((_, index) => heights[index] !== undefined);
  const [each, same] = await Promise.all([
    examineEach(
      report,
      peers,
      (peer) => checkPeer(context, peer, highest),
      (peer) => joinAdvice(context, peer),
    ),
    answering.length < 2
      ? [
          report.skipped(
            channel,
            words('应答的节点不足两个，无从比较', 'fewer than two peers answer: nothing to compare'),
          ),
        ]
      : examine(
          report,
          channel,
          () => compareBlocks(context, answering, Math.min(...known)),
          () => logAdvice(context, peers[0]?.name ?? ''),
        ),
  ]);
  return [...each, ...same];
};
