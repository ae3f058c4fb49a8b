/** The trust list at hand: verified by the pin that came with the page, kept for when the server is away, never exchanged for an older one. */
import { type ErrorCode, isJsonObject, type Json, type Trust, type TrustPin, YinxinError } from '@yinxin/core';
import { parseTrustPin, readTrustList } from '@yinxin/core/jose';
import type { Keep } from './storage.ts';

export interface TrustState {
  readonly trust: Trust | undefined;
  /** Why the newest list was refused, or why none can be verified here. */
  readonly problem: ErrorCode | 'INSECURE' | undefined;
  readonly pin: TrustPin | undefined;
}

export interface TrustStore {
  /** The list at hand, after asking for a newer one at most once a minute. Never throws. */
  current(): Promise<TrustState>;
}

interface Kept {
  readonly pin: string;
  readonly height: number;
  readonly list: string;
}

const refreshMilliseconds = 60_000;

function readKept(keep: Keep, pin: string): Kept | undefined {
  try {
    const json = JSON.parse(keep.read('trust') ?? 'null') as Json; // what JSON gives
    if (!isJsonObject(json)) return undefined;
    const { height, list } = { height: json['height'], list: json['list'] };
    return json['pin'] === pin && typeof height === 'number' && typeof list === 'string'
      ? { pin, height, list }
      : undefined;
  } catch {
    return undefined;
  }
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
  let state: TrustState = { trust: undefined, problem: given.secure ? undefined : 'INSECURE', pin: undefined };
  let list = '';
  let height = 0;
  let asked = Number.NEGATIVE_INFINITY;

  async function take(pin: TrustPin, newer: string): Promise<void> {
    try {
      const { trust, claims } = await readTrustList(newer, pin, height);
      state = { trust, problem: undefined, pin };
      list = newer;
      height = claims.height;
    } catch (error) {
      state = { ...state, problem: error instanceof YinxinError ? error.code : 'TRUST_INVALID' };
    }
  }

  async function start(): Promise<TrustPin | undefined> {
    try {
      const pin = parseTrustPin(pinText);
      state = { ...state, pin };
      const kept = readKept(keep, pinText);
      if (kept) {
        height = kept.height;
        await take(pin, kept.list);
      }
      return pin;
    } catch {
      state = { ...state, problem: 'TRUST_INVALID' };
      return undefined;
    }
  }

  const started = given.secure ? start() : Promise.resolve(undefined);

  async function refresh(pin: TrustPin): Promise<void> {
    asked = given.milliseconds();
    const newer = await given.fetchList();
    if (newer === undefined) asked = Number.NEGATIVE_INFINITY;
    if (newer === undefined || newer === list) return;
    await take(pin, newer);
    if (list === newer) keep.write('trust', JSON.stringify({ pin: pinText, height, list }));
  }

  let refreshing: Promise<void> | undefined;
  return {
    async current() {
      const pin = await started;
      if (pin && given.milliseconds() - asked > refreshMilliseconds) refreshing = refresh(pin);
      await refreshing;
      return state;
    },
  };
}
