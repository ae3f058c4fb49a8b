/** A founded network three times: the peer's rows, the model's history, and who writes to both. */
import { type FoundInput, type Instant, YinxinError } from '@yinxin/core';
import { bases, channel, makeKeyInput, matters } from '../fixtures/network.ts';
import { Author } from './author.ts';
import { beginning, bodies, founders, foundingTypes, listPairs } from './cast.ts';
import type { Happening } from './facts.ts';
import type { Sent } from './judging.ts';
import { Oracle } from './oracle.ts';
import { Peer } from './peer.ts';
import type { Random } from './random.ts';
import { Signatures } from './signatures.ts';

const window = { from: beginning, until: null };
const first = bodies.slice(0, 2);

/** The first transaction of all. */
export const founding: FoundInput = {
  channel,
  domains: founders,
  types: foundingTypes.map((definition) => ({ definition })),
  bases,
  matters,
  issuers: first.map(({ issuer, domain }) => ({
    ...{ issuer, domain: domain.domain, region: domain.domain, name: domain.name, from: beginning },
  })),
  keys: first.flatMap(({ anchorKey, statusKey, codeKey }) =>
    [anchorKey, statusKey, codeKey].map((key) => makeKeyInput(key)),
  ),
  listKeys: listPairs.slice(0, 3).map((pair) => ({ ...pair, ...window })),
  entitlements: first.flatMap(({ issuer, domain }) =>
    foundingTypes.map(({ type }) => ({ issuer, type, region: domain.domain, ...window })),
  ),
};

/** What happened by it. */
export const founded: readonly Happening[] = [
  ...founders.map((domain) => ({ fact: 'domain', ...domain }) as const),
  ...foundingTypes.map((definition) => ({ fact: 'type', definition }) as const),
  ...bases.map((basis) => ({ fact: 'basis', ...basis }) as const),
  ...matters.map(({ matter }) => ({ fact: 'matter', matter }) as const),
  ...founding.issuers.map((body) => ({ fact: 'issuer', ...body }) as const),
  ...founding.issuers.map(({ issuer, name }) => ({ fact: 'name', issuer, name }) as const),
  ...first.flatMap(({ issuer, anchorKey, statusKey, codeKey }) =>
    [anchorKey, statusKey, codeKey].map(
      ({ row }) => ({ fact: 'key', key: row.key, issuer, use: row.use, voucher: undefined, ...window }) as const,
    ),
  ),
  ...founding.listKeys.map(({ kid, domain }) => ({ fact: 'list-key', key: kid, domain, ...window }) as const),
  ...founding.entitlements.map((one) => ({ fact: 'entitlement', ...one }) as const),
];

export interface World {
  readonly peer: Peer;
  readonly oracle: Oracle;
  readonly author: Author;
}

export async function foundWorld(random: Random): Promise<World> {
  const signatures = new Signatures();
  const peer = new Peer(beginning);
  const oracle = new Oracle(signatures);
  const sent: Sent = {
    name: 'found',
    input: JSON.stringify(founding),
    caller: { msp: founders[0]?.msp ?? '', role: 'admin' },
    time: beginning,
    clock: beginning,
    txId: '00'.repeat(32),
  };
  const writes = await peer.simulate(sent);
  if (writes instanceof YinxinError) throw writes;
  oracle.add(founded, sent, peer.commit(sent, writes));
  return { peer, oracle, author: new Author(random, signatures) };
}

/** Time goes on: mostly by minutes or hours, now and then by days. */
export function tick(random: Random, clock: Instant, advance: (time: Instant, seconds: number) => Instant): Instant {
  return advance(clock, random.pick([1, 60, 600, 3600, 3600, 9000, 20_000, 20_000, random.below(3 * 86_400)]));
}
