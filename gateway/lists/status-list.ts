/** What a register's status list says now: claims for a domain to sign (IETF draft-ietf-oauth-status-list, core/FORMATS.md). */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import {
  changeAt,
  epochSeconds,
  formatListSubject,
  type Instant,
  type KnownChange,
  type StatusListClaims,
  standingChanges,
  statusPacker,
  type Trust,
} from '@yinxin/core';
import type { ChangedEntry, ReadModel } from '../index/read-model.ts';

/** A list ends so long after it was last known to be all that the ledger held; each type bounds what is relied on, from a day to as long. */
const listSeconds = 30 * 86_400;
/** How long a verifier may go on without asking for another. */
const ttlSeconds = 600;

/** What a list is made of. */
export type ListSource = Pick<ReadModel, 'confirmedHeight' | 'asOf' | 'trust' | 'lastEntry' | 'statuses'>;

interface Statuses {
  readonly packed: Uint8Array;
  /** The first change still ahead takes effect then. */
  readonly next: Instant | undefined;
}

function findNext(changes: readonly KnownChange[], now: Instant, before: Instant | undefined): Instant | undefined {
  let next = before;
  for (const { effective } of changes)
    if (effective > now && (next === undefined || effective < next)) next = effective;
  return next;
}

/** Packs statuses as they are read: of a register of millions no more is in memory than the list itself. */
async function packChanged(
  entries: AsyncIterable<ChangedEntry>,
  last: number,
  issuer: string,
  trust: Trust,
  now: Instant,
): Promise<Statuses> {
  const packer = statusPacker(last);
  let next: Instant | undefined;
  for await (const { entry, changes } of entries) {
    const standing = standingChanges(changes, trust, issuer);
    packer.set(entry, changeAt(standing, now)?.to ?? 'ACTIVE');
    next = findNext(standing, now, next);
  }
  return { packed: packer.packed, next };
}

/** `lst`, at the highest level as the draft recommends. */
async function compress(packed: Uint8Array): Promise<string> {
  const bytes = await promisify(deflate)(packed, { level: 9 });
  return bytes.toString('base64url');
}

/** The statuses of a register as of the newest block that is confirmed, effective at `now`; for this domain to sign. `iat` is when the ledger was last heard. Undefined where there is no such register. */
export async function buildStatusList(
  source: ListSource,
  { issuer, type }: { readonly issuer: string; readonly type: string },
  { domain, now }: { readonly domain: string; readonly now: Instant },
): Promise<StatusListClaims | undefined> {
  const height = source.confirmedHeight();
  const asOf = source.asOf(); // in one step with the height: a later one would say too much of it
  const last = await source.lastEntry(issuer, type, height);
  if (last === undefined) return undefined;
  const iat = epochSeconds(asOf);
  const at = now > asOf ? now : asOf;
  const trust = source.trust(height);
  const { packed, next } = await packChanged(source.statuses(issuer, type, height), last, issuer, trust, at);
  const exp = Math.min(iat + listSeconds, next === undefined ? Number.POSITIVE_INFINITY : epochSeconds(next));
  const lst = await compress(packed);
  return {
    iss: domain,
    sub: formatListSubject(trust.channel, issuer, type),
    height,
    entries: last,
    iat,
    exp,
    ttl: Math.min(ttlSeconds, exp - iat),
    status_list: { bits: 2, lst },
  };
}
