/** The trust list at hand: verified by the pin that came with the page, kept for when the server is away, never exchanged for an older one. */
import {
  type ErrorCode,
  isJsonObject,
  type Json,
  type Trust,
  type TrustClaims,
  type TrustPin,
  YinxinError,
} from '@yinxin/core';
import { parseTrustPin, readTrustList } from '@yinxin/core/jose';
import type { Keep } from './storage.ts';

export interface TrustState {
  readonly trust: Trust | undefined;
  /** Why the newest list was refused, or why none can be verified here. */
  readonly problem: ErrorCode | 'INSECURE' | undefined;
  readonly pin: TrustPin | undefined;
}

export interface TrustStore {
  /** What is at hand now. */
  readonly state: TrustState;
  /** The list at hand, after asking for a newer one at most once a minute. Never throws. */
  current(): Promise<TrustState>;
}

interface Link {
  readonly list: string;
  readonly claims: TrustClaims;
}

const refreshMilliseconds = 60_000;

/** Kept lists, each vouched for by the one before, the first by the pin. */
function readKept(keep: Keep, pin: string): readonly string[] {
  try {
    const json = JSON.parse(keep.read('trust') ?? 'null') as Json; // what JSON gives
    if (!isJsonObject(json) || json['pin'] !== pin) return [];
    const lists = json['lists'];
    return Array.isArray(lists) ? lists.filter((list): list is string => typeof list === 'string') : [];
  } catch {
    return [];
  }
}

interface Taken {
  readonly trust: Trust;
  readonly chain: readonly Link[];
}

/**
 * Reads a list, and finds the fewest links that lead to it from the pin: after a rotation of list keys the older list that named the new
 * key stays. @throws YinxinError of readTrustList
 */
async function takeList(list: string, pin: TrustPin, chain: readonly Link[]): Promise<Taken> {
  const { trust, claims } = await readTrustList(list, pin, chain[chain.length - 1]?.claims);
  for (let length = 0; length < chain.length; length += 1) {
    const kept = chain.slice(0, length);
    const vouched = await readTrustList(list, pin, kept[length - 1]?.claims).catch(() => undefined);
    if (vouched) return { trust, chain: [...kept, { list, claims }] };
  }
  return { trust, chain: [...chain, { list, claims }] };
}

/** `pinText` is the JSON that the gateway put into the page; `secure` says whether this browser can verify signatures of lists here. */
export function createTrustStore(given: {
  readonly pinText: string;
  readonly secure: boolean;
  readonly keep: Keep;
  readonly fetchList: () => Promise<string | undefined>;
  readonly milliseconds: () => number;
}): TrustStore {
  const { pinText, keep } = given;
  const pin = readPin(pinText);
  let state: TrustState = { trust: undefined, problem: pin ? undefined : 'TRUST_INVALID', pin };
  if (!given.secure) state = { ...state, problem: 'INSECURE' };
  let chain: readonly Link[] = [];
  let asked = Number.NEGATIVE_INFINITY;
  let isAway = false;

  async function take(by: TrustPin, list: string): Promise<boolean> {
    try {
      const taken = await takeList(list, by, chain);
      chain = taken.chain;
      state = { trust: taken.trust, problem: undefined, pin };
      return true;
    } catch (error) {
      state = { ...state, problem: error instanceof YinxinError ? error.code : 'TRUST_INVALID' };
      return false;
    }
  }

  async function start(by: TrustPin): Promise<void> {
    for (const list of readKept(keep, pinText)) await take(by, list);
  }

  async function refresh(by: TrustPin): Promise<void> {
    asked = given.milliseconds();
    const newer = await given.fetchList();
    isAway = newer === undefined;
    if (newer === undefined) {
      asked = Number.NEGATIVE_INFINITY;
      return;
    }
    if (newer === chain[chain.length - 1]?.list) {
      state = { ...state, problem: undefined };
      return;
    }
    if (!(await take(by, newer))) return;
    keep.write('trust', JSON.stringify({ pin: pinText, lists: chain.map(({ list }) => list) }));
  }

  const started = given.secure && pin ? start(pin) : undefined;
  let refreshing: Promise<void> | undefined;
  return {
    get state() {
      return state;
    },
    async current() {
      if (!started || !pin) return state;
      await started;
      if (given.milliseconds() - asked > refreshMilliseconds) refreshing = refresh(pin);
      // Nobody waits for a server that was away a moment ago while a list is at hand.
      if (!state.trust || !isAway) await refreshing;
      return state;
    },
  };
}

function readPin(text: string): TrustPin | undefined {
  try {
    return parseTrustPin(text);
  } catch {
    return undefined;
  }
}
