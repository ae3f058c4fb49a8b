/** Status lists for when the server is away: of the registers asked about last, each verified anew whenever it is used, never exchanged for an older one. */
import {
  type ErrorCode,
  epochSeconds,
  fromUtf8,
  type Instant,
  isJsonObject,
  type Json,
  type StatusList,
  type Trust,
  YinxinError,
} from '@yinxin/core';
import { readStatusList } from '@yinxin/core/jose';
import type { Keep } from './storage.ts';

/** The certificates of one issuer and type. */
export interface Register {
  readonly issuer: string;
  readonly type: string;
}

/** What a server answered about a list that it may have given before. */
export type ListReply = { readonly list: string; readonly tag: string | undefined } | 'unchanged' | undefined;

export interface Listed {
  readonly list: StatusList | undefined;
  /** Why the newest was refused. */
  readonly problem: ErrorCode | undefined;
}

export interface StatusStore {
  /** The list at hand as this trust list judges it. Never throws. */
  find(register: Register, trust: Trust): Promise<Listed>;
  /** Asks for the register's list unless the one at hand is recent. Never throws. */
  refresh(register: Register, trust: Trust): Promise<void>;
}

interface Kept {
  /** `<issuer>/<type>` */
  readonly name: string;
  readonly height: number;
  /** Epoch seconds: when it was made, and when to ask for another. */
  readonly made: number;
  readonly due: number;
  readonly tag: string | undefined;
}

/** Registers that an office meets in a day, and what a browser's storage holds. */
const most = 48;
const shortestSeconds = 60;
const longestSeconds = 86_400;

function toKept(json: Json): readonly Kept[] {
  if (!isJsonObject(json)) return [];
  const { name, tag } = { name: json['name'], tag: json['tag'] };
  const { height, made, due } = { height: json['height'], made: json['made'], due: json['due'] };
  if (typeof name !== 'string' || typeof height !== 'number' || typeof made !== 'number' || typeof due !== 'number')
    return [];
  return [{ name, height, made, due, tag: typeof tag === 'string' ? tag : undefined }];
}

function readIndex(keep: Keep, pin: string): readonly Kept[] {
  try {
    const json = JSON.parse(keep.read('lists') ?? 'null') as Json; // what JSON gives
    const lists = isJsonObject(json) && json['pin'] === pin ? json['lists'] : undefined;
    return Array.isArray(lists) ? lists.flatMap(toKept) : [];
  } catch {
    return [];
  }
}

/** Seconds for which its maker says that a list need not be asked for again. Only of a list that was verified. */
function readTtl(list: string): number {
  const base64 = (list.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
  const claims = JSON.parse(fromUtf8(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)))) as Json; // what JSON gives
  const ttl = isJsonObject(claims) ? claims['ttl'] : undefined;
  return Math.max(shortestSeconds, typeof ttl === 'number' ? ttl : 0);
}

const codeOf = (error: unknown): ErrorCode => (error instanceof YinxinError ? error.code : 'STATUS_LIST_INVALID');

export function createStatusStore(given: {
  readonly pinText: string;
  /** The verifier's own domain, whose word on any register counts. */
  readonly domain: string;
  readonly keep: Keep;
  readonly fetchList: (register: Register, tag: string | undefined) => Promise<ListReply>;
  readonly now: () => Instant;
}): StatusStore {
  const { pinText, domain, keep } = given;
  /** Those used last come first. */
  let index = readIndex(keep, pinText);
  const problems = new Map<string, ErrorCode>();
  const busy = new Set<string>();

  const now = () => epochSeconds(given.now());
  const nameOf = ({ issuer, type }: Register) => `${issuer}/${type}`;
  const keptOf = (name: string) => index.find((kept) => kept.name === name);
  /** A clock that was ahead once must not put off asking for years. */
  const isRecent = ({ due }: Kept) => now() < due && due <= now() + longestSeconds;

  function writeIndex(next: readonly Kept[]): void {
    for (const { name } of next.slice(most)) keep.remove(`list.${name}`);
    index = next.slice(0, most);
    keep.write('lists', JSON.stringify({ pin: pinText, lists: index }));
  }

  const putFirst = (kept: Kept) => writeIndex([kept, ...index.filter(({ name }) => name !== kept.name)]);

  /** Where the storage is full, the list that was used least goes first. */
  function store(kept: Kept, list: string): void {
    putFirst(kept);
    while (!keep.write(`list.${kept.name}`, list) && index.length > 1) {
      keep.remove(`list.${index[index.length - 1]?.name ?? ''}`);
      writeIndex(index.slice(0, -1));
    }
  }

  const read = (list: string, register: Register, trust: Trust, seen: number | undefined) =>
    readStatusList(list, trust, { ...register, domain }, seen);

  async function take(register: Register, trust: Trust, reply: Exclude<ListReply, undefined>): Promise<void> {
    const name = nameOf(register);
    const kept = keptOf(name);
    if (reply === 'unchanged') {
      if (kept) putFirst({ ...kept, due: now() + shortestSeconds });
      return;
    }
    const { height, issuedAt } = await read(reply.list, register, trust, kept?.height);
    const made = epochSeconds(issuedAt);
    if (kept && made < kept.made) throw new YinxinError('STATUS_LIST_ROLLBACK', { height });
    store({ name, height, made, due: now() + readTtl(reply.list), tag: reply.tag }, reply.list);
    problems.delete(name);
  }

  return {
    async find(register, trust) {
      const name = nameOf(register);
      const kept = keptOf(name);
      const text = keep.read(`list.${name}`);
      const problem = problems.get(name);
      if (!kept || text === undefined) return { list: undefined, problem };
      try {
        const list = await read(text, register, trust, kept.height);
        putFirst(kept);
        return { list, problem };
      } catch (error) {
        putFirst({ ...kept, tag: undefined, due: 0 });
        return { list: undefined, problem: codeOf(error) };
      }
    },
    async refresh(register, trust) {
      const name = nameOf(register);
      const kept = keptOf(name);
      if (busy.has(name) || (kept && isRecent(kept))) return;
      busy.add(name);
      try {
        const reply = await given.fetchList(register, kept?.tag);
        if (reply !== undefined) await take(register, trust, reply);
      } catch (error) {
        problems.set(name, codeOf(error));
      } finally {
        busy.delete(name);
      }
    },
  };
}
