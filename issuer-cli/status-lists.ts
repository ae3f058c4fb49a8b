/** Status lists kept on this machine, one file for each register, for work without a network. */
import { dirname, join } from 'node:path';
import { type Instant, type StatusList, type Trust, type Words, YinxinError } from '@yinxin/core';
import { readStatusList } from '@yinxin/core/jose';
import { exists, makeFolder, readBytes, writeAtomically } from './files.ts';
import type { Home } from './home.ts';

/** A list of a million entries takes a few dozen kilobytes. */
const maxListBytes = 4 * 1024 * 1024;

/** The certificates of one body and type. */
export interface Register {
  readonly issuer: string;
  readonly type: string;
}

export interface Lists {
  /** The list that is kept; undefined where there is none. @throws YinxinError STATUS_LIST_INVALID, FILE_UNREADABLE */
  read(register: Register): Promise<StatusList | undefined>;
  /**
   * Keeps a newer one, in one step; what is there stays when the new one is refused.
   * @throws YinxinError STATUS_LIST_INVALID, STATUS_LIST_ROLLBACK, FILE_UNREADABLE
   */
  keep(register: Register, jws: string): Promise<StatusList>;
}

/** The lists of the command's folder, judged by a trust list; `domain` is the verifier's own. */
export function openLists({ folder }: Home, trust: Trust, domain: string): Lists {
  const pathOf = ({ issuer, type }: Register) => folder && join(folder, 'status-lists', issuer, `${type}.jwt`);
  const open = (jws: string, { issuer, type }: Register) => readStatusList(jws, trust, { issuer, type, domain });

  async function read(register: Register): Promise<StatusList | undefined> {
    const path = pathOf(register);
    // only of registers that the trust list names: nobody else's text becomes a path
    if (!path || !trust.entitlement(register.issuer, register.type) || !(await exists(path))) return undefined;
    return open(new TextDecoder().decode(await readBytes(path, maxListBytes)).trim(), register);
  }

  /** Height of the list that is kept, where the same domain signed it. One that cannot be read any more protects nothing. */
  async function findSeen(register: Register, iss: string): Promise<number> {
    try {
      const kept = await read(register);
      return kept?.iss === iss ? kept.height : 0;
    } catch (error) {
      if (error instanceof YinxinError) return 0;
      throw error;
    }
  }

  return {
    read,
    async keep(register, jws) {
      const path = pathOf(register);
      if (!path) throw new YinxinError('FILE_UNREADABLE', { file: '.yinxin', reason: 'ENOENT' });
      const list = await open(jws, register);
      const seen = await findSeen(register, list.iss);
      if (list.height < seen) throw new YinxinError('STATUS_LIST_ROLLBACK', { height: list.height, seen });
      await makeFolder(dirname(path));
      await writeAtomically(path, `${jws}\n`);
      return list;
    },
  };
}

const units: readonly (readonly [seconds: number, zh: string, en: string])[] = [
  [86_400, '天', 'd'],
  [3_600, '小时', 'h'],
  [60, '分钟', 'min'],
  [1, '秒', 's'],
];

/** How long ago, in the largest unit that fits: `3 小时前`. */
export function describeAge(then: Instant, now: Instant): Words {
  const seconds = Math.max(0, Math.floor((Date.parse(now) - Date.parse(then)) / 1000));
  const [size, zh, en] = units.find(([unit]) => seconds >= unit) ?? [1, '秒', 's'];
  const count = Math.floor(seconds / size);
  return { zh: `${count} ${zh}前`, en: `${count} ${en} ago` };
}
