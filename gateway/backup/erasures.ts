/** Erasures and backups: noted beside them, and made again in a vault that is older than the note. */
import { type Json, YinxinError } from '@yinxin/core';
import type { EntryRef } from '../index/read-model.ts';
import { type Erasure, eraseKept, getErasure, keepErasure, listErased } from '../keeping/erasing.ts';
import type { Keeping } from '../keeping/keeping.ts';
import type { Vault } from '../vault/vault.ts';

/** The vault's own records of what was erased. */
export async function listErasures(vault: Vault): Promise<readonly Json[]> {
  return (await listErased(vault)) as unknown as readonly Json[]; // plain members
}

/** Whether its number was given again since, as an embedded ledger does that was restored. What cannot be read is erased. */
async function isAnothers(vault: Vault, { issuer, type, entry, time }: Erasure): Promise<boolean> {
  const record = await vault.get(issuer, type, entry).catch((error: unknown) => {
    if (!(error instanceof YinxinError)) throw error;
    return undefined;
  });
  return record !== undefined && record.body.issuedAt > time;
}

/** Erases what this vault does not know to be erased, and notes it. @returns what it still had */
export async function applyErasures(vault: Vault, items: readonly Json[]): Promise<readonly EntryRef[]> {
  const erased: EntryRef[] = [];
  for (const item of items) {
    const erasure = item as unknown as Erasure; // as `listErasures` gave it, by the list's tag
    const known = await getErasure(vault, erasure);
    if ((known && known.time >= erasure.time) || (await isAnothers(vault, erasure))) continue;
    if (await eraseKept(vault, erasure)) erased.push(erasure);
    else await keepErasure(vault, erasure);
  }
  return erased;
}

/** The same keeping; what it erased is on the list beside the backups when it answers. */
export function noteErasures(keeping: Keeping, backups: { keepErasures(): Promise<void> }): Keeping {
  return {
    ...keeping,
    async erase(...call) {
      const answer = await keeping.erase(...call);
      await backups.keepErasures();
      return answer;
    },
  };
}
