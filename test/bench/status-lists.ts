/** A status list of a million entries, one in a hundred set: made from what a reader of the ledger knows, opened, looked up in; against zlib alone. */
import { deflateSync, inflateSync } from 'node:zlib';
import {
  type KnownChange,
  openStatuses,
  packStatuses,
  parseInstant,
  readStatus,
  type Status,
  toTrust,
} from '@yinxin/core';
import { buildStatusList, type ListSource } from '../../gateway/lists/status-list.ts';
import { issuer, makeTrustClaims, now, statusKey } from '../fixtures/certificates.ts';
import { type Figure, race, toFigure } from './figure.ts';

const entries = 1_000_000;
const set = entries / 100;
const ends = ['REVOKED', 'SUSPENDED', 'SUPERSEDED'] as const;

/** Scattered without a pattern that a compressor could find, and the same in every run. */
function drawEntries(): readonly number[] {
  const drawn = new Set<number>();
  for (let state = 1; drawn.size < set; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    drawn.add(1 + Math.floor((state / 2 ** 32) * entries));
  }
  return [...drawn];
}

function toChange(to: Status): KnownChange {
  const time = parseInstant('2026-11-20T09:00:00Z');
  const change = { sequence: 1, from: 'ACTIVE', to, act: 'revoke', basis: 'licence-law-69', document: null } as const;
  const { key } = statusKey.row;
  return { ...change, effective: time, by: null, time, key, txId: 'ab'.repeat(32), block: 7, recorded: time };
}

function makeSource(): ListSource {
  const changed = drawEntries().map((entry, at) => ({ entry, changes: [toChange(ends[at % 3] ?? 'REVOKED')] }));
  const trust = toTrust(makeTrustClaims([]));
  return {
    confirmedHeight: () => 10,
    asOf: () => now,
    trust: () => trust,
    lastEntry: async () => entries,
    async *statuses() {
      yield* changed;
    },
  };
}

const lookups = 5_000_000;
/** Adds up, so that no engine may leave the look-ups out. */
function lookUp(packed: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < lookups; at += 1) sum += readStatus(packed, entries, ((at * 7_919) % entries) + 1);
  return sum;
}

export async function measure(): Promise<readonly Figure[]> {
  const source = makeSource();
  const build = () => buildStatusList(source, { issuer, type: 'business-licence' }, { domain: '440300', now });
  const { lst } = (await build())?.status_list ?? { lst: '' };
  const compressed = Buffer.from(lst, 'base64url');
  const packed = openStatuses(lst, entries);
  const [built = 0, deflated = 0] = await race(7, 1, [
    async () => void (await build()),
    () => void deflateSync(packed, { level: 9 }),
  ]);
  const [opened = 0, inflated = 0] = await race(9, 1, [
    () => void openStatuses(lst, entries),
    () => void inflateSync(compressed),
  ]);
  const empty = packStatuses(entries, []);
  const [looked = 0] = await race(5, lookups, [() => void (lookUp(packed) + lookUp(empty))]);
  const seconds = (rate: number) => 1 / rate;
  return [
    toFigure(
      'status list of 1,000,000, 1 % set: build',
      seconds(built),
      's',
      'under 1 s; peer zlib alone',
      seconds(deflated),
    ),
    toFigure('the same, compressed', compressed.length, 'bytes', 'at most 20,000'),
    toFigure('the same, open and check', seconds(opened), 's', 'for information; peer zlib alone', seconds(inflated)),
    toFigure('one look-up', 1e9 / (2 * looked), 'ns', 'under 1,000'),
  ];
}
