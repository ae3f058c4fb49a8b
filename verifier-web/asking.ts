/** Where, for what and about which day the page asks. Place and matter are the office's and stay for the session; a day and a height belong to the one certificate at hand. */
import { type CalendarDate, type Instant, isJsonObject, type Json, parseInstant } from '@yinxin/core';
import type { Keep } from './storage.ts';

export interface Asking {
  /** Code of the domain where certificates are presented; undefined where the page has no pin. */
  readonly domain: string | undefined;
  readonly matter: string | undefined;
  /** A day in the past; undefined is now. */
  readonly day: CalendarDate | undefined;
  /** What the ledger knew at this height; undefined is the newest. */
  readonly height: number | undefined;
}

/** Legal time of a day that is asked about: noon at UTC+08:00, when what took effect that morning has. */
export function atOf({ day }: Pick<Asking, 'day'>): Instant | undefined {
  return day === undefined ? undefined : parseInstant(`${day}T04:00:00Z`);
}

export interface AskingStore {
  readonly current: Asking;
  set(asking: Asking): void;
  /** Back to the present: a day that was asked about for one certificate must not judge the next. */
  forgetDay(): void;
  /** Calls now, and again after every change. */
  follow(redraw: (asking: Asking) => void): void;
}

function readKept(keep: Keep): { readonly domain: string | undefined; readonly matter: string | undefined } {
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);
  try {
    const json = JSON.parse(keep.read('asking') ?? 'null') as Json; // what JSON gives
    if (isJsonObject(json)) return { domain: text(json['domain']), matter: text(json['matter']) };
  } catch {
    // Not written by this page: as if nothing were kept.
  }
  return { domain: undefined, matter: undefined };
}

/** `home` is the domain that the page was made for; `keep` lasts as long as the session. */
export function createAskingStore(home: string | undefined, keep: Keep): AskingStore {
  const kept = readKept(keep);
  let current: Asking = { domain: kept.domain ?? home, matter: kept.matter, day: undefined, height: undefined };
  const followers: ((asking: Asking) => void)[] = [];
  const set = (asking: Asking) => {
    current = asking;
    keep.write('asking', JSON.stringify({ domain: asking.domain, matter: asking.matter }));
    for (const redraw of followers) redraw(current);
  };
  return {
    get current() {
      return current;
    },
    set,
    forgetDay() {
      if (current.day !== undefined || current.height !== undefined)
        set({ ...current, day: undefined, height: undefined });
    },
    follow(redraw) {
      followers.push(redraw);
      redraw(current);
    },
  };
}
