/** Each city's peer is an anchor in the channel's configuration, or other cities' peers would not find it. */
import { peerAddress } from '../../peer-config.ts';
import { type Check, examine, logAdvice } from '../context.ts';
import { type Finding, reporterOf, words } from '../finding.ts';
import type { View } from '../view.ts';

const report = reporterOf('anchors');

/** What must be there; undefined: anything, as we cannot know somebody else's addresses. */
function expectedAnchors({ local }: View): ReadonlyMap<string, string> | undefined {
  if (!local) return undefined;
  return new Map(local.cities.map((city) => [city.msp, peerAddress(local.plan, city)]));
}

function judge(msp: string, anchors: readonly string[], expected: string | undefined): Finding {
  const isThere = expected === undefined ? anchors.length > 0 : anchors.includes(expected);
  const listed = anchors.join(' ');
  if (isThere) return report.ok(msp, words(listed, listed));
  const found = words(
    `频道配置里的锚节点是 ${listed || '（没有）'}${expected === undefined ? '' : `，应有 ${expected}`}`,
    `anchor peers in the channel’s configuration: ${listed || '(none)'}${expected === undefined ? '' : `; ${expected} is missing`}`,
  );
  const file = 'configtx.yaml';
  return report.failed(
    msp,
    found,
    words(
      `由 ${msp} 的管理员提交频道配置更新，把 AnchorPeers 改回（peer channel update；写法见 channel/${file}）`,
      `an administrator of ${msp} submits a channel update that puts AnchorPeers back (peer channel update; as in channel/${file})`,
    ),
  );
}

export const checkAnchors: Check = (context) => {
  const { view, facts } = context;
  return examine(
    report,
    view.channel,
    async () => {
      const { cities } = await facts.configuration();
      const expected = expectedAnchors(view);
      const missing = [...(expected?.keys() ?? [])].filter((msp) => !cities.some((city) => city.msp === msp));
      return [
        ...cities.map(({ msp, anchors }) => judge(msp, anchors, expected?.get(msp))),
        ...missing.map((msp) => judge(msp, [], expected?.get(msp))),
      ];
    },
    () => logAdvice(context, view.peers[0]?.name ?? ''),
  );
};
