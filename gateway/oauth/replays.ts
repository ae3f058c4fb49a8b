/** Which assertions were used (RFC 7523 §3, `jti`): each counts once, also across a restart. */
import { toHex, utf8 } from '@yinxin/core';
import type { SealedOperation, Vault } from '../vault/vault.ts';

export interface Replays {
  /** Whether this id of this client comes for the first time; remembered until `until`. Times are epoch seconds. */
  takeOnce(clientId: string, jti: string, until: number, now: number): Promise<boolean>;
}

export type ReplayVault = Pick<Vault, 'put' | 'getSealed' | 'putSealed' | 'listSealed' | 'keyedDigest'>;

const prefix = 'assertion/';
const forgetEverySeconds = 600;

export function createReplays(vault: ReplayVault): Replays {
  /** Two requests with one id at the same moment: the second finds it here. */
  const underWay = new Set<string>();
  let forgotten = 0;

  async function forgetPast(now: number): Promise<void> {
    if (now - forgotten < forgetEverySeconds) return;
    forgotten = now;
    const known = await vault.listSealed(prefix);
    const past = known.filter(({ value }) => typeof value === 'number' && value < now);
    await vault.put(
      [],
      past.map(({ name }): SealedOperation => ({ type: 'del', name })),
    );
  }

  return {
    async takeOnce(clientId, jti, until, now) {
      const name = prefix + toHex(vault.keyedDigest(utf8(JSON.stringify(['assertion', clientId, jti]))));
      if (underWay.has(name)) return false;
      underWay.add(name);
      try {
        if ((await vault.getSealed(name)) !== undefined) return false;
        await vault.putSealed(name, until);
        await forgetPast(now);
        return true;
      } finally {
        underWay.delete(name);
      }
    },
  };
}
